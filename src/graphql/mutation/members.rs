//! Add, remove and set the members of teams and groups.

use super::super::collective::Collective;
use super::super::failure::{Nullable, Result, UserError, present};
use super::super::inputs::{MemberInput, members, node_id};
use super::super::node::Node;
use super::super::scalars;
use super::{payload, run};
use crate::domain::{NodeId, NodeKind};
use crate::resolvers::command::{AddMembers, MembersChanged, RemoveMembers, SetMembers};
use async_graphql::{Context, ID, InputObject, Object};

/// Members to add.
#[derive(Debug, Clone, InputObject)]
pub struct AddMembersInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the team or group.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Whom, at most 1000; who is a member already gets this role and these functions.
    members: Vec<MemberInput>,
}

/// Members to remove.
#[derive(Debug, Clone, InputObject)]
pub struct RemoveMembersInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the team or group.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Public ids of whom, at most 1000; who is no member stays none.
    member_ids: Vec<ID>,
}

/// All members.
#[derive(Debug, Clone, InputObject)]
pub struct SetMembersInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the team or group.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Whom, at most 1000; everybody else is removed.
    members: Vec<MemberInput>,
}

payload!(AddMembersPayload, "Who was added.", {
    /// The team or group, as it is now.
    collective: Collective,
    /// Public ids of those who were not members before.
    added_ids: Vec<ID>,
    /// Public ids of those who are members no more.
    removed_ids: Vec<ID>,
    /// Public ids of those whose role or functions changed.
    updated_ids: Vec<ID>,
});
payload!(RemoveMembersPayload, "Who was removed.", {
    /// The team or group, as it is now.
    collective: Collective,
    /// Public ids of those who were not members before.
    added_ids: Vec<ID>,
    /// Public ids of those who are members no more.
    removed_ids: Vec<ID>,
    /// Public ids of those whose role or functions changed.
    updated_ids: Vec<ID>,
});
payload!(SetMembersPayload, "Who came, went, and changed.", {
    /// The team or group, as it is now.
    collective: Collective,
    /// Public ids of those who were not members before.
    added_ids: Vec<ID>,
    /// Public ids of those who are members no more.
    removed_ids: Vec<ID>,
    /// Public ids of those whose role or functions changed.
    updated_ids: Vec<ID>,
});

fn member_ids(ids: &[ID]) -> crate::domain::Result<Vec<NodeId>> {
    let parse = |(index, id): (usize, &ID)| {
        id.parse().map_err(|error: crate::domain::Error| error.at(format!("memberIds[{index}]")))
    };
    ids.iter().enumerate().map(parse).collect()
}

/// What is answered of a change of members.
macro_rules! answer_members {
    ($context:ident, $payload:ident, $client_mutation_id:ident, $id:ident, $outcome:expr) => {{
        let outcome: std::result::Result<MembersChanged, UserError> = $outcome;
        Ok(match outcome {
            Ok(changed) => $payload {
                client_mutation_id: $client_mutation_id,
                collective: collective($context, &$id).await?,
                added_ids: Some(ids(&changed.added)),
                removed_ids: Some(ids(&changed.removed)),
                updated_ids: Some(ids(&changed.updated)),
                errors: Vec::new(),
            },
            Err(error) => {
                $payload { client_mutation_id: $client_mutation_id, errors: vec![error], ..$payload::default() }
            }
        })
    }};
}

async fn collective(context: &Context<'_>, id: &ID) -> Result<Option<Collective>> {
    Ok(match super::changed(context, id.parse()?).await? {
        Some(Node::Team(team)) => Some(Collective::Team(team)),
        Some(Node::Group(group)) => Some(Collective::Group(group)),
        _ => None,
    })
}

fn ids(ids: &[NodeId]) -> Vec<ID> {
    ids.iter().copied().map(scalars::id).collect()
}

/// Mutations of memberships.
#[derive(Default)]
pub struct MemberMutations;

/// Mutations of memberships.
#[Object]
impl MemberMutations {
    /// Makes somebody a member, or changes role and functions of somebody who is one. Needs the role editor; the role owner where members have a privileged role through it.
    async fn add_members(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AddMembersInput,
    ) -> Nullable<AddMembersPayload> {
        present(
            async {
                let (client_mutation_id, id) = (input.client_mutation_id.clone(), input.id.clone());
                let command = (|| {
                    Ok(AddMembers {
                        id: node_id(&input.id, &NodeKind::COLLECTIVES, "id")?,
                        expected_version: input.expected_version,
                        members: members(input.members)?,
                    })
                })();
                let outcome = run(context, client_mutation_id.as_ref(), command).await?;
                answer_members!(context, AddMembersPayload, client_mutation_id, id, outcome)
            }
            .await,
        )
    }

    /// Ends memberships. Needs the role editor; the role owner where members have a privileged role through it.
    async fn remove_members(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RemoveMembersInput,
    ) -> Nullable<RemoveMembersPayload> {
        present(
            async {
                let (client_mutation_id, id) = (input.client_mutation_id.clone(), input.id.clone());
                let command = (|| {
                    Ok(RemoveMembers {
                        id: node_id(&input.id, &NodeKind::COLLECTIVES, "id")?,
                        expected_version: input.expected_version,
                        members: member_ids(&input.member_ids)?,
                    })
                })();
                let outcome = run(context, client_mutation_id.as_ref(), command).await?;
                answer_members!(context, RemoveMembersPayload, client_mutation_id, id, outcome)
            }
            .await,
        )
    }

    /// Makes these the members, and nobody else. Needs the role editor; the role owner where members have a privileged role through it.
    async fn set_members(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SetMembersInput,
    ) -> Nullable<SetMembersPayload> {
        present(
            async {
                let (client_mutation_id, id) = (input.client_mutation_id.clone(), input.id.clone());
                let command = (|| {
                    Ok(SetMembers {
                        id: node_id(&input.id, &NodeKind::COLLECTIVES, "id")?,
                        expected_version: input.expected_version,
                        members: members(input.members)?,
                    })
                })();
                let outcome = run(context, client_mutation_id.as_ref(), command).await?;
                answer_members!(context, SetMembersPayload, client_mutation_id, id, outcome)
            }
            .await,
        )
    }
}
