//! Which times can be asked about.

use super::Reader;
use crate::domain::{Error, Result, Timestamp};
use crate::resolvers::policy::Sight;
use chrono::SecondsFormat;

impl Reader<'_> {
    /// Requires a time to lie between the beginning of what the viewer sees and now, and cuts it to the microsecond.
    pub async fn moment(&self, at: Timestamp) -> Result<Timestamp> {
        let scope = match self.sight()? {
            Sight::Directory(scope) => scope,
            Sight::Own(_, organization) => self.scope_of(organization),
        };
        if at > self.app.clock().now() {
            return Err(Error::invalid("asOf", "This time has not come yet; ask for the present or the past."));
        }
        match self.store().beginning(scope).await? {
            Some(beginning) if at < beginning => {
                let beginning = beginning.to_rfc3339_opts(SecondsFormat::Micros, true);
                Err(Error::invalid("asOf", format!("Nothing was recorded before {beginning}; ask for a later time.")))
            }
            _ => Ok(crate::domain::time::to_micros(at)),
        }
    }
}
