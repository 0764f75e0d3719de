//! Models from files.

use risk_model::{Model, Signal};
use serde_json::{Value, json};

fn changed(path: &str, value: Value) -> Result<Model, String> {
    let mut model = serde_json::to_value(Model::current()).unwrap();
    *model.pointer_mut(path).unwrap() = value;
    serde_json::from_value(model).map_err(|error| error.to_string())
}

#[test]
fn the_model_in_use_is_within_its_own_ranges() {
    let current = Model::current();
    assert_eq!(Model::new(current.numbers().clone()).unwrap(), current);
    let read: Model = serde_json::from_str(&serde_json::to_string(&current).unwrap()).unwrap();
    assert_eq!(read, current);
}

#[test]
fn only_what_stands_has_no_half_life() {
    let model = Model::current();
    for signal in Signal::ALL {
        assert_eq!(model.half_life(signal).is_none(), signal.stands(), "{signal:?}");
    }
}

#[test]
fn a_number_may_be_changed() {
    let model = changed("/signals/alert/cap", json!(0.5)).unwrap();
    assert!((model.numbers().signals.alert.cap - 0.5).abs() < 1e-12);
}

#[test]
fn what_is_unknown_or_missing_is_refused() {
    let mut unknown = serde_json::to_value(Model::current()).unwrap();
    unknown["strengths"]["gut_feeling"] = json!(0.5);
    assert!(serde_json::from_value::<Model>(unknown).unwrap_err().to_string().contains("gut_feeling"));
    let mut missing = serde_json::to_value(Model::current()).unwrap();
    missing.as_object_mut().unwrap().remove("travel");
    assert!(serde_json::from_value::<Model>(missing).unwrap_err().to_string().contains("travel"));
}

#[test]
fn what_is_out_of_its_range_is_refused_by_name() {
    let cases = [
        ("/signals/alert/cap", json!(1.0), "signals.alert.cap"),
        ("/signals/mfa/cap", json!(-0.1), "signals.mfa.cap"),
        ("/signals/mfa/half_life_hours", json!(0), "signals.mfa.half_life_hours"),
        ("/signals/mfa/half_life_hours", Value::Null, "signals.mfa.half_life_hours"),
        ("/signals/posture/half_life_hours", json!(24), "signals.posture.half_life_hours"),
        ("/sign_in/width", json!(0), "sign_in.width"),
        ("/sign_in/device/values", json!(0), "sign_in.device.values"),
        ("/sign_in/device/least", json!(7), "sign_in.device.least"),
        ("/strengths/leak", json!(2), "strengths.leak"),
        ("/travel/speed_scale", json!(-1), "travel.speed_scale"),
        ("/compromised_score", json!(101), "compromised_score"),
    ];
    for (path, value, field) in cases {
        let error = changed(path, value).unwrap_err();
        assert!(error.starts_with(field), "{path}: {error}");
    }
}
