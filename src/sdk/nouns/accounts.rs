//! Who the credential is.

use super::described::shown as shown_described;
use super::users::Users;
use super::{Noun, shown};
use crate::domain::{Error, Organization, Profile, Result};
use crate::sdk::answer::Answer;
use crate::sdk::call::{Call, EVERYBODY};
use crate::sdk::operation::Operation;

/// What there is to do with one's own account.
pub fn operations() -> Vec<Operation> {
    vec![Operation::get("get-account", |call| async move { own(&call).await }).of_one().at(Some("account"))]
}

/// The user that the credential acts for, and the organization of it. A client that acts for nobody is no user.
async fn own(call: &Call) -> Result<Answer> {
    let missing = || Error::not_found("id", Users::ONE);
    let id = call.reader().profile().ok_or_else(missing)?;
    let user = call.found::<Profile>(id).await?.ok_or_else(missing)?;
    let organization = call.found::<Organization>(user.organization.node()).await?.ok_or_else(missing)?;
    let organization = shown_described(&*organization, &organization.id.to_string(), EVERYBODY);
    Ok(Answer::Account(shown::<Users>(call, user).await?, organization))
}
