//! Parents and containment: what a command asks of the hierarchy, and how it changes the closure.

use super::Unit;
use crate::domain::{Error, Result};
use crate::store::lookup::push_any;
use crate::store::sql::Sql;
use crate::store::{Dialect, closure};
use sea_orm::Value;
use uuid::Uuid;

/// The condition that neither a team or group nor an organization at that end of the edge `e` is deleted: what is deleted
/// leads nowhere.
fn alive(end: &str) -> String {
    let dead =
        |table: &str| format!("NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = e.{end} AND t.deleted_at IS NOT NULL)");
    format!("{} AND {}", dead("collectives"), dead("organizations"))
}

impl Unit {
    /// How many levels of parents lie above a node, and how many of children below.
    pub async fn depth(&self, id: Uuid) -> Result<(i64, i64)> {
        let walk = |near: &str, far: &str| {
            format!(
                "(WITH RECURSIVE w(id, depth) AS (SELECT e.{far}, 1 FROM edges e WHERE e.{near} = $1 AND e.kind = 'parent' AND e.valid_to IS NULL AND {}
                UNION ALL SELECT e.{far}, w.depth + 1 FROM w JOIN edges e ON e.{near} = w.id AND e.kind = 'parent' AND e.valid_to IS NULL AND {}
                WHERE w.depth <= {}) SELECT COALESCE(MAX(depth), 0) FROM w)",
                alive(far),
                alive(far),
                closure::MAX_DEPTH
            )
        };
        let mut sql = Sql::new("SELECT CAST(");
        sql.push(&walk("from_id", "to_id"))
            .push(" AS BIGINT), CAST(")
            .push(&walk("to_id", "from_id"))
            .push(" AS BIGINT) FROM (SELECT ");
        sql.bind(id).push(" AS id) AS start");
        let rows = self.read(sql, |row| Ok((row.get()?, row.get()?))).await?;
        Ok(rows.first().copied().unwrap_or_default())
    }

    /// Whether `ancestor` is `descendant`, or lies above it in the hierarchy of parents.
    pub async fn is_above(&self, ancestor: Uuid, descendant: Uuid) -> Result<bool> {
        if ancestor == descendant {
            return Ok(true);
        }
        let mut sql = Sql::new("WITH RECURSIVE w(id, depth) AS (SELECT e.to_id, 1 FROM edges e WHERE e.from_id = ");
        sql.bind(descendant).push(" AND e.kind = 'parent' AND e.valid_to IS NULL AND ").push(&alive("to_id"));
        sql.push(" UNION ALL SELECT e.to_id, w.depth + 1 FROM w JOIN edges e ON e.from_id = w.id AND e.kind = 'parent' AND e.valid_to IS NULL AND ");
        sql.push(&alive("to_id"));
        sql.push(&format!(" WHERE w.depth <= {}) SELECT 1 FROM w WHERE id = ", closure::MAX_DEPTH))
            .bind(ancestor)
            .push(" LIMIT 1");
        Ok(self.query_one(sql).await?.is_some())
    }

    /// Whether `container` is `contained`, or contains it, directly or not.
    pub async fn contains(&self, container: Uuid, contained: Uuid) -> Result<bool> {
        if container == contained {
            return Ok(true);
        }
        let mut sql = Sql::new("SELECT 1 FROM containment WHERE ancestor_id = ");
        sql.bind(container).push(" AND descendant_id = ").bind(contained);
        Ok(self.query_one(sql).await?.is_some())
    }

    /// The open edges to parents that lie above the first nodes, or below the second: pairs of child and parent.
    pub async fn lineage(&self, above: &[Uuid], below: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
        if above.is_empty() || below.is_empty() {
            return Ok(Vec::new());
        }
        let walk = |name: &str, near: &str, end: &str| {
            format!(
                " UNION ALL SELECT e.from_id, e.to_id, {name}.depth + 1 FROM {name} JOIN edges e ON e.{near} = {name}.{end}
                AND e.kind = 'parent' AND e.valid_to IS NULL AND {} AND {} WHERE {name}.depth <= {})",
                alive("from_id"),
                alive("to_id"),
                closure::MAX_DEPTH
            )
        };
        let start = "(child, parent, depth) AS (SELECT e.from_id, e.to_id, 1 FROM edges e WHERE e.kind = 'parent' AND e.valid_to IS NULL AND e.";
        let mut sql = Sql::new("WITH RECURSIVE u");
        sql.push(start).push("from_id");
        push_any(&mut sql, self.dialect, above);
        sql.push(&walk("u", "from_id", "parent")).push(", d").push(start).push("to_id");
        push_any(&mut sql, self.dialect, below);
        sql.push(&walk("d", "to_id", "child")).push(" SELECT child, parent FROM u UNION SELECT child, parent FROM d");
        self.read(sql, |row| Ok((row.get()?, row.get()?))).await
    }

    /// Waits until no other transaction changes the hierarchy of organizations, which spans tenants.
    pub async fn lock_organization_hierarchy(&self) -> Result<()> {
        match self.dialect {
            // There is only one writer.
            Dialect::Sqlite => Ok(()),
            Dialect::Postgres => self.execute(Sql::new("SELECT pg_advisory_xact_lock(7309453280416493135)")).await,
        }
    }

    /// Makes a team or group known to the closure of containment.
    pub async fn enter_containment(&self, ids: &[Uuid]) -> Result<()> {
        let rows = ids.iter().map(|id| vec![Value::from(*id), Value::from(*id), Value::from(1_i64)]).collect();
        self.insert("containment", &["ancestor_id", "descendant_id", "paths"], rows, " ON CONFLICT DO NOTHING").await
    }

    /// Takes a team or group out of the closure, from which its direct containments have been taken already.
    pub async fn leave_containment(&self, id: Uuid) -> Result<()> {
        let mut sql = Sql::new("DELETE FROM containment WHERE ancestor_id = ");
        sql.bind(id).push(" AND descendant_id = ").bind(id);
        self.execute(sql).await
    }

    /// Adds a direct containment to the closure. The caller has made sure that it closes no cycle.
    pub async fn contain(&self, container: Uuid, contained: Uuid) -> Result<()> {
        let mut sql = Sql::new(
            "INSERT INTO containment (ancestor_id, descendant_id, paths) SELECT a.ancestor_id, d.descendant_id, a.paths * d.paths",
        );
        sql.push(" FROM containment a CROSS JOIN containment d WHERE a.descendant_id = ")
            .bind(container)
            .push(" AND d.ancestor_id = ")
            .bind(contained);
        sql.push(" ON CONFLICT (ancestor_id, descendant_id) DO UPDATE SET paths = containment.paths + excluded.paths");
        self.execute(sql).await?;
        self.check_paths(contained).await
    }

    /// Takes a direct containment out of the closure.
    pub async fn release(&self, container: Uuid, contained: Uuid) -> Result<()> {
        let mut sql = Sql::new(
            "UPDATE containment SET paths = paths - (SELECT a.paths * d.paths FROM containment a, containment d",
        );
        sql.push(" WHERE a.ancestor_id = containment.ancestor_id AND a.descendant_id = ").bind(container);
        sql.push(" AND d.ancestor_id = ").bind(contained).push(" AND d.descendant_id = containment.descendant_id)");
        sql.push(" WHERE ancestor_id IN (SELECT ancestor_id FROM containment WHERE descendant_id = ").bind(container);
        sql.push(") AND descendant_id IN (SELECT descendant_id FROM containment WHERE ancestor_id = ")
            .bind(contained)
            .push(")");
        self.execute(sql).await?;
        let mut sql = Sql::new(
            "DELETE FROM containment WHERE paths = 0 AND descendant_id IN (SELECT descendant_id FROM containment WHERE ancestor_id = ",
        );
        sql.bind(contained).push(")");
        self.execute(sql).await
    }

    /// Numbers of paths multiply. A structure that nobody draws on purpose is refused before they leave 64 bits.
    async fn check_paths(&self, contained: Uuid) -> Result<()> {
        let mut sql = Sql::new("SELECT 1 FROM containment WHERE descendant_id = ");
        sql.bind(contained).push(" AND paths > 1000000 LIMIT 1");
        if self.query_one(sql).await?.is_some() {
            return Err(Error::invalid(
                "members",
                "These teams and groups contain each other in more than a million ways; make the structure simpler.",
            ));
        }
        Ok(())
    }
}
