//! Groups: who is in them is said by their members, as [users](super::users) say it.

use super::Names;
use super::described::{Draft, value};
use super::owned::{Kind, Owned};
use super::users::groups;
use crate::domain::{Collective, NodeId, NodeKind, Organization, OrganizationId, Patch, Profile, Result, text};
use crate::resolvers::command::{CreateCollective, UpdateCollective};
use crate::resolvers::query::relation::{MEMBERS, PARENT};
use crate::sdk::call::Call;
use crate::sdk::changes::{First, Then};
use crate::sdk::operation::Operation;
use crate::sdk::sent::Sent;
use crate::store::{CollectiveFilter, Comparison};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// How many members of a group are shown.
const SHOWN: u32 = 100;

/// Groups. (Teams are not known to these clients.)
pub struct Groups;

impl Kind for Groups {
    type Node = Collective;
    const KIND: NodeKind = NodeKind::Group;
    const ONE: &'static str = "group";
    const MANY: &'static str = "groups";
    const NAMES: Names = Names {
        verbs: ["get-groups", "get-group", "add-group", "update-group", "delete-group"],
        native: [Some("groups"), Some("groups/get"), None, None, None],
    };
    const MOST: u64 = 1_000;

    fn filter(names: Option<Comparison>, shown: Option<Comparison>) -> Result<CollectiveFilter> {
        let kind = Some(NodeKind::Group);
        Ok(CollectiveFilter { kind, slug: names, name: shown, ..CollectiveFilter::default() })
    }

    fn organization(node: &Collective) -> OrganizationId {
        node.organization
    }

    async fn around(call: &Call, nodes: &[(&Collective, &str)]) -> Result<Vec<Map<String, Value>>> {
        let ids: Vec<Uuid> = nodes.iter().map(|(node, _)| node.id.uuid).collect();
        let parents = call.reader().next_to::<Collective>(PARENT, &ids, 1).await?;
        let members = call.reader().next_to::<Profile>(MEMBERS, &ids, SHOWN).await?;
        let around = |(node, owner): &(&Collective, &str)| {
            let parent = parents.get(&node.id.uuid).and_then(|parents| parents.first());
            let members = members.get(&node.id.uuid).into_iter().flatten();
            let users: Vec<&str> = members.map(|member| member.node.username.as_str()).collect();
            let parent_id = parent.map_or(*owner, |parent| parent.node.slug.as_str());
            let fields = json!({
                "type": node.category.as_deref().unwrap_or_default(),
                "parentId": parent_id,
                "isTopGroup": parent.is_none(),
                "users": users,
            });
            if let Value::Object(fields) = fields { fields } else { Map::new() }
        };
        Ok(nodes.iter().map(around).collect())
    }

    fn create(organization: OrganizationId, slug: String, draft: Draft, sent: &Sent) -> Result<First> {
        Ok(First::CreateCollective(Box::new(CreateCollective {
            organization,
            kind: NodeKind::Group,
            slug,
            name: draft.name,
            description: value(draft.description),
            category: sent.word("type")?.map(str::to_owned),
            metadata: value(draft.metadata).unwrap_or_default(),
            external_ids: Vec::new(),
            extensions: Map::new(),
            parent: None,
        })))
    }

    fn update(id: NodeId, draft: Draft, sent: &Sent) -> Result<First> {
        Ok(First::UpdateCollective(Box::new(UpdateCollective {
            id,
            expected_version: None,
            slug: draft.slug,
            name: draft.name,
            description: draft.description,
            category: sent.word("type")?.map(str::to_owned).into(),
            metadata: draft.metadata,
            external_ids: Patch::Absent,
            extensions: Patch::Absent,
        })))
    }

    async fn then(call: &Call, owner: &Organization, node: Option<&Collective>, sent: &Sent) -> Result<Then> {
        let Some(parent) = sent.text("parentId")? else { return Ok(Then::default()) };
        let current = match node {
            Some(node) => call.reader().next_to::<Collective>(PARENT, &[node.id.uuid], 1).await?.remove(&node.id.uuid),
            None => None,
        };
        let current = current.and_then(|parents| parents.into_iter().next()).map(|parent| parent.node);
        // A group at the top is one of the organization.
        let is_top = parent.is_empty() || text::key(parent) == text::key(&owner.slug);
        let is_same = current.as_ref().is_some_and(|current| text::key(&current.slug) == text::key(parent));
        let parent = match (is_top, &current) {
            _ if is_same => Patch::Absent,
            (true, None) => Patch::Absent,
            (true, Some(_)) => Patch::Null,
            (false, _) => groups(call, owner, &[parent.to_owned()], "parentId").await?.pop().into(),
        };
        Ok(Then { parent, ..Then::default() })
    }
}

/// What there is to do with groups.
pub fn operations() -> Vec<Operation> {
    super::operations::<Owned<Groups>>()
}
