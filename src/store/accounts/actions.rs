//! Actions that were taken on accounts.

use super::{order_by_id, push_page_by_id, push_scope};
use crate::domain::action::{ActionKind, ActionRecord};
use crate::domain::{NodeId, NodeKind, OrganizationId, Page, Result, Slice};
use crate::store::per_parent::{PerParent, push_parents};
use crate::store::row::{RowReader, json, micros};
use crate::store::sql::Sql;
use crate::store::{Scope, Store, Unit};
use sea_orm::{DbErr, Value};
use std::collections::HashMap;
use uuid::Uuid;

const COLUMNS: &[&str] =
    &["id", "org_id", "identity_id", "kind", "reason", "receipts", "taken_at", "actor", "source", "request_id"];

fn columns() -> String {
    let columns: Vec<String> = COLUMNS.iter().map(|column| format!("n.{column}")).collect();
    columns.join(", ")
}

fn read(row: &mut RowReader<'_>) -> Result<ActionRecord, DbErr> {
    Ok(ActionRecord {
        id: row.get()?,
        organization: OrganizationId(row.get()?),
        identity: NodeId::new(NodeKind::LinkedIdentity, row.get()?),
        kind: row.named(ActionKind::from_name)?,
        reason: row.get()?,
        receipts: row.json()?,
        taken_at: row.time()?,
        actor: row.json()?,
        source: row.get()?,
        request_id: row.get()?,
    })
}

fn values(action: &ActionRecord) -> Vec<Value> {
    vec![
        action.id.into(),
        action.organization.0.into(),
        action.identity.uuid.into(),
        action.kind.name().into(),
        action.reason.clone().into(),
        json(&action.receipts),
        micros(action.taken_at),
        json(&action.actor),
        action.source.clone().into(),
        action.request_id.clone().into(),
    ]
}

impl Store {
    /// The actions that were taken on many accounts, the newest first.
    pub async fn action_pages(
        &self,
        scope: Scope,
        identities: &[Uuid],
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<ActionRecord>>> {
        let conditions = |sql: &mut Sql, parent: &mut dyn FnMut(&mut Sql)| {
            sql.push("n.identity_id = ");
            parent(sql);
            push_scope(sql, scope, "n.taken_at");
            push_page_by_id(sql, page);
        };
        let query = PerParent {
            scope,
            columns: &columns(),
            from: "identity_actions n",
            key: "n.id",
            order: order_by_id(page),
            conditions: &conditions,
        };
        query.pages(self, identities, page, read).await
    }

    /// How many actions were taken on many accounts.
    pub async fn action_counts(&self, scope: Scope, identities: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        let mut sql = scope.sql("WITH ");
        push_parents(&mut sql, self.dialect, identities);
        sql.push(" SELECT n.identity_id, COUNT(*) FROM p JOIN identity_actions n ON n.identity_id = p.id WHERE TRUE");
        push_scope(&mut sql, scope, "n.taken_at");
        sql.push(" GROUP BY n.identity_id");
        self.counts(sql).await
    }

    /// Actions by id.
    pub async fn actions_by_ids(&self, scope: Scope, ids: &[Uuid]) -> Result<HashMap<Uuid, ActionRecord>> {
        let found = self.told_by_ids(scope, ("identity_actions", &columns(), "n.taken_at"), ids, read).await?;
        Ok(found.into_iter().map(|action| (action.id, action)).collect())
    }
}

impl Unit {
    /// Writes down an action.
    pub async fn write_action(&mut self, action: &ActionRecord) -> Result<()> {
        self.note_activity();
        self.insert("identity_actions", COLUMNS, vec![values(action)], "").await
    }
}
