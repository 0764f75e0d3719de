//! Merge profiles that are the same person or program, and undo it.

use super::super::failure::{Nullable, present};
use super::super::inputs::node_id;
use super::super::profile::Profile;
use super::{payload, profile_node, run};
use crate::domain::NodeKind;
use crate::resolvers::command::{MergeProfiles, UnmergeProfile};
use async_graphql::{Context, ID, InputObject, Object};

/// Two profiles that are the same person or program.
#[derive(Debug, Clone, InputObject)]
pub struct MergeProfilesInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the profile that is merged. From then on it leads to the other.
    from_id: ID,
    /// Public id of the profile that stays, of the same kind.
    into_id: ID,
    /// The version of the merged profile that the client has seen: if it has changed since, nothing is done.
    expected_from_version: Option<i64>,
    /// The version of the other profile that the client has seen: if it has changed since, nothing is done.
    expected_into_version: Option<i64>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

payload!(MergeProfilesPayload, "The profile that two have become.", {
    /// The profile that stays, as it is now.
    profile: Profile,
    /// Public id of the profile that was merged into it.
    merged_id: ID,
});

/// A merge to undo.
#[derive(Debug, Clone, InputObject)]
pub struct UnmergeProfileInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the profile that was merged into another.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

payload!(UnmergeProfilePayload, "The two profiles of a merge that was undone.", {
    /// The profile that was merged, as it is now.
    profile: Profile,
    /// The profile that it was merged into, as it is now; null if it is deleted.
    survivor: Profile,
});

/// Mutations that merge.
#[derive(Default)]
pub struct MergeMutations;

/// Mutations that merge.
#[Object]
impl MergeMutations {
    /// Merges one profile into another of its kind, which takes over its relations, and what it lacks of its fields. Whatever
    /// identified the merged profile leads to the other from then on. Needs the role admin; the role owner, if the merged
    /// profile has a privileged role.
    async fn merge_profiles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: MergeProfilesInput,
    ) -> Nullable<MergeProfilesPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let merged_id = input.from_id.clone();
                let command = (|| {
                    Ok(MergeProfiles {
                        into: node_id(&input.into_id, &NodeKind::PROFILES, "intoId")?,
                        from: node_id(&input.from_id, &NodeKind::PROFILES, "fromId")?,
                        expected_from_version: input.expected_from_version,
                        expected_into_version: input.expected_into_version,
                        reason: input.reason,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let profile = profile_node(context, id).await?;
                        let merged_id = Some(merged_id);
                        MergeProfilesPayload { client_mutation_id, profile, merged_id, errors: Vec::new() }
                    }
                    Err(error) => {
                        let errors = vec![error];
                        MergeProfilesPayload { client_mutation_id, profile: None, merged_id: None, errors }
                    }
                })
            }
            .await,
        )
    }

    /// Undoes a merge: the merged profile is what it was, with the relations it had, and the other one has no more of it.
    /// What was changed since the merge stays changed. Needs what `mergeProfiles` needs.
    async fn unmerge_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UnmergeProfileInput,
    ) -> Nullable<UnmergeProfilePayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(UnmergeProfile {
                        id: node_id(&input.id, &NodeKind::PROFILES, "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(ids) => {
                        let profile = profile_node(context, ids.profile).await?;
                        let survivor = profile_node(context, ids.survivor).await?;
                        UnmergeProfilePayload { client_mutation_id, profile, survivor, errors: Vec::new() }
                    }
                    Err(error) => {
                        let errors = vec![error];
                        UnmergeProfilePayload { client_mutation_id, profile: None, survivor: None, errors }
                    }
                })
            }
            .await,
        )
    }
}
