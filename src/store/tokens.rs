//! API tokens by the hash of their secret.

use super::error::translate;
use super::lookup::{push_any, read_all};
use super::sql::Sql;
use super::tables::{Table, columns};
use super::{Scope, Store};
use crate::domain::{ApiToken, Result, Timestamp};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Which API tokens are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenFilter {
    /// Only that one.
    pub id: Option<Uuid>,
    /// Only those of that name. Case counts.
    pub name: Option<String>,
}

impl TokenFilter {
    /// Appends the conditions, behind others.
    fn push(&self, scope: Scope, sql: &mut Sql) {
        sql.push(" WHERE n.deleted_at IS NULL");
        scope.and(sql, &format!("n.{}", ApiToken::TENANT));
        if let Some(id) = self.id {
            sql.push(" AND n.id = ").bind(id);
        }
        if let Some(name) = &self.name {
            sql.push(" AND n.name = ").bind(name.replace('\0', "\u{fffd}"));
        }
    }
}

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

    /// The tokens of the scope that were not revoked, the oldest first: behind the first `offset`, at most `limit`.
    pub async fn token_window(
        &self,
        scope: Scope,
        filter: &TokenFilter,
        (offset, limit): (u64, u64),
    ) -> Result<Vec<ApiToken>> {
        let mut sql = Sql::new(format!("SELECT {} FROM tokens n", columns::<ApiToken>("n")));
        filter.push(scope, &mut sql);
        sql.push(" ORDER BY n.id LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
        read_all(&self.read, sql, self).await
    }

    /// How many tokens of the scope were not revoked.
    pub async fn token_count(&self, scope: Scope, filter: &TokenFilter) -> Result<i64> {
        let mut sql = Sql::new("SELECT COUNT(*) FROM tokens n");
        filter.push(scope, &mut sql);
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        row.map_or(Ok(0), |row| row.try_get_by_index(0).map_err(translate))
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
