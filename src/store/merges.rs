//! Merged profiles: where their ids lead, what identified them, and which were merged into a profile.
//!
//! A merged profile is a deleted row that names the profile it was merged into, which may itself be merged into another. So
//! a redirect is a short walk, over rows as they were at the time that is asked about.

use super::error::translate;
use super::lookup::{ProfileKey, read_all};
use super::per_parent::{PerParent, push_parents};
use super::row::RowReader;
use super::sql::Sql;
use super::tables::{Table, columns};
use super::{Scope, Store};
use crate::domain::node::namespace;
use crate::domain::{Page, Profile, Result, Slice, text};
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use uuid::Uuid;

impl Store {
    /// The nodes that the ids of merged ones lead to. Other ids are missing in the answer.
    pub async fn survivors<T: Table>(&self, scope: Scope, ids: &[Uuid]) -> Result<HashMap<Uuid, T>> {
        let mut sql = scope.sql("WITH RECURSIVE ");
        push_parents(&mut sql, self.dialect, ids);
        push_walk::<T>(&mut sql, scope);
        sql.push(&format!(
            " SELECT w.root, {} FROM w {} {} ON n.id = w.id WHERE n.deleted_at IS NULL",
            columns::<T>("n"),
            self.dialect.then_join(),
            scope.table::<T>("n")
        ));
        scope.and(&mut sql, &format!("n.{}", T::TENANT));
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let read = |mut row: RowReader<'_>| Ok((row.get()?, T::read(&mut row)?));
        rows.iter().map(|row| read(RowReader::new(row)).map_err(translate)).collect()
    }

    /// The profiles into which others were merged that this identified, at most `limit`; if `only` is given, no other than
    /// that one.
    pub async fn profiles_by_former_key(
        &self,
        scope: Scope,
        key: &ProfileKey,
        only: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Profile>> {
        let mut sql = scope.sql("WITH RECURSIVE p(id) AS (SELECT ");
        let by_key = |sql: &mut Sql, namespace: &'static str, value: String| {
            sql.push(&format!("k.node_id FROM {} WHERE k.namespace = ", scope.keys("k"))).bind(namespace);
            sql.push(" AND k.value = ").bind(value);
            scope.and(sql, "k.org_id");
        };
        match key {
            ProfileKey::Id(id) => {
                sql.push(&format!("f.id FROM {} WHERE f.id = ", scope.table::<Profile>("f"))).bind(id.uuid);
                sql.push(&format!(" AND f.kind = '{}'", id.kind.name()));
            }
            ProfileKey::Username(organization, username) => {
                by_key(&mut sql, namespace::FORMER_USERNAME, text::key(username));
                if let Some(organization) = organization {
                    sql.push(" AND k.org_id = ").bind(organization.0);
                }
            }
            ProfileKey::Key(namespace, value) => by_key(&mut sql, namespace, value.clone()),
            // An account moves with its edge.
            ProfileKey::IdentityId(_) | ProfileKey::Identity(..) => return Ok(Vec::new()),
        }
        sql.push(")");
        push_walk::<Profile>(&mut sql, scope);
        sql.push(&format!(
            " SELECT {} FROM {} WHERE n.deleted_at IS NULL AND n.id IN (SELECT w.id FROM w)",
            columns::<Profile>("n"),
            scope.table::<Profile>("n")
        ));
        scope.and(&mut sql, "n.org_id");
        if let Some(only) = only {
            sql.push(" AND n.id = ").bind(only);
        }
        sql.push(" ORDER BY n.id LIMIT ").bind(limit);
        read_all(&self.read, sql, self).await
    }

    /// The profiles that were merged into many profiles, ordered by id.
    pub async fn merged_pages(
        &self,
        scope: Scope,
        survivors: &[Uuid],
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<Profile>>> {
        let conditions = |sql: &mut Sql, parent: &mut dyn FnMut(&mut Sql)| {
            sql.push("n.merged_into = ");
            parent(sql);
            scope.and(sql, "n.org_id");
            if let Some(after) = &page.after {
                sql.push(" AND n.id > ").bind(after.id);
            }
            if let Some(before) = &page.before {
                sql.push(" AND n.id < ").bind(before.id);
            }
        };
        let query = PerParent {
            scope,
            columns: &columns::<Profile>("n"),
            from: &scope.table::<Profile>("n"),
            key: "n.id",
            order: if page.from_end { "n.id DESC" } else { "n.id" },
            conditions: &conditions,
        };
        query.pages(self, survivors, page, Profile::read).await
    }

    /// How many profiles were merged into many profiles.
    pub async fn merged_counts(&self, scope: Scope, survivors: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        let mut sql = scope.sql("WITH ");
        push_parents(&mut sql, self.dialect, survivors);
        sql.push(&format!(
            " SELECT n.merged_into, COUNT(*) FROM p JOIN {} ON n.merged_into = p.id WHERE TRUE",
            scope.table::<Profile>("n")
        ));
        scope.and(&mut sql, "n.org_id");
        sql.push(" GROUP BY n.merged_into");
        self.counts(sql).await
    }
}

/// Writes `w(root, id)`: from the ids in `p`, what they were merged into, and so on. A merge joins what is alive, so there
/// are no circles.
fn push_walk<T: Table>(sql: &mut Sql, scope: Scope) {
    let table = scope.table::<T>("m");
    sql.push(&format!(
        ", w(root, id) AS (SELECT p.id, m.merged_into FROM p JOIN {table} ON m.id = p.id AND m.merged_into IS NOT NULL
        UNION ALL SELECT w.root, m.merged_into FROM w JOIN {table} ON m.id = w.id AND m.merged_into IS NOT NULL)"
    ));
}
