//! Where the accounts stand that a policy fires for: what of its actions is done already.

use super::super::super::write::WriteContext;
use crate::domain::identity::IdentityStatus;
use crate::domain::profile::ProfileStatus;
use crate::domain::risk_policy::PolicyAction;
use crate::domain::{EdgeKind, LinkedIdentity, NodeId, Profile, Result, Standing};
use crate::store::Side;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Where accounts stand: looked up at once, whatever their number.
pub(super) struct Situation {
    standings: HashMap<Uuid, Standing>,
    signed_in: HashSet<Uuid>,
    /// To whom they belong, and whether API tokens act for that one.
    owners: HashMap<Uuid, (NodeId, bool)>,
    /// Those that are barred, and their owners, if they have one, too.
    barred: HashSet<Uuid>,
}

impl Situation {
    /// That of these accounts.
    pub(super) async fn of(context: &mut WriteContext<'_>, identities: &[NodeId]) -> Result<Self> {
        let ids: Vec<Uuid> = identities.iter().map(|identity| identity.uuid).collect();
        let links = context.unit().open_edges(EdgeKind::Link, Side::Out, &ids, None).await?;
        let mut profiles: Vec<NodeId> = links.iter().map(|link| link.to).collect();
        profiles.sort_unstable();
        profiles.dedup();
        let uuids: Vec<Uuid> = profiles.iter().map(|profile| profile.uuid).collect();
        let with_tokens = match &uuids[..] {
            [] => HashSet::new(),
            uuids => context.unit().with_tokens(uuids).await?,
        };
        let owner = |to: NodeId| (to, with_tokens.contains(&to.uuid));
        let owners: HashMap<Uuid, _> = links.iter().map(|link| (link.from.uuid, owner(link.to))).collect();
        let (standings, signed_in) = (context.unit().standings(&ids).await?, context.unit().signed_in(&ids).await?);
        let nodes: Vec<NodeId> = identities.iter().chain(&profiles).copied().collect();
        context.load_all(&nodes).await?;
        let is_barred = |identity: &&NodeId| {
            let account: Option<LinkedIdentity> = context.get(**identity, "id").ok();
            let is_barred = account.is_some_and(|account| account.status == IdentityStatus::Disabled);
            let Some((owner, _)) = owners.get(&identity.uuid) else { return is_barred };
            match context.get::<Profile>(*owner, "id") {
                Ok(profile) => is_barred && profile.status == ProfileStatus::Disabled,
                // Nobody can use the accounts of somebody who is gone.
                Err(_) => true,
            }
        };
        let barred = identities.iter().filter(is_barred).map(|identity| identity.uuid).collect();
        Ok(Self { standings, signed_in, owners, barred })
    }

    /// Whether an action would make no difference to an account.
    pub(super) fn is_done(&self, action: PolicyAction, identity: NodeId) -> bool {
        let id = identity.uuid;
        let standing = self.standings.get(&id);
        match action {
            PolicyAction::Notify => false,
            PolicyAction::RevokeSessions => {
                let has_tokens = self.owners.get(&id).is_some_and(|(_, has_tokens)| *has_tokens);
                !self.signed_in.contains(&id) && !has_tokens && standing.is_some_and(is_revoked)
            }
            PolicyAction::ForcePasswordReset => {
                standing.is_some_and(|standing| standing.password_reset_since.is_some())
            }
            PolicyAction::Disable => self.barred.contains(&id),
        }
    }
}

/// Whether everything that was issued for an account is worthless, as far as is known: tokens of the IAM are in use here without a
/// session that was reported, so sessions that were never revoked are, even if there is none.
fn is_revoked(standing: &Standing) -> bool {
    let last_login = standing.last_login.as_ref();
    standing.not_before.is_some_and(|revoked| last_login.is_none_or(|login| login.at <= revoked))
}
