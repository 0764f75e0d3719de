//! Change a team or a group.

use super::super::policy::Action;
use super::{Command, Target, WriteContext};
use crate::domain::contact::ExternalId;
use crate::domain::{Collective, NodeId, Patch, Result};
use serde::Serialize;
use serde_json::{Map, Value};

/// Changes fields of a team or a group.
#[derive(Debug, Clone, Serialize)]
pub struct UpdateCollective {
    /// Which.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// Short name.
    pub slug: Option<String>,
    /// Name to show.
    pub name: Option<String>,
    /// What it is for.
    pub description: Patch<String>,
    /// A free word for what kind of team or group it is.
    pub category: Patch<String>,
    /// Free JSON; replaces what there was.
    pub metadata: Patch<Map<String, Value>>,
    /// The ids by which clients of the directory know it; replaces what there was.
    pub external_ids: Patch<Vec<ExternalId>>,
    /// The values of declared attributes, by the URN of their schema; replaces what there was.
    pub extensions: Patch<Map<String, Value>>,
}

impl Command for UpdateCollective {
    type Output = NodeId;
    const ACTION: &'static str = "collective.update";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let mut collective: Collective = context.load(self.id, "id").await?;
        context.authorize_tenant(Action::EditDirectory)?;
        context.expect_version(self.id, self.expected_version)?;
        collective.slug = self.slug.clone().unwrap_or(collective.slug);
        collective.name = self.name.clone().unwrap_or(collective.name);
        self.description.clone().apply(&mut collective.description);
        self.category.clone().apply(&mut collective.category);
        self.metadata.clone().apply_or_default(&mut collective.metadata);
        self.external_ids.clone().apply_or_default(&mut collective.external_ids);
        collective.extensions = context.extended(self.id, &collective.extensions, &self.extensions).await?;
        context.save(collective)?;
        Ok(self.id)
    }
}
