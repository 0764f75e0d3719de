//! Rows of edges.

use super::row::{RowReader, json, micros, micros_or_null};
use crate::domain::edge::MemberFacts;
use crate::domain::{Edge, EdgeKind, MemberRole, NodeId, OrganizationId};
use sea_orm::{DbErr, Value};

/// The columns of an edge, in the order in which rows are read and written.
pub(super) const COLUMNS: &[&str] = &[
    "id",
    "org_id",
    "kind",
    "from_id",
    "from_kind",
    "to_id",
    "to_kind",
    "role",
    "functions",
    "valid_from",
    "valid_to",
    "opened_seq",
    "closed_seq",
    "source",
];

/// The columns of an edge behind the name by which the query knows the table.
pub(super) fn columns(alias: &str) -> String {
    let columns: Vec<String> = COLUMNS.iter().map(|column| format!("{alias}.{column}")).collect();
    columns.join(", ")
}

/// An edge that a command opens. Times, numbers and sources are the transaction's to add.
#[derive(Debug, Clone)]
pub struct NewEdge {
    /// What it means.
    pub kind: EdgeKind,
    /// The nearer end.
    pub from: NodeId,
    /// The farther end.
    pub to: NodeId,
    /// What a membership says.
    pub member: Option<MemberFacts>,
    /// Where the relation comes from, if it is one that has been known already; else from whoever opens it.
    pub source: Option<String>,
}

impl NewEdge {
    /// A relation that says no more than that it exists.
    #[must_use]
    pub const fn new(kind: EdgeKind, from: NodeId, to: NodeId) -> Self {
        Self { kind, from, to, member: None, source: None }
    }

    /// A membership.
    #[must_use]
    pub const fn membership(member: NodeId, of: NodeId, facts: MemberFacts) -> Self {
        Self { kind: EdgeKind::Member, from: member, to: of, member: Some(facts), source: None }
    }

    /// The relation that an edge is, or was, with its facts and its source.
    #[must_use]
    pub fn like(edge: &Edge) -> Self {
        let Edge { kind, from, to, member, source, .. } = edge.clone();
        Self { kind, from, to, member, source: Some(source) }
    }

    /// Whose change it is that it opens, and under which path its events tell it.
    #[must_use]
    pub fn told_by(&self) -> (NodeId, String) {
        self.kind.told_by(self.from, self.to)
    }
}

pub(super) fn read(row: &mut RowReader<'_>) -> Result<Edge, DbErr> {
    let id = row.get()?;
    let organization = OrganizationId(row.get()?);
    let kind = row.named(EdgeKind::from_name)?;
    let from = row.get()?;
    let from = NodeId::new(row.kind()?, from);
    let to = row.get()?;
    let to = NodeId::new(row.kind()?, to);
    let role: Option<String> = row.get()?;
    let functions = row.json()?;
    let member = role.as_deref().and_then(MemberRole::from_name).map(|role| MemberFacts { role, functions });
    Ok(Edge {
        id,
        organization,
        kind,
        from,
        to,
        member,
        valid_from: row.time()?,
        valid_to: row.time_or_none()?,
        opened_seq: row.get()?,
        closed_seq: row.get()?,
        source: row.get()?,
    })
}

pub(super) fn values(edge: &Edge) -> Vec<Value> {
    let facts = edge.member.as_ref();
    vec![
        edge.id.into(),
        edge.organization.0.into(),
        edge.kind.name().into(),
        edge.from.uuid.into(),
        edge.from.kind.name().into(),
        edge.to.uuid.into(),
        edge.to.kind.name().into(),
        facts.map(|facts| facts.role.name()).into(),
        json(&facts.map(|facts| facts.functions.clone()).unwrap_or_default()),
        micros(edge.valid_from),
        micros_or_null(edge.valid_to),
        edge.opened_seq.into(),
        edge.closed_seq.into(),
        edge.source.clone().into(),
    ]
}
