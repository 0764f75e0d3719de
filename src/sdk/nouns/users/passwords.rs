//! Passwords of users: setting one, and trying one. Neither is ever answered.

use super::{Users, called, password};
use crate::domain::{Error, Organization, Profile, Result};
use crate::resolvers::command::SetPassword;
use crate::resolvers::oauth::{Refused, attempt_key};
use crate::resolvers::policy::Action;
use crate::sdk::answer::Answer;
use crate::sdk::call::{Call, Name};
use crate::sdk::nouns::changed;
use crate::sdk::operation::Operation;
use futures::future::BoxFuture;
use serde_json::Value;
use std::sync::Arc;

/// What there is to do with passwords.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::post("set-password", |call| async move { set(&call).await })
            .at(Some("set-password"))
            .trying(account_to_set),
        Operation::post("check-user-password", |call| async move { check(&call).await }).trying(account_to_check),
    ]
}

fn missing() -> Error {
    Error::not_found("id", "user")
}

/// The user whose password is to be another one, as the body names it.
fn named_in_body(call: &Call) -> Result<Name> {
    let name = call.sent.word("userName")?.ok_or_else(|| Error::invalid("userName", "Name the user."))?;
    Name::parse(name, call.sent.word("userOwner")?.map(str::to_owned), "userName")
}

async fn set(call: &Call) -> Result<Answer> {
    let user = called(call, &named_in_body(call)?, "userOwner").await?.ok_or_else(missing)?;
    if let Some(old) = call.sent.word("oldPassword")? {
        confirm(call, &user, old, "oldPassword").await?;
    }
    let new = call.sent.word("newPassword")?.ok_or_else(|| Error::invalid("newPassword", "Send the new password."))?;
    let hash = password(call, Some(new), "newPassword").await?;
    call.run(SetPassword { id: user.id, expected_version: None, hash }).await?;
    // Whether anybody is told is the same as with any other change of a user, but that the query names nobody.
    if call.is_native { changed::<Users>(call, user.id).await } else { Ok(Answer::Changed(Value::Null)) }
}

async fn check(call: &Call) -> Result<Answer> {
    let user = called(call, &call.name()?, "owner").await?.ok_or_else(missing)?;
    let tried = call.sent.word("password")?.ok_or_else(|| Error::invalid("password", "Send the password."))?;
    confirm(call, &user, tried, "password").await?;
    Ok(Answer::Changed(Value::Null))
}

async fn confirm(call: &Call, user: &Profile, tried: &str, field: &'static str) -> Result<()> {
    let account = (user.organization, user.username.as_str());
    let confirmed = call.app.confirm_password(&call.viewer, account, (tried.to_owned(), &call.whereabouts)).await;
    confirmed.map_err(|refused| match refused {
        Refused::Error(error) => error,
        Refused::Grant(message) | Refused::Client(message) => Error::forbidden(message),
        Refused::Account(message) => Error::invalid(field, message),
        Refused::Scope => Error::internal(),
    })
}

fn account_to_set(call: &Call) -> BoxFuture<'_, Result<Option<String>>> {
    Box::pin(async move {
        if call.sent.word("oldPassword")?.is_none() {
            return Ok(None);
        }
        account(call, named_in_body(call)?, "userOwner").await
    })
}

fn account_to_check(call: &Call) -> BoxFuture<'_, Result<Option<String>>> {
    Box::pin(async move { account(call, call.name()?, "owner").await })
}

/// What names the account to a limit. One that does not exist has a limit too.
async fn account(call: &Call, name: Name, field: &'static str) -> Result<Option<String>> {
    let organization: Arc<Organization> = call.organization(name.owner.as_deref(), field).await?;
    // Whoever may not try it uses up no attempts of those who may.
    call.reader().allow_on_account(Action::Administer, organization.id, false)?;
    let found = called(call, &name, field).await?;
    let username = found.map_or(name.name, |user| user.username.clone());
    Ok(Some(attempt_key(organization.id, &username)))
}
