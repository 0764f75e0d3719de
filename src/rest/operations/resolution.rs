//! From whatever is known of somebody to the profile.

use super::RESOLUTION;
use crate::domain::identity::DEFAULT_ENVIRONMENT;
use crate::domain::{Error, NodeId};
use crate::resolvers::query::Identifier;
use crate::rest::Call;
use crate::rest::around::entity;
use crate::rest::input::Query;
use crate::rest::model::profile::Profile;
use crate::rest::model::resolution::{Known, Resolution};
use crate::rest::operation::{Method, Operation};
use crate::rest::outcome::Done;
use crate::rest::refusal::Result;
use std::sync::Arc;

/// What there is to do.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::Get, "/v1/resolve", resolve)
            .named(RESOLUTION, "resolve", "Find the profile that an identifier means")
            .described("Not found if there is none that the credential may see; a conflict if there is more than one."),
    ]
}

async fn resolve(call: Call, Query(known): Query<Known>) -> Result<Done<Resolution>> {
    let identifier = identifier(&known)?;
    let within = match &known.organization {
        Some(name) => Some(call.tenant(Some(name), "organization").await?),
        None => None,
    };
    let missing = || Error::not_found("identifier", "profile");
    let resolution = call.reader().resolve(&identifier, within).await?.ok_or_else(missing)?;
    let profile = entity::<Profile>(&call, Arc::new(resolution.profile)).await?.ok_or_else(missing)?.body;
    Ok(Done(Resolution { profile, rule: resolution.rule.into() }))
}

/// The one thing that is known.
fn identifier(known: &Known) -> Result<Identifier> {
    let account = match (&known.provider, &known.external_id) {
        (Some(provider), Some(account)) => {
            let environment = known.environment.clone().unwrap_or_else(|| DEFAULT_ENVIRONMENT.to_owned());
            Some(Identifier::Account(provider.clone(), environment, account.clone()))
        }
        (None, None) if known.environment.is_none() => None,
        _ => return Err(Error::invalid("external_id", "An account takes both provider and external_id.").into()),
    };
    let id = known.id.as_deref().map(|id| id.parse::<NodeId>().map(Identifier::Id)).transpose()?;
    let given = [
        known.identifier.clone().map(Identifier::Text),
        id,
        account,
        known.email.clone().map(Identifier::Email),
        known.username.clone().map(Identifier::Username),
        known.phone.clone().map(Identifier::Phone),
    ];
    let mut given = given.into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(identifier), None) => Ok(identifier),
        _ => {
            let message = "Give exactly one: identifier, id, email, username, phone, or provider and external_id.";
            Err(Error::invalid("identifier", message).into())
        }
    }
}
