//! Organizations.

use super::{Names, Noun};
use crate::domain::{Extensions, NodeId, Organization, Patch, Result};
use crate::resolvers::command::{CreateOrganization, UpdateOrganization};
use crate::sdk::answer::Answer;
use crate::sdk::call::{Call, EVERYBODY};
use crate::sdk::operation::Operation;
use crate::sdk::wanted::{Columns, Wanted};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Organizations. All of them are owned by everybody, so that their names say it all.
pub struct Organizations;

impl Noun for Organizations {
    type Node = Organization;
    const NAMES: Names = Names {
        one: "organization",
        many: "organizations",
        verbs: [
            "get-organizations",
            "get-organization",
            "add-organization",
            "update-organization",
            "delete-organization",
        ],
        native: [Some("organizations"), Some("organizations/get"), None, None, None],
    };
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
        let show = |node: &Arc<Organization>| {
            json!({
                "owner": EVERYBODY,
                "name": node.slug,
                "id": node.id.to_string(),
                "createdTime": node.meta.created_at,
                "updatedTime": node.meta.updated_at,
                "displayName": node.name,
                "description": node.description.as_deref().unwrap_or_default(),
                "properties": node.metadata,
            })
        };
        Ok(nodes.iter().map(show).collect())
    }

    async fn add(call: &Call) -> Result<NodeId> {
        let (sent, slug) = (&call.sent, call.name()?.name);
        let command = CreateOrganization {
            name: sent.word("displayName")?.map_or_else(|| slug.clone(), str::to_owned),
            slug,
            description: sent.word("description")?.map(str::to_owned),
            metadata: sent.object("properties")?.cloned().unwrap_or_default(),
            extensions: Extensions::default(),
            parent: None,
        };
        call.run(command).await
    }

    async fn update(call: &Call, node: &Organization) -> Result<()> {
        let change = call.change();
        let command = UpdateOrganization {
            id: node.id.node(),
            expected_version: None,
            slug: change.word("name")?.map(str::to_owned),
            name: change.word("displayName")?.map(str::to_owned),
            description: or_null(change.text("description")?),
            metadata: change.object("properties")?.cloned().into(),
        };
        call.run(command).await.map(|_| ())
    }
}

/// A text that is to be there; nothing, if it is empty.
pub fn or_null(text: Option<&str>) -> Patch<String> {
    match text {
        None => Patch::Absent,
        Some("") => Patch::Null,
        Some(text) => Patch::Value(text.to_owned()),
    }
}

/// What else there is to do with organizations.
pub fn more() -> Vec<Operation> {
    vec![
        Operation::get("get-organization-names", |call| async move { names(&call).await })
            .listing(Organizations::NAMES.many, Organizations::MOST),
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
