//! Unfamiliar sign-ins: how much more probable an origin is for anyone than for this user.
//!
//! The log-likelihood ratio of Freeman, Jain, Dürmuth, Biggio and Giacinto, *Who Are You? A Statistical Approach to
//! Measuring User Authenticity* (NDSS 2016): Σ ln p(x)/p(x|u) over the features of a sign-in. An attacker who does not know
//! the user looks like anyone. Wiefling, Jørgensen, Thunem and Lo Iacono, *Pump Up Password Security! Evaluating and
//! Enhancing Risk-Based Authentication on a Real-World Large-Scale Online Service* (ACM TOPS 2022), found the same features
//! to carry on real sign-ins.
//!
//! What is ours: p(x|u) backs off to the organization and then to everyone, so the address of an office is not
//! suspicious to whoever is new in it; and each feature adds within bounds, so one that is very familiar (a known address)
//! cannot outweigh all that is not.

use crate::baseline::{Familiarity, value_of};
use crate::evidence::Feature;
use crate::model::SignInNumbers;
use crate::number::{Millis, sigmoid};
use crate::observation::Origin;

/// The ratio, and what each feature adds to it. Features that are not known add nothing.
#[must_use]
pub fn ratio(
    numbers: &SignInNumbers,
    (origin, at): (&Origin, Millis),
    user: &Familiarity,
    organization: &Familiarity,
    global: &Familiarity,
) -> (f64, Vec<(Feature, f64)>) {
    let mut features = Vec::with_capacity(Feature::OF_SIGN_IN.len());
    let mut sum = 0.0;
    for (feature, (_, of)) in Feature::OF_SIGN_IN.into_iter().zip(numbers.features()) {
        if value_of(origin, at, feature).is_none() {
            continue;
        }
        let back_off = |familiarity: &Familiarity, weight: f64, behind: f64| {
            let share = familiarity.share(feature);
            (share.count() + weight * behind) / (share.total() + weight)
        };
        let anyone = back_off(global, numbers.unseen_weight, 1.0 / of.values);
        let colleague = back_off(organization, numbers.global_weight, anyone);
        let user = back_off(user, numbers.organization_weight, colleague);
        let adds = (of.weight * libm::log(anyone / user)).clamp(of.least, of.most);
        sum += adds;
        features.push((feature, adds));
    }
    (sum, features)
}

/// What a ratio says, after so many sign-ins.
#[must_use]
pub fn strength(numbers: &SignInNumbers, ratio: f64, sign_ins: f64) -> f64 {
    let warm = (sign_ins / numbers.warm).clamp(0.0, 1.0);
    numbers.most * warm * sigmoid((ratio - numbers.centre) / numbers.width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Baseline;
    use crate::model::Model;
    use crate::number::{DAY, Key};

    fn origin(word: &str) -> Origin {
        let key = |kind: &str| Some(Key::of(&format!("{kind} {word}")));
        Origin {
            address: key("address"),
            network: key("network"),
            country: key("country"),
            device: key("device"),
            user_agent: key("user agent"),
            ..Origin::default()
        }
    }

    #[test]
    fn home_is_familiar_and_elsewhere_is_not() {
        let (mut user, mut everyone) = (Baseline::of_user(), Baseline::of_population());
        for day in 0..20 {
            user.learn(&origin("home"), day * DAY);
            everyone.learn(&origin("home"), day * DAY);
            everyone.learn(&origin("elsewhere"), day * DAY);
        }
        let model = Model::current();
        let numbers = &model.numbers().sign_in;
        let of = |word: &str| {
            let (origin, at) = (origin(word), 20 * DAY);
            let global = everyone.familiarity(&origin, at);
            let user_knows = user.familiarity(&origin, at);
            let (ratio, features) = ratio(numbers, (&origin, at), &user_knows, &Familiarity::default(), &global);
            assert_eq!(features.len(), 6);
            strength(numbers, ratio, user.sign_ins(at))
        };
        assert!(of("home") < 0.05, "{}", of("home"));
        assert!(of("elsewhere") > 0.8 * numbers.most, "{}", of("elsewhere"));
    }

    #[test]
    fn nothing_is_said_of_who_is_not_known_yet() {
        let model = Model::current();
        assert!(strength(&model.numbers().sign_in, 100.0, 0.0).abs() < 1e-12);
        let fifth = strength(&model.numbers().sign_in, 100.0, 1.0);
        assert!((fifth - model.numbers().sign_in.most / 5.0).abs() < 1e-9, "{fifth}");
    }
}
