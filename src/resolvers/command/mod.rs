//! Commands: the ways to change the graph. One use case, one file.
//!
//! A command is a struct with the request's values, checked for form by the face and for sense here. It says which tenant
//! it is about ([`Command::target`]), asks the policy, and changes the graph through the
//! [write context](super::write::WriteContext), which writes the history by itself. `docs/adding-a-use-case.md` walks
//! through one.

mod account;
mod create_collective;
mod create_organization;
mod create_profile;
mod create_role;
mod create_token;
mod declare_extension;
mod defer_request;
mod delete_node;
mod extension_rules;
mod feeds;
mod grant_role;
mod import_records;
mod link_identity;
mod members;
mod merge_profiles;
mod outlets;
mod profile_status;
mod reports;
mod restore_node;
mod revoke_own;
mod revoke_token;
mod risk;
mod risk_policies;
mod set_manager;
mod set_owner;
mod set_parent;
mod set_password;
mod signing_keys;
mod transmitters;
mod unlink_identity;
mod unmerge_profile;
mod update_collective;
mod update_identity;
mod update_organization;
mod update_profile;
mod update_role;
mod update_token;
mod withdraw_extension;

pub use account::{
    DisableIdentity, EnableIdentity, EndSession, ForcePasswordReset, NoteFailedSignIn, RevokeSessions, SignIn, SignOut,
};
pub use create_collective::CreateCollective;
pub use create_organization::CreateOrganization;
pub use create_profile::CreateProfile;
pub use create_role::CreateRole;
pub use create_token::CreateToken;
pub use declare_extension::DeclareExtension;
pub use defer_request::DeferRequest;
pub use delete_node::DeleteNode;
pub use feeds::{AddFeed, HastenFeed, RemoveFeed};
pub use grant_role::{GrantRole, RevokeRole};
pub use import_records::{
    ImportRecord, ImportRecords, Imported, ImportedCollective, ImportedGrant, ImportedIdentity, ImportedMembership,
    ImportedOrganization, ImportedProfile, ImportedRole, MAX_RECORDS, Named, Outcome, Rejection,
};
pub use link_identity::{IdentityPatch, LinkIdentity};
pub use members::{AddMembers, MemberInput, MembersChanged, RemoveMembers, SetMembers};
pub use merge_profiles::MergeProfiles;
pub use outlets::{
    ChangeStream, CollectDeliveries, CreateStream, CreateWebhook, DeleteStream, DeleteWebhook, ReplayWebhook, Replayed,
    RotateWebhookSecret, SetStreamStatus, SetStreamSubject, StreamChange, SuspendOutlet, UpdateWebhook, VerifyStream,
};
pub use profile_status::{DisableProfile, EnableProfile, SuspendProfile};
pub use reports::{
    AccountRef, MAX_REPORTS, RecordAccess, ReportAlerts, ReportRejection, ReportSessions, ReportStatus, Reported,
    ReportedAccess, ReportedAlert, ReportedSession, SetAlertState,
};
pub use restore_node::RestoreNode;
pub use revoke_own::{RevokeJwt, RevokeOwnToken};
pub use revoke_token::RevokeToken;
pub use risk::{
    ConfirmCompromised, ConfirmSafe, DismissEvidence, EvidenceRef, NoteRiskLevels, OWN_RISK_LEVEL, RISK_LEVEL,
    RiskLevelChange, SettleRisk, TidyRisk,
};
pub use risk_policies::{CreateRiskPolicy, DeleteRiskPolicy, FirePolicy, Firing, UpdateRiskPolicy};
pub use set_manager::SetManager;
pub use set_owner::SetOwner;
pub use set_parent::SetParent;
pub use set_password::SetPassword;
pub use signing_keys::{AddSigningKey, WithdrawSigningKey};
pub use transmitters::{DistrustTransmitter, RECEIVE, ReceiveSignal, TrustTransmitter, is_replay};
pub use unlink_identity::UnlinkIdentity;
pub use unmerge_profile::{UnmergeProfile, Unmerged};
pub use update_collective::UpdateCollective;
pub use update_identity::UpdateIdentity;
pub use update_organization::UpdateOrganization;
pub use update_profile::{DetailsPatch, NamePatch, ProfilePatch, UpdateProfile};
pub use update_role::UpdateRole;
pub use update_token::UpdateToken;
pub use withdraw_extension::WithdrawExtension;

use super::write::WriteContext;
use crate::domain::node::NodeKey;
use crate::domain::{NodeId, OrganizationId, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Which tenant a command is about.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// That of this node, which the request names in this field.
    Node(NodeId, &'static str),
    /// This one, which the request names in this field.
    Organization(OrganizationId, &'static str),
    /// One that the command is about to create.
    NewOrganization,
}

/// A way to change the graph.
pub trait Command: Serialize + Send + Sync + 'static {
    /// What is answered. It is remembered for requests that are sent twice, so it holds ids rather than states.
    type Output: Serialize + DeserializeOwned + Send + 'static;

    /// The name of the action in events, such as `profile.disable`.
    const ACTION: &'static str;

    /// Whether the command may run in an organization that is deleted.
    const REVIVES_TENANT: bool = false;

    /// Which tenant the command is about.
    fn target(&self) -> Target;

    /// The keys by which it is going to look for nodes, as far as it knows before it runs. What many commands look for at
    /// once is then looked up at once.
    fn lookups(&self) -> Vec<NodeKey> {
        Vec::new()
    }

    /// Does it: asks the policy, loads, changes, hands back.
    fn execute(&self, context: &mut WriteContext<'_>) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// Requires that the organization a command names exists.
async fn require_tenant(context: &mut WriteContext<'_>) -> Result<()> {
    let tenant = context.tenant();
    context.load::<crate::domain::Organization>(tenant.node(), "organizationId").await.map(|_| ())
}
