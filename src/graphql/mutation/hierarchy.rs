//! Hang teams, groups and organizations below one another.

use super::super::collective::{Group, Team};
use super::super::failure::{Nullable, present};
use super::super::inputs::{node_id, node_id_or_none};
use super::super::node::Node;
use super::super::organization::Organization;
use super::{answer, payload};
use crate::domain::NodeKind;
use crate::resolvers::command::SetParent;
use async_graphql::{Context, ID, InputObject, Object};

/// Where a team hangs.
#[derive(Debug, Clone, InputObject)]
pub struct SetTeamParentInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the team.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Public id of the team it hangs below; null for the top.
    parent_id: Option<ID>,
}

payload!(SetTeamParentPayload, "The team and its place.", {
    /// The team, as it is now.
    team: Team,
});

/// Where a group hangs.
#[derive(Debug, Clone, InputObject)]
pub struct SetGroupParentInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the group.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Public id of the group it hangs below; null for the top.
    parent_id: Option<ID>,
}

payload!(SetGroupParentPayload, "The group and its place.", {
    /// The group, as it is now.
    group: Group,
});

/// Where an organization hangs.
#[derive(Debug, Clone, InputObject)]
pub struct SetOrganizationParentInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Public id of the organization it hangs below; null for the top.
    parent_id: Option<ID>,
}

payload!(SetOrganizationParentPayload, "The organization and its place.", {
    /// The organization, as it is now.
    organization: Organization,
});

/// Mutations of hierarchies.
#[derive(Default)]
pub struct HierarchyMutations;

/// Mutations of hierarchies.
#[Object]
impl HierarchyMutations {
    /// Hangs a team below another, or at the top. Cycles are refused. Needs the role editor.
    async fn set_team_parent(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SetTeamParentInput,
    ) -> Nullable<SetTeamParentPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    SetTeamParentPayload { team: Node::Team },
                    SetParent {
                        id: node_id(&input.id, &[NodeKind::Team], "id")?,
                        expected_version: input.expected_version,
                        parent: node_id_or_none(input.parent_id.as_ref(), &[NodeKind::Team], "parentId")?,
                    }
                )
            }
            .await,
        )
    }

    /// Hangs a group below another, or at the top. Cycles are refused. Needs the role editor.
    async fn set_group_parent(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SetGroupParentInput,
    ) -> Nullable<SetGroupParentPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    SetGroupParentPayload { group: Node::Group },
                    SetParent {
                        id: node_id(&input.id, &[NodeKind::Group], "id")?,
                        expected_version: input.expected_version,
                        parent: node_id_or_none(input.parent_id.as_ref(), &[NodeKind::Group], "parentId")?,
                    }
                )
            }
            .await,
        )
    }

    /// Hangs an organization below another, or at the top. Cycles are refused. Needs the role owner and a token that spans the server.
    async fn set_organization_parent(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SetOrganizationParentInput,
    ) -> Nullable<SetOrganizationParentPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    SetOrganizationParentPayload { organization: Node::Organization },
                    SetParent {
                        id: node_id(&input.id, &[NodeKind::Organization], "id")?,
                        expected_version: input.expected_version,
                        parent: node_id_or_none(input.parent_id.as_ref(), &[NodeKind::Organization], "parentId")?,
                    }
                )
            }
            .await,
        )
    }
}
