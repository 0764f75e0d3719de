//! Providers: where the accounts are that users own elsewhere. They are read from those accounts, and made with them.

use crate::domain::{Error, Organization, Result};
use crate::sdk::answer::Answer;
use crate::sdk::call::Call;
use crate::sdk::operation::Operation;
use crate::sdk::wanted::{Columns, Wanted};
use serde_json::{Value, json};
use std::sync::Arc;

/// How many providers are listed at most. Nobody has so many.
const MOST: u64 = 1_000;
/// By what they are sorted, which is nothing but their names.
const COLUMNS: Columns = &[("name", None)];

/// What there is to do with providers.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("get-providers", |call| async move { list(&call).await })
            .listing("providers", MOST)
            .at(Some("providers")),
        Operation::get("get-provider", |call| async move { one(&call).await }).of_one(),
    ]
}

async fn list(call: &Call) -> Result<Answer> {
    let owner = call.organization(call.owner()?.as_deref(), "owner").await?;
    let wanted = Wanted::of(call, MOST, COLUMNS)?;
    let providers = call.reader().providers(owner.id, MOST).await?;
    let total = i64::try_from(providers.len()).ok().filter(|_| wanted.is_paged);
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let page = providers.iter().skip(number(wanted.offset)).take(number(wanted.limit));
    Ok(Answer::List(page.map(|provider| shown(&owner, provider)).collect(), total))
}

async fn one(call: &Call) -> Result<Answer> {
    let name = call.name()?;
    let owner: Arc<Organization> = call.organization(name.owner.as_deref(), "id").await?;
    let providers = call.reader().providers(owner.id, MOST).await?;
    let found = providers.iter().find(|provider| **provider == name.name);
    found.map(|provider| Answer::One(shown(&owner, provider))).ok_or_else(|| Error::not_found("id", "provider"))
}

fn shown(owner: &Organization, provider: &str) -> Value {
    json!({"owner": owner.slug, "name": provider, "displayName": provider, "type": provider})
}
