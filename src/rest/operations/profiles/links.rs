//! The accounts that profiles own elsewhere: list, link, unlink.

use super::super::{LINKED_IDENTITIES, lists};
use super::profile_id;
use crate::domain::{self, Error, NodeKind};
use crate::resolvers::command::{IdentityPatch, LinkIdentity, UnlinkIdentity};
use crate::resolvers::query::relation::{LINKED_IDENTITIES as OWNED, LINKED_PROFILE};
use crate::rest::around::changed;
use crate::rest::call::Call;
use crate::rest::input::{IdempotencyKey, IfMatch, Json, Paging};
use crate::rest::model::linked_identity::{LinkedIdentity, NewLink};
use crate::rest::operation::{Method, Operation};
use crate::rest::outcome::{Created, Gone, Listed};
use crate::rest::refusal::Result;

/// What there is to do with the accounts of a profile.
pub(in crate::rest::operations) fn operations() -> Vec<Operation> {
    const PATH: &str = "/v1/profiles/{id}/linked-identities";
    vec![
        Operation::new(Method::Get, PATH, list).named(
            LINKED_IDENTITIES,
            "listLinkedIdentities",
            "List the accounts that a profile owns elsewhere",
        ),
        Operation::new(Method::Post, PATH, link)
            .named(LINKED_IDENTITIES, "linkIdentity", "Link an account to a profile")
            .described("An account that another profile owns has to be unlinked there first. Needs the role editor."),
        Operation::new(Method::Delete, "/v1/profiles/{id}/linked-identities/{identity_id}", unlink)
            .named(LINKED_IDENTITIES, "unlinkIdentity", "Unlink an account from a profile")
            .described("The account stays, with its history, and belongs to nobody. Needs the role editor."),
    ]
}

async fn list(call: Call, paging: Paging) -> Result<Listed<LinkedIdentity>> {
    let profile = call.node::<domain::Profile>(profile_id(&call)?).await?;
    lists::shown_next_to(&call, OWNED, profile.id, &paging).await
}

async fn link(
    call: Call,
    (IdempotencyKey(key), Json(new)): (IdempotencyKey, Json<NewLink>),
) -> Result<Created<LinkedIdentity>> {
    let profile = profile_id(&call)?;
    let command = LinkIdentity {
        profile,
        provider: new.provider,
        environment: new.environment,
        account_id: new.external_id,
        fields: IdentityPatch {
            username: new.username.into(),
            email: new.email.into(),
            verified: new.verified,
            status: new.status.map(Into::into),
            metadata: new.metadata.into(),
            ..IdentityPatch::default()
        },
    };
    let id = call.run(command, key).await?;
    let location = format!("/v1/profiles/{profile}/linked-identities/{id}");
    Ok(Created { location, entity: changed(&call, id).await? })
}

async fn unlink(call: Call, IfMatch(expected_version): IfMatch) -> Result<Gone> {
    let profile = profile_id(&call)?;
    let id = call.id("identity_id", &[NodeKind::LinkedIdentity])?;
    let owners = call.reader().next_to::<domain::Profile>(LINKED_PROFILE, &[id.uuid], 1).await?;
    let is_owner = owners.get(&id.uuid).is_some_and(|owners| owners.iter().any(|owner| owner.node.id == profile));
    if !is_owner {
        // Whether the account is another's, or there is none, is the same to whoever asks about this profile.
        call.node::<domain::Profile>(profile).await?;
        return Err(Error::not_found("identity_id", "linked identity of this profile").into());
    }
    call.run(UnlinkIdentity { id, expected_version, reason: None }, None).await?;
    Ok(Gone)
}
