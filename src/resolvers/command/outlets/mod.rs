//! Where changes of an organization are sent: made, changed, removed by those who receive them; filled and stopped by the server.
//!
//! What happens to a stream is told in the history of the API token that it belongs to, what happens to a webhook in that of the
//! organization. What is sent has no event: it tells of events.

mod collect;
mod streams;
mod suspend;
mod webhooks;

pub use collect::CollectDeliveries;
pub use streams::{
    ChangeStream, CreateStream, DeleteStream, SetStreamStatus, SetStreamSubject, StreamChange, VerifyStream,
};
pub use suspend::SuspendOutlet;
pub use webhooks::{CreateWebhook, DeleteWebhook, ReplayWebhook, Replayed, RotateWebhookSecret, UpdateWebhook};

use super::super::write::WriteContext;
use crate::domain::diff::Difference;
use crate::domain::signal::SubjectFormat;
use crate::domain::{ApiToken, NodeId, NodeKind, Organization, Outlet, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Tells in the history of whom an outlet belongs to what it was and what it is.
async fn tell(context: &mut WriteContext<'_>, before: Option<&Outlet>, after: Option<&Outlet>) -> Result<()> {
    let Some(outlet) = after.or(before) else { return Ok(()) };
    let (noun, subject) = match outlet.token {
        Some(token) => ("signal_streams", NodeId::new(NodeKind::Token, token)),
        None => ("webhooks", context.tenant().node()),
    };
    if outlet.token.is_some() {
        let _: ApiToken = context.load_deleted_too(subject, "token").await?;
    } else {
        let _: Organization = context.load(subject, "organizationId").await?;
    }
    let path = format!("{noun}.{}", outlet.public_id());
    let told = |outlet: Option<&Outlet>| outlet.map_or(Value::Null, view);
    context.tell(subject, Difference { path, before: told(before), after: told(after) })
}

/// How the history tells an outlet. Of a secret it tells only that it is another one.
fn view(outlet: &Outlet) -> Value {
    let mark =
        |secret: &Vec<u8>| Sha256::digest(secret).iter().take(4).map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut view = json!({
        "kind": outlet.kind.name(), "status": outlet.status.name(), "url": outlet.url, "events": outlet.events,
        "description": outlet.description, "reason": outlet.status_reason,
        "format": outlet.format.map(SubjectFormat::name), "secret": outlet.secret.as_ref().map(mark),
    });
    if let Some(members) = view.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    view
}
