//! Actions on accounts: end sessions, force a new password, disable, enable.
//!
//! They reach further than the graph. What they do here is done in the transaction, and told in the account's history; and
//! each leaves a [record](crate::domain::action) with a receipt for every target, the account's provider included.

mod force_password_reset;
mod local;
mod sessions;
mod sign_in;
mod status;

pub use force_password_reset::ForcePasswordReset;
pub(super) use force_password_reset::change as password_reset_change;
pub(super) use local::LinkLocalIdentity;
pub use sessions::{EndSession, RevokeSessions};
pub(super) use sessions::{revoke_session, revoke_sessions_of, revoke_sessions_of_profile};
pub use sign_in::{NoteFailedSignIn, SignIn, SignOut};
pub use status::{DisableIdentity, EnableIdentity};

use super::super::policy::{Action, Resource};
use super::super::write::WriteContext;
use crate::domain::action::{ActionKind, ActionRecord, Receipt, ReceiptStatus};
use crate::domain::identity::LOCAL_PROVIDER;
use crate::domain::{EdgeKind, LinkedIdentity, NodeId, Result};
use crate::store::Side;
use uuid::Uuid;

/// Loads an account and the profile it belongs to, if there is one, and asks the policy.
async fn begin(context: &mut WriteContext<'_>, id: NodeId, action: Action) -> Result<(LinkedIdentity, Option<NodeId>)> {
    let identity: LinkedIdentity = context.load(id, "id").await?;
    let edge = context.unit().open_edges(EdgeKind::Link, Side::Out, &[id.uuid], None).await?.pop();
    let profile = edge.map(|edge| edge.to);
    let tenant = context.tenant();
    let resource = profile.map_or(Resource::of(tenant), |profile| Resource::of_profile(tenant, profile));
    context.authorize(action, resource)?;
    Ok((identity, profile))
}

/// Writes down what was done, and returns the id of the record.
async fn record(
    context: &mut WriteContext<'_>,
    identity: &LinkedIdentity,
    (kind, reason): (ActionKind, Option<&str>),
    mut receipts: Vec<Receipt>,
) -> Result<Uuid> {
    if identity.provider != LOCAL_PROVIDER {
        receipts.push(Receipt {
            target: identity.provider.clone(),
            status: ReceiptStatus::Unsupported,
            count: None,
            detail: Some("This provider is not connected; do it there by hand.".to_owned()),
        });
    }
    let action = ActionRecord {
        id: context.unit().new_id(),
        organization: context.tenant(),
        identity: identity.id,
        kind,
        reason: reason.map(str::to_owned),
        receipts,
        taken_at: context.now(),
        actor: context.viewer().actor.clone(),
        source: context.viewer().source.to_string(),
        request_id: context.viewer().origin.request_id.to_string(),
    };
    context.facts()?.write_action(&action).await?;
    Ok(action.id)
}

/// Something that was done here at once.
fn confirmed(target: &str, count: Option<u64>) -> Receipt {
    Receipt { target: target.to_owned(), status: ReceiptStatus::Confirmed, count, detail: None }
}
