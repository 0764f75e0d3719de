//! What a command finds: nodes by their ids, names and keys, and the edges between them.

use super::Unit;
use crate::domain::{Edge, EdgeKind, LinkedIdentity, Node, NodeId, NodeKind, Result, text};
use crate::store::error::translate;
use crate::store::lookup::{any_by_ids, push_any};
use crate::store::row::RowReader;
use crate::store::sql::Sql;
use crate::store::tables::{Table, columns};
use crate::store::{Dialect, Scope, Side, edges};
use uuid::Uuid;

impl Unit {
    /// Nodes of the tenant, deleted ones too if asked for.
    pub async fn nodes(&self, ids: &[NodeId], deleted_too: bool) -> Result<Vec<Node>> {
        if self.has_waiting_node(ids) {
            self.settle().await?;
        }
        // Nearly every command wants to know of the organization; it is read once for all that share the transaction.
        let is_tenant = !deleted_too && *ids == [self.tenant.node()];
        if let Some(tenant) = self.known_tenant().filter(|_| is_tenant) {
            return Ok(vec![tenant]);
        }
        let scope = Scope::organization(self.tenant);
        let found = any_by_ids(&self.transaction, self.dialect, scope, ids, deleted_too).await?;
        if let (true, [tenant]) = (is_tenant, &found[..]) {
            self.know_tenant(tenant);
        }
        Ok(found)
    }

    /// Live nodes of any tenant: for an organization's parent, and for tokens that span every organization.
    pub async fn nodes_anywhere(&self, ids: &[NodeId]) -> Result<Vec<Node>> {
        self.settle().await?;
        any_by_ids(&self.transaction, self.dialect, Scope::EVERYTHING, ids, false).await
    }

    /// Live nodes of the tenant by their key: user name, or slug.
    pub async fn nodes_by_names<T: Table>(
        &self,
        kind: Option<NodeKind>,
        column: &str,
        names: &[String],
    ) -> Result<Vec<T>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let columns = columns::<T>("n");
        let mut sql =
            Sql::new(format!("SELECT {columns} FROM {} n WHERE n.deleted_at IS NULL AND n.{} = ", T::NAME, T::TENANT));
        sql.bind(self.tenant.0)
            .push(&format!(" AND n.{column} IN ("))
            .bind_list(names.iter().map(|name| text::key(name)))
            .push(")");
        if let Some(kind) = kind {
            sql.push(&format!(" AND n.kind = '{}'", kind.name()));
        }
        self.read(sql, T::read).await
    }

    /// The ids of live profiles of the tenant by user name, with the user names: for those who need no more of them.
    pub async fn profile_ids_by_usernames(&self, usernames: &[String]) -> Result<Vec<(NodeId, String)>> {
        if usernames.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT kind, id, username FROM profiles WHERE deleted_at IS NULL AND org_id = ");
        let keys = usernames.iter().map(|username| text::key(username));
        sql.bind(self.tenant.0).push(" AND username_key IN (").bind_list(keys).push(")");
        self.read(sql, |row| Ok((NodeId::new(row.kind()?, row.get()?), row.get()?))).await
    }

    /// Linked identities of the tenant by provider, environment and account id.
    pub async fn identities_by_accounts(&self, accounts: &[(String, String, String)]) -> Result<Vec<LinkedIdentity>> {
        if accounts.is_empty() {
            return Ok(Vec::new());
        }
        let columns = columns::<LinkedIdentity>("n");
        let mut sql = Sql::new(format!("SELECT {columns} FROM linked_identities n WHERE n.org_id = "));
        sql.bind(self.tenant.0).push(" AND (n.provider, n.environment, n.account_id) IN (");
        if self.dialect == Dialect::Postgres {
            // One statement for any number, planned once: hundreds of rows in its text take longer to plan than to find.
            let column =
                |part: fn(&(String, String, String)) -> &String| accounts.iter().map(part).cloned().collect::<Vec<_>>();
            sql.push("SELECT * FROM unnest(").bind(column(|account| &account.0)).push(", ");
            sql.bind(column(|account| &account.1)).push(", ").bind(column(|account| &account.2)).push(")");
        } else {
            sql.push("VALUES ");
            for (index, (provider, environment, account)) in accounts.iter().enumerate() {
                sql.push(if index == 0 { "(" } else { ", (" });
                sql.bind_list([provider.clone(), environment.clone(), account.clone()]).push(")");
            }
        }
        sql.push(")");
        self.read(sql, LinkedIdentity::read).await
    }

    /// The nodes of the tenant with that value in a namespace of the key index, the oldest first. What identified a merged
    /// profile still leads to it.
    pub async fn nodes_by_key(&self, namespace: &'static str, value: &str) -> Result<Vec<NodeId>> {
        let mut sql = Sql::new("SELECT node_id, node_kind FROM node_keys WHERE org_id = ");
        sql.bind(self.tenant.0).push(" AND namespace = ").bind(namespace).push(" AND value = ").bind(value.to_owned());
        sql.push(" ORDER BY node_id LIMIT 100");
        if self.is_vacant(namespace, value) {
            return Ok(Vec::new());
        }
        if self.has_waiting_key(namespace, value) {
            self.settle().await?;
        }
        self.read_now(sql, |row| {
            let uuid = row.get()?;
            Ok(NodeId::new(row.kind()?, uuid))
        })
        .await
    }

    /// The live nodes of the tenant with one of those values in a namespace of the key index, each with the value.
    pub async fn nodes_by_keys(&self, namespace: &'static str, values: &[String]) -> Result<Vec<(String, NodeId)>> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT value, node_id, node_kind FROM node_keys WHERE org_id = ");
        sql.bind(self.tenant.0).push(" AND namespace = ").bind(namespace).push(" AND value IN (");
        sql.bind_list(values.to_vec()).push(") ORDER BY node_id");
        let read = |row: &mut RowReader<'_>| {
            let (value, uuid) = (row.get()?, row.get()?);
            Ok((value, NodeId::new(row.kind()?, uuid)))
        };
        self.read(sql, read).await
    }

    /// A value in a namespace of the key index that begins so and that several live nodes of the tenant have.
    pub async fn shared_key(&self, namespace: &'static str, prefix: &str) -> Result<Option<String>> {
        let mut sql = Sql::new("SELECT value FROM node_keys WHERE org_id = ");
        sql.bind(self.tenant.0).push(" AND namespace = ").bind(namespace).push(" AND value >= ").bind(prefix);
        // No key has a character behind this one.
        sql.push(" AND value < ").bind(format!("{prefix}\u{10ffff}"));
        sql.push(" GROUP BY value HAVING COUNT(*) > 1 LIMIT 1");
        let Some(row) = self.query_one(sql).await? else { return Ok(None) };
        RowReader::new(&row).get().map(Some).map_err(translate)
    }

    /// The open edges of one kind that go out from these nodes, or that come in, optionally only those to or from others.
    pub async fn open_edges(
        &self,
        kind: EdgeKind,
        side: Side,
        nodes: &[Uuid],
        others: Option<&[Uuid]>,
    ) -> Result<Vec<Edge>> {
        if nodes.is_empty() || others.is_some_and(<[_]>::is_empty) {
            return Ok(Vec::new());
        }
        let (near, far) = match side {
            Side::Out => ("from_id", "to_id"),
            Side::In => ("to_id", "from_id"),
        };
        let mut sql = Sql::new(format!(
            "SELECT {} FROM edges e WHERE e.kind = '{}' AND e.valid_to IS NULL AND e.{near}",
            edges::columns("e"),
            kind.name()
        ));
        push_any(&mut sql, self.dialect, nodes);
        if let Some(others) = others {
            sql.push(&format!(" AND e.{far}"));
            push_any(&mut sql, self.dialect, others);
        }
        sql.push(" ORDER BY e.id");
        self.read(sql, edges::read).await
    }

    /// Whether any of these teams and groups, or one that contains it, has been granted a privileged role.
    pub async fn confers_privilege(&self, collectives: &[Uuid]) -> Result<bool> {
        if collectives.is_empty() {
            return Ok(false);
        }
        let mut sql = Sql::new(
            "SELECT 1 FROM containment c JOIN edges g ON g.from_id = c.ancestor_id AND g.kind = 'grant' AND g.valid_to IS NULL",
        );
        sql.push(" JOIN roles r ON r.id = g.to_id AND r.deleted_at IS NULL AND r.privileged WHERE c.descendant_id");
        push_any(&mut sql, self.dialect, collectives);
        sql.push(" LIMIT 1");
        Ok(self.query_one(sql).await?.is_some())
    }
}
