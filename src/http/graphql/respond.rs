//! What is told to a GraphQL client, and with which status.
//!
//! Every error gets a `code`, for programs, and the `requestId`, for whoever asks the operator. A
//! response that was not executed has no member `data`: its absence is what tells a request error
//! from an execution of which nothing is left.

use super::accept::ResponseType;
use crate::domain::Error;
use crate::graphql::{failure, is_executed};
use crate::http::problem::remedy;
use crate::http::request_id::RequestId;
use async_graphql::{Response as GraphqlResponse, ServerError, Value};
use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::collections::BTreeMap;

/// A response as it is written.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

impl<'a> Document<'a> {
    /// A response, as far as it was executed.
    pub(super) fn of(response: &'a GraphqlResponse) -> Self {
        let data = is_executed(response).then_some(&response.data);
        Self { errors: &response.errors, data, extensions: &response.extensions }
    }
}

/// Gives every error of a response the members that every error has.
pub(super) fn complete_all(response: &mut GraphqlResponse, request_id: &RequestId) {
    for error in &mut response.errors {
        complete(error, request_id);
    }
}

/// The answer to a request that reached the executor.
pub(super) fn with(mut response: GraphqlResponse, form: ResponseType, request_id: &RequestId) -> Response {
    complete_all(&mut response, request_id);
    let executed = is_executed(&response);
    let status = match form {
        ResponseType::GraphqlResponse if !executed => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let mut written = write(status, &Document::of(&response), form);
    written.headers_mut().extend(response.http_headers);
    written
}

/// The response to a request that the domain refuses to execute.
pub(super) fn request_error(error: &Error) -> GraphqlResponse {
    GraphqlResponse::from_errors(vec![told(error)])
}

/// The answer to a request that is refused before there is anything to execute.
pub(super) fn refusal(status: StatusCode, error: &Error, form: ResponseType, request_id: &RequestId) -> Response {
    let mut told = told(error);
    complete(&mut told, request_id);
    let document = Document { errors: &[told], data: None, extensions: &BTreeMap::new() };
    let mut response = write(status, &document, form);
    if let Some((name, value)) = remedy(status) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// An error of the domain as GraphQL tells it.
pub(super) fn told(error: &Error) -> ServerError {
    failure::refusal(error.code.as_str(), &*error.message, None)
}

/// Gives an error the members that every error has.
fn complete(error: &mut ServerError, request_id: &RequestId) {
    let code = default_code(error);
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", code);
    }
    extensions.set("requestId", request_id.as_str());
}

/// The code of an error that comes from the executor itself.
fn default_code(error: &ServerError) -> &'static str {
    // What is wrong with an argument is found out when its field is.
    if !error.path.is_empty() {
        return "BAD_USER_INPUT";
    }
    // The parser draws the place where it stopped.
    if error.message.starts_with(" --> ") {
        return "GRAPHQL_PARSE_FAILED";
    }
    "GRAPHQL_VALIDATION_FAILED"
}

fn write(status: StatusCode, document: &Document<'_>, form: ResponseType) -> Response {
    let (status, body) = match serde_json::to_vec(document) {
        Ok(body) => (status, Bytes::from(body)),
        Err(error) => {
            tracing::error!(error = %error, "a response could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, Bytes::new())
        }
    };
    let content_type = match form {
        ResponseType::Json => "application/json; charset=utf-8",
        ResponseType::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        // A response is for whoever asked, and true only now.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    #[test]
    fn what_does_not_parse_is_told_apart_from_what_is_not_valid() {
        for document in ["", "{", "{ a(b: ) }", "query { a } }", "{ a } \"open"] {
            let error = parse_query(document).expect_err("not a document");
            assert_eq!(default_code(&error.into()), "GRAPHQL_PARSE_FAILED", "{document}");
        }
        let twice = parse_query("query a { b } query a { b }").expect_err("not valid");
        assert_eq!(default_code(&twice.into()), "GRAPHQL_VALIDATION_FAILED");
    }
}
