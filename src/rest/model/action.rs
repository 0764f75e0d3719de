//! Actions on accounts.

use super::moment::Moment;
use crate::domain;
use crate::domain::action::{self, action_id};
use schemars::JsonSchema;
use serde::Serialize;

/// An action that was taken on an account, and what has become of it wherever it was to reach.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Action {
    /// Public id: `act_…`.
    pub id: String,
    /// Public id of the account.
    pub identity_id: String,
    /// What was done.
    pub action: ActionKind,
    /// What has become of it altogether: failed or pending if it is so anywhere, confirmed if it is done wherever that is
    /// possible, unsupported if it is possible nowhere.
    pub status: ReceiptStatus,
    /// Why, if somebody said so.
    pub reason: Option<String>,
    /// What has become of it, target by target.
    pub receipts: Vec<Receipt>,
    /// When it was taken.
    pub taken_at: Moment,
    /// The name of who has taken it, as it was then.
    pub taken_by: String,
}

choice! {
    /// What is done to an account.
    ActionKind = action::ActionKind {
        /// Its password has to be changed at the next sign-in.
        ForcePasswordReset,
        /// Whoever is signed in with it is not any more.
        RevokeSessions,
        /// It cannot be used any more.
        Disable,
        /// It can be used again.
        Enable,
    }
}

choice! {
    /// What has become of an action.
    ReceiptStatus = action::ReceiptStatus {
        /// It is done.
        Confirmed,
        /// It is under way.
        Pending,
        /// It could not be done.
        Failed,
        /// There is no way to do it there.
        Unsupported,
    }
}

/// What has become of an action at one target.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Receipt {
    /// Where: `idgraph:…` for something of this server, else the provider of the account.
    pub target: String,
    /// What has become of it there.
    pub status: ReceiptStatus,
    /// How many things it was done to; null where that cannot be counted.
    pub count: Option<u64>,
    /// What there is to say about it.
    pub detail: Option<String>,
}

impl From<&domain::ActionRecord> for Action {
    fn from(record: &domain::ActionRecord) -> Self {
        let receipt = |receipt: &action::Receipt| Receipt {
            target: receipt.target.clone(),
            status: receipt.status.into(),
            count: receipt.count,
            detail: receipt.detail.clone(),
        };
        Self {
            id: action_id(record.id),
            identity_id: record.identity.to_string(),
            action: record.kind.into(),
            status: record.status().into(),
            reason: record.reason.clone(),
            receipts: record.receipts.iter().map(receipt).collect(),
            taken_at: record.taken_at.into(),
            taken_by: record.actor.name.clone(),
        }
    }
}
