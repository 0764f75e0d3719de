//! OAuth over HTTP: what clients and resource servers need to get tokens, to look at them, and to give them back.
//!
//! Every path is a line of [`PLACES`]: the routes are made of it, and so are the tests of who may do what. Beside our own paths
//! stand those that the published SDKs of IAMs ask for.
//!
//! * [`form`] reads what a client has sent, and [`client`] who it is.
//! * [`token`], [`introspect`], [`revoke`] and [`userinfo`] answer; [`metadata`] tells where all of that is.
//! * [`refusal`] tells what goes wrong as OAuth does (RFC 6749 section 5.2).

mod attempts;
mod client;
mod form;
mod introspect;
mod metadata;
mod refusal;
mod revoke;
mod settings;
mod token;
mod userinfo;

pub(super) use attempts::Attempts;
pub(super) use settings::Told;
pub use settings::issuance;
pub(super) use token::whereabouts;

use self::refusal::Refusal;
use super::HttpState;
use super::rate_limit;
use super::request_id::RequestId;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use axum::{Extension, Router};
use serde_json::Value;
use std::net::IpAddr;
use std::sync::Arc;

/// What this face is called in events.
const FACE: &str = "oauth";

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// A token (RFC 6749 section 3.2).
    Token,
    /// What a token is good for (RFC 7662).
    Introspect,
    /// That a token is good no more (RFC 7009).
    Revoke,
    /// Who the holder of a token is (OpenID Connect Core section 5.3).
    Userinfo,
    /// The public keys (RFC 7517 section 5).
    Keys,
    /// Where all of that is (RFC 8414, OpenID Connect Discovery).
    Metadata,
}

impl Endpoint {
    /// The methods by which it is asked for.
    #[must_use]
    pub const fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Token | Self::Introspect | Self::Revoke => &["POST"],
            Self::Userinfo => &["GET", "POST"],
            Self::Keys | Self::Metadata => &["GET"],
        }
    }

    const fn filter(self) -> MethodFilter {
        match self {
            Self::Token | Self::Introspect | Self::Revoke => MethodFilter::POST,
            Self::Userinfo => MethodFilter::GET.or(MethodFilter::POST),
            Self::Keys | Self::Metadata => MethodFilter::GET,
        }
    }
}

/// Where something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The path.
    pub path: &'static str,
    /// What is there.
    pub endpoint: Endpoint,
}

const fn place(path: &'static str, endpoint: Endpoint) -> Place {
    Place { path, endpoint }
}

/// The path of [`Endpoint::Token`] that the metadata tell.
const TOKEN: &str = "/oauth/token";
/// The path of [`Endpoint::Introspect`] that the metadata tell.
const INTROSPECT: &str = "/oauth/introspect";
/// The path of [`Endpoint::Revoke`] that the metadata tell.
const REVOKE: &str = "/oauth/revoke";
/// The path of [`Endpoint::Userinfo`] that the metadata tell.
const USERINFO: &str = "/oauth/userinfo";
/// The path of [`Endpoint::Keys`] that the metadata tell.
const KEYS: &str = "/.well-known/jwks.json";

/// Every path, and what is there.
pub const PLACES: &[Place] = &[
    place(TOKEN, Endpoint::Token),
    place("/api/login/oauth/access_token", Endpoint::Token),
    place("/api/login/oauth/refresh_token", Endpoint::Token),
    place("/login/oauth/access_token", Endpoint::Token),
    place("/v1/iam/oauth/token", Endpoint::Token),
    place(INTROSPECT, Endpoint::Introspect),
    place("/api/login/oauth/introspect", Endpoint::Introspect),
    place("/v1/iam/oauth/introspect", Endpoint::Introspect),
    place(REVOKE, Endpoint::Revoke),
    place("/v1/iam/oauth/revoke", Endpoint::Revoke),
    place(USERINFO, Endpoint::Userinfo),
    place("/api/userinfo", Endpoint::Userinfo),
    place("/v1/iam/oauth/userinfo", Endpoint::Userinfo),
    place(KEYS, Endpoint::Keys),
    place("/.well-known/jwks", Endpoint::Keys),
    place("/v1/iam/.well-known/jwks", Endpoint::Keys),
    place("/.well-known/openid-configuration", Endpoint::Metadata),
    place("/.well-known/oauth-authorization-server", Endpoint::Metadata),
];

/// The routes.
pub(super) fn routes() -> Router<Arc<HttpState>> {
    PLACES.iter().fold(Router::new(), |router, place| {
        let endpoint = place.endpoint;
        let handler = move |State(state): State<Arc<HttpState>>,
                            Extension(request_id): Extension<RequestId>,
                            request: Request| async move {
            let address = rate_limit::address(request.extensions());
            let (parts, body) = request.into_parts();
            let asked = Asked { state: &state, request_id: &request_id, address, parts };
            match asked.answer(endpoint, body).await {
                Ok(answer) => answer,
                Err(refusal) => refusal.response(&request_id),
            }
        };
        router.route(place.path, on(endpoint.filter(), handler))
    })
}

/// A request on its way to its answer.
struct Asked<'a> {
    state: &'a HttpState,
    request_id: &'a RequestId,
    address: Option<IpAddr>,
    parts: Parts,
}

impl Asked<'_> {
    async fn answer(&self, endpoint: Endpoint, body: Body) -> Result<Response, Refusal> {
        match endpoint {
            Endpoint::Token => token::answer(self, body).await,
            Endpoint::Introspect => introspect::answer(self, body).await,
            Endpoint::Revoke => revoke::answer(self, body).await,
            Endpoint::Userinfo => userinfo::answer(self, body).await,
            Endpoint::Keys => metadata::keys(self).await,
            Endpoint::Metadata => metadata::metadata(self).await,
        }
    }

    fn origin(&self) -> crate::domain::Origin {
        self.request_id.origin(FACE)
    }
}

/// An answer that nobody may keep (RFC 6749 section 5.1).
fn private(status: StatusCode, body: &impl serde::Serialize) -> Response {
    // Texts, numbers, lists and objects always serialise.
    let body = serde_json::to_vec(body).unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, body).into_response()
}

/// An answer that is the same for everybody, and may be kept for a minute.
fn public(body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=60"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body.to_string()).into_response()
}
