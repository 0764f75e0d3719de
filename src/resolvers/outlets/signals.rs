//! What an event says about the security of an account.
//!
//! It is read off what has changed, not off the command that has changed it: a session that is revoked is one, whoever did it
//! and for whatever reason.

use super::super::command::{OWN_RISK_LEVEL, RECEIVE, RISK_LEVEL};
use crate::domain::session::{PREFIX, SessionEnd};
use crate::domain::signal::SignalKind;
use crate::domain::{Event, FieldChange, NodeId, NodeKind, id::parse_typeid};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Something to be told about an account or a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// What it is.
    pub kind: SignalKind,
    /// The account or profile.
    pub subject: NodeId,
    /// The session that it is about, if it is about one.
    pub session: Option<Uuid>,
    /// What there is to say about it.
    pub claims: Map<String, Value>,
    /// Whether the server has found it out by itself, whoever has caused it.
    pub is_finding: bool,
}

/// What an event says, in the order in which it says so.
#[must_use]
pub fn of_event(event: &Event) -> Vec<Signal> {
    // What others have signalled is not signalled on: two servers that listen to each other would never stop.
    if event.action == RECEIVE {
        return Vec::new();
    }
    let kind = event.subject.kind;
    if kind != NodeKind::LinkedIdentity && !kind.is_profile() {
        return Vec::new();
    }
    // Of risk, what is known here is told, and not what others have signalled: else they would hear themselves.
    let is_own_told = event.changes.iter().any(|change| change.path == OWN_RISK_LEVEL);
    let is_told = |change: &&FieldChange| !(is_own_told && change.path == RISK_LEVEL);
    event.changes.iter().filter(is_told).flat_map(|change| of_change(event.subject, change)).collect()
}

fn of_change(subject: NodeId, change: &FieldChange) -> Vec<Signal> {
    let signal = |kind, claims: Value| {
        let Value::Object(claims) = claims else { return Vec::new() };
        vec![Signal { kind, subject, session: None, claims, is_finding: false }]
    };
    match (change.path.as_str(), subject.kind) {
        ("status", _) => match (names(&change.before), names(&change.after)) {
            (before, after) if is_barred(after) && !is_barred(before) => signal(SignalKind::AccountDisabled, json!({})),
            (before, "active") if is_barred(before) => signal(SignalKind::AccountEnabled, json!({})),
            _ => Vec::new(),
        },
        ("password", kind) if kind.is_profile() => {
            let change_type = if change.after.is_null() { "delete" } else { "update" };
            signal(SignalKind::CredentialChange, json!({"credential_type": "password", "change_type": change_type}))
        }
        ("sessionEpoch", NodeKind::LinkedIdentity) => signal(SignalKind::SessionRevoked, json!({})),
        ("passwordResetSince", NodeKind::LinkedIdentity) if !change.after.is_null() => {
            signal(SignalKind::CredentialChangeRequired, json!({}))
        }
        (RISK_LEVEL | OWN_RISK_LEVEL, NodeKind::LinkedIdentity) if change.before != change.after => {
            risk(subject, change)
        }
        ("mfa_methods", NodeKind::LinkedIdentity) => factors(subject, change),
        (path, NodeKind::LinkedIdentity) => session(subject, path, change),
        _ => Vec::new(),
    }
}

fn names(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Whether an account or profile with that status cannot be used, after it could.
fn is_barred(status: &str) -> bool {
    matches!(status, "suspended" | "disabled" | "deleted")
}

fn session(subject: NodeId, path: &str, change: &FieldChange) -> Vec<Signal> {
    let session = path.strip_prefix("sessions.").and_then(|id| parse_typeid(id, PREFIX));
    let is_over = [SessionEnd::Revoked, SessionEnd::SignedOut].iter().any(|end| end.name() == names(&change.after));
    let Some(session) = session.filter(|_| is_over) else { return Vec::new() };
    let kind = SignalKind::SessionRevoked;
    vec![Signal { kind, subject, session: Some(session), claims: Map::new(), is_finding: false }]
}

/// The three levels that there are for others. What is critical is high, and the reason says more.
fn level(name: &str) -> &'static str {
    match name {
        "medium" => "MEDIUM",
        "high" | "critical" => "HIGH",
        _ => "LOW",
    }
}

fn risk(subject: NodeId, change: &FieldChange) -> Vec<Signal> {
    let (before, after) = (names(&change.before), names(&change.after));
    let claims = json!({
        "principal": "USER",
        "current_level": level(after),
        "previous_level": level(before),
        "risk_reason": format!("The level of the account is {after}; it was {before}."),
    });
    let Value::Object(claims) = claims else { return Vec::new() };
    vec![Signal { kind: SignalKind::RiskLevelChange, subject, session: None, claims, is_finding: true }]
}

/// Which second factors have come and gone.
fn factors(subject: NodeId, change: &FieldChange) -> Vec<Signal> {
    let (before, after) = (methods(&change.before), methods(&change.after));
    let gone = before.iter().filter(|method| !after.contains(method)).map(|method| (method, "delete"));
    let come = after.iter().filter(|method| !before.contains(method)).map(|method| (method, "create"));
    let signal = |(method, change_type): (&String, &str)| {
        let claims = json!({"credential_type": credential_type(method), "change_type": change_type,
            "friendly_name": method});
        let Value::Object(claims) = claims else { return None };
        Some(Signal { kind: SignalKind::CredentialChange, subject, session: None, claims, is_finding: false })
    };
    gone.chain(come).filter_map(signal).collect()
}

fn methods(value: &Value) -> Vec<String> {
    let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// What CAEP 1.0 (section 3.3.1) calls a method of the second factor. For what it has no word for, ours is taken.
fn credential_type(method: &str) -> &str {
    match method {
        "totp" | "hotp" | "push" | "app" | "otp" => "app",
        "sms" => "phone-sms",
        "voice" | "phone" | "call" => "phone-voice",
        "passkey" | "platform" => "fido2-platform",
        "webauthn" | "fido2" | "hardware_key" | "security_key" => "fido2-roaming",
        "u2f" => "fido-u2f",
        "smart_card" | "certificate" => "x509",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::session::session_id;
    use crate::domain::time::from_micros;
    use crate::domain::{Actor, OrganizationId};

    fn event(kind: NodeKind, changes: &[(&str, Value, Value)]) -> Event {
        let change = |(path, before, after): &(&str, Value, Value)| FieldChange {
            path: (*path).to_owned(),
            before: before.clone(),
            after: after.clone(),
            source: String::new(),
        };
        Event {
            id: Uuid::nil(),
            organization: OrganizationId(Uuid::nil()),
            seq: 1,
            occurred_at: from_micros(0),
            action: String::new(),
            subject: NodeId::new(kind, Uuid::from_u128(1)),
            subject_version: 1,
            actor: Actor { id: None, profile: None, name: String::new() },
            face: String::new(),
            request_id: String::new(),
            reason: None,
            source: String::new(),
            changes: changes.iter().map(change).collect(),
        }
    }

    fn told(kind: NodeKind, changes: &[(&str, Value, Value)]) -> Vec<(SignalKind, Value)> {
        of_event(&event(kind, changes)).into_iter().map(|signal| (signal.kind, Value::Object(signal.claims))).collect()
    }

    #[test]
    fn what_has_changed_says_what_is_told() {
        use SignalKind as Kind;
        let (identity, user) = (NodeKind::LinkedIdentity, NodeKind::User);
        assert_eq!(told(identity, &[("sessionEpoch", json!(null), json!(1))]), [(Kind::SessionRevoked, json!({}))]);
        for (before, after, kind) in [
            ("active", "disabled", Some(Kind::AccountDisabled)),
            ("active", "suspended", Some(Kind::AccountDisabled)),
            ("suspended", "disabled", None),
            ("disabled", "active", Some(Kind::AccountEnabled)),
            ("staged", "active", None),
            ("active", "deleted", Some(Kind::AccountDisabled)),
        ] {
            let kinds: Vec<Kind> =
                told(user, &[("status", json!(before), json!(after))]).into_iter().map(|(kind, _)| kind).collect();
            assert_eq!(kinds, kind.into_iter().collect::<Vec<_>>(), "{before} → {after}");
        }
        let reset = [("passwordResetSince", json!(null), json!("2026-01-01T00:00:00Z"))];
        assert_eq!(told(identity, &reset), [(Kind::CredentialChangeRequired, json!({}))]);
        assert_eq!(told(identity, &[("passwordResetSince", json!("2026"), json!(null))]), []);
        let password = json!({"credential_type": "password", "change_type": "update"});
        assert_eq!(told(user, &[("password", json!(null), json!(true))]), [(Kind::CredentialChange, password)]);
        assert_eq!(told(user, &[("title", json!("a"), json!("b"))]), []);
        assert_eq!(told(NodeKind::Team, &[("status", json!("active"), json!("disabled"))]), []);
    }

    #[test]
    fn what_is_critical_is_high_and_the_reason_says_so() {
        let told = told(NodeKind::LinkedIdentity, &[("risk_level", json!("high"), json!("critical"))]);
        let claims = &told[0].1;
        assert_eq!((&claims["current_level"], &claims["previous_level"]), (&json!("HIGH"), &json!("HIGH")));
        assert!(claims["risk_reason"].as_str().is_some_and(|reason| reason.contains("critical")));
        assert_eq!(claims["principal"], "USER");
    }

    #[test]
    fn of_risk_it_is_told_what_is_known_here() {
        let identity = NodeKind::LinkedIdentity;
        let whole = ("risk_level", json!("low"), json!("high"));
        let levels = |own: (&str, &str)| -> Vec<(Value, Value)> {
            let own = ("own_risk_level", json!(own.0), json!(own.1));
            let told = told(identity, &[whole.clone(), own]);
            told.into_iter()
                .map(|(_, claims)| (claims["previous_level"].clone(), claims["current_level"].clone()))
                .collect()
        };
        assert_eq!(levels(("low", "low")), []);
        assert_eq!(levels(("low", "medium")), [(json!("LOW"), json!("MEDIUM"))]);
    }

    #[test]
    fn each_factor_that_comes_or_goes_is_a_credential() {
        let change = [("mfa_methods", json!(["totp", "sms"]), json!(["totp", "webauthn", "carrier_pigeon"]))];
        let told: Vec<Value> = told(NodeKind::LinkedIdentity, &change).into_iter().map(|(_, claims)| claims).collect();
        let pairs: Vec<(&str, &str)> = told
            .iter()
            .map(|claims| (claims["credential_type"].as_str().expect("a"), claims["change_type"].as_str().expect("b")))
            .collect();
        assert_eq!(pairs, [("phone-sms", "delete"), ("fido2-roaming", "create"), ("carrier_pigeon", "create")]);
    }

    #[test]
    fn a_session_that_is_over_is_named() {
        let session = Uuid::from_u128(7);
        let path = format!("sessions.{}", session_id(session));
        for (after, is_told) in [("revoked", true), ("signed_out", true), ("live", false)] {
            let event = event(NodeKind::LinkedIdentity, &[(path.as_str(), json!("live"), json!(after))]);
            let named: Vec<_> = of_event(&event).into_iter().map(|signal| signal.session).collect();
            assert_eq!(named, if is_told { vec![Some(session)] } else { Vec::new() }, "{after}");
        }
    }
}
