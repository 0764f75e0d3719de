//! Teams and groups.

use super::super::present;
use super::super::registry::{GROUP_OF_IDGRAPH, Kind};
use super::super::{apply, present::Resource};
use super::{Change, Writer};
use crate::domain::node::NodeKey;
use crate::domain::{Collective, Error, NodeId, NodeKind, OrganizationId, Patch, Result};
use crate::resolvers::command::{CreateCollective, UpdateCollective};
use crate::resolvers::policy::Action;
use crate::resolvers::{Command, Target, WriteContext};
use scim_protocol::patch::DetachedAction;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// How long a slug is that is made from a name, at most.
const MAX_SLUG: usize = 80;
/// How many slugs are tried in one go.
const TRIES: usize = 50;

/// Makes a team or a group of a resource.
#[derive(Debug, Clone, Serialize)]
pub struct ProvisionGroup {
    /// Where.
    pub organization: OrganizationId,
    /// The resource, in its canonical form.
    pub resource: Resource,
    /// Who writes.
    #[serde(skip)]
    pub writer: Writer,
}

impl Command for ProvisionGroup {
    type Output = NodeId;
    const ACTION: &'static str = "scim.create";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organization")
    }

    fn lookups(&self) -> Vec<NodeKey> {
        self.writer.lookups(&self.resource)
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        context.authorize_tenant(Action::EditDirectory)?;
        let own =
            |name: &str| self.resource.get(GROUP_OF_IDGRAPH).and_then(|own| own.get(name)).and_then(Value::as_str);
        let kind = match own("kind") {
            Some(kind) if kind.eq_ignore_ascii_case(NodeKind::Team.name()) => NodeKind::Team,
            _ => NodeKind::Group,
        };
        let name = self.resource.get("displayName").and_then(Value::as_str).unwrap_or_default();
        let slug = free_slug(context, kind, name).await?;
        let blank = Collective::new(NodeId::new(kind, Uuid::nil()), self.organization, slug);
        let group = apply::group(&blank, (&Map::new(), &self.resource), &self.writer.client)?;
        self.writer.check_external_id(context, None, &group.external_ids).await?;
        let members = match self.resource.get("members").and_then(Value::as_array) {
            Some(members) => members.iter().filter_map(Value::as_object).cloned().collect(),
            None => Vec::new(),
        };
        let members = self.writer.ids(&members)?;
        let command = CreateCollective {
            organization: self.organization,
            kind,
            slug: group.slug,
            name: Some(group.name),
            description: group.description,
            category: group.category,
            metadata: group.metadata,
            external_ids: group.external_ids,
            extensions: group.extensions,
            parent: None,
        };
        let id = context.perform(&command).await?;
        self.writer.add_members(context, id, &members).await?;
        Ok(id)
    }
}

/// Changes a team or a group as a resource.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeGroup {
    /// Of which organization: in others there is no such group for whoever writes to this one.
    pub organization: OrganizationId,
    /// Which.
    pub id: NodeId,
    /// How.
    pub change: Change,
    /// Who writes.
    #[serde(skip)]
    pub writer: Writer,
}

impl Command for ChangeGroup {
    type Output = NodeId;
    const ACTION: &'static str = "scim.change";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let before: Collective = context.load(self.id, "id").await?;
        if before.organization != self.organization {
            return Err(Error::not_found("id", Kind::Group.name()));
        }
        context.authorize_tenant(Action::EditDirectory)?;
        self.writer.check_version(before.meta.version)?;
        let old = present::group(&self.writer.of_type, &before, self.writer.eye())?;
        let changed = self.writer.changed(&old, &self.change)?;
        let after = apply::group(&before, (&old, &changed.resource), &self.writer.client)?;
        if after != before {
            if after.external_ids != before.external_ids {
                self.writer.check_external_id(context, Some(self.id), &after.external_ids).await?;
            }
            context.perform(&update(self.id, after)).await?;
        }
        for change in &changed.detached {
            self.writer.change_members(context, self.id, &change.action).await?;
        }
        if let Change::Replace(_) = self.change {
            let members = changed.resource.get("members").and_then(Value::as_array);
            let members = members.into_iter().flatten().filter_map(Value::as_object).cloned().collect();
            self.writer.change_members(context, self.id, &DetachedAction::Replace(members)).await?;
        }
        Ok(self.id)
    }
}

/// What makes the team or group say what this one says.
fn update(id: NodeId, after: Collective) -> UpdateCollective {
    let or_null = |text: Option<String>| text.map_or(Patch::Null, Patch::Value);
    UpdateCollective {
        id,
        expected_version: None,
        slug: Some(after.slug),
        name: Some(after.name),
        description: or_null(after.description),
        category: or_null(after.category),
        metadata: Patch::Absent,
        external_ids: Patch::Value(after.external_ids),
        extensions: Patch::Value(after.extensions),
    }
}

/// A slug that is not taken, made from a name.
async fn free_slug(context: &WriteContext<'_>, kind: NodeKind, name: &str) -> Result<String> {
    let slug = slug_of(name);
    let numbered = (2..=TRIES).map(|number| format!("{slug}-{number}"));
    let candidates: Vec<String> = std::iter::once(slug.clone()).chain(numbered).collect();
    let taken = context.unit().nodes_by_names::<Collective>(Some(kind), "slug_key", &candidates).await?;
    let free = candidates.into_iter().find(|slug| taken.iter().all(|other| !other.slug.eq_ignore_ascii_case(slug)));
    // Nobody has that many groups of one name; whoever does gets one that is not guessed.
    Ok(free.unwrap_or_else(|| format!("{slug}-{}", context.unit().new_id().simple())))
}

/// The letters and digits of a name in lower case, with hyphens between them.
fn slug_of(name: &str) -> String {
    let words = crate::domain::text::terms(name).join("-");
    let slug: String = words.chars().take(MAX_SLUG).collect();
    if slug.is_empty() { "group".to_owned() } else { slug }
}
