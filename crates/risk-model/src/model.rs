//! The model: every number that a score depends on, with a version.
//!
//! A model can be read from a file, to compare what it would have said of past events. What is unknown in such a file, or
//! out of its range, is refused. Sizes of what is stored are no part of the model, but of the state.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::number::{HOUR, Millis};
use crate::signal::Signal;

/// The numbers of a model. See [`Model`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    /// Which model it is. Evidence says by which one it was found.
    pub version: u32,
    /// Weaker evidence is not evidence.
    pub least_strength: f64,
    /// For so long, the same fact (the same list naming the same address) does not count again.
    pub quiet_hours: f64,
    /// A sign-in without a second factor teaches the baseline if all that it gave is weaker than this.
    pub learn_below: f64,
    /// A network or country from which the user came so often is a habit. To go there says nothing.
    pub habit: f64,
    /// The lowest score of a confirmed compromise.
    pub compromised_score: u8,
    /// How far each signal may go, and how fast it fades.
    pub signals: Rules,
    /// Unfamiliar sign-ins.
    pub sign_in: SignInNumbers,
    /// Changes of a session.
    pub session: SessionNumbers,
    /// Impossible travel.
    pub travel: TravelNumbers,
    /// `most · (1 − e^(−(victims − free)/scale))`.
    pub attacking_address: Saturating,
    /// `most · (1 − e^(−(failures − free)/scale))`.
    pub failures: Saturating,
    /// Failures count for so long.
    pub failure_minutes: f64,
    /// Strengths that depend on little.
    pub strengths: Strengths,
    /// The volume and rarity of accesses.
    pub access: AccessNumbers,
    /// Second factors.
    pub mfa: MfaNumbers,
}

/// The cap and the half-life of each signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the signals, which are documented there")]
pub struct Rules {
    pub unfamiliar_sign_in: Rule,
    pub session_context: Rule,
    pub impossible_travel: Rule,
    pub attacking_address: Rule,
    pub failures_then_success: Rule,
    pub anonymiser: Rule,
    pub hosting_network: Rule,
    pub threat_intelligence: Rule,
    pub leaked_credential: Rule,
    pub mfa: Rule,
    pub alert: Rule,
    pub access_volume: Rule,
    pub rare_privilege: Rule,
    pub dormant: Rule,
    pub posture: Rule,
}

/// How far a signal may go, and how fast it fades.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The most that it adds, between 0 and 1.
    pub cap: f64,
    /// After so many hours it is worth half. `None` for the signals that stand until something changes.
    pub half_life_hours: Option<f64>,
}

/// `most · warm · σ((ratio − centre)/width)`, warm = min(1, sign-ins/warm).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the features are documented where they are declared")]
pub struct SignInNumbers {
    /// The most that an unfamiliar sign-in says.
    pub most: f64,
    /// The ratio at which it says half of that.
    pub centre: f64,
    /// How fast it grows there.
    pub width: f64,
    /// After so many sign-ins the baseline is believed fully.
    pub warm: f64,
    /// What the organization is worth beside the user's own sign-ins, in sign-ins.
    pub organization_weight: f64,
    /// What everyone is worth beside the organization, in sign-ins.
    pub global_weight: f64,
    /// What never having been seen is worth beside everyone, in sign-ins.
    pub unseen_weight: f64,
    pub address: FeatureNumbers,
    pub network: FeatureNumbers,
    pub country: FeatureNumbers,
    pub device: FeatureNumbers,
    pub user_agent: FeatureNumbers,
    pub hour: FeatureNumbers,
}

/// What one feature adds to the ratio.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureNumbers {
    /// How many values there may be in the world.
    pub values: f64,
    /// The logarithm is multiplied by this.
    pub weight: f64,
    /// The least that it adds, when the value is familiar: negative.
    pub least: f64,
    /// The most that it adds.
    pub most: f64,
}

/// What changes of a session are worth. They add up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionNumbers {
    /// A network that is new to the user.
    pub new_network: f64,
    /// Another network that the user is known from.
    pub known_network: f64,
    /// Another family of user agents.
    pub user_agent: f64,
    /// A country that is new to the user.
    pub new_country: f64,
    /// Another country that the user is known from.
    pub known_country: f64,
}

/// `(new_place or known_place) · min(1, (v − free_speed)/speed_scale + start)`, beyond the least distance and the free speed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TravelNumbers {
    /// To a place that is new to the user.
    pub new_place: f64,
    /// To a place that the user is known from.
    pub known_place: f64,
    /// Kilometres per hour that are possible.
    pub free_speed: f64,
    /// Over so many more kilometres per hour it grows by 1.
    pub speed_scale: f64,
    /// Where it begins.
    pub start: f64,
    /// Shorter distances say nothing: networks are not located better than that.
    pub least_kilometres: f64,
}

/// `most · (1 − e^(−(n − free)/scale))` for n > free.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saturating {
    /// What many are worth.
    pub most: f64,
    /// So many say nothing.
    pub free: f64,
    /// How fast it grows.
    pub scale: f64,
}

/// Strengths that depend on little.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strengths {
    /// Tor or another anonymiser.
    pub anonymiser: f64,
    /// A data centre that is new to the user: this divided by (1 + uses/`hosting_scale`).
    pub hosting: f64,
    /// See `hosting`.
    pub hosting_scale: f64,
    /// A list of threat intelligence names the address: this times its confidence.
    pub threat: f64,
    /// A leaked credential.
    pub leak: f64,
    /// An alert.
    pub alert_low: f64,
    /// An alert.
    pub alert_medium: f64,
    /// An alert.
    pub alert_high: f64,
    /// An alert.
    pub alert_critical: f64,
    /// A rare privilege was granted.
    pub rare_privilege: f64,
    /// A privilege is rare if no more of a hundred hold it.
    pub rare_privilege_percent: f64,
    /// Active after a long silence.
    pub dormant: f64,
    /// A silence is long after so many days.
    pub dormant_days: f64,
    /// An administrator without a second factor.
    pub administrator_without_mfa: f64,
    /// A bot that nobody owns.
    pub ownerless: f64,
    /// An old key.
    pub old_key: f64,
}

/// `most · σ(z − centre)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessNumbers {
    /// What a very unusual day says.
    pub most: f64,
    /// The z at which it says half of that.
    pub centre: f64,
    /// Standard deviations of ln(1 + count) are at least this, lest habits of clockwork alarm.
    pub least_deviation: f64,
    /// Less than this is an ordinary day; a day that was told is told again when it says so much more.
    pub least: f64,
    /// A user is compared with itself after so many days.
    pub warm_days: u32,
    /// A resource is rare if no more of a hundred peers use it, and the user never has.
    pub rare_percent: u8,
}

/// Second factors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MfaNumbers {
    /// So many prompts that are denied or not answered are fatigue.
    pub fatigue_prompts: u32,
    /// Within so many minutes.
    pub fatigue_minutes: f64,
    /// What fatigue says.
    pub fatigue: f64,
    /// What the word of the user says.
    pub reported: f64,
}

/// Why a model was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} of the risk model is out of its range: {rule}")]
pub struct ModelError {
    /// Which number.
    pub field: String,
    /// What it has to be.
    pub rule: &'static str,
}

/// A model whose numbers are all within their ranges.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    numbers: Numbers,
    rules: [(u64, Option<Millis>); Signal::COUNT],
}

impl Model {
    /// The model in use.
    #[must_use]
    pub fn current() -> Self {
        Self::unchecked(Numbers::current())
    }

    /// A model of these numbers.
    ///
    /// # Errors
    ///
    /// If a number is out of its range, saying which.
    pub fn new(numbers: Numbers) -> Result<Self, ModelError> {
        numbers.validate()?;
        Ok(Self::unchecked(numbers))
    }

    fn unchecked(numbers: Numbers) -> Self {
        let rules = numbers.signals.all().map(|(_, rule)| {
            let half_life = rule.half_life_hours.map(|hours| (hours * HOUR as f64) as Millis);
            (libm::round(rule.cap * 1e9) as u64, half_life)
        });
        Self { numbers, rules }
    }

    /// Its numbers.
    #[must_use]
    pub fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.numbers.version
    }

    /// The most that a signal adds, in billionths.
    pub(crate) fn cap(&self, signal: Signal) -> u64 {
        self.rules[signal.index()].0
    }

    /// The half-life of a signal, unless it stands.
    #[must_use]
    pub fn half_life(&self, signal: Signal) -> Option<Millis> {
        self.rules[signal.index()].1
    }
}

impl Serialize for Model {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.numbers.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Model {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Numbers::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl Rules {
    fn all(&self) -> [(&'static str, Rule); Signal::COUNT] {
        [
            ("unfamiliar_sign_in", self.unfamiliar_sign_in),
            ("session_context", self.session_context),
            ("impossible_travel", self.impossible_travel),
            ("attacking_address", self.attacking_address),
            ("failures_then_success", self.failures_then_success),
            ("anonymiser", self.anonymiser),
            ("hosting_network", self.hosting_network),
            ("threat_intelligence", self.threat_intelligence),
            ("leaked_credential", self.leaked_credential),
            ("mfa", self.mfa),
            ("alert", self.alert),
            ("access_volume", self.access_volume),
            ("rare_privilege", self.rare_privilege),
            ("dormant", self.dormant),
            ("posture", self.posture),
        ]
    }
}

const UNIT: &str = "between 0 and 0.999";
const POSITIVE: &str = "above 0, at most 1,000,000,000";
const NUMBER: &str = "between −1,000,000,000 and 1,000,000,000";
const HALF_LIFE: &str = "between 1 and 8784 hours; none for leaked_credential and posture, and only for these";

impl Numbers {
    fn validate(&self) -> Result<(), ModelError> {
        for (name, rule) in self.signals.all() {
            check(format!("signals.{name}.cap"), rule.cap, UNIT)?;
        }
        for (signal, (name, rule)) in Signal::ALL.into_iter().zip(self.signals.all()) {
            let fits = rule
                .half_life_hours
                .map_or(signal.stands(), |hours| !signal.stands() && (1.0..=8784.0).contains(&hours));
            if !fits {
                return Err(ModelError { field: format!("signals.{name}.half_life_hours"), rule: HALF_LIFE });
            }
        }
        for (name, value, rule) in self.ranges() {
            check(name.to_owned(), value, rule)?;
        }
        for (name, feature) in self.sign_in.features() {
            check(format!("sign_in.{name}.values"), feature.values, POSITIVE)?;
            check(format!("sign_in.{name}.weight"), feature.weight, POSITIVE)?;
            check(format!("sign_in.{name}.least"), feature.least, NUMBER)?;
            check(format!("sign_in.{name}.most"), feature.most, NUMBER)?;
            if feature.least > feature.most {
                return Err(ModelError { field: format!("sign_in.{name}.least"), rule: "at most `most`" });
            }
        }
        if self.compromised_score > 100 {
            return Err(ModelError { field: "compromised_score".to_owned(), rule: "between 0 and 100" });
        }
        Ok(())
    }

    fn ranges(&self) -> Vec<(&'static str, f64, &'static str)> {
        let mut ranges = self.units().to_vec();
        ranges.extend([
            ("quiet_hours", self.quiet_hours, POSITIVE),
            ("habit", self.habit, POSITIVE),
            ("failure_minutes", self.failure_minutes, POSITIVE),
            ("sign_in.centre", self.sign_in.centre, NUMBER),
            ("sign_in.width", self.sign_in.width, POSITIVE),
            ("sign_in.warm", self.sign_in.warm, POSITIVE),
            ("sign_in.organization_weight", self.sign_in.organization_weight, POSITIVE),
            ("sign_in.global_weight", self.sign_in.global_weight, POSITIVE),
            ("sign_in.unseen_weight", self.sign_in.unseen_weight, POSITIVE),
            ("travel.free_speed", self.travel.free_speed, POSITIVE),
            ("travel.speed_scale", self.travel.speed_scale, POSITIVE),
            ("travel.start", self.travel.start, NUMBER),
            ("travel.least_kilometres", self.travel.least_kilometres, POSITIVE),
            ("attacking_address.free", self.attacking_address.free, NUMBER),
            ("attacking_address.scale", self.attacking_address.scale, POSITIVE),
            ("failures.free", self.failures.free, NUMBER),
            ("failures.scale", self.failures.scale, POSITIVE),
            ("strengths.hosting_scale", self.strengths.hosting_scale, POSITIVE),
            ("strengths.rare_privilege_percent", self.strengths.rare_privilege_percent, POSITIVE),
            ("strengths.dormant_days", self.strengths.dormant_days, POSITIVE),
            ("access.centre", self.access.centre, NUMBER),
            ("access.least_deviation", self.access.least_deviation, POSITIVE),
            ("mfa.fatigue_minutes", self.mfa.fatigue_minutes, POSITIVE),
        ]);
        ranges
    }

    fn units(&self) -> [(&'static str, f64, &'static str); 29] {
        let (session, strengths) = (&self.session, &self.strengths);
        [
            ("least_strength", self.least_strength, UNIT),
            ("learn_below", self.learn_below, UNIT),
            ("sign_in.most", self.sign_in.most, UNIT),
            ("session.new_network", session.new_network, UNIT),
            ("session.known_network", session.known_network, UNIT),
            ("session.user_agent", session.user_agent, UNIT),
            ("session.new_country", session.new_country, UNIT),
            ("session.known_country", session.known_country, UNIT),
            ("travel.new_place", self.travel.new_place, UNIT),
            ("travel.known_place", self.travel.known_place, UNIT),
            ("attacking_address.most", self.attacking_address.most, UNIT),
            ("failures.most", self.failures.most, UNIT),
            ("strengths.anonymiser", strengths.anonymiser, UNIT),
            ("strengths.hosting", strengths.hosting, UNIT),
            ("strengths.threat", strengths.threat, UNIT),
            ("strengths.leak", strengths.leak, UNIT),
            ("strengths.alert_low", strengths.alert_low, UNIT),
            ("strengths.alert_medium", strengths.alert_medium, UNIT),
            ("strengths.alert_high", strengths.alert_high, UNIT),
            ("strengths.alert_critical", strengths.alert_critical, UNIT),
            ("strengths.rare_privilege", strengths.rare_privilege, UNIT),
            ("strengths.dormant", strengths.dormant, UNIT),
            ("strengths.administrator_without_mfa", strengths.administrator_without_mfa, UNIT),
            ("strengths.ownerless", strengths.ownerless, UNIT),
            ("strengths.old_key", strengths.old_key, UNIT),
            ("access.most", self.access.most, UNIT),
            ("access.least", self.access.least, UNIT),
            ("mfa.fatigue", self.mfa.fatigue, UNIT),
            ("mfa.reported", self.mfa.reported, UNIT),
        ]
    }
}

impl SignInNumbers {
    /// The features by name, in the order of [`crate::Feature::OF_SIGN_IN`].
    pub(crate) fn features(&self) -> [(&'static str, FeatureNumbers); 6] {
        [
            ("address", self.address),
            ("network", self.network),
            ("country", self.country),
            ("device", self.device),
            ("user_agent", self.user_agent),
            ("hour", self.hour),
        ]
    }
}

fn check(field: String, value: f64, rule: &'static str) -> Result<(), ModelError> {
    let fits = match rule {
        UNIT => (0.0..=0.999).contains(&value),
        POSITIVE => value > 0.0 && value <= 1e9,
        _ => (-1e9..=1e9).contains(&value),
    };
    if fits { Ok(()) } else { Err(ModelError { field, rule }) }
}
