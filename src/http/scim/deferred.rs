//! Requests that are done later, and events (RFC 9967).

use super::answer::Answer;
use super::path::{self, Place};
use super::{Asked, Meter, Refused, bulk};
use crate::domain::{Error, ErrorCode};
use crate::scim::deferred::Progress;
use crate::scim::error::of_domain;
use crate::scim::events::MAX_EVENTS;
use crate::scim::session::Session;
use axum::http::{HeaderName, StatusCode, header};
use scim_protocol::ScimError;
use scim_protocol::bulk::{BulkMethod, BulkOperation, BulkRequest};
use scim_protocol::list::{ListResponse, Position};
use serde_json::{Value, json};

/// How a client knows the request in the events that it leads to.
const SET_TXN: HeaderName = HeaderName::from_static("set-txn");
/// What a client would like (RFC 7240).
const PREFER: HeaderName = HeaderName::from_static("prefer");
/// What of that it gets.
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// The preference that is meant here.
const RESPOND_ASYNC: &str = "respond-async";
/// The message that tells events.
const EVENTS: &str = "urn:idgraph:params:scim:api:messages:1.0:EventList";

/// Accepts a request to be done later, if the client prefers that and it can be; else it is done as any other.
pub(super) async fn accept(session: &Session<'_>, asked: &Asked, meter: &Meter<'_>) -> Result<Option<Answer>, Refused> {
    if !asked.prefers_to_wait() {
        return Ok(None);
    }
    let is_bulk = *asked.place() == Place::Bulk;
    let request = if is_bulk { Some(bulk::request(asked)?) } else { alone(session, asked)? };
    let Some(request) = request else { return Ok(None) };
    meter.charge(request.operations.len() as u64).await?;
    let txn = match session.defer(&request, is_bulk).await {
        Ok(Some(txn)) => txn,
        // What it costs is paid for.
        Ok(None) if is_bulk => return Ok(Some(bulk::done(session, asked, &request).await)),
        Ok(None) => return Ok(None),
        Err(error) if error.code == ErrorCode::RateLimited => return Err(Refused::Busy(of_domain(error))),
        Err(error) => return Err(of_domain(error).into()),
    };
    // Whoever is not at home in one organization has to say again which it was.
    let is_clear = session.is_confined() || asked.path.organization.is_some();
    let organization = if is_clear { String::new() } else { format!("/{}", session.organization()) };
    let location = format!("{}{organization}/AsyncRequests/{txn}", session.base());
    let answer = Answer::empty(StatusCode::ACCEPTED)
        .with(SET_TXN, Some(txn))
        .with(PREFERENCE_APPLIED, Some(RESPOND_ASYNC.to_owned()))
        .with(header::LOCATION, Some(location));
    Ok(Some(answer))
}

/// A request for one resource as a bulk request of one operation; none, if it has to be done at once.
fn alone(session: &Session<'_>, asked: &Asked) -> Result<Option<BulkRequest>, ScimError> {
    let (method, path) = match (asked.method.as_str(), asked.place()) {
        ("POST", Place::List(kind)) => (BulkMethod::Post, format!("/{}", kind.endpoint())),
        (method, place @ (Place::Me | Place::Resource(..))) => {
            let Some(method) = BulkMethod::named(method).filter(|method| *method != BulkMethod::Post) else {
                return Ok(None);
            };
            let (kind, id) = match place {
                Place::Resource(kind, id) => (*kind, id.clone()),
                _ => session.me().map(|(kind, id)| (kind, id.to_string()))?,
            };
            (method, format!("/{}/{id}", kind.endpoint()))
        }
        _ => return Ok(None),
    };
    // An operation has no word for what it must not be.
    if asked.tags(&header::IF_NONE_MATCH)?.is_some() {
        return Ok(None);
    }
    asked.tags(&header::IF_MATCH)?;
    let version = asked.joined(&header::IF_MATCH);
    let data = if method == BulkMethod::Delete { Value::Null } else { asked.json()? };
    // What is no resource is refused at once.
    if method != BulkMethod::Delete && !data.is_object() {
        return Ok(None);
    }
    let operation = BulkOperation { method, path, bulk_id: None, version, data };
    Ok(Some(BulkRequest { fail_on_errors: None, operations: vec![operation] }))
}

/// What has become of a request.
pub(super) async fn progress(session: &Session<'_>, txn: &str) -> Result<Answer, ScimError> {
    let progress = session.progress(txn).await.map_err(of_domain)?.ok_or_else(path::unknown)?;
    Ok(match progress {
        Progress::Waiting => Answer::empty(StatusCode::ACCEPTED).with(SET_TXN, Some(txn.to_owned())),
        Progress::Done(event) => Answer::of(event),
        Progress::AllDone(events) => {
            let resources: Vec<_> = events.into_iter().filter_map(|event| event.as_object().cloned()).collect();
            let (total_results, position) = (resources.len() as u64, Position::Index(1));
            Answer::of(ListResponse { total_results, position, resources }.to_json())
        }
    })
}

/// A page of the events of the organization.
pub(super) async fn events(session: &Session<'_>, asked: &Asked, meter: &Meter<'_>) -> Result<Answer, Refused> {
    let query = asked.parts.uri.query().unwrap_or_default();
    let after = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name.eq_ignore_ascii_case("after"));
    let after = after.map_or(Ok(0), |(_, value)| value.parse::<i64>().ok().filter(|after| *after >= 0).ok_or(()));
    let after = after.map_err(|()| of_domain(Error::invalid("after", "Send the number that next has told.")))?;
    meter.charge(MAX_EVENTS).await?;
    let page = session.events(after).await.map_err(of_domain)?;
    Ok(Answer::of(json!({
        "schemas": [EVENTS],
        "Events": page.events,
        "next": page.next,
        "hasMore": page.has_more,
    })))
}

impl Asked {
    /// Whether the client would rather have an answer at once than one that says what has become of the request.
    fn prefers_to_wait(&self) -> bool {
        let preferences = self.parts.headers.get_all(PREFER);
        let preferences = preferences.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        let mut names = preferences.map(|preference| preference.split([';', '=']).next().unwrap_or_default().trim());
        names.any(|name| name.eq_ignore_ascii_case(RESPOND_ASYNC))
    }
}
