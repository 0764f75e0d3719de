//! API tokens by the hash of their secret.

use super::error::translate;
use super::lookup::{push_any, read_all};
use super::sql::Sql;
use super::tables::{Table, columns};
use super::{Scope, Store};
use crate::domain::{ApiToken, Result, Timestamp};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

impl Store {
    /// The token with that hash, live or not, unless its organization is deleted, or the profile it acts for is not active.
    pub async fn token_by_hash(&self, hash: &[u8]) -> Result<Option<ApiToken>> {
        let mut sql = Sql::new(format!("SELECT {} FROM tokens n WHERE n.hash = ", columns::<ApiToken>("n")));
        sql.bind(hash.to_vec());
        self.usable_token(sql).await
    }

    /// The token with that id, under the same conditions.
    pub async fn token_by_id(&self, id: Uuid) -> Result<Option<ApiToken>> {
        let mut sql = Sql::new(format!("SELECT {} FROM tokens n WHERE n.id = ", columns::<ApiToken>("n")));
        sql.bind(id);
        self.usable_token(sql).await
    }

    async fn usable_token(&self, mut sql: Sql) -> Result<Option<ApiToken>> {
        sql.push(" AND NOT EXISTS (SELECT 1 FROM organizations o WHERE o.id = n.org_id AND o.deleted_at IS NOT NULL)");
        sql.push(" AND NOT EXISTS (SELECT 1 FROM profiles p WHERE p.id = n.profile_id AND p.status <> 'active')");
        Ok(read_all(&self.read, sql, self).await?.pop())
    }

    /// Every token of the scope, the oldest first, revoked ones too.
    pub async fn tokens(&self, scope: Scope) -> Result<Vec<ApiToken>> {
        let mut sql = Sql::new(format!("SELECT {} FROM tokens n WHERE TRUE", columns::<ApiToken>("n")));
        scope.and(&mut sql, &format!("n.{}", ApiToken::TENANT));
        sql.push(" ORDER BY n.id");
        read_all(&self.read, sql, self).await
    }

    /// Notes that tokens were used. This is no change of the directory: it has no event.
    pub async fn touch_tokens(&self, ids: &[Uuid], at: Timestamp) -> Result<()> {
        for ids in ids.chunks(1_000) {
            let mut sql = Sql::new("UPDATE tokens SET last_used_at = ");
            sql.bind(at.timestamp_micros()).push(" WHERE id");
            push_any(&mut sql, self.dialect, ids);
            self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        }
        Ok(())
    }
}
