//! Events as the SCIM profile of security event tokens tells them (RFC 9967): the claims, which nobody signs yet.
//!
//! They follow from the [events](crate::domain::Event) of the organization, which say what changed. So they say what RFC 9967
//! calls a notice: the attributes, and not their values, which whoever wants them reads. An event does not say with which
//! method a client asked, so what changes a resource is always a patch.

use super::registry::{ENTERPRISE, Kind};
use super::session::Session;
use super::table::{Home, Row};
use crate::domain::{Event, Result, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What has become of a request that was done later.
pub(super) const MISC_ASYNC_RESPONSE: &str = "urn:ietf:params:scim:event:misc:asyncresp";
const CREATE: &str = "urn:ietf:params:scim:event:prov:create:notice";
const PATCH: &str = "urn:ietf:params:scim:event:prov:patch:notice";
const DELETE: &str = "urn:ietf:params:scim:event:prov:delete";
const ACTIVATE: &str = "urn:ietf:params:scim:event:prov:activate";
const DEACTIVATE: &str = "urn:ietf:params:scim:event:prov:deactivate";

/// How many events a page looks at.
pub const MAX_EVENTS: u64 = 100;

/// The claims of a token that tells events about a resource.
pub(super) fn claims(
    issuer: &str,
    (id, at): (Uuid, Timestamp),
    (uri, txn): (&str, &str),
    events: &[(&'static str, Value)],
) -> Value {
    let events: serde_json::Map<String, Value> =
        events.iter().map(|(uri, payload)| ((*uri).to_owned(), payload.clone())).collect();
    json!({
        "iss": issuer,
        "iat": at.timestamp(),
        "jti": id.simple().to_string(),
        "txn": txn,
        "sub_id": { "format": "scim", "uri": uri },
        "events": events,
    })
}

/// A page of events.
#[derive(Debug)]
pub struct EventPage {
    /// The claims, the oldest first.
    pub events: Vec<Value>,
    /// Behind which number the next page begins.
    pub next: i64,
    /// Whether there was more when this page was read.
    pub has_more: bool,
}

impl Session<'_> {
    /// The events about resources behind a number of the organization's sequence, as far as the viewer may read history.
    pub async fn events(&self, after: i64) -> Result<EventPage> {
        let (events, has_more) = self.reader().changes_behind(self.tenant(), after).await?;
        let next = events.last().map_or(after, |event| event.seq);
        let events = events.iter().filter_map(|event| tell(self.base(), event)).collect();
        Ok(EventPage { events, next, has_more })
    }
}

/// The claims that tell an event; none, if it says nothing of a resource.
fn tell(issuer: &str, event: &Event) -> Option<Value> {
    let kind = Kind::of(event.subject.kind)?;
    let uri = format!("/{}/{}", kind.endpoint(), event.subject);
    let told = kinds(kind, event);
    let id = (event.id, event.occurred_at);
    (!told.is_empty()).then(|| claims(issuer, id, (&uri, &event.request_id), &told))
}

/// What an event says: which events of the protocol it is, and what they carry.
fn kinds(kind: Kind, event: &Event) -> Vec<(&'static str, Value)> {
    let status = event.changes.iter().find(|change| change.path == "status");
    let is = |value: &Value, wanted: &str| value.as_str() == Some(wanted);
    let is_gone = status.is_some_and(|status| is(&status.after, "deleted") || is(&status.after, "merged"));
    if event.action == "node.delete" || is_gone {
        return vec![(DELETE, json!({}))];
    }
    let names: BTreeSet<String> = event.changes.iter().filter_map(|change| attribute(kind, &change.path)).collect();
    let version = format!("W/\"{}\"", event.subject_version);
    let returns = event.action == "node.restore" || event.action.ends_with(".unmerge");
    if event.subject_version == 1 || returns {
        return vec![(CREATE, json!({ "attributes": names, "version": version }))];
    }
    let mut told = Vec::new();
    match status {
        Some(status) if is(&status.after, "active") => told.push((ACTIVATE, json!({}))),
        Some(status) if is(&status.before, "active") => told.push((DEACTIVATE, json!({}))),
        _ => {}
    }
    if names.iter().any(|name| name != "active") {
        told.push((PATCH, json!({ "attributes": names, "version": version })));
    }
    told
}

/// The path of the attribute that shows what is kept at that path of a node; none, if nothing shows it.
fn attribute(kind: Kind, path: &str) -> Option<String> {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    match (kind, head) {
        (Kind::Group, "members") => return Some("members".to_owned()),
        (Kind::User, "manager") => return Some(format!("{ENTERPRISE}:manager")),
        (Kind::Agent | Kind::AgenticApplication, "owner") => return Some("owners".to_owned()),
        (Kind::User, "avatar") => return Some("photos".to_owned()),
        (Kind::User | Kind::Agent | Kind::AgenticApplication, "status") => return Some("active".to_owned()),
        (Kind::User, "password") => return Some("password".to_owned()),
        (_, "external_ids") => return Some("externalId".to_owned()),
        // What the organization declares: the URN is the path.
        (_, "extensions") => return Some(rest.to_owned()),
        _ => {}
    }
    let within = |rows: &'static [Row]| rows.iter().find_map(|row| shows(row, path, head, rest));
    within(kind.rows()).or_else(|| {
        let (urn, rows) = kind.extension()?;
        within(rows).map(|name| format!("{urn}:{name}"))
    })
}

/// The path of a row, or of a part of it, if that is where the node keeps what it shows.
fn shows(row: &Row, path: &str, head: &str, rest: &str) -> Option<String> {
    let is_whole = match row.home {
        Home::Column(column) | Home::List(column) => column == path,
        Home::Json(column, key) | Home::ListIn(column, key) => column == head && key == rest,
        Home::Object(column) => {
            let is_meant = |part: &&Row| column == head && matches!(part.home, Home::Key(key) if key == rest);
            let part = row.parts.iter().find(is_meant);
            return part.map(|part| format!("{}.{}", row.name, part.name));
        }
        Home::Computed | Home::Key(_) => false,
    };
    is_whole.then(|| row.name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_node_keeps_is_told_under_the_name_that_shows_it() {
        let enterprise = |name: &str| format!("{ENTERPRISE}:{name}");
        for (kind, path, name) in [
            (Kind::User, "username", Some("userName".to_owned())),
            (Kind::User, "name.given", Some("name.givenName".to_owned())),
            (Kind::User, "name.display", Some("displayName".to_owned())),
            (Kind::User, "time_zone", Some("timezone".to_owned())),
            (Kind::User, "phones", Some("phoneNumbers".to_owned())),
            (Kind::User, "details.assigned_roles", Some("roles".to_owned())),
            (Kind::User, "details.cost_center", Some(enterprise("costCenter"))),
            (Kind::User, "department", Some(enterprise("department"))),
            (Kind::User, "roles.rol_1", None),
            (Kind::User, "metadata.desk", None),
            (Kind::Group, "name", Some("displayName".to_owned())),
            (Kind::Group, "members.usr_1", Some("members".to_owned())),
            (Kind::Agent, "username", Some("name".to_owned())),
        ] {
            assert_eq!(attribute(kind, path), name, "{kind:?} {path}");
        }
    }
}
