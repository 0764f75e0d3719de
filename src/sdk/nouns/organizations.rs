//! Organizations.

use super::described::{Draft, shown, value};
use super::{Changing, Names, Noun};
use crate::domain::{Extensions, NodeId, Organization, Result};
use crate::resolvers::command::{CreateOrganization, UpdateOrganization};
use crate::sdk::answer::Answer;
use crate::sdk::call::{Call, EVERYBODY};
use crate::sdk::operation::Operation;
use crate::sdk::wanted::{Columns, Wanted};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Organizations. All of them are owned by everybody, so that their names say it all.
pub struct Organizations;

impl Noun for Organizations {
    type Node = Organization;
    const ONE: &'static str = "organization";
    const MANY: &'static str = "organizations";
    const MOST: u64 = 1_000;
    const COLUMNS: Columns = &[
        ("createdTime", None),
        ("updatedTime", Some("updated_at")),
        ("name", Some("slug_key")),
        ("displayName", Some("name_key")),
    ];

    async fn list(call: &Call, wanted: &Wanted) -> Result<Vec<Organization>> {
        call.reader().organization_window(&wanted.sorting, wanted.window()).await
    }

    async fn count(call: &Call) -> Result<i64> {
        call.reader().organization_count().await
    }

    async fn find(call: &Call) -> Result<Option<Arc<Organization>>> {
        call.reader().organization_called(&call.name()?.name).await
    }

    async fn show(_: &Call, nodes: &[Arc<Organization>]) -> Result<Vec<Value>> {
        Ok(nodes.iter().map(|node| shown(&**node, &node.id.to_string(), EVERYBODY)).collect())
    }
}

impl Changing for Organizations {
    const NAMES: Names = Names {
        verbs: [
            "get-organizations",
            "get-organization",
            "add-organization",
            "update-organization",
            "delete-organization",
        ],
        native: [Some("organizations"), Some("organizations/get"), None, None, None],
    };

    async fn add(call: &Call) -> Result<NodeId> {
        let (draft, slug) = (Draft::of(&call.sent)?, call.name()?.name);
        let command = CreateOrganization {
            name: draft.name.unwrap_or_else(|| slug.clone()),
            slug,
            description: value(draft.description),
            metadata: value(draft.metadata).unwrap_or_default(),
            extensions: Extensions::default(),
            parent: None,
        };
        call.run(command).await
    }

    async fn update(call: &Call, node: &Organization) -> Result<()> {
        let Draft { slug, name, description, metadata } = Draft::of(&call.change())?;
        let id = node.id.node();
        let command = UpdateOrganization { id, expected_version: None, slug, name, description, metadata };
        call.run(command).await.map(|_| ())
    }
}

/// What else there is to do with organizations.
pub fn more() -> Vec<Operation> {
    vec![
        Operation::get("get-organization-names", |call| async move { names(&call).await })
            .listing(Organizations::MANY, Organizations::MOST),
    ]
}

/// Of each organization what it is called.
async fn names(call: &Call) -> Result<Answer> {
    let wanted = Wanted::of(call, Organizations::MOST, Organizations::COLUMNS)?;
    let listed = super::part::<Organizations>(call, &wanted, Organizations::list(call, &wanted).await?).await?;
    let Answer::List(items, total) = listed else { return Ok(listed) };
    let name = |item: Value| {
        let Value::Object(fields) = item else { return item };
        Value::Object(
            fields
                .into_iter()
                .filter(|(name, _)| ["name", "displayName"].contains(&name.as_str()))
                .collect::<Map<_, _>>(),
        )
    };
    Ok(Answer::List(items.into_iter().map(name).collect(), total))
}
