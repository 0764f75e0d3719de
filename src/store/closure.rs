//! What is reached over more than one edge: hierarchies, effective members, effective roles.
//!
//! Containment (see [`crate::domain::collective`]) is kept as its transitive closure, with the number of paths from each
//! ancestor to each descendant: an edge that appears adds `paths(a, x) · paths(y, d)` for every pair it connects, and one
//! that goes subtracts the same, so that a change costs what it touches and needs no recomputation. Hierarchies of parents
//! are trees of bounded depth, and are walked.

use super::error::translate;
use super::per_parent::push_parents;
use super::row::RowReader;
use super::sql::Sql;
use super::tables::{Table, columns};
use super::{Scope, Store};
use crate::domain::{Collective, NodeId, NodeKind, Page, Result, Role, Slice};
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use uuid::Uuid;

/// The deepest hierarchy of parents that is allowed, and that is walked.
pub(super) const MAX_DEPTH: u32 = 32;

/// What is reached over containment begins at the teams and groups that this selects, and goes down or up.
struct Walk {
    /// From the ids in `p`, where to begin.
    start: &'static str,
    /// Whether it goes down, to what is contained.
    down: bool,
}

const DOWN_FROM_COLLECTIVES: Walk = Walk { start: "SELECT p.id AS id FROM p", down: true };
const DOWN_FROM_HOLDERS: Walk =
    Walk { start: "SELECT g.from_id AS id FROM p JOIN {g} ON g.to_id = p.id AND g.kind = 'grant'{open g}", down: true };
const UP_FROM_MEMBERS: Walk = Walk {
    start: "SELECT e.to_id AS id FROM p JOIN {e} ON e.from_id = p.id AND e.kind = 'member'{open e}",
    down: false,
};

const EFFECTIVE_MEMBERS: &str = "SELECT DISTINCT p.id, e.from_id FROM p JOIN containment c ON c.ancestor_id = p.id
    JOIN {e} ON e.to_id = c.descendant_id AND e.kind = 'member'{open e}";
const EFFECTIVE_COLLECTIVES: &str =
    "SELECT DISTINCT p.id, c.ancestor_id FROM p JOIN {e} ON e.from_id = p.id AND e.kind = 'member'{open e}
    JOIN containment c ON c.descendant_id = e.to_id";
const EFFECTIVE_HOLDERS: &str = "SELECT p.id, g.from_id FROM p JOIN {g} ON g.to_id = p.id AND g.kind = 'grant'{open g}
    UNION SELECT p.id, e.from_id FROM p JOIN {g} ON g.to_id = p.id AND g.kind = 'grant'{open g}
    JOIN containment c ON c.ancestor_id = g.from_id JOIN {e} ON e.to_id = c.descendant_id AND e.kind = 'member'{open e}";
// The CASE is a NULL that has the type of an id on both databases.
const EFFECTIVE_ROLES: &str = "SELECT p.id, g.to_id, CASE WHEN g.from_id <> p.id THEN g.from_id END FROM p
    JOIN {g} ON g.from_id = p.id AND g.kind = 'grant'{open g}
    UNION SELECT p.id, g.to_id, g.from_id FROM p JOIN {e} ON e.from_id = p.id AND e.kind = 'member'{open e}
    JOIN containment c ON c.descendant_id = e.to_id JOIN {g} ON g.from_id = c.ancestor_id AND g.kind = 'grant'{open g}";

/// What is reached from a node over more than one edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// From a team or group to the profiles in it, or in anything it contains.
    EffectiveMembers,
    /// From a profile to the teams (or groups) it is in, directly or through what they contain.
    EffectiveCollectives(NodeKind),
    /// From a role to the profiles that have it, directly or through a group.
    EffectiveHolders,
    /// From a team, group or organization to everything below it in the hierarchy of parents.
    Descendants,
}

/// A role that a profile has, and how it comes to have it.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectiveRole {
    /// The role.
    pub role: Role,
    /// Whether it was granted to the profile itself.
    pub direct: bool,
    /// The groups it was granted to and the profile is in, directly or not.
    pub via: Vec<NodeId>,
}

impl Store {
    /// The nodes of one type that are reached from many nodes, ordered by id.
    pub async fn reached_pages<T: Table>(
        &self,
        scope: Scope,
        reach: Reach,
        parents: &[Uuid],
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<T>>> {
        let mut sql = self.reached::<T>(scope, reach, parents, |sql| {
            let direction = if page.from_end { "DESC" } else { "ASC" };
            sql.push(&format!(
                " SELECT root, {} FROM (SELECT w.root, {}, ROW_NUMBER() OVER (PARTITION BY w.root ORDER BY n.id {direction}) AS place",
                columns::<T>("x"),
                columns::<T>("n")
            ));
        });
        if let Some(after) = &page.after {
            sql.push(" AND n.id > ").bind(after.id);
        }
        if let Some(before) = &page.before {
            sql.push(" AND n.id < ").bind(before.id);
        }
        sql.push(") AS x WHERE place <= ").bind(u64::from(page.limit) + 1).push(" ORDER BY place");
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let mut found: HashMap<Uuid, Vec<T>> = HashMap::new();
        for row in &rows {
            let mut row = RowReader::new(row);
            let root = row.get().map_err(translate)?;
            found.entry(root).or_default().push(T::read(&mut row).map_err(translate)?);
        }
        Ok(found.into_iter().map(|(root, nodes)| (root, Slice::of(nodes, page))).collect())
    }

    /// How many nodes of one type are reached from many nodes.
    pub async fn reached_counts<T: Table>(
        &self,
        scope: Scope,
        reach: Reach,
        parents: &[Uuid],
    ) -> Result<HashMap<Uuid, i64>> {
        let mut sql = self.reached::<T>(scope, reach, parents, |sql| {
            sql.push(" SELECT w.root, COUNT(*)");
        });
        sql.push(" GROUP BY w.root");
        self.counts(sql).await
    }

    /// Writes `WITH p, w(root, id) … FROM w JOIN nodes n WHERE …`, with the selection of the caller in between.
    fn reached<T: Table>(&self, scope: Scope, reach: Reach, parents: &[Uuid], select: impl FnOnce(&mut Sql)) -> Sql {
        let mut sql = scope.sql("WITH RECURSIVE ");
        push_parents(&mut sql, self.dialect, parents);
        let pair = match reach {
            Reach::EffectiveMembers => Some((DOWN_FROM_COLLECTIVES, EFFECTIVE_MEMBERS)),
            Reach::EffectiveCollectives(_) => Some((UP_FROM_MEMBERS, EFFECTIVE_COLLECTIVES)),
            Reach::EffectiveHolders => Some((DOWN_FROM_HOLDERS, EFFECTIVE_HOLDERS)),
            Reach::Descendants => None,
        };
        match pair {
            Some((walk, over)) => {
                push_containment(&mut sql, scope, &walk);
                sql.push(", w(root, id) AS (").push(&with_edges(scope, over)).push(")");
            }
            None => {
                push_parent_walk::<T>(&mut sql, scope, "to_id", "from_id");
            }
        }
        select(&mut sql);
        let (join, table) = (self.dialect.then_join(), scope.table::<T>("n"));
        sql.push(&format!(" FROM w {join} {table} ON n.id = w.id WHERE n.deleted_at IS NULL"));
        if let Reach::EffectiveCollectives(kind) = reach {
            sql.push(&format!(" AND n.kind = '{}'", kind.name()));
        }
        scope.and(&mut sql, &format!("n.{}", T::TENANT));
        sql
    }

    /// The chain of parents of many nodes, the nearest first. It is never longer than the deepest hierarchy allowed.
    pub async fn ancestors<T: Table>(&self, scope: Scope, children: &[Uuid]) -> Result<HashMap<Uuid, Vec<T>>> {
        let mut sql = scope.sql("WITH RECURSIVE ");
        push_parents(&mut sql, self.dialect, children);
        push_parent_walk::<T>(&mut sql, scope, "from_id", "to_id");
        sql.push(&format!(
            " SELECT w.root, {} FROM w {} {} ON n.id = w.id WHERE n.deleted_at IS NULL",
            columns::<T>("n"),
            self.dialect.then_join(),
            scope.table::<T>("n")
        ));
        scope.and(&mut sql, &format!("n.{}", T::TENANT));
        sql.push(" ORDER BY w.depth");
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let mut found: HashMap<Uuid, Vec<T>> = HashMap::new();
        for row in &rows {
            let mut row = RowReader::new(row);
            let root = row.get().map_err(translate)?;
            found.entry(root).or_default().push(T::read(&mut row).map_err(translate)?);
        }
        Ok(found)
    }

    /// The roles that many profiles have, directly or through groups, ordered by the id of the role.
    pub async fn effective_roles(
        &self,
        scope: Scope,
        profiles: &[Uuid],
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<EffectiveRole>>> {
        let direction = if page.from_end { "DESC" } else { "ASC" };
        let mut sql = scope.sql("WITH RECURSIVE ");
        push_parents(&mut sql, self.dialect, profiles);
        push_containment(&mut sql, scope, &UP_FROM_MEMBERS);
        sql.push(", w(root, id, via) AS (").push(&with_edges(scope, EFFECTIVE_ROLES)).push(")");
        sql.push(&format!(
            " SELECT root, via, {} FROM (SELECT w.root, w.via, {}, DENSE_RANK() OVER (PARTITION BY w.root ORDER BY n.id {direction}) AS place
            FROM w {} {} ON n.id = w.id WHERE n.deleted_at IS NULL",
            columns::<Role>("x"),
            columns::<Role>("n"),
            self.dialect.then_join(),
            scope.table::<Role>("n")
        ));
        scope.and(&mut sql, "n.org_id");
        if let Some(after) = &page.after {
            sql.push(" AND n.id > ").bind(after.id);
        }
        if let Some(before) = &page.before {
            sql.push(" AND n.id < ").bind(before.id);
        }
        sql.push(") AS x WHERE place <= ").bind(u64::from(page.limit) + 1).push(" ORDER BY place");
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let mut found: HashMap<Uuid, Vec<EffectiveRole>> = HashMap::new();
        for row in &rows {
            let mut row = RowReader::new(row);
            let root = row.get().map_err(translate)?;
            let via: Option<Uuid> = row.get().map_err(translate)?;
            let role = Role::read(&mut row).map_err(translate)?;
            let roles = found.entry(root).or_default();
            if roles.last().is_none_or(|last| last.role.id != role.id) {
                roles.push(EffectiveRole { role, direct: false, via: Vec::new() });
            }
            if let Some(last) = roles.last_mut() {
                last.direct |= via.is_none();
                last.via.extend(via.map(|group| NodeId::new(NodeKind::Group, group)));
            }
        }
        Ok(found.into_iter().map(|(root, roles)| (root, Slice::of(roles, page))).collect())
    }
}

/// Writes the edges, and the condition that they hold, where a text names them.
fn with_edges(scope: Scope, text: &str) -> String {
    ["e", "g"].into_iter().fold(text.to_owned(), |text, alias| {
        text.replace(&format!("{{{alias}}}"), &scope.edges(alias))
            .replace(&format!("{{open {alias}}}"), &scope.open(alias))
    })
}

/// Writes `containment(ancestor_id, descendant_id)` as it was: the closure is kept for the present only, so for the past the
/// part of it that is needed is walked.
fn push_containment(sql: &mut Sql, scope: Scope, walk: &Walk) {
    if scope.is_present() {
        return;
    }
    // The edge is walked from its container to what it contains, or the other way round.
    let (reached, from, step) = if walk.down {
        ("c.ancestor_id, e.from_id", "e.to_id = c.descendant_id", "e.from_id")
    } else {
        ("e.to_id, c.descendant_id", "e.from_id = c.ancestor_id", "e.to_id")
    };
    let collectives = scope.table::<Collective>("t");
    sql.push(&with_edges(
        scope,
        &format!(
            ", containment(ancestor_id, descendant_id) AS (
                SELECT s.id, s.id FROM ({}) AS s JOIN {collectives} ON t.id = s.id AND t.deleted_at IS NULL
                UNION SELECT {reached} FROM containment c
                JOIN {{e}} ON {from} AND e.kind IN ('parent', 'member') AND e.from_kind IN ('team', 'group'){{open e}}
                JOIN {collectives} ON t.id = {step} AND t.deleted_at IS NULL)",
            walk.start
        ),
    ));
}

/// Writes `w(root, id, depth)`: the walk over parent edges from `near` to `far`, through live nodes only.
fn push_parent_walk<T: Table>(sql: &mut Sql, scope: Scope, near: &str, far: &str) {
    let table = scope.table::<T>("t");
    sql.push(&with_edges(
        scope,
        &format!(
            ", w(root, id, depth) AS (
            SELECT p.id, e.{far}, 1 FROM p JOIN {{e}} ON e.{near} = p.id AND e.kind = 'parent'{{open e}}
            UNION ALL
            SELECT w.root, e.{far}, w.depth + 1 FROM w JOIN {table} ON t.id = w.id AND t.deleted_at IS NULL
            JOIN {{e}} ON e.{near} = w.id AND e.kind = 'parent'{{open e}} WHERE w.depth < {MAX_DEPTH})"
        ),
    ));
}
