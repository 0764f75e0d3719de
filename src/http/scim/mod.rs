//! SCIM 2.0 over HTTP (RFC 7644 §3): which resource a path means, what a method does to it, and how that is answered.
//!
//! Everything under `/scim/v2` (and `/scim`, which is the same) is answered here, also what is refused: with a body of
//! `application/scim+json`, and an error as RFC 7644 §3.12 writes it. A credential for one organization needs not name it;
//! one for several puts its slug or id behind the version: `/scim/v2/acme/Users`.

mod answer;
mod bulk;
mod deferred;
mod discovery;
mod path;
mod resources;

pub(super) use answer::translate;

use self::answer::{Answer, refuse};
use self::path::{Path, Place};
use super::HttpState;
use super::auth::{self, Denied};
use super::body::{self, Unreadable};
use super::problem::RETRY_AFTER;
use super::rate_limit::{self, TooMuch};
use super::request_id::RequestId;
use crate::domain::json::SaidOnce;
use crate::domain::{Error, NodeId, Organization};
use crate::resolvers::Viewer;
use crate::resolvers::query::questions::Named;
use crate::scim::error::of_domain;
use crate::scim::registry::Registry;
use crate::scim::session::{Session, Toll};
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use futures::future::BoxFuture;
use scim_protocol::{ScimError, ScimType};
use serde_json::Value;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What this face is called in events.
const FACE: &str = "scim";

/// Answers whatever is asked for under `/scim`.
pub(super) async fn handle(
    State(state): State<Arc<HttpState>>,
    Extension(request_id): Extension<RequestId>,
    request: Request,
) -> Response {
    let allow = Path::parse(request.uri().path()).map(|path| resources::methods(&path.place)).unwrap_or_default();
    match answer(&state, &request_id, request).await {
        Ok(answer) => answer.response(),
        Err(Refused::Error(error)) => refuse(&error, allow),
        Err(Refused::Busy(error)) => {
            let mut response = refuse(&error, allow);
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
            response
        }
        Err(Refused::TooMuch(too_much)) => {
            let mut response = refuse(&of_domain(too_much.error()), allow);
            too_much.tell(response.headers_mut());
            response
        }
    }
}

/// Why a request is not answered as it was meant.
enum Refused {
    /// There is something wrong with it.
    Error(ScimError),
    /// Enough was asked for.
    TooMuch(TooMuch),
    /// What was asked for before is to be done first.
    Busy(ScimError),
}

impl From<ScimError> for Refused {
    fn from(error: ScimError) -> Self {
        Self::Error(error)
    }
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Credential(error) => Self::Error(of_domain(error)),
            Denied::TooMuch(too_much) => Self::TooMuch(too_much),
        }
    }
}

/// Charges for what costs more than one request: about the resources that are read or written.
struct Meter<'a> {
    state: &'a HttpState,
    viewer: &'a Viewer,
    address: Option<IpAddr>,
    /// Why it has charged no more, if that was within the face.
    refused: Mutex<Option<TooMuch>>,
}

impl Meter<'_> {
    /// Charges for so many resources, of which the first is paid for by the request.
    async fn charge(&self, resources: u64) -> Result<(), Refused> {
        if resources > 1 {
            self.state.charge(self.viewer, self.address, resources - 1).await.map_err(Refused::TooMuch)?;
        }
        Ok(())
    }
}

impl Toll for Meter<'_> {
    fn charge(&self, resources: u64) -> BoxFuture<'_, Result<(), ScimError>> {
        Box::pin(async move {
            let charged = self.state.charge(self.viewer, self.address, resources).await;
            charged.map(|_| ()).map_err(|too_much| {
                let error = of_domain(too_much.error());
                *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(too_much);
                error
            })
        })
    }
}

impl Meter<'_> {
    /// Why a request was refused: by an error, or because enough was asked for.
    fn refusal(&self, error: ScimError) -> Refused {
        self.refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .map_or(Refused::Error(error), Refused::TooMuch)
    }
}

/// What a client has asked for.
struct Asked {
    method: Method,
    path: Path,
    parts: Parts,
    body: Bytes,
    /// How many bytes a body may have.
    max_body_bytes: usize,
    /// When there has to be an answer, so that it still reaches the client.
    deadline: Instant,
}

async fn answer(state: &HttpState, request_id: &RequestId, request: Request) -> Result<Answer, Refused> {
    let address = rate_limit::address(request.extensions());
    let viewer = auth::admit(state, request.headers(), (address, request_id.origin(FACE))).await?;
    state.charge(&viewer, address, 1).await.map_err(Refused::TooMuch)?;
    if viewer.access.is_none() {
        return Err(of_domain(Error::unauthenticated()).into());
    }
    let (parts, body) = request.into_parts();
    let path = Path::parse(parts.uri.path()).ok_or_else(path::unknown)?;
    let limit = state.server.max_body_bytes;
    let body = read(body, limit).await?;
    // What is answered to HEAD is what is answered to GET, without the body, which HTTP leaves out by itself.
    let method = if parts.method == Method::HEAD { Method::GET } else { parts.method.clone() };
    let deadline = Instant::now() + Duration::from_secs(state.server.request_timeout_seconds) * 3 / 4;
    let asked = Asked { method, path, parts, body, max_body_bytes: limit, deadline };
    let base = asked.path.base(&origin(state, &asked.parts));
    let spans = viewer.access.as_ref().is_some_and(|access| access.organization.is_none());
    if spans && asked.path.organization.is_none() && asked.place().is_discovery() {
        return Ok(discovery::answer(&Registry::common(), (&base, None), &asked)?);
    }
    if !resources::methods(asked.place()).contains(&asked.method.as_str()) {
        return Err(resources::wrong_method(asked.place()).into());
    }
    let organization = organization(state, &viewer, &asked).await?;
    let session = Session::open(&state.app, &viewer, organization, base).await.map_err(of_domain)?;
    let meter = Meter { state, viewer: &viewer, address, refused: Mutex::default() };
    resources::answer(&session, &asked, &meter).await
}

/// The body, if it can be had.
async fn read(body: Body, limit: usize) -> Result<Bytes, ScimError> {
    body::read(body, limit).await.map_err(|unreadable| match unreadable {
        Unreadable::Broken => ScimError::with_status(400, "The body ends before its end; send it again."),
        Unreadable::TooLarge => {
            let detail = format!("The body has more than {limit} bytes, which is as much as is read; send less.");
            ScimError::with_status(413, detail)
        }
    })
}

/// The URL by which the client knows the server.
fn origin(state: &HttpState, parts: &Parts) -> String {
    let configured = state.server.public_url.trim_end_matches('/');
    if !configured.is_empty() {
        return configured.to_owned();
    }
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    format!("http://{}", host.map_or_else(|| state.server.listen.to_string(), str::to_owned))
}

/// The organization that the request is about.
async fn organization(state: &HttpState, viewer: &Viewer, asked: &Asked) -> Result<Arc<Organization>, ScimError> {
    let own = viewer.access.as_ref().and_then(|access| access.organization);
    let reader = state.app.read(viewer);
    let by_id = async |id: NodeId| {
        let found = reader.ask(&Named::<Organization> { of: PhantomData }, &[id.uuid]).await.map_err(of_domain)?;
        Ok::<_, ScimError>(found.get(&id.uuid).cloned())
    };
    let by_name = async |name: String| reader.organization_called(&name).await.map_err(of_domain);
    let is_meant = |organization: &Arc<Organization>| own.is_none_or(|own| own == organization.id);
    if let Some(name) = &asked.path.organization {
        return by_name(name.clone()).await?.filter(is_meant).ok_or_else(path::unknown);
    }
    if let Some(own) = own {
        return by_id(own.node()).await?.ok_or_else(path::unknown);
    }
    if let Some(name) = resources::organization_in(asked)? {
        return by_name(name.clone()).await?.ok_or_else(|| {
            let detail =
                format!("There is no organization with the slug or id {name}; send that of one that there is.");
            ScimError::new(ScimType::InvalidValue, detail)
        });
    }
    // A node says by itself where it is.
    let node = match asked.place() {
        Place::Me => viewer.access.as_ref().and_then(|access| access.profile),
        place => place.id(),
    };
    let found = match node {
        Some(id) => state.app.organization_of(viewer, id).await.map_err(of_domain)?,
        None => None,
    };
    match (found, asked.place()) {
        (Some(organization), _) => by_id(organization.node()).await?.ok_or_else(path::unknown),
        (None, Place::Me | Place::Resource(..)) => {
            Err(ScimError::with_status(404, "There is no such resource for this credential."))
        }
        _ => Err(ScimError::new(
            ScimType::InvalidValue,
            "This credential is for several organizations; name one in the path: /scim/v2/{organization}/….",
        )),
    }
}

impl Asked {
    /// Requires that the body says to be JSON, if it says anything.
    fn check_content_type(&self) -> Result<(), ScimError> {
        let content_type = self.parts.headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
        let essence = content_type.map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        if essence.is_some_and(|essence| !matches!(essence.as_str(), "application/scim+json" | "application/json")) {
            let detail = "Send the body as application/scim+json, in UTF-8.";
            return Err(ScimError::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16(), detail));
        }
        Ok(())
    }

    /// The body as JSON.
    fn json(&self) -> Result<Value, ScimError> {
        self.check_content_type()?;
        serde_json::from_slice(&self.body)
            .map(|SaidOnce(body)| body)
            .map_err(|error| ScimError::new(ScimType::InvalidSyntax, format!("The body is no JSON: {error}.")))
    }

    /// The place, for those who decide by it.
    const fn place(&self) -> &Place {
        &self.path.place
    }
}
