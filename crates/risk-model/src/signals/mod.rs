//! The signals as functions of their raw values: no state, no order. [`crate::assess`] gathers the values.

pub mod activity;
pub mod session;
pub mod sign_in;
pub mod travel;

use crate::model::{Model, Saturating};
use crate::observation::{Posture, Severity};

/// `most · (1 − e^(−(n − free)/scale))`, and nothing up to `free`.
#[must_use]
pub fn saturating(numbers: Saturating, n: u32) -> f64 {
    let beyond = f64::from(n) - numbers.free;
    if beyond <= 0.0 { 0.0 } else { numbers.most * -libm::expm1(-beyond / numbers.scale) }
}

/// A data centre that is new to the user, but used by others of the organization.
#[must_use]
pub fn hosting(model: &Model, organization_uses: u32) -> f64 {
    let strengths = &model.numbers().strengths;
    strengths.hosting / (1.0 + f64::from(organization_uses) / strengths.hosting_scale)
}

/// A list names the address. A confidence above 100 is 100.
#[must_use]
pub fn threat(model: &Model, confidence: u8) -> f64 {
    model.numbers().strengths.threat * f64::from(confidence.min(100)) / 100.0
}

/// An alert.
#[must_use]
pub fn alert(model: &Model, severity: Severity) -> f64 {
    let strengths = &model.numbers().strengths;
    match severity {
        Severity::Low => strengths.alert_low,
        Severity::Medium => strengths.alert_medium,
        Severity::High => strengths.alert_high,
        Severity::Critical => strengths.alert_critical,
    }
}

/// How an identity is set up: what is wrong adds up as independent evidence does.
#[must_use]
pub fn posture(model: &Model, posture: Posture) -> f64 {
    let strengths = &model.numbers().strengths;
    let findings = [
        (posture.administrator_without_mfa, strengths.administrator_without_mfa),
        (posture.ownerless, strengths.ownerless),
        (posture.old_key, strengths.old_key),
    ];
    1.0 - findings.into_iter().filter(|(found, _)| *found).map(|(_, strength)| 1.0 - strength).product::<f64>()
}

/// A privilege is rare if few hold it.
#[must_use]
pub fn rare_privilege(model: &Model, holders: u32, population: u32) -> f64 {
    let strengths = &model.numbers().strengths;
    let rare = population > 0 && f64::from(holders) * 100.0 <= strengths.rare_privilege_percent * f64::from(population);
    if rare { strengths.rare_privilege } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
    }

    #[test]
    fn few_victims_say_nothing_and_many_saturate() {
        let model = Model::current();
        let numbers = model.numbers().attacking_address;
        near(saturating(numbers, 0), 0.0);
        near(saturating(numbers, 4), 0.0);
        near(saturating(numbers, 10), 0.85 * (1.0 - libm::exp(-1.0)));
        assert!(saturating(numbers, 1_000) <= 0.85);
    }

    #[test]
    fn the_table_of_strengths() {
        let model = Model::current();
        near(hosting(&model, 0), 0.30);
        near(hosting(&model, 5), 0.15);
        near(threat(&model, 100), 0.85);
        near(threat(&model, 20), 0.17);
        near(threat(&model, 255), 0.85);
        near(alert(&model, Severity::Low), 0.08);
        near(alert(&model, Severity::Medium), 0.25);
        near(alert(&model, Severity::High), 0.55);
        near(alert(&model, Severity::Critical), 0.80);
        near(rare_privilege(&model, 5, 100), 0.3);
        near(rare_privilege(&model, 6, 100), 0.0);
        near(rare_privilege(&model, 0, 0), 0.0);
        near(posture(&model, Posture::default()), 0.0);
        let all = Posture { administrator_without_mfa: true, ownerless: true, old_key: true };
        near(posture(&model, all), 1.0 - 0.88 * 0.90 * 0.92);
    }
}
