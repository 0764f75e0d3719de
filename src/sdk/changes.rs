//! Several commands that are one request: all of them are done in one transaction, each with its event, or none.

use super::sent::Sent;
use crate::domain::edge::MemberFacts;
use crate::domain::profile::ProfileStatus;
use crate::domain::{NodeId, Patch, Profile, Result};
use crate::resolvers::command::{
    AddMembers, CreateCollective, CreateProfile, CreateRole, DisableProfile, EnableProfile, GrantRole, IdentityPatch,
    LinkIdentity, MemberInput, ProfilePatch, RemoveMembers, RevokeRole, SetParent, SetPassword, UnlinkIdentity,
    UpdateCollective, UpdateProfile, UpdateRole,
};
use crate::resolvers::password::PasswordHash;
use crate::resolvers::{Command, Target, WriteContext};
use serde::Serialize;

/// Why a profile is disabled, when a client says that it is forbidden.
const FORBIDDEN: &str = "A client has set isForbidden to true.";

/// The first command of a request, which says what the others are about.
#[derive(Debug, Clone, Serialize)]
pub enum First {
    /// Makes a profile.
    CreateProfile(Box<CreateProfile>),
    /// Makes a profile say what was sent.
    ChangeProfile(NodeId, Sent),
    /// Makes a group.
    CreateCollective(Box<CreateCollective>),
    /// Changes a group.
    UpdateCollective(Box<UpdateCollective>),
    /// Makes a role.
    CreateRole(Box<CreateRole>),
    /// Changes a role.
    UpdateRole(Box<UpdateRole>),
}

/// What is to be done besides.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Then {
    /// Whether the profile is barred for good.
    pub forbidden: Option<bool>,
    /// The groups that it enters.
    pub enter: Vec<NodeId>,
    /// The groups that it leaves.
    pub leave: Vec<NodeId>,
    /// The accounts that it comes to own: provider and id there.
    pub link: Vec<(String, String)>,
    /// The accounts that it owns no more.
    pub unlink: Vec<NodeId>,
    /// The hash of its new password.
    pub password: Option<PasswordHash>,
    /// What the group is hung below; null for the top.
    pub parent: Patch<NodeId>,
    /// Who comes to have the role.
    pub grant: Vec<NodeId>,
    /// Who has it no more.
    pub revoke: Vec<NodeId>,
}

/// The commands of a request.
#[derive(Debug, Clone, Serialize)]
pub struct Changes {
    /// The first one.
    pub first: First,
    /// The others.
    pub then: Then,
}

impl Command for Changes {
    type Output = NodeId;
    const ACTION: &'static str = "sdk.change";

    fn target(&self) -> Target {
        match &self.first {
            First::CreateProfile(command) => command.target(),
            First::ChangeProfile(id, _) => Target::Node(*id, "id"),
            First::CreateCollective(command) => command.target(),
            First::UpdateCollective(command) => command.target(),
            First::CreateRole(command) => command.target(),
            First::UpdateRole(command) => command.target(),
        }
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let id = match &self.first {
            First::CreateProfile(command) => context.perform(&**command).await?,
            First::ChangeProfile(id, sent) => change_profile(context, *id, sent).await?,
            First::CreateCollective(command) => context.perform(&**command).await?,
            First::UpdateCollective(command) => context.perform(&**command).await?,
            First::CreateRole(command) => context.perform(&**command).await?,
            First::UpdateRole(command) => context.perform(&**command).await?,
        };
        self.then.perform(context, id).await?;
        Ok(id)
    }
}

/// Makes a profile say what was sent. What looks as before is left alone.
async fn change_profile(context: &mut WriteContext<'_>, id: NodeId, sent: &Sent) -> Result<NodeId> {
    let before: Profile = context.load(id, "id").await?;
    let after = super::nouns::users::applied(&before, sent)?;
    if after != before {
        let patch = ProfilePatch::to(after);
        context.perform(&UpdateProfile { id, expected_version: None, patch }).await?;
    }
    Ok(id)
}

impl Then {
    async fn perform(&self, context: &mut WriteContext<'_>, id: NodeId) -> Result<()> {
        let expected_version = None;
        for group in &self.leave {
            context.perform(&RemoveMembers { id: *group, expected_version, members: vec![id] }).await?;
        }
        for group in &self.enter {
            let members = vec![MemberInput { id, facts: MemberFacts::default() }];
            context.perform(&AddMembers { id: *group, expected_version, members }).await?;
        }
        for identity in &self.unlink {
            context.perform(&UnlinkIdentity { id: *identity, expected_version, reason: None }).await?;
        }
        for (provider, account_id) in &self.link {
            let (provider, account_id) = (provider.clone(), account_id.clone());
            let fields = IdentityPatch::default();
            let command = LinkIdentity { profile: id, provider, environment: None, account_id, fields };
            context.perform(&command).await?;
        }
        if let Some(forbidden) = self.forbidden {
            forbid(context, id, forbidden).await?;
        }
        if let Some(hash) = self.password.clone() {
            context.perform(&SetPassword { id, expected_version, hash: Some(hash) }).await?;
        }
        let parent = match self.parent {
            Patch::Absent => None,
            Patch::Null => Some(SetParent { id, expected_version, parent: None }),
            Patch::Value(parent) => Some(SetParent { id, expected_version, parent: Some(parent) }),
        };
        if let Some(command) = parent {
            context.perform(&command).await?;
        }
        let role = id;
        for principal in &self.revoke {
            context.perform(&RevokeRole { role, principal: *principal, reason: None }).await?;
        }
        for principal in &self.grant {
            context.perform(&GrantRole { role, principal: *principal, reason: None }).await?;
        }
        Ok(())
    }
}

/// Bars a profile for good, or lets it be used again. A suspension was decided here, and no client lifts it: it says of
/// everything what it believes, so that is passed over.
async fn forbid(context: &mut WriteContext<'_>, id: NodeId, forbidden: bool) -> Result<()> {
    let profile: Profile = context.load(id, "id").await?;
    let expected_version = None;
    match (profile.status, forbidden) {
        (ProfileStatus::Active | ProfileStatus::Staged, true) => {
            context.perform(&DisableProfile { id, expected_version, reason: FORBIDDEN.to_owned() }).await?;
        }
        (ProfileStatus::Disabled, false) => {
            context.perform(&EnableProfile { id, expected_version, reason: None }).await?;
        }
        _ => {}
    }
    Ok(())
}
