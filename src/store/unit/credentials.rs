//! What a profile signs in with here: its password, and the tokens that act for it.

use super::Unit;
use crate::domain::{ApiToken, NodeId, Result};
use crate::store::lookup::push_any;
use crate::store::row::{RowReader, micros};
use crate::store::sql::Sql;
use crate::store::tables::{Table, columns};
use std::collections::HashSet;
use uuid::Uuid;

impl Unit {
    /// Writes the hash of a profile's password, in the place of the one there was.
    pub async fn write_password(&self, profile: NodeId, hash: &str) -> Result<()> {
        let mut sql = Sql::new("INSERT INTO passwords (profile_id, org_id, hash, set_at) VALUES (");
        sql.bind(profile.uuid).push(", ").bind(self.tenant.0).push(", ").bind(hash.to_owned());
        sql.push(", ")
            .bind(micros(self.now))
            .push(") ON CONFLICT (profile_id) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at");
        self.execute(sql).await
    }

    /// The hash of a profile's password.
    pub async fn password(&self, profile: NodeId) -> Result<Option<String>> {
        let mut sql = Sql::new("SELECT hash FROM passwords WHERE profile_id = ");
        sql.bind(profile.uuid).push(" AND org_id = ").bind(self.tenant.0);
        let read = |row: &mut RowReader<'_>| {
            let hash: String = row.get()?;
            Ok(hash)
        };
        Ok(self.read(sql, read).await?.pop())
    }

    /// The API tokens of the tenant that act for a profile and are not revoked.
    pub async fn tokens_for(&self, profile: NodeId) -> Result<Vec<ApiToken>> {
        let columns = columns::<ApiToken>("n");
        let mut sql =
            Sql::new(format!("SELECT {columns} FROM tokens n WHERE n.deleted_at IS NULL AND n.profile_id = "));
        sql.bind(profile.uuid).push(" AND n.org_id = ").bind(self.tenant.0);
        self.read(sql, ApiToken::read).await
    }

    /// Which of these profiles API tokens act for.
    pub async fn with_tokens(&self, profiles: &[Uuid]) -> Result<HashSet<Uuid>> {
        let mut sql = Sql::new("SELECT DISTINCT n.profile_id FROM tokens n WHERE n.deleted_at IS NULL AND n.org_id = ");
        sql.bind(self.tenant.0).push(" AND n.profile_id");
        push_any(&mut sql, self.dialect, profiles);
        Ok(self.found_ids(sql).await?.into_iter().collect())
    }

    /// Forgets the hash of a profile's password, and says whether there was one.
    pub async fn remove_password(&self, profile: NodeId) -> Result<bool> {
        let mut sql = Sql::new("DELETE FROM passwords WHERE profile_id = ");
        sql.bind(profile.uuid).push(" AND org_id = ").bind(self.tenant.0).push(" RETURNING profile_id");
        let removed = self.ids(sql).await?;
        Ok(!removed.is_empty())
    }
}
