//! Whom a signal is about (RFC 9493), and who is meant by what a receiver sends.

use super::signals::Signal;
use crate::domain::node::namespace;
use crate::domain::session::session_id;
use crate::domain::signal::SubjectFormat;
use crate::domain::{
    Actor, EdgeKind, LinkedIdentity, Node, NodeId, NodeKind, OrganizationId, Profile, Result, risk_policy, text,
};
use crate::store::{Side, Unit};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// What is known of those whom signals are about: one statement for each type and for the relation between them.
#[derive(Debug, Default)]
pub struct Facts {
    identities: HashMap<Uuid, LinkedIdentity>,
    profiles: HashMap<Uuid, Profile>,
    owners: HashMap<Uuid, NodeId>,
}

impl Facts {
    /// Reads what is known of them.
    pub async fn load(unit: &Unit, signals: &[Signal]) -> Result<Self> {
        let subjects: BTreeSet<NodeId> = signals.iter().map(|signal| signal.subject).collect();
        let identities: Vec<Uuid> =
            subjects.iter().filter(|id| id.kind == NodeKind::LinkedIdentity).map(|id| id.uuid).collect();
        let mut facts = Self::default();
        let links = unit.open_edges(EdgeKind::Link, Side::Out, &identities, None).await?;
        facts.owners.extend(links.iter().map(|link| (link.from.uuid, link.to)));
        let all: BTreeSet<NodeId> = subjects.into_iter().chain(facts.owners.values().copied()).collect();
        let all: Vec<NodeId> = all.into_iter().collect();
        if all.is_empty() {
            return Ok(facts);
        }
        for node in unit.nodes(&all, true).await? {
            match node {
                Node::Identity(identity) => drop(facts.identities.insert(identity.id.uuid, identity)),
                Node::Profile(profile) => drop(facts.profiles.insert(profile.id.uuid, *profile)),
                _ => {}
            }
        }
        Ok(facts)
    }

    /// The profile that something is about: itself, or whose account it is.
    #[must_use]
    pub fn profile(&self, subject: NodeId) -> Option<NodeId> {
        if subject.kind.is_profile() { Some(subject) } else { self.owners.get(&subject.uuid).copied() }
    }

    fn email(&self, subject: NodeId) -> Option<&str> {
        let own = self.identities.get(&subject.uuid).and_then(|identity| identity.email.as_deref());
        let profile = self.profile(subject).and_then(|profile| self.profiles.get(&profile.uuid));
        own.or_else(|| profile.and_then(Profile::email))
    }
}

/// Who is meant, in the format that the receiver wants.
#[must_use]
pub fn sub_id(
    signal: &Signal,
    facts: &Facts,
    format: SubjectFormat,
    (issuer, organization): (&str, OrganizationId),
) -> Value {
    let subject = signal.subject;
    let user = facts.profile(subject).unwrap_or(subject);
    let by_issuer = json!({"format": "iss_sub", "iss": issuer, "sub": user.to_string()});
    match format {
        SubjectFormat::IssSub => by_issuer,
        SubjectFormat::Opaque => json!({"format": "opaque", "id": subject.to_string()}),
        SubjectFormat::Email => match facts.email(subject) {
            Some(email) => json!({"format": "email", "email": email}),
            None => by_issuer,
        },
        SubjectFormat::Complex => {
            let tenant = json!({"format": "opaque", "id": organization.to_string()});
            let mut parts = json!({"format": "complex", "user": by_issuer, "tenant": tenant});
            if subject.kind == NodeKind::LinkedIdentity {
                parts["account"] = json!({"format": "opaque", "id": subject.to_string()});
            }
            if let Some(session) = signal.session {
                parts["session"] = json!({"format": "opaque", "id": session_id(session)});
            }
            parts
        }
    }
}

/// Who is behind an event (CAEP 1.0 section 2).
#[must_use]
pub fn initiating_entity(signal: &Signal, facts: &Facts, (actor, face): (&Actor, &str)) -> &'static str {
    if face == risk_policy::FACE {
        return "policy";
    }
    let owner = facts.profile(signal.subject);
    let is_server = actor.id.is_none() && actor.profile.is_none() && actor.name == "server";
    if signal.is_finding || is_server {
        return "system";
    }
    let is_own = owner.is_some() && (actor.id == owner || actor.profile == owner);
    if is_own { "user" } else { "admin" }
}

/// The node of the tenant that a receiver means by a subject identifier; none if it means none that there is.
pub async fn find_subject(unit: &Unit, issuer: &str, subject: &Value) -> Result<Option<NodeId>> {
    let text_of = |name: &str| subject.get(name).and_then(Value::as_str);
    let id = match text_of("format") {
        // A part that is more than one of our words says less, not more.
        Some("complex") => {
            let account = ["account", "user"].into_iter().find_map(|part| subject.get(part));
            return match account {
                Some(part) if part.get("format").and_then(Value::as_str) != Some("complex") => {
                    Box::pin(find_subject(unit, issuer, part)).await
                }
                _ => Ok(None),
            };
        }
        Some("iss_sub") if text_of("iss") == Some(issuer) => text_of("sub"),
        Some("opaque") => text_of("id"),
        Some("email") => {
            let Some(email) = text_of("email").filter(|email| !email.contains('\0')) else { return Ok(None) };
            let found = unit.nodes_by_key(namespace::EMAIL, &text::key(email)).await?;
            // Of several none is the one that is meant.
            return Ok(if let [one] = found[..] { Some(one) } else { None });
        }
        _ => None,
    };
    let is_told_of = |id: &NodeId| id.kind == NodeKind::LinkedIdentity || id.kind.is_profile();
    let Some(id) = id.and_then(|id| id.parse::<NodeId>().ok()).filter(is_told_of) else { return Ok(None) };
    Ok(unit.nodes(&[id], true).await?.first().map(Node::id).filter(|found| *found == id))
}
