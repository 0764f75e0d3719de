//! Actions on accounts that reach further than the graph, and what became of them where they were to reach.
//!
//! To revoke the sessions of an account is done here at once; at the account's provider it takes a connector, and time. So an
//! action leaves a record with a *receipt* for each target, and nobody is told that it is done everywhere while it is not.

use super::Actor;
use super::id::{NodeId, OrganizationId, typeid};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is done to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// Its password has to be changed at the next sign-in.
    ForcePasswordReset,
    /// Whoever is signed in with it is not any more.
    RevokeSessions,
    /// It cannot be used any more.
    Disable,
    /// It can be used again.
    Enable,
}

impl ActionKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::ForcePasswordReset, Self::RevokeSessions, Self::Disable, Self::Enable];

    /// The name in stored rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ForcePasswordReset => "force_password_reset",
            Self::RevokeSessions => "revoke_sessions",
            Self::Disable => "disable",
            Self::Enable => "enable",
        }
    }

    /// The kind of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What has become of an action at a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptStatus {
    /// It is done.
    Confirmed,
    /// It is under way.
    Pending,
    /// It could not be done.
    Failed,
    /// There is no way to do it there.
    Unsupported,
}

impl ReceiptStatus {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Unsupported => "unsupported",
        }
    }
}

/// What has become of an action at one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Where: `idgraph:…` for something of this server, else the provider of the account.
    pub target: String,
    /// What has become of it there.
    pub status: ReceiptStatus,
    /// How many things it was done to, where that can be counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// What there is to say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// An action that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionRecord {
    /// The UUIDv7 behind `act_`.
    pub id: Uuid,
    /// The tenant.
    pub organization: OrganizationId,
    /// The account.
    pub identity: NodeId,
    /// What was done.
    pub kind: ActionKind,
    /// Why, if somebody said so.
    pub reason: Option<String>,
    /// What has become of it, target by target.
    pub receipts: Vec<Receipt>,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Who has taken it.
    pub actor: Actor,
    /// Through which face.
    pub source: String,
    /// In which request.
    pub request_id: String,
}

impl ActionRecord {
    /// What has become of it altogether: failed or pending if it is so anywhere, confirmed if it is done wherever that is
    /// possible, unsupported if it is possible nowhere.
    #[must_use]
    pub fn status(&self) -> ReceiptStatus {
        let has = |status| self.receipts.iter().any(|receipt| receipt.status == status);
        if has(ReceiptStatus::Failed) {
            ReceiptStatus::Failed
        } else if has(ReceiptStatus::Pending) {
            ReceiptStatus::Pending
        } else if has(ReceiptStatus::Confirmed) {
            ReceiptStatus::Confirmed
        } else {
            ReceiptStatus::Unsupported
        }
    }
}

/// The public id of an action.
#[must_use]
pub fn action_id(uuid: Uuid) -> String {
    typeid("act", uuid)
}
