//! Force a new password.

use super::super::super::policy::Action;
use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use super::{begin, confirmed, record};
use crate::domain::action::{ActionKind, Receipt, ReceiptStatus};
use crate::domain::diff::Difference;
use crate::domain::identity::LOCAL_PROVIDER;
use crate::domain::{NodeId, Result, Timestamp};
use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// Requires that the password of an account is changed at the next sign-in.
#[derive(Debug, Clone, Serialize)]
pub struct ForcePasswordReset {
    /// The linked identity.
    pub id: NodeId,
    /// Why.
    pub reason: Option<String>,
}

impl Command for ForcePasswordReset {
    type Output = Uuid;
    const ACTION: &'static str = "identity.force_password_reset";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        let (identity, profile) = begin(context, self.id, Action::Administer).await?;
        context.because(self.reason.as_deref())?;
        let (before, now) = (context.unit().standing(self.id).await?.password_reset_since, context.now());
        context.facts()?.require_password_reset(self.id, Some(now)).await?;
        context.tell(self.id, change(before, Some(now)))?;
        let mut receipts = Vec::new();
        if identity.provider == LOCAL_PROVIDER {
            let has_password = match profile {
                Some(profile) => context.unit().password(profile).await?.is_some(),
                None => false,
            };
            receipts.push(if has_password {
                confirmed("idgraph:password", None)
            } else {
                Receipt {
                    target: "idgraph:password".to_owned(),
                    status: ReceiptStatus::Unsupported,
                    count: None,
                    detail: Some("There is no password here.".to_owned()),
                }
            });
        }
        record(context, &identity, (ActionKind::ForcePasswordReset, self.reason.as_deref()), receipts).await
    }
}

/// How the history tells since when a password has to be changed.
pub(in super::super) fn change(before: Option<Timestamp>, after: Option<Timestamp>) -> Difference {
    let told =
        |at: Option<Timestamp>| at.map_or(Value::Null, |at| at.to_rfc3339_opts(SecondsFormat::Micros, true).into());
    Difference { path: "passwordResetSince".to_owned(), before: told(before), after: told(after) }
}
