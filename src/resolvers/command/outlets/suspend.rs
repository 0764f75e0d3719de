//! Send nothing any more to a receiver that has been away for too long.

use super::super::super::oauth::Settings;
use super::super::super::outlets::stream_updated;
use super::super::super::policy::Action;
use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use super::tell;
use crate::domain::outlet::OutletStatus;
use crate::domain::{OrganizationId, Result};
use serde::Serialize;
use uuid::Uuid;

/// Stops an outlet whose receiver has been away for too long: a stream is paused, so that signals are kept until their receiver
/// comes back; a webhook is disabled.
#[derive(Debug, Clone, Serialize)]
pub struct SuspendOutlet {
    /// The organization.
    pub organization: OrganizationId,
    /// The outlet.
    pub id: Uuid,
    /// By whom signals are signed.
    #[serde(skip)]
    pub sending: Settings,
}

impl Command for SuspendOutlet {
    type Output = ();
    const ACTION: &'static str = "outlet.suspend";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<()> {
        context.authorize_tenant(Action::Administer)?;
        let Some(before) = context.unit().outlet(self.id).await? else { return Ok(()) };
        // Another server may have been faster, or somebody may have set it right.
        if before.status != OutletStatus::Enabled || before.failing_since.is_none() {
            return Ok(());
        }
        let mut outlet = before.clone();
        outlet.status = if before.kind.is_stream() { OutletStatus::Paused } else { OutletStatus::Disabled };
        outlet.status_reason = Some("The receiver was away for too long.".to_owned());
        outlet.updated_at = context.now();
        let told = stream_updated(&self.sending, &outlet, (context.unit().new_id(), context.now()));
        let facts = context.facts()?;
        facts.write_outlet(&outlet).await?;
        if outlet.kind.is_stream() {
            facts.write_deliveries(&[told]).await?;
        }
        tell(context, Some(&before), Some(&outlet)).await
    }
}
