//! Shared signals over HTTP (OpenID SSF 1.0): what receivers need to have signals about the security of accounts sent to them.
//!
//! Every path is a line of [`PLACES`]: the routes are made of it, and so are the tests of who may do what.
//!
//! * [`metadata`] tells where things are; [`streams`] is how a receiver manages what it gets; [`poll`] is how it fetches it.
//! * [`receive`] takes the signals of others.
//! * [`body`] reads what is sent.

mod body;
mod metadata;
mod poll;
mod receive;
mod streams;

use super::HttpState;
use super::auth::{self, Denied};
use super::body::Unreadable;
use super::problem::Problem;
use super::rate_limit::{self, TooMuch};
use super::request_id::RequestId;
use crate::domain::{Error, ErrorCode, Origin};
use crate::resolvers::Viewer;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use axum::{Extension, Router};
use serde_json::Value;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// What this face is called in events.
const FACE: &str = "signals";

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// Where things are (SSF 1.0 section 7).
    Metadata,
    /// What a receiver gets and how (section 8.1.1).
    Streams,
    /// Whether it gets it (section 8.1.2).
    Status,
    /// That it wants to hear of somebody (section 8.1.3.2).
    AddSubject,
    /// That it does not (section 8.1.3.3).
    RemoveSubject,
    /// A sign of life (section 8.1.4.2).
    Verify,
    /// What there is for it (RFC 8936).
    Poll,
    /// What others have to tell (RFC 8935).
    Receive,
}

impl Endpoint {
    /// The methods by which it is asked for.
    #[must_use]
    pub const fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Metadata => &["GET"],
            Self::Streams => &["GET", "POST", "PATCH", "PUT", "DELETE"],
            Self::Status => &["GET", "POST"],
            Self::AddSubject | Self::RemoveSubject | Self::Verify | Self::Poll | Self::Receive => &["POST"],
        }
    }

    const fn filter(self) -> MethodFilter {
        match self {
            Self::Metadata => MethodFilter::GET,
            Self::Streams => MethodFilter::GET
                .or(MethodFilter::POST)
                .or(MethodFilter::PATCH)
                .or(MethodFilter::PUT)
                .or(MethodFilter::DELETE),
            Self::Status => MethodFilter::GET.or(MethodFilter::POST),
            Self::AddSubject | Self::RemoveSubject | Self::Verify | Self::Poll | Self::Receive => MethodFilter::POST,
        }
    }
}

/// Where something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// What is there.
    pub endpoint: Endpoint,
}

const fn place(path: &'static str, endpoint: Endpoint) -> Place {
    Place { path, endpoint }
}

const STREAMS: &str = "/ssf/streams";
const STATUS: &str = "/ssf/status";
const ADD_SUBJECT: &str = "/ssf/subjects/add";
const REMOVE_SUBJECT: &str = "/ssf/subjects/remove";
const VERIFY: &str = "/ssf/verify";
/// Where signals of a stream are fetched, before its id.
const POLL: &str = "/ssf/poll/";

/// Every path, and what is there.
pub const PLACES: &[Place] = &[
    place("/.well-known/ssf-configuration", Endpoint::Metadata),
    place(STREAMS, Endpoint::Streams),
    place(STATUS, Endpoint::Status),
    place(ADD_SUBJECT, Endpoint::AddSubject),
    place(REMOVE_SUBJECT, Endpoint::RemoveSubject),
    place(VERIFY, Endpoint::Verify),
    place("/ssf/poll/{id}", Endpoint::Poll),
    place("/ssf/receive/{id}", Endpoint::Receive),
];

/// The routes.
pub(super) fn routes() -> Router<Arc<HttpState>> {
    PLACES.iter().fold(Router::new(), |router, place| {
        let endpoint = place.endpoint;
        let handler = move |State(state): State<Arc<HttpState>>,
                            Extension(request_id): Extension<RequestId>,
                            path: Option<Path<HashMap<String, String>>>,
                            request: Request| async move {
            let address = rate_limit::address(request.extensions());
            let (parts, body) = request.into_parts();
            let id = path.and_then(|Path(mut names)| names.remove("id")).unwrap_or_default();
            let asked = Asked { state: &state, request_id: &request_id, address, parts, id };
            match asked.answer(endpoint, body).await {
                Ok(answer) => answer,
                Err(refused) => refused.response(&request_id),
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
    /// The stream, or the transmitter, that the path names.
    id: String,
}

impl Asked<'_> {
    async fn answer(&self, endpoint: Endpoint, body: Body) -> Result<Response, Refused> {
        if endpoint == Endpoint::Metadata {
            super::body::discard(body).await;
            self.state.charge(&Viewer::nobody(self.origin()), self.address, 1).await.map_err(Refused::TooMuch)?;
            return metadata::answer(self);
        }
        if endpoint == Endpoint::Receive {
            // Who sends is known by what is signed.
            self.state.charge(&Viewer::nobody(self.origin()), self.address, 1).await.map_err(Refused::TooMuch)?;
            return receive::answer(self, body).await;
        }
        let viewer = match auth::admit(self.state, &self.parts.headers, (self.address, self.origin())).await {
            Ok(viewer) => viewer,
            Err(denied) => {
                super::body::discard(body).await;
                return Err(Refused::Denied(denied));
            }
        };
        self.state.charge(&viewer, self.address, 1).await.map_err(Refused::TooMuch)?;
        if viewer.access.is_none() {
            super::body::discard(body).await;
            return Err(Error::unauthenticated().into());
        }
        match endpoint {
            Endpoint::Streams => streams::answer(self, &viewer, body).await,
            Endpoint::Status if self.parts.method == Method::GET => streams::status(self, &viewer, body).await,
            Endpoint::Status => streams::set_status(self, &viewer, body).await,
            Endpoint::AddSubject => streams::set_subject(self, &viewer, (body, true)).await,
            Endpoint::RemoveSubject => streams::set_subject(self, &viewer, (body, false)).await,
            Endpoint::Verify => streams::verify(self, &viewer, body).await,
            Endpoint::Poll => poll::answer(self, &viewer, body).await,
            Endpoint::Metadata | Endpoint::Receive => Err(Error::internal().into()),
        }
    }

    fn origin(&self) -> Origin {
        self.request_id.origin(FACE)
    }

    /// What the query says under that name.
    fn query(&self, name: &str) -> Option<String> {
        let query = self.parts.uri.query().unwrap_or_default();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// Why a request is not answered as it was meant.
enum Refused {
    Denied(Denied),
    TooMuch(TooMuch),
    Body(Unreadable, usize),
    Error(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Refused {
    fn response(self, request_id: &RequestId) -> Response {
        match self {
            Self::Denied(denied) => denied.response(request_id),
            Self::TooMuch(too_much) => Denied::TooMuch(too_much).response(request_id),
            Self::Body(unreadable, limit) => Problem::of_body(unreadable, limit).response(request_id),
            Self::Error(error) => {
                // What cannot be is 400 here, whether it is well-formed or not (section 8.1.1.1).
                let is_invalid = error.code == ErrorCode::InvalidInput;
                let problem = Problem::from(error);
                let problem = if is_invalid { problem.with_status(StatusCode::BAD_REQUEST) } else { problem };
                problem.response(request_id)
            }
        }
    }
}

/// An answer that nobody may keep.
fn private(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, body.to_string()).into_response()
}

/// An answer without a body.
fn empty(status: StatusCode) -> Response {
    (status, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response()
}
