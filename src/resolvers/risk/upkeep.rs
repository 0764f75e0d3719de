//! What is done about risk without being asked for.

use super::super::command::{SettleRisk, TidyRisk};
use super::super::{App, RunOptions, Viewer};
use crate::domain::id::typeid;
use crate::domain::{ErrorCode, OrganizationId, Origin, Result};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many accounts are settled at once.
const AT_ONCE: u64 = 500;

impl App {
    /// Writes down and tells whose level has dropped, of some of those that wait longest. Says how many there were.
    pub async fn settle_risk(&self) -> Result<usize> {
        let fallen = self.store().fallen_risks(self.clock().now(), AT_ONCE).await?;
        let count = fallen.len();
        let mut by_organization: BTreeMap<OrganizationId, Vec<_>> = BTreeMap::new();
        for (organization, identity) in fallen {
            by_organization.entry(organization).or_default().push(identity);
        }
        let viewer = self.server();
        for (organization, identities) in by_organization {
            let command = SettleRisk { organization, identities };
            match self.run(&viewer, command, RunOptions::default()).await {
                // It was deleted meanwhile.
                Err(error) if error.code == ErrorCode::NotFound => {}
                outcome => outcome?,
            }
        }
        Ok(count)
    }

    /// Forgets what has no bearing on the risk of anybody any more, and gathers what is usual for everyone.
    pub async fn tidy_risk(&self) -> Result<()> {
        let mut organizations = self.store().organizations_with_risk().await?;
        organizations.push(OrganizationId::INSTANCE);
        let viewer = self.server();
        for organization in organizations {
            match self.run(&viewer, TidyRisk { organization }, RunOptions::default()).await {
                Err(error) if error.code == ErrorCode::NotFound => {}
                outcome => outcome?,
            }
        }
        Ok(())
    }

    /// The server, which does something of its own accord.
    pub(in super::super) fn server(&self) -> Viewer {
        let request_id = Arc::from(typeid("req", self.clock().new_id()));
        Viewer::server(Origin { face: "worker", request_id })
    }
}
