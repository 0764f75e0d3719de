//! What the server can do, and what its resources are (RFC 7644 §4).

use super::Asked;
use super::answer::Answer;
use super::path::{self, Place};
use super::resources::wrong_method;
use crate::scim::list::{DEFAULT_COUNT, MAX_COUNT};
use crate::scim::registry::{ENTERPRISE, Kind, Registry};
use scim_protocol::ScimError;
use scim_protocol::list::{ListResponse, Position};
use scim_protocol::schema::Schema;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// How many operations a bulk request has at most.
pub(super) const MAX_OPERATIONS: usize = 1_000;

/// Answers what is asked for at a place of [discovery](Place::is_discovery).
pub(super) fn answer(
    registry: &Registry,
    (base, organization): (&str, Option<&str>),
    asked: &Asked,
) -> Result<Answer, ScimError> {
    let place = asked.place();
    if asked.method != "GET" {
        return Err(wrong_method(place));
    }
    let query = asked.parts.uri.query().unwrap_or_default();
    if url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name.eq_ignore_ascii_case("filter")) {
        // RFC 7644 §4: so that nobody takes a part for the whole.
        return Err(ScimError::with_status(403, "What the server can do is not filtered; ask for all of it."));
    }
    let types = || Kind::ALL.map(|kind| registry.get(kind).to_json(base)).to_vec();
    let schema = |schema: &Arc<Schema>| suggesting(schema.to_json(base), organization);
    let schemas = || registry.schemas().iter().map(schema).collect::<Vec<_>>();
    let found = match place {
        Place::ServiceProviderConfig => Some(config(base, asked.max_body_bytes)),
        Place::ResourceTypes(None) => Some(list(types())),
        Place::Schemas(None) => Some(list(schemas())),
        Place::ResourceTypes(Some(name)) => of_id(types(), name),
        Place::Schemas(Some(urn)) => of_id(schemas(), urn),
        _ => None,
    };
    found.map(Answer::of).ok_or_else(path::unknown)
}

/// A schema that says which organization there is to name.
fn suggesting(mut schema: Value, organization: Option<&str>) -> Value {
    if schema["id"] == ENTERPRISE
        && let (Some(organization), Some(attributes)) = (organization, schema["attributes"].as_array_mut())
    {
        for attribute in attributes.iter_mut().filter(|attribute| attribute["name"] == "organization") {
            attribute["canonicalValues"] = json!([organization]);
        }
    }
    schema
}

fn of_id(all: Vec<Value>, id: &str) -> Option<Value> {
    all.into_iter().find(|one| one["id"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(id)))
}

fn list(all: Vec<Value>) -> Value {
    let resources: Vec<Map<String, Value>> = all.into_iter().filter_map(|one| one.as_object().cloned()).collect();
    ListResponse { total_results: resources.len() as u64, position: Position::Index(1), resources }.to_json()
}

fn config(base: &str, max_payload_size: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "documentationUri": "https://github.com/idgraph/idgraph",
        "patch": { "supported": true },
        "bulk": { "supported": true, "maxOperations": MAX_OPERATIONS, "maxPayloadSize": max_payload_size },
        "filter": { "supported": true, "maxResults": MAX_COUNT },
        "changePassword": { "supported": true },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": DEFAULT_COUNT,
            "maxPageSize": MAX_COUNT,
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "API token",
            "description": "A bearer token (RFC 6750), made with `idgraph token create`.",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig") },
    })
}
