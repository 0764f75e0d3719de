//! What others report about accounts: sessions, access records, and alerts.
//!
//! Reports come in batches, most of them from the IAM that signs people in. Each entry stands for itself: one that cannot be
//! taken is rejected with the reason, and the others are taken. What was reported before is taken once. So a reporter that
//! has lost an answer sends the batch again.

mod access;
mod alerts;
mod sessions;

pub(super) use access::write as write_access_records;
pub use access::{RecordAccess, ReportedAccess};
pub use alerts::{ReportAlerts, ReportedAlert, SetAlertState};
pub(super) use sessions::record as session_record;
pub use sessions::{ReportSessions, ReportedSession};

use super::super::write::WriteContext;
use crate::domain::identity::DEFAULT_ENVIRONMENT;
use crate::domain::{Error, NodeId, NodeKind, Result, SessionRef};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// How many entries a batch may have.
pub const MAX_REPORTS: usize = 1_000;

/// How an account is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub enum AccountRef {
    /// By its id.
    Id(NodeId),
    /// By provider, environment and the provider's id of it.
    Account(String, String, String),
}

impl AccountRef {
    /// An account at a provider; in the usual environment unless another is named.
    #[must_use]
    pub fn at(provider: String, environment: Option<String>, account: String) -> Self {
        Self::Account(provider, environment.unwrap_or_else(|| DEFAULT_ENVIRONMENT.to_owned()), account)
    }
}

/// What has become of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportStatus {
    /// It is new, and was taken.
    Recorded,
    /// It says more of what was known, and was taken.
    Updated,
    /// It was known already.
    Known,
    /// It was not taken.
    Rejected,
}

impl ReportStatus {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Updated => "updated",
            Self::Known => "known",
            Self::Rejected => "rejected",
        }
    }
}

/// Why an entry was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRejection {
    /// The stable code.
    pub code: String,
    /// The field at fault.
    pub field: Option<String>,
    /// A sentence that says what to do.
    pub message: String,
}

/// What has become of an entry of a batch, in the place that it had there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// What has become of it.
    pub status: ReportStatus,
    /// The session, record or alert; none if it was not taken.
    pub id: Option<Uuid>,
    /// Why it was not taken.
    pub rejection: Option<ReportRejection>,
}

impl Reported {
    const fn taken(status: ReportStatus, id: Uuid) -> Self {
        Self { status, id: Some(id), rejection: None }
    }

    fn rejected(error: Error) -> Self {
        let rejection = ReportRejection {
            code: error.code.as_str().to_owned(),
            field: error.field,
            message: error.message.into_owned(),
        };
        Self { status: ReportStatus::Rejected, id: None, rejection: Some(rejection) }
    }
}

/// Requires a batch that is neither empty nor too large.
fn check_size(field: &str, entries: usize) -> Result<()> {
    if (1..=MAX_REPORTS).contains(&entries) {
        return Ok(());
    }
    Err(Error::invalid(field, format!("Send 1 to {MAX_REPORTS} entries at once.")))
}

/// The accounts that reports name.
struct Accounts {
    by_id: std::collections::HashSet<Uuid>,
    by_account: HashMap<(String, String, String), NodeId>,
}

impl Accounts {
    /// Looks up whatever is named: one statement for ids, and one for accounts.
    async fn find(context: &WriteContext<'_>, named: impl Iterator<Item = &AccountRef>) -> Result<Self> {
        let (mut ids, mut accounts) = (Vec::new(), Vec::new());
        for name in named {
            match name {
                AccountRef::Id(id) => ids.push(id.uuid),
                AccountRef::Account(provider, environment, account) => {
                    // What no account can be called is looked up as nothing.
                    let parts = [provider, environment, account].map(|part| part.replace('\0', "\u{fffd}"));
                    let [provider, environment, account] = parts;
                    accounts.push((provider, environment, account));
                }
            }
        }
        ids.sort_unstable();
        ids.dedup();
        accounts.sort_unstable();
        accounts.dedup();
        let by_id = context.unit().known_identities(&ids).await?;
        let found = context.unit().identities_by_accounts(&accounts).await?;
        let by_account = found
            .into_iter()
            .map(|identity| ((identity.provider, identity.environment, identity.account_id), identity.id))
            .collect();
        Ok(Self { by_id, by_account })
    }

    fn get(&self, name: &AccountRef) -> Result<NodeId> {
        let found = match name {
            AccountRef::Id(id) => (id.kind == NodeKind::LinkedIdentity && self.by_id.contains(&id.uuid)).then_some(*id),
            AccountRef::Account(provider, environment, account) => {
                self.by_account.get(&(provider.clone(), environment.clone(), account.clone())).copied()
            }
        };
        found.ok_or_else(|| Error::not_found("identity", "linked identity"))
    }
}

/// Requires a name of a session that there can be.
fn check_session_ref(name: &SessionRef) -> Result<()> {
    match name {
        SessionRef::Id(_) => Ok(()),
        SessionRef::External(name) => crate::domain::text::check_line("session", name, crate::domain::text::MAX_NAME),
    }
}
