//! At which providers accounts are.

use super::Store;
use super::error::translate;
use super::sql::Sql;
use crate::domain::{OrganizationId, Result};
use sea_orm::ConnectionTrait;

impl Store {
    /// The providers at which accounts of the scope are, in the order of their names: at most so many.
    ///
    /// Each is looked for behind the one before, in the index of accounts, so that it costs what there are providers, and
    /// not what there are accounts.
    pub async fn providers(&self, organization: OrganizationId, limit: u64) -> Result<Vec<String>> {
        let next = |sql: &mut Sql, behind: &str| {
            sql.push("SELECT MIN(n.provider) FROM linked_identities n WHERE n.deleted_at IS NULL AND n.org_id = ");
            sql.bind(organization.0).push(behind);
        };
        let mut sql = Sql::new("WITH RECURSIVE p(provider) AS (");
        next(&mut sql, "");
        sql.push(" UNION ALL SELECT (");
        next(&mut sql, " AND n.provider > p.provider");
        sql.push(") FROM p WHERE p.provider IS NOT NULL) SELECT provider FROM p WHERE provider IS NOT NULL LIMIT ");
        sql.bind(limit);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| row.try_get_by_index(0).map_err(translate)).collect()
    }
}
