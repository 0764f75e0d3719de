//! Who asks: with a header, as everywhere; or with the id of an API token and its secret in the query or the body, which is how
//! most of these clients say it. What stands there is never logged, nor anything else of a query or a body.

use super::super::HttpState;
use super::super::auth::{self, Denied};
use crate::domain::{Origin, Result};
use crate::resolvers::Viewer;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::net::IpAddr;

/// What the id of the API token is called.
const ID: &str = "clientId";
/// What its secret is called.
const SECRET: &str = "clientSecret";

/// How somebody says who it is.
pub(super) enum Credential {
    /// In the header `Authorization`.
    Header {
        /// With an id and a secret, and not with a token.
        is_basic: bool,
    },
    /// By an id and a secret.
    Client(String, String),
}

impl Credential {
    /// How it is said in the headers, else in the query; none if it is said in neither.
    pub(super) fn of(headers: &HeaderMap, query: &HashMap<String, String>) -> Option<Self> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let scheme = value.to_str().ok().and_then(|value| value.split(' ').next()).unwrap_or_default();
            return Some(Self::Header { is_basic: scheme.eq_ignore_ascii_case("basic") });
        }
        Self::client(query.get(ID).map(String::as_str), query.get(SECRET).map(String::as_str))
    }

    /// How it is said in a body.
    pub(super) fn in_body(fields: &Map<String, Value>) -> Option<Self> {
        Self::client(fields.get(ID).and_then(Value::as_str), fields.get(SECRET).and_then(Value::as_str))
    }

    fn client(id: Option<&str>, secret: Option<&str>) -> Option<Self> {
        let said = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        Some(Self::Client(said(id)?, said(secret)?))
    }

    /// The viewer that this is.
    pub(super) async fn admit(
        &self,
        state: &HttpState,
        headers: &HeaderMap,
        whence: (Option<IpAddr>, Origin),
    ) -> Result<Viewer, Denied> {
        match self {
            Self::Header { is_basic: false } => auth::admit(state, headers, whence).await,
            Self::Header { is_basic: true } => match auth::basic(headers) {
                Ok(Some((id, secret))) => auth::admit_client(state, (&id, &secret), whence).await,
                Ok(None) => Ok(Viewer::nobody(whence.1)),
                Err(error) => Err(auth::refuse(state, error, whence).await),
            },
            Self::Client(id, secret) => auth::admit_client(state, (id, secret), whence).await,
        }
    }
}
