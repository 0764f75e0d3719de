//! Whom others mean by what they send (RFC 9493).

use crate::domain::node::namespace;
use crate::domain::session::parse_session_id;
use crate::domain::transmitter::Transmitter;
use crate::domain::{EdgeKind, Node, NodeId, NodeKind, Result, Session, SessionRef, text};
use crate::store::{Side, Unit};
use serde_json::Value;

/// Whom of the tenant a transmitter means; nobody, if it is not clear.
pub(super) async fn find(
    unit: &Unit,
    (transmitter, own): (&Transmitter, Option<&str>),
    subject: &Value,
) -> Result<Option<NodeId>> {
    let text_of = |name: &str| subject.get(name).and_then(Value::as_str).filter(|text| !text.contains('\0'));
    match text_of("format") {
        Some("complex") => {
            // More than two levels say nothing that anybody would understand.
            let parts = ["account", "user"].into_iter().filter_map(|part| subject.get(part));
            for part in parts.filter(|part| part.get("format").and_then(Value::as_str) != Some("complex")) {
                let found = Box::pin(find(unit, (transmitter, own), part)).await?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            Ok(None)
        }
        Some("email") => {
            let Some(email) = text_of("email") else { return Ok(None) };
            let found = unit.nodes_by_key(namespace::EMAIL, &text::key(email)).await?;
            // Of several none is the one that is meant.
            Ok(if let [one] = found[..] { Some(one) } else { None })
        }
        Some("iss_sub") if own.is_some() && text_of("iss") == own => own_node(unit, text_of("sub")).await,
        Some("iss_sub") if text_of("iss") == Some(transmitter.issuer.as_str()) => {
            account(unit, transmitter, text_of("sub")).await
        }
        Some("opaque") => account(unit, transmitter, text_of("id")).await,
        _ => Ok(None),
    }
}

/// The session of that profile or account that a subject names besides it, by what whoever reported it calls it, or as it is called here.
pub(super) async fn session(unit: &Unit, whom: NodeId, subject: &Value) -> Result<Option<Session>> {
    let part = subject.get("session").filter(|part| part.get("format").and_then(Value::as_str) == Some("opaque"));
    let named = part.and_then(|part| part.get("id")).and_then(Value::as_str).filter(|id| !id.contains('\0'));
    let Some(named) = named else { return Ok(None) };
    let own = parse_session_id(named, "subject").ok().map(SessionRef::Id);
    let names: Vec<SessionRef> = own.into_iter().chain([SessionRef::External(named.to_owned())]).collect();
    for session in unit.sessions(&names).await? {
        let owner = match whom.kind.is_profile() {
            false => Some(session.identity),
            true => unit
                .open_edges(EdgeKind::Link, Side::Out, &[session.identity.uuid], None)
                .await?
                .pop()
                .map(|link| link.to),
        };
        if owner == Some(whom) {
            return Ok(Some(session));
        }
    }
    Ok(None)
}

/// The account that the transmitter knows by that id.
async fn account(unit: &Unit, transmitter: &Transmitter, id: Option<&str>) -> Result<Option<NodeId>> {
    let Some(id) = id else { return Ok(None) };
    let key = (transmitter.provider.clone(), transmitter.environment.clone(), id.to_owned());
    let found = unit.identities_by_accounts(&[key]).await?;
    Ok(found.into_iter().find(|identity| identity.meta.deleted_at.is_none()).map(|identity| identity.id))
}

/// The profile or account that this server calls so.
async fn own_node(unit: &Unit, id: Option<&str>) -> Result<Option<NodeId>> {
    let is_told_of = |id: &NodeId| id.kind == NodeKind::LinkedIdentity || id.kind.is_profile();
    let Some(id) = id.and_then(|id| id.parse::<NodeId>().ok()).filter(is_told_of) else { return Ok(None) };
    Ok(unit.nodes(&[id], false).await?.first().map(Node::id).filter(|found| *found == id))
}
