//! Write down that levels of risk have dropped by themselves.

use super::super::super::policy::Action;
use super::super::super::risk::{MODEL, changed, settle, tell};
use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use crate::domain::risk::{Risk, ScorePoint};
use crate::domain::{OrganizationId, Result};
use serde::Serialize;
use uuid::Uuid;

/// Brings the scores and levels of accounts to the present. Those of whose levels none has dropped are left as they are.
#[derive(Debug, Clone, Serialize)]
pub struct SettleRisk {
    /// Of which organization the accounts are.
    pub organization: OrganizationId,
    /// The accounts.
    pub identities: Vec<Uuid>,
}

impl Command for SettleRisk {
    type Output = ();
    const ACTION: &'static str = "risk.settle";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<()> {
        context.authorize_tenant(Action::Administer)?;
        let now = context.now();
        let known = context.unit().risks(&self.identities).await?;
        let (mut settled, mut scores, mut changes) = (Vec::new(), Vec::new(), Vec::new());
        // Another server may have been faster.
        let is_due = |risk: &Risk| risk.due() <= now.timestamp_micros();
        for (uuid, mut risk) in known.into_iter().filter(|(_, risk)| is_due(risk)) {
            let before = risk.levels();
            settle(&mut risk, now);
            scores.push((uuid, ScorePoint { at: now, score: risk.score, level: risk.level }));
            changes.extend(changed(&risk, before));
            settled.push(risk);
        }
        let facts = context.facts()?;
        if !settled.is_empty() {
            facts.write_risks(&settled.iter().collect::<Vec<_>>(), MODEL.version()).await?;
            facts.write_scores(&scores).await?;
        }
        tell(context, changes).await
    }
}
