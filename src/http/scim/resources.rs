//! What the methods do to the places (RFC 7644 §3.2).

use super::answer::Answer;
use super::path::Place;
use super::{Asked, Meter, Refused, bulk, deferred, discovery};
use crate::domain::{Error, NodeId};
use crate::scim::error::of_domain;
use crate::scim::list::{DEFAULT_COUNT, MAX_COUNT};
use crate::scim::present::Shown;
use crate::scim::registry::{ENTERPRISE, Kind};
use crate::scim::session::Session;
use crate::scim::write::Conditions;
use axum::http::{Method, StatusCode, header};
use scim_protocol::etag::EntityTags;
use scim_protocol::query::Query;
use scim_protocol::{ScimError, ScimType};

/// Does what is asked for.
pub(super) async fn answer(session: &Session<'_>, asked: &Asked, meter: &Meter<'_>) -> Result<Answer, Refused> {
    let place = asked.place();
    if place.is_discovery() {
        return Ok(discovery::answer(session.registry(), (session.base(), Some(session.organization())), asked)?);
    }
    if let Some(accepted) = deferred::accept(session, asked, meter).await? {
        return Ok(accepted);
    }
    Ok(match (asked.method.as_str(), place) {
        ("GET", Place::Root) => list(session, None, &asked.query()?, meter).await?,
        ("GET", Place::List(kind)) => list(session, Some(*kind), &asked.query()?, meter).await?,
        ("POST", Place::Search) => list(session, None, &Query::from_search_request(&asked.json()?)?, meter).await?,
        ("POST", Place::SearchOf(kind)) => {
            list(session, Some(*kind), &Query::from_search_request(&asked.json()?)?, meter).await?
        }
        ("POST", Place::List(kind)) => create(session, asked, *kind).await?,
        ("GET", Place::Deferred(txn)) => deferred::progress(session, txn).await?,
        ("GET", Place::Events) => deferred::events(session, asked, meter).await?,
        ("POST", Place::Bulk) => bulk::answer(session, asked, meter).await?,
        (_, Place::Resource(kind, id)) => resource(session, asked, *kind, id).await?,
        (method, Place::Me) if method != "POST" => {
            let (kind, id) = session.me()?;
            resource(session, asked, kind, &id.to_string()).await?
        }
        _ => return Err(wrong_method(place).into()),
    })
}

async fn list(session: &Session<'_>, kind: Option<Kind>, query: &Query, meter: &Meter<'_>) -> Result<Answer, Refused> {
    meter.charge(query.page_size(DEFAULT_COUNT, MAX_COUNT)).await?;
    let found = match kind {
        Some(kind) => session.list(kind, query, meter).await,
        None => session.list_all(query, meter).await,
    };
    found.map(|found| Answer::of(found.to_json())).map_err(|error| meter.refusal(error))
}

async fn create(session: &Session<'_>, asked: &Asked, kind: Kind) -> Result<Answer, ScimError> {
    let body = asked.json()?;
    let query = asked.query()?.with_body(&body);
    let projection = query.projection(session.registry().get(kind))?;
    let made = session.create(kind, body.clone()).await?;
    let id = made.id;
    let answer = told(session.created(kind, (made, &body), (&query, &projection)).await, StatusCode::CREATED);
    Ok(answer.with(header::LOCATION, Some(session.eye().location(id))))
}

async fn resource(session: &Session<'_>, asked: &Asked, kind: Kind, id: &str) -> Result<Answer, ScimError> {
    let conditions =
        Conditions { wanted: asked.tags(&header::IF_MATCH)?, unwanted: asked.tags(&header::IF_NONE_MATCH)? };
    let query = asked.query()?;
    let projection = query.projection(session.registry().get(kind))?;
    match asked.method {
        Method::GET => {
            let shown = session.get(kind, id, &projection).await.map_err(of_domain)?;
            if !(Conditions { unwanted: None, ..conditions.clone() }).hold(shown.version) {
                return Err(of_domain(Error::stale(shown.version)));
            }
            let is_known = conditions.unwanted.is_some_and(|tags| tags.matches(Some(&shown.tag)));
            let answer = Answer::resource(shown);
            Ok(if is_known { answer.without_body(StatusCode::NOT_MODIFIED) } else { answer })
        }
        Method::PUT => {
            let body = asked.json()?;
            let query = query.with_body(&body);
            let id = session.replace(kind, id, body, conditions).await?;
            Ok(changed(session, (kind, id), &query, StatusCode::OK).await)
        }
        Method::PATCH => {
            let body = asked.json()?;
            let query = query.with_body(&body);
            let id = session.patch(kind, id, &body, conditions).await?;
            // Who says what the answer is to have, is to have it (RFC 7644 §3.5.2).
            if session.options().silent_patch && query.attributes.is_empty() && query.excluded_attributes.is_empty() {
                return Ok(silent(session, (kind, id), StatusCode::NO_CONTENT).await);
            }
            Ok(changed(session, (kind, id), &query, StatusCode::OK).await)
        }
        Method::DELETE => {
            session.delete(kind, id, conditions).await?;
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        _ => Err(wrong_method(asked.place())),
    }
}

/// What is answered to a change that was made. If the resource cannot be shown now, or is gone again, the change was made
/// all the same, and nothing else is to be said.
async fn changed(session: &Session<'_>, (kind, id): (Kind, NodeId), query: &Query, status: StatusCode) -> Answer {
    told(session.changed(kind, id, query).await, status)
}

fn told(shown: Result<Shown, ScimError>, status: StatusCode) -> Answer {
    match shown {
        Ok(shown) => Answer::resource(shown).with_status(status),
        Err(error) => {
            tracing::warn!(%error, "what was changed cannot be shown");
            Answer::empty(if status == StatusCode::CREATED { status } else { StatusCode::NO_CONTENT })
        }
    }
}

/// The headers of a resource that was changed.
async fn silent(session: &Session<'_>, (kind, id): (Kind, NodeId), status: StatusCode) -> Answer {
    match session.glimpse(kind, id).await {
        Ok(shown) => Answer::resource(shown).without_body(status),
        Err(_) => Answer::empty(status),
    }
}

/// Which organization a body names that makes a user, for a client that has not named it otherwise.
pub(super) fn organization_in(asked: &Asked) -> Result<Option<String>, ScimError> {
    if !matches!((asked.method.as_str(), asked.place()), ("POST", Place::List(_))) {
        return Ok(None);
    }
    let body = asked.json()?;
    let extension =
        body.as_object().and_then(|body| body.iter().find(|(name, _)| name.eq_ignore_ascii_case(ENTERPRISE)));
    let named = extension.and_then(|(_, extension)| extension.as_object()).and_then(|extension| {
        extension
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("organization"))
            .and_then(|(_, value)| value.as_str())
    });
    named.map(|named| Some(named.to_owned())).ok_or_else(|| {
        let detail = format!(
            "This credential is for several organizations; name one as organization of {ENTERPRISE}, or in the path."
        );
        ScimError::new(ScimType::InvalidValue, detail)
    })
}

/// The place does not know the method.
pub(super) fn wrong_method(place: &Place) -> ScimError {
    let allowed = methods(place).join(", ");
    ScimError::with_status(405, format!("This path does not know the method; it knows {allowed}."))
}

/// The methods that a place knows.
pub(super) const fn methods(place: &Place) -> &'static [&'static str] {
    match place {
        Place::Root
        | Place::ServiceProviderConfig
        | Place::ResourceTypes(_)
        | Place::Schemas(_)
        | Place::Deferred(_)
        | Place::Events => &["GET"],
        Place::Search | Place::SearchOf(_) | Place::Bulk => &["POST"],
        Place::List(_) => &["GET", "POST"],
        Place::Me | Place::Resource(..) => &["GET", "PUT", "PATCH", "DELETE"],
    }
}

impl Asked {
    /// The query in the URL.
    fn query(&self) -> Result<Query, ScimError> {
        let query = self.parts.uri.query().unwrap_or_default();
        Query::from_parameters(url::form_urlencoded::parse(query.as_bytes()))
    }

    /// The entity tags in a header, however often it is sent: its values are one list (RFC 9110 §5.3).
    pub(super) fn tags(&self, name: &header::HeaderName) -> Result<Option<EntityTags>, ScimError> {
        self.joined(name).map(|tags| EntityTags::parse(&tags)).transpose()
    }

    /// The values of a header as one list, if it was sent.
    pub(super) fn joined(&self, name: &header::HeaderName) -> Option<String> {
        let values = self.parts.headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
        let values: Vec<&str> = values.collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}
