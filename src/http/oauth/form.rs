//! What a client sends: a form, in the body. What stands in the URL ends up in logs, so nothing is read there.

use super::super::body;
use super::Asked;
use super::refusal::Refusal;
use axum::body::Body;
use axum::http::header;
use std::collections::HashMap;

/// How many bytes a form may have.
const MAX_BYTES: usize = 65_536;

/// The parameters of a request. What they say is nobody's business.
#[derive(Default)]
pub(super) struct Form(HashMap<String, String>);

impl Form {
    /// Reads the form of a request.
    pub(super) async fn read(asked: &Asked<'_>, body: Body) -> Result<Self, Refusal> {
        let body = body::read(body, MAX_BYTES.min(asked.state.server.max_body_bytes)).await?;
        let content_type = asked.parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        let is_form = essence.as_deref() == Some("application/x-www-form-urlencoded");
        if !is_form && !body.is_empty() {
            return Err(Refusal::request("Send the parameters as application/x-www-form-urlencoded."));
        }
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(&body).map_err(|_| Refusal::request("The body is no form in UTF-8."))?;
        let mut form = HashMap::with_capacity(pairs.len());
        for (name, value) in pairs {
            // What is empty was left out (RFC 6749 section 3.1).
            if !value.is_empty() && form.insert(name, value).is_some() {
                return Err(Refusal::request("A parameter is there twice; send each once."));
            }
        }
        Ok(Self(form))
    }

    /// A parameter, if it was sent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A parameter, which has to be there.
    pub(super) fn require(&self, name: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::request(format!("The parameter {name} is missing.")))
    }
}
