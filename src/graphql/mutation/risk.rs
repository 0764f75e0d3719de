//! Decide about the risk of accounts.

use super::super::failure::{Nullable, present};
use super::super::identity::LinkedIdentity;
use super::super::inputs::node_id;
use super::super::node::Node;
use super::{answer, payload};
use crate::domain::NodeKind;
use crate::domain::risk::parse_evidence_id;
use crate::resolvers::command::{ConfirmCompromised, ConfirmSafe, DismissEvidence, EvidenceRef};
use async_graphql::{Context, ID, InputObject, Object};

/// An account that somebody has looked at.
#[derive(Debug, Clone, InputObject)]
pub struct ConfirmCompromisedInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the linked identity.
    id: ID,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

/// An account that somebody has looked at.
#[derive(Debug, Clone, InputObject)]
pub struct ConfirmSafeInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the linked identity.
    id: ID,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

/// Evidence that is none.
#[derive(Debug, Clone, InputObject)]
pub struct DismissEvidenceInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the linked identity.
    id: ID,
    /// The ids of the evidence; at most 100.
    evidence_ids: Vec<ID>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

payload!(ConfirmCompromisedPayload, "The account, which is compromised.", {
    /// The linked identity, as it is now.
    identity: LinkedIdentity,
});
payload!(ConfirmSafePayload, "The account, which is safe.", {
    /// The linked identity, as it is now.
    identity: LinkedIdentity,
});
payload!(DismissEvidencePayload, "The account, of which less counts.", {
    /// The linked identity, as it is now.
    identity: LinkedIdentity,
});

/// Mutations that decide about risk.
#[derive(Default)]
pub struct RiskMutations;

/// Mutations that decide about risk.
#[Object]
impl RiskMutations {
    /// Confirms that an account is compromised: its score is at least 95 until it is confirmed to be safe. Needs the role editor.
    async fn confirm_compromised(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ConfirmCompromisedInput,
    ) -> Nullable<ConfirmCompromisedPayload> {
        present(
            async {
                answer!(context, input, ConfirmCompromisedPayload { identity: Node::LinkedIdentity }, {
                    let id = node_id(&input.id, &[NodeKind::LinkedIdentity], "id")?;
                    ConfirmCompromised { id, reason: input.reason }
                })
            }
            .await,
        )
    }

    /// Confirms that an account is safe: evidence until now counts no more, nor does a confirmed compromise, and from where it came is usual from now on. A leaked credential stays one until it changes. Needs the role editor.
    async fn confirm_safe(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ConfirmSafeInput,
    ) -> Nullable<ConfirmSafePayload> {
        present(
            async {
                answer!(context, input, ConfirmSafePayload { identity: Node::LinkedIdentity }, {
                    let id = node_id(&input.id, &[NodeKind::LinkedIdentity], "id")?;
                    ConfirmSafe { id, reason: input.reason }
                })
            }
            .await,
        )
    }

    /// Dismisses evidence about an account: it counts no more. Needs the role editor.
    async fn dismiss_evidence(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DismissEvidenceInput,
    ) -> Nullable<DismissEvidencePayload> {
        present(
            async {
                answer!(context, input, DismissEvidencePayload { identity: Node::LinkedIdentity }, {
                    let id = node_id(&input.id, &[NodeKind::LinkedIdentity], "id")?;
                    let named = input.evidence_ids.iter().enumerate().map(|(place, id)| {
                        let (event, signal) = parse_evidence_id(id, &format!("evidenceIds[{place}]"))?;
                        Ok(EvidenceRef { event, signal })
                    });
                    let evidence = named.collect::<crate::domain::Result<_>>()?;
                    DismissEvidence { id, evidence, reason: input.reason }
                })
            }
            .await,
        )
    }
}
