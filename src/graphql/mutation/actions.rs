//! Take actions on accounts: end sessions, force a new password, disable, enable.

use super::super::activity::{IdentityAction, Session, session};
use super::super::failure::{Nullable, Result, present};
use super::super::identity::LinkedIdentity;
use super::super::inputs::node_id;
use super::super::node::Node;
use super::super::request::of;
use super::{changed, payload, run};
use crate::domain::session::{parse_session_id, session_id};
use crate::domain::{Error, ErrorCode, NodeKind};
use crate::resolvers::command::{DisableIdentity, EnableIdentity, EndSession, ForcePasswordReset, RevokeSessions};
use async_graphql::{Context, ID, InputObject, Object};

/// Declares the input and the payload of an action.
macro_rules! action {
    ($input:ident, $payload:ident, $what:literal, $reason:ty) => {
        #[doc = $what]
        #[derive(Debug, Clone, InputObject)]
        pub struct $input {
            /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
            client_mutation_id: Option<String>,
            /// Public id of the linked identity.
            id: ID,
            /// Why; becomes part of the history.
            reason: $reason,
        }

        payload!($payload, "What was done to an account, and what has become of it wherever it was to reach.", {
            /// The action.
            action: IdentityAction,
            /// The linked identity, as it is now.
            identity: LinkedIdentity,
        });
    };
}

action!(RevokeSessionsInput, RevokeSessionsPayload, "An account whose sessions are to end.", Option<String>);
action!(
    ForcePasswordResetInput,
    ForcePasswordResetPayload,
    "An account that is to get a new password.",
    Option<String>
);
action!(DisableIdentityInput, DisableIdentityPayload, "An account to disable.", String);
action!(EnableIdentityInput, EnableIdentityPayload, "An account to enable.", Option<String>);

/// A session to end.
#[derive(Debug, Clone, InputObject)]
pub struct EndSessionInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the linked identity whose session it is.
    identity_id: ID,
    /// Public id of the session.
    id: ID,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

payload!(EndSessionPayload, "The session, which is over.", {
    /// The session, as it is now.
    session: Session,
});

/// Takes an action, and answers with its record.
macro_rules! taken {
    ($context:ident, $input:ident, $command:ident, $payload:ident) => {{
        let client_mutation_id = $input.client_mutation_id.clone();
        let id = node_id(&$input.id, &[NodeKind::LinkedIdentity], "id");
        let command = id.map(|id| $command { id, reason: $input.reason });
        Ok(match run($context, client_mutation_id.as_ref(), command).await? {
            Ok(id) => {
                let action = readable(of($context).read().account_action(id).await.map_err(Into::into))?;
                let identity = match &action {
                    Some(action) => match changed($context, action.identity).await? {
                        Some(Node::LinkedIdentity(identity)) => Some(identity),
                        _ => None,
                    },
                    None => None,
                };
                let action = action.map(IdentityAction::taken);
                $payload { client_mutation_id, action, identity, errors: Vec::new() }
            }
            Err(error) => $payload { client_mutation_id, errors: vec![error], ..$payload::default() },
        })
    }};
}

/// Mutations that are actions on accounts.
#[derive(Default)]
pub struct ActionMutations;

/// Mutations that are actions on accounts.
#[Object]
impl ActionMutations {
    /// Ends every session of an account, and makes worthless what was issued for it until now: tokens of this server, API tokens that act for its profile, and tokens of the IAM. Needs the role admin; everybody may revoke their own.
    async fn revoke_sessions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RevokeSessionsInput,
    ) -> Nullable<RevokeSessionsPayload> {
        present(async { taken!(context, input, RevokeSessions, RevokeSessionsPayload) }.await)
    }

    /// Requires that the password of an account is changed at the next sign-in. Needs the role admin.
    async fn force_password_reset(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ForcePasswordResetInput,
    ) -> Nullable<ForcePasswordResetPayload> {
        present(async { taken!(context, input, ForcePasswordReset, ForcePasswordResetPayload) }.await)
    }

    /// Bars an account and the profile that it belongs to, and ends their sessions. Needs the role admin.
    async fn disable_identity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DisableIdentityInput,
    ) -> Nullable<DisableIdentityPayload> {
        present(async { taken!(context, input, DisableIdentity, DisableIdentityPayload) }.await)
    }

    /// Lets an account, and the profile that it belongs to, be used again. Needs the role admin.
    async fn enable_identity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: EnableIdentityInput,
    ) -> Nullable<EnableIdentityPayload> {
        present(async { taken!(context, input, EnableIdentity, EnableIdentityPayload) }.await)
    }

    /// Ends one session. Needs the role admin; everybody may end their own.
    async fn end_session(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: EndSessionInput,
    ) -> Nullable<EndSessionPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command =
                    node_id(&input.identity_id, &[NodeKind::LinkedIdentity], "identityId").and_then(|identity| {
                        Ok(EndSession { identity, session: parse_session_id(&input.id, "id")?, reason: input.reason })
                    });
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let ended = readable(session(context, &ID(session_id(id))).await)?.flatten();
                        EndSessionPayload { client_mutation_id, session: ended, errors: Vec::new() }
                    }
                    Err(error) => EndSessionPayload { client_mutation_id, session: None, errors: vec![error] },
                })
            }
            .await,
        )
    }
}

/// What a viewer may read of what it has done; none for one that may change the directory but not read it.
pub(super) fn readable<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Err(super::super::failure::Failure(Error { code: ErrorCode::Forbidden, .. })) => Ok(None),
        read => read.map(Some),
    }
}
