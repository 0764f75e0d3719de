//! The SDKs of IAMs over HTTP: the routes of their table of operations.
//!
//! * [`credential`] finds out who asks: these clients say it in more places than others.
//! * [`body`] reads what was sent, in whatever form.
//!
//! A refusal is told in the spelling of the path: in an envelope under `/api`, as a problem under `/v1/iam`; with the same
//! status in both.

mod body;
mod credential;

use super::HttpState;
use super::auth::Denied;
use super::body::Unreadable;
use super::oauth::whereabouts;
use super::problem::{self, Problem};
use super::rate_limit::{self, TooMuch};
use super::request_id::RequestId;
use crate::domain::Error;
use crate::domain::session::Whereabouts;
use crate::resolvers::Viewer;
use crate::sdk::answer::refusal;
use crate::sdk::{Call, Method, Place, Sent, Spelling, operations};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use axum::{Extension, Router};
use credential::Credential;
use std::collections::HashMap;
use std::sync::Arc;
use url::form_urlencoded;

/// What this face is called in events.
const FACE: &str = "sdk";

/// The routes.
pub(super) fn routes() -> Router<Arc<HttpState>> {
    operations::places().fold(Router::new(), |router, place| {
        let filter = match place.operation.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
        };
        let path = place.path.clone();
        let place = Arc::new(place);
        let handler = move |State(state): State<Arc<HttpState>>,
                            Extension(request_id): Extension<RequestId>,
                            request: Request| async move {
            let answered = answer(&place, (&state, &request_id), request).await;
            answered.unwrap_or_else(|refused| refused.response(place.spelling, &request_id))
        };
        router.route(&path, on(filter, handler))
    })
}

/// Why a request is not answered as it was meant.
enum Refused {
    Denied(Denied),
    Body(Unreadable, usize),
    /// The body is not what it is said to be.
    Malformed(String),
    Error(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<TooMuch> for Refused {
    fn from(too_much: TooMuch) -> Self {
        Self::Denied(Denied::TooMuch(too_much))
    }
}

impl Refused {
    fn response(self, spelling: Spelling, request_id: &RequestId) -> Response {
        let mut headers = HeaderMap::new();
        let problem = match self {
            Self::Denied(Denied::Credential(error)) | Self::Error(error) => Problem::from(error),
            Self::Denied(Denied::TooMuch(too_much)) => {
                too_much.tell(&mut headers);
                Problem::from(too_much.error())
            }
            Self::Body(unreadable, limit) => Problem::of_body(unreadable, limit),
            Self::Malformed(detail) => Problem::refusal(StatusCode::BAD_REQUEST, "BAD_REQUEST", "").saying(detail),
        };
        let mut response = match spelling {
            Spelling::Native => problem.response(request_id),
            Spelling::Envelope => enveloped(&problem, request_id),
        };
        response.headers_mut().extend(headers);
        response
    }
}

fn enveloped(problem: &Problem, request_id: &RequestId) -> Response {
    let (status, code, field) = problem.kind();
    let mut response = sent(status, refusal((code, field), problem.detail(), request_id.as_str()));
    response.headers_mut().extend(problem::remedy(status));
    response
}

async fn answer(
    place: &Place,
    (state, request_id): (&HttpState, &RequestId),
    request: Request,
) -> Result<Response, Refused> {
    let operation = place.operation;
    let address = rate_limit::address(request.extensions());
    let whence = || (address, request_id.origin(FACE));
    let (parts, body) = request.into_parts();
    let query = query(parts.uri.query().unwrap_or_default())?;
    let credential = Credential::of(&parts.headers, &query);
    let mut call = Call {
        app: Arc::clone(&state.app),
        viewer: match &credential {
            Some(credential) => credential.admit(state, &parts.headers, whence()).await?,
            None => Viewer::nobody(request_id.origin(FACE)),
        },
        query,
        sent: Sent::default(),
        is_native: place.spelling == Spelling::Native,
        is_basic: matches!(credential, Some(Credential::Header { is_basic: true })),
        whereabouts: Whereabouts::default(),
    };
    let price = if credential.is_some() { operation.price(&call) } else { 1 };
    let mut allowance = state.charge(&call.viewer, address, price).await?;
    if operation.method == Method::Post {
        let fields = body::read(&parts.headers, body, state.server.max_body_bytes).await?;
        if let Some(credential) = Credential::in_body(&fields).filter(|_| credential.is_none()) {
            call.viewer = credential.admit(state, &parts.headers, whence()).await?;
            allowance = state.charge(&call.viewer, address, 1).await?;
        }
        call.sent = Sent::new(fields);
    }
    if call.viewer.access.is_none() {
        return Err(Error::unauthenticated().into());
    }
    if let Some(account) = operation.account(&call).await? {
        // Before anything is looked at, and for accounts that do not exist too.
        state.attempts.charge(address, &account).await?;
    }
    call.whereabouts = whereabouts((&parts.headers, address), &call.viewer.actor.name);
    let answer = operation.answer(call, place.spelling).await?;
    let mut response = sent(StatusCode::OK, answer.written(place.spelling, operation.list));
    if let Some(allowance) = allowance {
        allowance.tell(response.headers_mut());
    }
    Ok(response)
}

/// The parameters of a query.
fn query(text: &str) -> Result<HashMap<String, String>, Error> {
    let mut query = HashMap::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        if value.contains('\0') {
            return Err(Error::invalid(name, "This contains the character NUL; leave it out."));
        }
        query.insert(name.into_owned(), value.into_owned());
    }
    Ok(query)
}

fn sent(status: StatusCode, body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, body).into_response()
}
