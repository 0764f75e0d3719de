//! Nodes by what identifies them.

use super::error::translate;
use super::row::RowReader;
use super::sql::Sql;
use super::tables::{Table, columns};
use super::{Dialect, Scope, Store};
use crate::domain::{
    ApiToken, Collective, LinkedIdentity, Node, NodeId, NodeKind, Organization, OrganizationId, Profile, Result, Role,
    text,
};
use sea_orm::{ConnectionTrait, QueryResult};
use std::collections::HashMap;
use uuid::Uuid;

/// What identifies a profile besides its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ProfileKey {
    /// Its id, kind and all.
    Id(NodeId),
    /// The id of a linked identity that belongs to it.
    IdentityId(Uuid),
    /// User name, in that organization if one is given.
    Username(Option<OrganizationId>, String),
    /// A namespace of the key index and a normalised value, such as an e-mail address.
    Key(&'static str, String),
    /// A linked identity: provider, environment, account id.
    Identity(String, String, String),
}

impl Store {
    /// Live nodes of one type by id. Ids of nodes that are not there, or not in the scope, are missing in the answer.
    pub async fn nodes_by_ids<T: Table>(&self, scope: Scope, ids: &[Uuid]) -> Result<HashMap<Uuid, T>> {
        let found = by_ids::<T>(&self.read, self.dialect, scope, ids, false).await?;
        Ok(found.into_iter().map(|node| (node.id().uuid, node)).collect())
    }

    /// Profiles by what identifies them: at most `limit`, so that the caller can tell one from several; if `only` is given,
    /// no other than that one.
    pub async fn profiles_by_key(
        &self,
        scope: Scope,
        key: &ProfileKey,
        only: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Profile>> {
        let mut sql = scope.sql(format!(
            "SELECT {} FROM {} WHERE n.deleted_at IS NULL",
            columns::<Profile>("n"),
            scope.table::<Profile>("n")
        ));
        scope.and(&mut sql, "n.org_id");
        if let Some(only) = only {
            sql.push(" AND n.id = ").bind(only);
        }
        match key {
            ProfileKey::Id(id) => {
                sql.push(" AND n.id = ").bind(id.uuid).push(&format!(" AND n.kind = '{}'", id.kind.name()));
            }
            ProfileKey::IdentityId(id) => {
                sql.push(&format!(
                    " AND n.id IN (SELECT e.to_id FROM {} JOIN {} ON i.id = e.from_id AND i.deleted_at IS NULL WHERE e.kind = 'link'{} AND e.from_id = ",
                    scope.edges("e"),
                    scope.table::<LinkedIdentity>("i"),
                    scope.open("e")
                ));
                sql.bind(*id).push(")");
            }
            ProfileKey::Username(organization, username) => {
                sql.push(" AND n.username_key = ").bind(text::key(username));
                if let Some(organization) = organization {
                    sql.push(" AND n.org_id = ").bind(organization.0);
                }
            }
            ProfileKey::Key(namespace, value) => {
                sql.push(&format!(" AND n.id IN (SELECT k.node_id FROM {} WHERE k.namespace = ", scope.keys("k")));
                sql.bind(*namespace);
                sql.push(" AND k.value = ").bind(value.clone());
                scope.and(&mut sql, "k.org_id");
                sql.push(")");
            }
            ProfileKey::Identity(provider, environment, account) => {
                sql.push(&format!(
                    " AND n.id IN (SELECT e.to_id FROM {} JOIN {} ON e.from_id = i.id AND e.kind = 'link'{} WHERE i.provider = ",
                    scope.table::<LinkedIdentity>("i"),
                    scope.edges("e"),
                    scope.open("e")
                ));
                sql.bind(provider.clone());
                sql.push(" AND i.environment = ")
                    .bind(environment.clone())
                    .push(" AND i.account_id = ")
                    .bind(account.clone());
                scope.and(&mut sql, "i.org_id");
                sql.push(")");
            }
        }
        sql.push(" ORDER BY n.id LIMIT ").bind(limit);
        read_all(&self.read, sql, self).await
    }

    /// Live nodes of one type by their keys in one column: an organization's slug, a team's slug, a user name.
    pub async fn organization_by_slug(&self, scope: Scope, slug: &str) -> Result<Option<Organization>> {
        let mut sql = scope.sql(format!(
            "SELECT {} FROM {} WHERE n.deleted_at IS NULL AND n.slug_key = ",
            columns::<Organization>("n"),
            scope.table::<Organization>("n")
        ));
        sql.bind(text::key(slug));
        scope.and(&mut sql, "n.id");
        Ok(read_all(&self.read, sql, self).await?.pop())
    }

    /// The tenant of a node, deleted ones included. It never changes.
    pub async fn tenant_of(&self, id: NodeId) -> Result<Option<OrganizationId>> {
        let (table, tenant) = table_of(id.kind);
        let mut sql = Sql::new(format!("SELECT {tenant} FROM {table} WHERE id = "));
        sql.bind(id.uuid);
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let Some(row) = row else { return Ok(None) };
        row.try_get_by_index(0).map(|tenant| Some(OrganizationId(tenant))).map_err(translate)
    }

    /// Whether nothing has ever happened here: a server that nobody has used yet.
    pub async fn is_empty(&self) -> Result<bool> {
        let sql = Sql::new("SELECT 1 FROM sequences WHERE last_seq > 0 LIMIT 1");
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(row.is_none())
    }
}

/// Reads rows of one table.
pub(super) async fn read_all<T: Table, C: ConnectionTrait>(connection: &C, sql: Sql, store: &Store) -> Result<Vec<T>> {
    let rows = connection.query_all_raw(sql.statement(store.backend())).await.map_err(translate)?;
    rows.iter().map(read_row).collect()
}

/// Reads one row of one table.
pub(super) fn read_row<T: Table>(row: &QueryResult) -> Result<T> {
    T::read(&mut RowReader::new(row)).map_err(translate)
}

/// Nodes of one type by id, deleted ones too if asked for. One id is compared for equality: that plan is the cheapest.
pub(super) async fn by_ids<T: Table>(
    connection: &impl ConnectionTrait,
    dialect: Dialect,
    scope: Scope,
    ids: &[Uuid],
    deleted_too: bool,
) -> Result<Vec<T>> {
    let mut sql = scope.sql(format!("SELECT {} FROM {} WHERE n.id", columns::<T>("n"), scope.table::<T>("n")));
    push_any(&mut sql, dialect, ids);
    if !deleted_too {
        sql.push(" AND n.deleted_at IS NULL");
    }
    scope.and(&mut sql, &format!("n.{}", T::TENANT));
    let rows = connection.query_all_raw(sql.statement(connection.get_database_backend())).await.map_err(translate)?;
    rows.iter().map(read_row).collect()
}

/// Appends `= …` for one id; for several, one array parameter on PostgreSQL, so that the text of the statement (and with it
/// its place in the statement cache) does not depend on their number, and a list padded to a power of two on SQLite.
pub(super) fn push_any(sql: &mut Sql, dialect: Dialect, ids: &[Uuid]) {
    match (ids, dialect) {
        ([one], _) => {
            sql.push(" = ").bind(*one);
        }
        (_, Dialect::Postgres) => {
            sql.push(" = ANY(").bind(ids.to_vec()).push(")");
        }
        (_, Dialect::Sqlite) => {
            sql.push(" IN (").bind_list(padded(ids)).push(")");
        }
    }
}

/// The ids, and nil ids behind them up to the next power of two.
pub(super) fn padded(ids: &[Uuid]) -> impl Iterator<Item = Uuid> {
    ids.iter().copied().chain(std::iter::repeat(Uuid::nil())).take(ids.len().next_power_of_two())
}

/// The table of a kind of node, and the column of its tenant.
pub(super) const fn table_of(kind: NodeKind) -> (&'static str, &'static str) {
    match kind {
        NodeKind::Organization => (Organization::NAME, Organization::TENANT),
        NodeKind::User | NodeKind::ServiceAccount | NodeKind::Bot => (Profile::NAME, Profile::TENANT),
        NodeKind::Team | NodeKind::Group => (Collective::NAME, Collective::TENANT),
        NodeKind::Role => (Role::NAME, Role::TENANT),
        NodeKind::LinkedIdentity => (LinkedIdentity::NAME, LinkedIdentity::TENANT),
        NodeKind::Token => (ApiToken::NAME, ApiToken::TENANT),
    }
}

/// Nodes of any kinds by id, for a command: one statement for each table that is touched.
pub(super) async fn any_by_ids(
    connection: &impl ConnectionTrait,
    dialect: Dialect,
    scope: Scope,
    ids: &[NodeId],
    deleted_too: bool,
) -> Result<Vec<Node>> {
    let mut nodes = Vec::with_capacity(ids.len());
    let of = |wanted: fn(NodeKind) -> bool| -> Vec<Uuid> {
        ids.iter().filter(|id| wanted(id.kind)).map(|id| id.uuid).collect()
    };
    macro_rules! load {
        ($type:ty, $wanted:expr) => {
            let uuids = of($wanted);
            if !uuids.is_empty() {
                let found = by_ids::<$type>(connection, dialect, scope, &uuids, deleted_too).await?;
                nodes.extend(found.into_iter().map(Table::into_node));
            }
        };
    }
    load!(Organization, |kind| kind == NodeKind::Organization);
    load!(Profile, NodeKind::is_profile);
    load!(Collective, NodeKind::is_collective);
    load!(Role, |kind| kind == NodeKind::Role);
    load!(LinkedIdentity, |kind| kind == NodeKind::LinkedIdentity);
    load!(ApiToken, |kind| kind == NodeKind::Token);
    // An id is only right as a whole: the UUID of a user behind another prefix is nobody's.
    nodes.retain(|node| ids.contains(&node.id()));
    Ok(nodes)
}
