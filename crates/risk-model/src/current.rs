//! The numbers of the model in use. A change here is a new version.

use crate::model::{
    AccessNumbers, FeatureNumbers, MfaNumbers, Numbers, Rule, Rules, Saturating, SessionNumbers, SignInNumbers,
    Strengths, TravelNumbers,
};

const DAY: f64 = 24.0;

const fn rule(cap: f64, half_life_hours: f64) -> Rule {
    Rule { cap, half_life_hours: Some(half_life_hours) }
}

const fn standing(cap: f64) -> Rule {
    Rule { cap, half_life_hours: None }
}

const fn feature(values: f64, weight: f64, least: f64, most: f64) -> FeatureNumbers {
    FeatureNumbers { values, weight, least, most }
}

impl Numbers {
    /// The numbers of the model in use.
    #[must_use]
    pub fn current() -> Self {
        Self {
            version: 2,
            least_strength: 0.02,
            quiet_hours: 24.0,
            learn_below: 0.6,
            habit: 3.0,
            compromised_score: 95,
            signals: rules(),
            sign_in: sign_in(),
            session: SessionNumbers {
                new_network: 0.25,
                known_network: 0.05,
                user_agent: 0.45,
                new_country: 0.25,
                known_country: 0.10,
            },
            travel: TravelNumbers {
                new_place: 0.6,
                known_place: 0.15,
                free_speed: 800.0,
                speed_scale: 400.0,
                start: 0.3,
                least_kilometres: 500.0,
            },
            attacking_address: Saturating { most: 0.85, free: 4.0, scale: 6.0 },
            failures: Saturating { most: 0.5, free: 4.0, scale: 4.0 },
            failure_minutes: 10.0,
            strengths: strengths(),
            access: AccessNumbers {
                most: 0.5,
                centre: 4.0,
                least: 0.03,
                least_deviation: 0.35,
                warm_days: 5,
                rare_percent: 5,
            },
            mfa: MfaNumbers { fatigue_prompts: 3, fatigue_minutes: 10.0, fatigue: 0.55, reported: 0.80 },
        }
    }
}

fn rules() -> Rules {
    Rules {
        unfamiliar_sign_in: rule(0.70, 24.0),
        session_context: rule(0.92, 72.0),
        impossible_travel: rule(0.75, 48.0),
        attacking_address: rule(0.88, 7.0 * DAY),
        failures_then_success: rule(0.60, 24.0),
        anonymiser: rule(0.65, 48.0),
        hosting_network: rule(0.35, 24.0),
        threat_intelligence: rule(0.85, 7.0 * DAY),
        leaked_credential: standing(0.80),
        mfa: rule(0.85, 72.0),
        alert: rule(0.90, 14.0 * DAY),
        access_volume: rule(0.50, 72.0),
        rare_privilege: rule(0.40, 7.0 * DAY),
        dormant: rule(0.30, 72.0),
        posture: standing(0.20),
    }
}

fn sign_in() -> SignInNumbers {
    SignInNumbers {
        most: 0.46,
        centre: 2.2,
        width: 1.3,
        warm: 5.0,
        organization_weight: 1.0,
        global_weight: 20.0,
        unseen_weight: 20.0,
        address: feature(1e6, 1.0, -3.0, 2.0),
        network: feature(3_000.0, 1.0, -2.0, 3.0),
        country: feature(200.0, 1.0, -1.0, 3.0),
        device: feature(30.0, 1.0, -2.5, 3.0),
        user_agent: feature(1_000.0, 1.0, -2.0, 2.5),
        hour: feature(24.0, 0.5, -0.5, 1.0),
    }
}

fn strengths() -> Strengths {
    Strengths {
        anonymiser: 0.6,
        hosting: 0.30,
        hosting_scale: 5.0,
        threat: 0.85,
        leak: 0.80,
        alert_low: 0.08,
        alert_medium: 0.25,
        alert_high: 0.55,
        alert_critical: 0.80,
        rare_privilege: 0.3,
        rare_privilege_percent: 5.0,
        dormant: 0.25,
        dormant_days: 90.0,
        administrator_without_mfa: 0.12,
        ownerless: 0.10,
        old_key: 0.08,
    }
}
