//! Risk policies: what is done by itself about an account whose risk has risen, or about which something was found.
//!
//! A policy is a rule of an organization: a [trigger](PolicyTrigger), and the [actions](PolicyAction) that follow. It is off until
//! somebody turns it on, and can be tried before: a [dry run](PolicyMode::DryRun) tells what would have been done. Whether
//! it fires follows from what [happens](RiskOccurrence) to the risk of an account, and from nothing else.

use super::Actor;
use super::error::{Error, Result};
use super::id::{NodeId, OrganizationId, parse_typeid, typeid};
use super::patch::Patch;
use super::risk::{Level, Signal, Strength};
use super::text;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// What the public id of a policy begins with.
const POLICY: &str = "pol";
/// What the public id of a firing begins with.
const FIRING: &str = "fir";
/// The face of what policies do.
pub const FACE: &str = "policy";
/// How many policies an organization may have.
pub const MAX_POLICIES: usize = 50;
/// How many of the evidence that has set a policy off are named.
pub const MAX_NAMED_EVIDENCE: usize = 10;
/// The strengths that may be asked for, in percent: evidence is never certain.
const STRENGTHS: (u8, u8) = (1, 99);

/// Something that a policy does about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyAction {
    /// Tells that it has fired, which it does anyway: for a policy that does nothing else.
    Notify,
    /// Ends its sessions, and makes worthless what was issued for it.
    RevokeSessions,
    /// Requires a new password at the next sign-in.
    ForcePasswordReset,
    /// Bars it, and the profile that it belongs to.
    Disable,
}

impl PolicyAction {
    /// Every action, in the order in which they are taken.
    pub const ALL: [Self; 4] = [Self::Notify, Self::RevokeSessions, Self::ForcePasswordReset, Self::Disable];

    /// The name in events and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notify => "notify",
            Self::RevokeSessions => "revoke_sessions",
            Self::ForcePasswordReset => "force_password_reset",
            Self::Disable => "disable",
        }
    }
}

/// Whether a policy is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyMode {
    /// It is not looked at.
    #[default]
    Off,
    /// It tells what it would do, and does nothing.
    DryRun,
    /// It does it.
    Enforce,
}

impl PolicyMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Off, Self::DryRun, Self::Enforce];

    /// The name in stored rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::DryRun => "dry_run",
            Self::Enforce => "enforce",
        }
    }

    /// The mode of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// What sets a policy off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyTrigger {
    /// The level of an account rises to this one, or past it.
    Level(Level),
    /// There is new evidence of this signal.
    Signal {
        /// The signal.
        signal: Signal,
        /// How strong the evidence has to be at least, in percent; none for any.
        minimum_strength: Option<u8>,
    },
}

/// What a request says of what sets a policy off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TriggerPatch {
    /// The level.
    pub level: Option<Level>,
    /// The signal.
    pub signal: Option<Signal>,
    /// How strong evidence has to be at least, in percent.
    pub minimum_strength: Patch<u8>,
}

impl TriggerPatch {
    /// The trigger, from the one that there is, if there is one. A level or a signal takes its place.
    pub fn apply(&self, before: Option<PolicyTrigger>) -> Result<PolicyTrigger> {
        let trigger = match (self.level, self.signal, before) {
            (Some(_), Some(_), _) | (None, None, None) => {
                return Err(Error::invalid("level", "Send a level or a signal, and not both."));
            }
            (Some(level), None, _) => PolicyTrigger::Level(level),
            (None, Some(signal), _) => PolicyTrigger::Signal { signal, minimum_strength: None },
            (None, None, Some(before)) => before,
        };
        match trigger {
            PolicyTrigger::Level(_) if matches!(self.minimum_strength, Patch::Value(_)) => {
                Err(Error::invalid("minimumStrength", "Only evidence of a signal has a strength; name a signal, too."))
            }
            PolicyTrigger::Level(_) => Ok(trigger),
            PolicyTrigger::Signal { signal, mut minimum_strength } => {
                self.minimum_strength.clone().apply(&mut minimum_strength);
                Ok(PolicyTrigger::Signal { signal, minimum_strength })
            }
        }
    }
}

/// Something that has happened to the risk of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RiskOccurrence {
    /// The account.
    pub identity: NodeId,
    /// What has happened.
    pub what: Happening,
}

/// What may happen to the risk of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Happening {
    /// Its level has changed.
    Level {
        /// The level that it had.
        before: Level,
        /// The level that it has.
        after: Level,
    },
    /// Something was found that counts.
    Evidence {
        /// The public id of the evidence.
        id: String,
        /// What it says.
        signal: Signal,
        /// How strongly.
        strength: Strength,
        /// How strongly it has counted before; none if it was not there, or did not count.
        before: Option<Strength>,
    },
}

impl PolicyTrigger {
    /// Whether that sets it off. A level is reached once, until it was lost; evidence is new once.
    #[must_use]
    pub fn fires_on(&self, what: &Happening) -> bool {
        match (self, what) {
            (Self::Level(level), Happening::Level { before, after }) => before < level && level <= after,
            (
                Self::Signal { signal, minimum_strength },
                Happening::Evidence { signal: found, strength, before, .. },
            ) => {
                let least = u32::from(minimum_strength.unwrap_or_default()) * 10_000;
                let is_enough = |strength: &Strength| strength.millionths() >= least.max(1);
                signal == found && is_enough(strength) && !before.as_ref().is_some_and(is_enough)
            }
            _ => false,
        }
    }

    /// In a sentence, why it fires.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::Level(level) => format!("the risk has risen to {} or above", level.name()),
            Self::Signal { signal, .. } => format!("there is evidence of {}", signal.name()),
        }
    }

    /// How events tell it.
    #[must_use]
    pub fn view(&self) -> Value {
        match self {
            Self::Level(level) => json!({"level": level.name()}),
            Self::Signal { signal, minimum_strength: None } => json!({"signal": signal.name()}),
            Self::Signal { signal, minimum_strength: Some(least) } => {
                json!({"signal": signal.name(), "minimum_strength": least})
            }
        }
    }
}

/// A rule of an organization about the risk of its accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskPolicy {
    /// The UUIDv7 behind `pol_`.
    pub id: Uuid,
    /// The organization.
    pub organization: OrganizationId,
    /// What it is called, unique in the organization.
    pub name: String,
    /// What sets it off.
    pub trigger: PolicyTrigger,
    /// What it does: each action once, in the order in which they are taken.
    pub actions: Vec<PolicyAction>,
    /// Whether it is in force.
    pub mode: PolicyMode,
    /// Since when there is this policy.
    pub created_at: Timestamp,
    /// Who has made it.
    pub created_by: Actor,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl RiskPolicy {
    /// Requires what others say of it to be sound, and puts its actions in order.
    pub fn check(&mut self) -> Result<()> {
        text::check_line("name", &self.name, text::MAX_NAME)?;
        match self.trigger {
            PolicyTrigger::Level(Level::Low) => {
                return Err(Error::invalid("level", "No level rises to low; send medium, high or critical."));
            }
            PolicyTrigger::Signal { minimum_strength: Some(least), .. }
                if !(STRENGTHS.0..=STRENGTHS.1).contains(&least) =>
            {
                let (least, most) = STRENGTHS;
                return Err(Error::invalid("minimumStrength", format!("Send a percentage from {least} to {most}.")));
            }
            _ => {}
        }
        text::check_count("actions", &self.actions)?;
        self.actions.sort_unstable();
        self.actions.dedup();
        if self.actions.is_empty() {
            return Err(Error::invalid("actions", "Name at least one action; to be told of it is notify."));
        }
        Ok(())
    }

    /// The public id.
    #[must_use]
    pub fn public_id(&self) -> String {
        policy_id(self.id)
    }

    /// How events tell it.
    #[must_use]
    pub fn view(&self) -> Value {
        let actions: Vec<&str> = self.actions.iter().map(|action| action.name()).collect();
        json!({"name": self.name, "trigger": self.trigger.view(), "actions": actions, "mode": self.mode.name()})
    }
}

/// The public id of a policy.
#[must_use]
pub fn policy_id(uuid: Uuid) -> String {
    typeid(POLICY, uuid)
}

/// The public id of one time that a policy has fired for an account.
#[must_use]
pub fn firing_id(uuid: Uuid) -> String {
    typeid(FIRING, uuid)
}

/// Reads the public id of a policy that a client sent in `field`.
pub fn parse_policy_id(text: &str, field: &str) -> Result<Uuid> {
    parse_typeid(text, POLICY)
        .ok_or_else(|| Error::invalid(field, "This is not the id of a policy; such an id begins with pol_."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(signal: Signal, strength: f64, before: Option<f64>) -> Happening {
        let (strength, before) = (Strength::new(strength), before.map(Strength::new));
        Happening::Evidence { id: String::new(), signal, strength, before }
    }

    #[test]
    fn a_level_is_reached_from_below_and_not_by_staying_or_falling() {
        let high = PolicyTrigger::Level(Level::High);
        for (before, after, fires) in [
            (Level::Low, Level::High, true),
            (Level::Medium, Level::Critical, true),
            (Level::High, Level::Critical, false),
            (Level::High, Level::High, false),
            (Level::Critical, Level::High, false),
            (Level::Low, Level::Medium, false),
        ] {
            assert_eq!(high.fires_on(&Happening::Level { before, after }), fires, "{before:?} → {after:?}");
        }
        assert!(!high.fires_on(&evidence(Signal::Mfa, 0.9, None)));
    }

    #[test]
    fn evidence_is_new_once_and_has_to_be_strong_enough() {
        let any = PolicyTrigger::Signal { signal: Signal::Alert, minimum_strength: None };
        let strong = PolicyTrigger::Signal { signal: Signal::Alert, minimum_strength: Some(55) };
        for (what, by_any, by_strong) in [
            (evidence(Signal::Alert, 0.08, None), true, false),
            (evidence(Signal::Alert, 0.55, None), true, true),
            (evidence(Signal::Alert, 0.8, Some(0.08)), false, true),
            (evidence(Signal::Alert, 0.8, Some(0.55)), false, false),
            (evidence(Signal::Alert, 0.08, Some(0.8)), false, false),
            (evidence(Signal::Mfa, 0.8, None), false, false),
            (evidence(Signal::Alert, 0.0, None), false, false),
        ] {
            assert_eq!((any.fires_on(&what), strong.fires_on(&what)), (by_any, by_strong), "{what:?}");
        }
    }

    #[test]
    fn a_trigger_is_a_level_or_a_signal() {
        let of = |level, signal, minimum_strength, before| {
            TriggerPatch { level, signal, minimum_strength }.apply(before).map_err(|error| error.field)
        };
        let mfa = |minimum_strength| PolicyTrigger::Signal { signal: Signal::Mfa, minimum_strength };
        let high = PolicyTrigger::Level(Level::High);
        let field = |name: &str| Err(Some(name.to_owned()));
        assert_eq!(of(None, None, Patch::Absent, None), field("level"));
        assert_eq!(of(Some(Level::High), Some(Signal::Mfa), Patch::Absent, None), field("level"));
        assert_eq!(of(Some(Level::High), None, Patch::Value(5), None), field("minimumStrength"));
        assert_eq!(of(Some(Level::High), None, Patch::Null, Some(mfa(Some(5)))), Ok(high));
        assert_eq!(of(None, Some(Signal::Mfa), Patch::Absent, Some(high)), Ok(mfa(None)));
        assert_eq!(of(None, None, Patch::Value(5), Some(mfa(None))), Ok(mfa(Some(5))));
        assert_eq!(of(None, None, Patch::Null, Some(mfa(Some(5)))), Ok(mfa(None)));
        assert_eq!(of(None, None, Patch::Absent, Some(mfa(Some(5)))), Ok(mfa(Some(5))));
    }

    #[test]
    fn names_lead_back() {
        for mode in PolicyMode::ALL {
            assert_eq!(PolicyMode::from_name(mode.name()), Some(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.name());
        }
        for action in PolicyAction::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
        }
        assert_eq!(parse_policy_id(&policy_id(Uuid::from_u128(7)), "id").ok(), Some(Uuid::from_u128(7)));
        assert!(parse_policy_id("fed_00000000000000000000000007", "id").is_err());
    }
}
