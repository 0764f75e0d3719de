//! What was sent, in whatever form: these clients send JSON without saying so, and forms of two kinds.

use super::super::body;
use super::Refused;
use crate::domain::json::SaidOnce;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures::stream;
use serde_json::{Map, Value};
use std::convert::Infallible;

/// The fields of a body. Nothing says nothing.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Map<String, Value>, Refused> {
    let body = body::read(body, limit).await.map_err(|unreadable| Refused::Body(unreadable, limit))?;
    if body.is_empty() {
        return Ok(Map::new());
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "multipart/form-data" => parts(content_type, body).await,
        "application/x-www-form-urlencoded" => form(&body),
        _ => json(&body),
    }
}

fn json(body: &[u8]) -> Result<Map<String, Value>, Refused> {
    match serde_json::from_slice(body) {
        Ok(SaidOnce(Value::Object(fields))) => Ok(fields),
        Ok(_) => Err(Refused::Malformed("The body is no object of JSON; send one.".to_owned())),
        Err(error) => Err(Refused::Malformed(format!("The body is no object of JSON: {error}; send one."))),
    }
}

fn form(body: &[u8]) -> Result<Map<String, Value>, Refused> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body)
        .map_err(|_| Refused::Malformed("The body is no form in UTF-8.".to_owned()))?;
    Ok(pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect())
}

/// The fields of a form in parts (RFC 7578), as far as they are texts.
async fn parts(content_type: &str, body: Bytes) -> Result<Map<String, Value>, Refused> {
    let malformed = |error: multer::Error| Refused::Malformed(format!("The body is no form in parts: {error}."));
    let boundary = multer::parse_boundary(content_type).map_err(malformed)?;
    let mut form = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let mut fields = Map::new();
    while let Some(part) = form.next_field().await.map_err(malformed)? {
        let Some(name) = part.name().map(str::to_owned) else { continue };
        fields.insert(name, Value::String(part.text().await.map_err(malformed)?));
    }
    Ok(fields)
}
