//! Who the holder of a token is (OpenID Connect Core section 5.3).

use super::super::auth::{self, bearer};
use super::form::Form;
use super::refusal::Refusal;
use super::{Asked, private};
use crate::domain::{Error, Organization, Page, Profile};
use crate::resolvers::Viewer;
use crate::resolvers::query::questions::{EffectiveRoles, Named};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value, json};
use std::marker::PhantomData;

/// How many roles are told.
const MAX_ROLES: u32 = 100;

pub(super) async fn answer(asked: &Asked<'_>, body: Body) -> Result<Response, Refusal> {
    let viewer = holder(asked, body).await?;
    asked.state.charge(&viewer, asked.address, 1).await?;
    if viewer.access.is_none() {
        return Err(Refusal::bearer("Send a token: Authorization: Bearer."));
    }
    claims(asked, &viewer).await.map(|claims| private(StatusCode::OK, &claims))
}

/// Whoever sent the request: with the token in the header, or in the form (RFC 6750 section 2).
async fn holder(asked: &Asked<'_>, body: Body) -> Result<Viewer, Refusal> {
    let (headers, whence) = (&asked.parts.headers, (asked.address, asked.origin()));
    let is_in_header = !matches!(bearer(headers), Ok(None));
    if is_in_header || asked.parts.method != Method::POST {
        return Ok(auth::admit(asked.state, headers, whence).await?);
    }
    let form = Form::read(asked, body).await?;
    let mut headers = HeaderMap::new();
    if let Some(token) = form.get("access_token") {
        let value = HeaderValue::try_from(format!("Bearer {token}"));
        headers.insert(header::AUTHORIZATION, value.map_err(|_| Refusal::bearer("This is no token."))?);
    }
    Ok(auth::admit(asked.state, &headers, whence).await?)
}

async fn claims(asked: &Asked<'_>, viewer: &Viewer) -> Result<Map<String, Value>, Refusal> {
    let reader = asked.state.app.read(viewer);
    let access = viewer.access.as_ref();
    let organization = access.and_then(|access| access.organization);
    let slug = match organization {
        Some(id) => {
            let found = reader.ask(&Named::<Organization> { of: PhantomData }, &[id.0]).await?;
            found.get(&id.0).map(|organization| organization.slug.clone())
        }
        None => None,
    };
    let mut claims = match access.and_then(|access| access.profile) {
        Some(id) => {
            let found = reader.ask(&Named::<Profile> { of: PhantomData }, &[id.uuid]).await?;
            let profile = found.get(&id.uuid).ok_or_else(|| Refusal::from(Error::unauthenticated()))?;
            let roles =
                reader.ask(&EffectiveRoles { page: Page::first(MAX_ROLES) }, &[id.uuid]).await?.remove(&id.uuid);
            let roles = roles.map(|slice| slice.items).unwrap_or_default();
            let mut claims = of_profile(profile);
            claims["roles"] = roles.iter().map(|held| held.role.slug.as_str()).collect();
            claims["isAdmin"] = Value::Bool(roles.iter().any(|held| held.role.privileged));
            claims
        }
        None => json!({"sub": viewer.actor.id.map_or_else(|| viewer.actor.name.clone(), |id| id.to_string()),
            "name": viewer.actor.name, "preferred_username": viewer.actor.name}),
    };
    claims["organization"] = slug.map_or(Value::Null, Value::String);
    // What the SDKs of IAMs look for beyond the standard.
    claims["owner"] = claims["organization"].clone();
    for (name, standard) in [("id", "sub"), ("displayName", "name"), ("avatar", "picture")] {
        claims[name] = claims[standard].clone();
    }
    let Value::Object(mut claims) = claims else { return Err(Error::internal().into()) };
    claims.retain(|_, value| !value.is_null());
    Ok(claims)
}

/// What is known of a profile, in the words of OpenID Connect Core section 5.1. What is not known is null.
fn of_profile(profile: &Profile) -> Value {
    let email = profile.emails.iter().find(|email| email.primary).or(profile.emails.first());
    let phone = profile.phones.iter().find(|phone| phone.primary).or(profile.phones.first());
    let address = profile.addresses.iter().find(|address| address.primary).or(profile.addresses.first());
    let address = address.map(|address| {
        let mut members = json!({"formatted": address.formatted, "street_address": address.street,
            "locality": address.locality, "region": address.region, "postal_code": address.postal_code,
            "country": address.country});
        if let Some(members) = members.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
        members
    });
    json!({
        "sub": profile.id.to_string(),
        "name": profile.display_name(),
        "given_name": profile.name.given,
        "family_name": profile.name.family,
        "middle_name": profile.name.middle,
        "nickname": profile.details.nickname,
        "preferred_username": profile.username,
        "profile": profile.details.profile_url,
        "picture": profile.avatar,
        "email": email.map(|email| &email.value),
        "email_verified": email.map(|email| email.verified),
        "zoneinfo": profile.time_zone,
        "locale": profile.locale,
        "phone_number": phone.map(|phone| &phone.value),
        "address": address,
        "updated_at": profile.meta.updated_at.timestamp(),
    })
}
