//! What an alert says about an account, and against which accounts one counts that names an address.
//!
//! Such an alert is about whoever came from the address on the day on which it was observed, or on the day before or after (UTC):
//! addresses move on. It does not matter which is known first, the alert or that somebody came from there.

use super::observed::Fame;
use super::{Incoming, MODEL};
use crate::domain::alert::{Alert, AlertSeverity, AlertState, alert_id};
use crate::domain::risk::{EventId, Key, Kind, Observation, Strength, millis};
use crate::domain::{NodeId, NodeKind, Timestamp};
use risk_model::signals;
use uuid::Uuid;

/// How many days before and after its own an alert about an address counts.
const DAYS_AROUND: i64 = 1;

/// A day, counted from 1970 on, in UTC.
pub(in super::super) fn day_of(at: Timestamp) -> i64 {
    day_of_millis(millis(at))
}

/// The same of a time as the model counts.
pub(super) const fn day_of_millis(at: i64) -> i64 {
    at.div_euclid(24 * 60 * 60 * 1_000)
}

/// Of which days uses of an address matter to an alert about it that was observed on these days.
pub(in super::super) const fn around((first, last): (i64, i64)) -> (i64, i64) {
    (first - DAYS_AROUND, last + DAYS_AROUND)
}

/// Whether an alert counts against whoever came from its address on that day.
pub(in super::super) fn is_around(alert: &Alert, day: i64) -> bool {
    (day_of(alert.observed_at) - day).abs() <= DAYS_AROUND
}

/// The address whose users an alert counts against, as the model has it.
pub(in super::super) fn suspect(alert: &Alert) -> Option<Key> {
    alert.suspect().map(|address| Key::of(&address.to_string()))
}

/// What an alert says about an account; and what it said before, if it has said something of it.
pub(in super::super) fn of_alert(
    alert: &Alert,
    before: Option<(AlertSeverity, AlertState)>,
    identity: Uuid,
) -> Incoming {
    let (event, since) = (EventId(alert.id.as_u128()), millis(alert.observed_at));
    let status = alert.state.into();
    let strength = |severity: AlertSeverity| {
        if alert.is_leak() { MODEL.numbers().strengths.leak } else { signals::alert(&MODEL, severity.into()) }
    };
    let counted = before.filter(|(_, state)| *state != AlertState::Dismissed);
    let counted = counted.map(|(severity, _)| Strength::new(strength(severity)));
    let kind = if alert.is_leak() {
        Kind::LeakReported { leak: event, since, status }
    } else {
        let before = before.map(|(severity, state)| (severity.into(), state.into()));
        Kind::Alert { alert: event, raised_at: since, severity: alert.severity.into(), status, before }
    };
    // Each revision is an event of its own, which no record has the id of: those begin with a time.
    let id = EventId(u128::from(alert.revision.unsigned_abs()) << 64 | (event.0 & u128::from(u64::MAX)));
    Incoming {
        identity: NodeId::new(NodeKind::LinkedIdentity, identity),
        source: alert_id(alert.id),
        observation: Observation { id, at: millis(alert.updated_at), kind },
        fame: Fame::default(),
        is_heard: alert.is_heard,
        counted,
    }
}
