//! What of a record is an event for the model.
//!
//! What is known of an address was looked up before, and stands in the record; the country is the one that was reported,
//! else the one that the address is known to be in.

use crate::domain::access::{AccessKind, AccessOutcome, access_record_id};
use crate::domain::feed::FeedSignal;
use crate::domain::risk::{EventId, Key, Kind, Observation, Origin, SignIn, Strength, millis};
use crate::domain::session::{Whereabouts, session_id};
use crate::domain::{AccessRecord, Network, NodeId, Session, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// Methods of signing in that are a second factor by themselves.
const STRONG_METHODS: [&str; 4] = ["passkey", "webauthn", "hardware_key", "smart_card"];
/// What of the references of RFC 8176 (`details.amr`) says that a second factor was passed.
const STRONG_REFERENCES: [&str; 5] = ["mfa", "otp", "hwk", "sc", "pop"];
/// Second factors that are typed or touched: nobody is asked again and again until he gives in.
const NO_PROMPTS: [&str; 9] =
    ["totp", "hotp", "sms", "email", "recovery_code", "passkey", "webauthn", "hardware_key", "smart_card"];
/// The reason of a refused second factor by which the user says that it was somebody else.
const REPORTED: &str = "reported";

/// Something about an account that is to be assessed.
#[derive(Debug, Clone)]
pub(in super::super) struct Incoming {
    /// The account.
    pub identity: NodeId,
    /// The public id of what tells of it.
    pub source: String,
    /// What it is.
    pub observation: Observation,
    /// What the address is known for.
    pub fame: Fame,
    /// Whether others have signalled it.
    pub is_heard: bool,
    /// How strongly the same has counted until now; none if it did not.
    pub counted: Option<Strength>,
}

/// What an address is known for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in super::super) struct Fame {
    /// It hides who is behind it.
    pub anonymiser: bool,
    /// It is that of a data centre.
    pub hosting: bool,
    /// How sure the surest feed is that says that it attacks.
    pub threat_confidence: Option<u8>,
}

impl Fame {
    fn of(whereabouts: &Whereabouts) -> Self {
        let network = whereabouts.network.as_ref();
        let is = |known: fn(&Network) -> bool, listed| {
            network.is_some_and(|network| known(network) || network.is_listed(listed))
        };
        Self {
            anonymiser: is(|network| network.anonymiser, FeedSignal::Anonymiser),
            hosting: is(|network| network.hosting, FeedSignal::Hosting),
            threat_confidence: network.and_then(Network::threat_confidence),
        }
    }
}

/// What a record says: nothing, one thing, or two.
pub(in super::super) fn of_record(record: &AccessRecord) -> Vec<Incoming> {
    let origin = origin(&record.whereabouts);
    let session = record.session.map(key_of_session);
    let used = || session.map(|session| Kind::SessionUse { session, origin });
    let kinds = match record.kind {
        AccessKind::SignIn => {
            let success = record.outcome == AccessOutcome::Success;
            [Some(Kind::SignIn(SignIn { success, second_factor: has_second_factor(record), origin, session })), None]
        }
        AccessKind::Mfa => [second_factor(record), None],
        AccessKind::SessionStart | AccessKind::TokenUse => [used(), None],
        AccessKind::ResourceAccess => {
            let resource = record.resource.as_deref().filter(|_| record.outcome == AccessOutcome::Success);
            [resource.map(|resource| Kind::Access { resource: Key::of(resource) }), used()]
        }
        AccessKind::CredentialChange => {
            let is_done = record.outcome == AccessOutcome::Success;
            [is_done.then_some(Kind::CredentialChanged), None]
        }
        AccessKind::SessionEnd => [None, None],
    };
    let at = millis(record.occurred_at.min(record.recorded_at));
    let incoming = |(place, kind): (u128, Kind)| Incoming {
        identity: record.identity,
        source: access_record_id(record.id),
        // The second thing that a record says has an id of its own: the record's with another version.
        observation: Observation { id: EventId(record.id.as_u128() ^ (place << 76)), at, kind },
        fame: Fame::of(&record.whereabouts),
        is_heard: false,
        counted: None,
    };
    let kinds = (0..).zip(kinds).filter_map(|(place, kind)| Some((place, kind?)));
    kinds.map(incoming).collect()
}

/// That a session was seen elsewhere, or with something else, than before.
pub(in super::super) fn of_moved_session(session: &Session, id: Uuid, now: Timestamp) -> Incoming {
    let kind = Kind::SessionUse { session: key_of_session(session.id), origin: origin(&session.whereabouts) };
    let at = millis(session.last_seen_at.min(now));
    let observation = Observation { id: EventId(id.as_u128()), at, kind };
    let fame = Fame::of(&session.whereabouts);
    Incoming {
        identity: session.identity,
        source: session_id(session.id),
        observation,
        fame,
        is_heard: false,
        counted: None,
    }
}

/// That the credential of an account was changed.
pub(in super::super) fn of_changed_credential(identity: NodeId, id: Uuid, now: Timestamp) -> Incoming {
    let observation = Observation { id: EventId(id.as_u128()), at: millis(now), kind: Kind::CredentialChanged };
    Incoming {
        identity,
        source: identity.to_string(),
        observation,
        fame: Fame::default(),
        is_heard: false,
        counted: None,
    }
}

fn second_factor(record: &AccessRecord) -> Option<Kind> {
    if record.outcome == AccessOutcome::Success {
        return None;
    }
    if record.reason.as_deref() == Some(REPORTED) {
        return Some(Kind::ReportedByUser);
    }
    let is_prompt = record.method.as_deref().is_none_or(|method| !NO_PROMPTS.contains(&method));
    is_prompt.then_some(Kind::MfaPromptDenied)
}

fn has_second_factor(record: &AccessRecord) -> bool {
    let references = record.details.get("amr").and_then(Value::as_array);
    let is_strong = |reference: &Value| reference.as_str().is_some_and(|name| STRONG_REFERENCES.contains(&name));
    record.method.as_deref().is_some_and(|method| STRONG_METHODS.contains(&method))
        || references.is_some_and(|references| references.iter().any(is_strong))
}

fn key_of_session(session: Uuid) -> Key {
    Key::of_bytes(session.as_bytes())
}

fn origin(whereabouts: &Whereabouts) -> Origin {
    let agent = whereabouts.user_agent.as_deref();
    let network = whereabouts.network.as_ref();
    let device = whereabouts.device.as_deref().or_else(|| agent.and_then(system));
    Origin {
        address: whereabouts.address.map(|address| Key::of(&address.to_string())),
        network: network.and_then(|network| network.number).map(|number| Key::of(&format!("AS{number}"))),
        country: whereabouts.known_country().map(Key::of),
        device: device.map(|device| Key::of(&without_numbers(device))),
        user_agent: agent.map(|agent| Key::of(&without_minor_numbers(agent))),
        user_agent_family: agent.map(|agent| Key::of(&without_numbers(agent))),
        location: network.and_then(|network| network.location),
    }
}

/// What a user agent says of the system: what stands in its first parentheses.
fn system(agent: &str) -> Option<&str> {
    let (_, rest) = agent.split_once('(')?;
    rest.split_once(')').map(|(system, _)| system)
}

fn without_numbers(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit() && !matches!(c, '.' | '_')).collect()
}

/// Of `140.0.7339`, 140.
fn without_minor_numbers(text: &str) -> String {
    let (mut kept, mut in_number, mut in_minor) = (String::with_capacity(text.len()), false, false);
    for c in text.chars() {
        let is_digit = c.is_ascii_digit();
        in_minor = (in_minor && (is_digit || matches!(c, '.' | '_'))) || (in_number && matches!(c, '.' | '_'));
        in_number = is_digit && !in_minor;
        if !in_minor {
            kept.push(c);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0.4";
    const SAFARI: &str =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1";

    #[test]
    fn a_client_is_the_same_after_a_small_update_and_of_the_same_family_after_any() {
        assert_eq!(
            without_minor_numbers(FIREFOX),
            "Mozilla/5 (Windows NT 10; Win64; x64; rv:140) Gecko/20100101 Firefox/140"
        );
        let of = |agent: &str| origin(&Whereabouts { user_agent: Some(agent.to_owned()), ..Whereabouts::default() });
        let (now, patched) = (of(FIREFOX), of(&FIREFOX.replace("140.0.4", "140.0.5")));
        let next = of(&FIREFOX.replace("140", "141"));
        assert_eq!(now, patched);
        assert!(now.user_agent != next.user_agent && now.user_agent_family == next.user_agent_family);
        assert_eq!(now.device, next.device);
        assert_eq!(of(SAFARI).device, of(&SAFARI.replace("18_5", "18_6")).device);
        assert!(of(SAFARI).device != now.device && of(SAFARI).user_agent_family != now.user_agent_family);
    }
}
