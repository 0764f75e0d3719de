//! What a client asks, from a body or from a query string.
//!
//! Both are taken apart into the same four parameters, which are checked in one place. Nothing a
//! client sent is repeated in what it is told.

use super::Refusal;
use crate::http::problem::Problem;
use async_graphql::{Request as GraphqlRequest, Value as GraphqlValue, Variables};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};
use url::form_urlencoded;

/// Whether the body is said to be JSON in UTF-8.
///
/// A browser does not send that type to another site without asking first.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let in_utf_8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    essence.eq_ignore_ascii_case("application/json") && parts.all(in_utf_8)
}

/// Reads a request from a body of JSON.
pub(super) async fn from_body(request: Request) -> Result<GraphqlRequest, Refusal> {
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Refusal::Http(Problem::refusal(
                StatusCode::PAYLOAD_TOO_LARGE,
                "PAYLOAD_TOO_LARGE",
                "The body is larger than this server accepts.",
            ))
        } else {
            Refusal::Malformed("The body did not arrive whole.")
        }
    })?;
    let parameters = serde_json::from_slice(&body).map_err(|error| {
        Refusal::Malformed(if error.is_data() {
            "The body must be one JSON object with the member query; batches are not supported."
        } else {
            "The body is not JSON in UTF-8."
        })
    })?;
    from_parameters(parameters)
}

/// Reads a request from a query string.
pub(super) fn from_query_string(query: &str) -> Result<GraphqlRequest, Refusal> {
    let mut parameters = Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        // What is not UTF-8 has been replaced by this character; to read on would be to guess.
        if value.contains(char::REPLACEMENT_CHARACTER) {
            return Err(Refusal::Malformed("The query string is not UTF-8."));
        }
        let value = match &*name {
            "query" | "operationName" => Value::String(value.into_owned()),
            "variables" | "extensions" => serde_json::from_str(&value)
                .map_err(|_| Refusal::Malformed("The parameters variables and extensions must be JSON."))?,
            _ => continue,
        };
        parameters.insert(name.into_owned(), value);
    }
    from_parameters(parameters)
}

/// Reads a request from its four parameters.
pub(super) fn from_parameters(mut parameters: Map<String, Value>) -> Result<GraphqlRequest, Refusal> {
    let mut take = |name| parameters.remove(name).unwrap_or_default();
    let (query, name) = (take("query"), take("operationName"));
    let (variables, extensions) = (take("variables"), take("extensions"));

    let query = match query {
        Value::String(query) => query,
        // A persisted query is named by its hash alone.
        Value::Null if extensions.get("persistedQuery").is_some() => String::new(),
        _ => return Err(Refusal::Malformed("The member query must be a string.")),
    };
    let mut request = GraphqlRequest::new(query);
    request.operation_name = match name {
        Value::Null => None,
        Value::String(name) => Some(name),
        _ => return Err(Refusal::Malformed("The member operationName must be a string.")),
    };
    request.variables = match variables {
        Value::Null => Variables::default(),
        variables @ Value::Object(_) => {
            let variables = GraphqlValue::from_json(variables)
                .map_err(|_| Refusal::Malformed("The member variables cannot be read."))?;
            Variables::from_value(variables)
        }
        _ => return Err(Refusal::Malformed("The member variables must be an object.")),
    };
    match extensions {
        Value::Null => {}
        Value::Object(extensions) => {
            for (name, value) in extensions {
                let value = GraphqlValue::from_json(value)
                    .map_err(|_| Refusal::Malformed("The member extensions cannot be read."))?;
                request.extensions.insert(name, value);
            }
        }
        _ => return Err(Refusal::Malformed("The member extensions must be an object.")),
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use serde_json::json;

    fn read(parameters: Value) -> Result<GraphqlRequest, Refusal> {
        serde_json::from_value(parameters).map_or(Err(Refusal::Malformed("")), from_parameters)
    }

    #[test]
    fn only_json_in_utf_8_is_read() {
        let is_json = |value| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(value));
            is_json(&headers)
        };
        for value in
            ["application/json", "Application/JSON; charset=\"UTF-8\"", "application/json;charset=utf-8; profile=x"]
        {
            assert!(is_json(value), "{value}");
        }
        for value in [
            "",
            "text/plain",
            "application/json; charset=utf-16",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=application/json",
            "application/json, text/plain",
        ] {
            assert!(!is_json(value), "{value}");
        }
    }

    #[test]
    fn a_whole_request_is_read() {
        let request = read(json!({
            "query": "{ a }", "operationName": "b", "variables": { "c": [1, null] },
            "extensions": { "d": true }, "unknown": 1
        }));
        let request = request.ok().expect("well-formed");
        assert_eq!(request.operation_name.as_deref(), Some("b"));
        let variables = request.variables.into_value().into_json().expect("JSON");
        assert_eq!(variables, json!({ "c": [1, null] }));
        assert_eq!(request.extensions.len(), 1);
    }

    #[test]
    fn null_is_the_same_as_absent_and_anything_else_is_refused() {
        for name in ["operationName", "variables", "extensions"] {
            assert!(read(json!({ "query": "{ a }", name: null })).is_ok(), "{name}");
            for value in [json!(1), json!(true), json!(["x"])] {
                assert!(read(json!({ "query": "{ a }", name: value })).is_err(), "{name}");
            }
        }
        for query in [json!(null), json!(1), json!({}), json!(["{ a }"])] {
            assert!(read(json!({ "query": query })).is_err(), "{query}");
        }
        let hash = json!({ "persistedQuery": { "version": 1, "sha256Hash": "" } });
        assert!(read(json!({ "extensions": hash })).is_ok_and(|request| request.query.is_empty()));
        assert!(read(json!({ "query": 1, "extensions": hash })).is_err());
    }

    #[test]
    fn a_query_string_is_read_strictly() {
        let read = |query| from_query_string(query).ok();
        let request = read("query=%7Ba%7D&variables=%7B%22b%22%3A1%7D&operationName=c&other=%7B");
        let request = request.expect("well-formed");
        assert_eq!((&*request.query, request.variables.len()), ("{a}", 1));
        for query in ["", "query=%7Ba%7D&variables=b", "query=%FF", "query=%7Ba%7D&extensions=1"] {
            assert!(read(query).is_none(), "{query}");
        }
    }
}
