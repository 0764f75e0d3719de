//! Applications: the API tokens, which are the clients of OAuth.
//!
//! They are made at the command line, where the secret is told once. So there is no operation that makes one, and none that
//! tells a secret.

use super::{Noun, changed, existing, got, listed};
use crate::domain::{ApiToken, Error, NodeId, NodeKind, OrganizationId, Result};
use crate::resolvers::command::{RevokeToken, UpdateToken};
use crate::sdk::answer::Answer;
use crate::sdk::call::{Call, EVERYBODY};
use crate::sdk::operation::Operation;
use crate::sdk::wanted::{Columns, Wanted};
use crate::store::TokenFilter;
use serde_json::{Value, json};
use std::sync::Arc;

/// The API tokens.
pub struct Applications;

impl Noun for Applications {
    type Node = ApiToken;
    const ONE: &'static str = "application";
    const MANY: &'static str = "applications";
    const MOST: u64 = 1_000;
    const COLUMNS: Columns = &[("createdTime", None)];

    async fn list(call: &Call, wanted: &Wanted) -> Result<Vec<ApiToken>> {
        let within = within(call, owner(call)?.as_deref()).await?;
        call.reader().tokens(within, filter(call)?, wanted.window()).await
    }

    async fn count(call: &Call) -> Result<i64> {
        let within = within(call, owner(call)?.as_deref()).await?;
        call.reader().token_count(within, filter(call)?).await
    }

    async fn find(call: &Call) -> Result<Option<Arc<ApiToken>>> {
        // A client that has read the application sends its id along, so that its name can be another one now.
        let by_id = call.sent.word("clientId")?.filter(|_| call.parameter("id").is_none());
        let (owner, name) = match by_id {
            Some(id) => (call.owner()?, id.to_owned()),
            None => call.name().map(|name| (name.owner, name.name))?,
        };
        let within = within(call, owner.as_deref()).await?;
        let filter = match name.parse::<NodeId>() {
            Ok(id) if id.kind == NodeKind::Token => TokenFilter { id: Some(id.uuid), name: None },
            _ => TokenFilter { id: None, name: Some(name) },
        };
        let mut found = call.reader().tokens(within, filter, (0, 2)).await?;
        if found.len() > 1 {
            return Err(Error::conflict("id", "More than one API token is called so; name one by its id: tok_…."));
        }
        Ok(found.pop().map(Arc::new))
    }

    async fn show(call: &Call, nodes: &[Arc<ApiToken>]) -> Result<Vec<Value>> {
        let owners = call.reader().slugs(nodes.iter().filter_map(|node| node.organization)).await?;
        let issuance = call.app.issuance();
        let takes_passwords = issuance.is_some_and(|settings| settings.password_grant);
        let mut grants: Vec<&str> = issuance.map(|_| "client_credentials").into_iter().collect();
        grants.extend(takes_passwords.then_some("password"));
        let show = |node: &Arc<ApiToken>| {
            let organization = node.organization.and_then(|id| owners.get(&id.0)).map_or("", String::as_str);
            json!({
                "owner": if organization.is_empty() { EVERYBODY } else { organization },
                "name": node.name,
                "displayName": node.name,
                "clientId": node.id.to_string(),
                "clientSecret": "",
                "organization": organization,
                "createdTime": node.meta.created_at,
                "grantTypes": grants,
                "enablePassword": takes_passwords,
                "role": node.role.name(),
                "scopes": node.scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>(),
            })
        };
        Ok(nodes.iter().map(show).collect())
    }
}

/// Whose applications are wanted.
fn owner(call: &Call) -> Result<Option<String>> {
    call.parameter("organization").map_or_else(|| call.owner(), |organization| Ok(Some(organization.to_owned())))
}

/// The organization whose applications are wanted; none for all that the viewer may know of.
async fn within(call: &Call, owner: Option<&str>) -> Result<Option<OrganizationId>> {
    match owner {
        None | Some(EVERYBODY) => Ok(call.reader().own_organization()),
        Some(owner) => call.organization(Some(owner), "owner").await.map(|organization| Some(organization.id)),
    }
}

/// Which are wanted.
fn filter(call: &Call) -> Result<TokenFilter> {
    match call.searched()? {
        None => Ok(TokenFilter::default()),
        Some(("name" | "displayName", name)) => Ok(TokenFilter { id: None, name: Some(name.to_owned()) }),
        Some(_) => Err(Error::invalid("field", "Search by name.")),
    }
}

/// What there is to do with applications.
pub fn operations() -> Vec<Operation> {
    let list = |verb| {
        Operation::get(verb, |call| async move { listed::<Applications>(&call).await })
            .listing(Applications::MANY, Applications::MOST)
    };
    vec![
        list("get-applications").at(Some("applications")),
        list("get-organization-applications"),
        Operation::get("get-application", |call| async move { got::<Applications>(&call).await })
            .of_one()
            .at(Some("application")),
        Operation::post("update-application", |call| async move { update(&call).await }).at(Some("update-application")),
        Operation::post("delete-application", |call| async move {
            let application = existing::<Applications>(&call).await?;
            call.run(RevokeToken { id: application.id, reason: None }).await?;
            Ok(Answer::Changed(Value::Null))
        }),
    ]
}

/// Calls an application something else: what is sent as its name to show, or else as its name.
async fn update(call: &Call) -> Result<Answer> {
    let application = existing::<Applications>(call).await?;
    let change = call.change();
    let names = [change.word("displayName")?, change.word("name")?];
    let new = names.into_iter().flatten().find(|name| *name != application.name);
    let name = new.unwrap_or(&application.name).to_owned();
    call.run(UpdateToken { id: application.id, name }).await?;
    changed::<Applications>(call, application.id).await
}
