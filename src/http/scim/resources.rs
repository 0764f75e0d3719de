//! What the methods do to the places (RFC 7644 §3.2).

use super::answer::Answer;
use super::path::Place;
use super::{Asked, Meter, Refused, bulk, discovery};
use crate::scim::error::of_domain;
use crate::scim::list::{DEFAULT_COUNT, MAX_COUNT};
use crate::scim::present::version_of;
use crate::scim::registry::{ENTERPRISE, Kind};
use crate::scim::session::Session;
use axum::http::{Method, StatusCode, header};
use scim_protocol::etag::EntityTags;
use scim_protocol::projection::Projection;
use scim_protocol::query::Query;
use scim_protocol::{ScimError, ScimType};
use serde_json::Value;

/// Does what is asked for.
pub(super) async fn answer(session: &Session<'_>, asked: &Asked, meter: &Meter<'_>) -> Result<Answer, Refused> {
    let place = asked.place();
    if place.is_discovery() {
        return Ok(discovery::answer(session.registry(), (session.base(), Some(session.organization())), asked)?);
    }
    Ok(match (asked.method.as_str(), place) {
        ("GET", Place::Root) => list(session, None, &asked.query()?, meter).await?,
        ("GET", Place::List(kind)) => list(session, Some(*kind), &asked.query()?, meter).await?,
        ("POST", Place::Search) => list(session, None, &Query::from_search_request(&asked.json()?)?, meter).await?,
        ("POST", Place::SearchOf(kind)) => {
            list(session, Some(*kind), &Query::from_search_request(&asked.json()?)?, meter).await?
        }
        ("POST", Place::List(kind)) => create(session, asked, *kind).await?,
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
        Some(kind) => session.list(kind, query).await?,
        None => session.list_all(query).await?,
    };
    Ok(Answer::of(found.to_json()))
}

async fn create(session: &Session<'_>, asked: &Asked, kind: Kind) -> Result<Answer, ScimError> {
    let projection = asked.projection(session, kind)?;
    let id = session.create(kind, asked.json()?).await?;
    let location = Some(session.eye().location(id));
    Ok(match session.changed(kind, id, &projection).await? {
        Some(resource) => Answer::resource(resource).with_status(StatusCode::CREATED),
        None => Answer::empty(StatusCode::CREATED),
    }
    .with(header::LOCATION, location))
}

async fn resource(session: &Session<'_>, asked: &Asked, kind: Kind, id: &str) -> Result<Answer, ScimError> {
    let tags = asked.tags(&header::IF_MATCH)?;
    match asked.method {
        Method::GET => {
            let projection = asked.projection(session, kind)?;
            let resource = session.get(kind, id, &projection).await.map_err(of_domain)?;
            let tags = asked.tags(&header::IF_NONE_MATCH)?;
            let is_known = tags.is_some_and(|tags| tags.matches(version_of(&resource)));
            let answer = Answer::resource(resource);
            Ok(if is_known { answer.without_body(StatusCode::NOT_MODIFIED) } else { answer })
        }
        Method::PUT => {
            let projection = asked.projection(session, kind)?;
            let id = session.replace(kind, id, asked.json()?, tags).await?;
            changed(session, kind, id, &projection).await
        }
        Method::PATCH => {
            let projection = asked.projection(session, kind)?;
            let id = session.patch(kind, id, &asked.json()?, tags).await?;
            if session.options().silent_patch {
                return Ok(Answer::empty(StatusCode::NO_CONTENT));
            }
            changed(session, kind, id, &projection).await
        }
        Method::DELETE => {
            session.delete(kind, id, tags).await?;
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        _ => Err(wrong_method(asked.place())),
    }
}

async fn changed(
    session: &Session<'_>,
    kind: Kind,
    id: crate::domain::NodeId,
    projection: &Projection,
) -> Result<Answer, ScimError> {
    Ok(match session.changed(kind, id, projection).await? {
        Some(resource) => Answer::resource(resource),
        None => Answer::empty(StatusCode::NO_CONTENT),
    })
}

/// Which organization a body names that makes a user, for a client that has not named it otherwise.
pub(super) fn organization_in(asked: &Asked) -> Result<Option<String>, ScimError> {
    if !matches!((asked.method.as_str(), asked.place()), ("POST", Place::List(_))) {
        return Ok(None);
    }
    let body = asked.json()?;
    let extension =
        body.as_object().and_then(|body| body.iter().find(|(name, _)| name.eq_ignore_ascii_case(ENTERPRISE)));
    let named = extension.and_then(|(_, extension)| extension.get("organization")).and_then(Value::as_str);
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
        Place::Root | Place::ServiceProviderConfig | Place::ResourceTypes(_) | Place::Schemas(_) => &["GET"],
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

    /// Which attributes the answer is to have.
    fn projection(&self, session: &Session<'_>, kind: Kind) -> Result<Projection, ScimError> {
        self.query()?.projection(session.registry().get(kind))
    }

    /// The entity tags in a header.
    fn tags(&self, name: &header::HeaderName) -> Result<Option<EntityTags>, ScimError> {
        let Some(value) = self.parts.headers.get(name) else { return Ok(None) };
        EntityTags::parse(value.to_str().unwrap_or_default()).map(Some)
    }
}
