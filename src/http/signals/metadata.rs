//! Where things are (SSF 1.0 section 7.1).

use super::streams::{POLL_METHOD, PUSH};
use super::{ADD_SUBJECT, Asked, REMOVE_SUBJECT, Refused, STATUS, STREAMS, VERIFY};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The version of the specification.
const VERSION: &str = "1_0";

pub(super) fn answer(asked: &Asked<'_>) -> Result<Response, Refused> {
    let issuer = &asked.state.app.sending()?.issuer;
    let at = |path: &str| format!("{issuer}{path}");
    let document = json!({
        "spec_version": VERSION,
        "issuer": issuer,
        "jwks_uri": at("/.well-known/jwks.json"),
        "delivery_methods_supported": [PUSH, POLL_METHOD],
        "configuration_endpoint": at(STREAMS),
        "status_endpoint": at(STATUS),
        "add_subject_endpoint": at(ADD_SUBJECT),
        "remove_subject_endpoint": at(REMOVE_SUBJECT),
        "verification_endpoint": at(VERIFY),
        // What is not known of a subject does not make it another one.
        "critical_subject_members": [],
        "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:6749"}, {"spec_urn": "urn:ietf:rfc:6750"}],
        "default_subjects": "ALL",
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=60"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, document.to_string()).into_response())
}
