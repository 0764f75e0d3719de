//! Search over the words of every node's texts: without case and accents, by the beginning of each word.

use super::error::translate;
use super::lists::push_prefix;
use super::row::RowReader;
use super::sql::Sql;
use super::{Scope, Store};
use crate::domain::node::namespace::TERM;
use crate::domain::{NodeId, NodeKind, Page, Result, Slice, text};
use sea_orm::ConnectionTrait;

/// The most words of a search that count; more only narrow what is narrow already.
const MAX_WORDS: usize = 8;

/// A node that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The node.
    pub id: NodeId,
    /// How many words of the search stand in the node's texts as they are, not only as a beginning.
    pub exact: i64,
}

impl Store {
    /// The nodes of these kinds in whose texts every word of `query` begins some word. Those with more exact words come
    /// first, then the older ones.
    pub async fn search(&self, scope: Scope, query: &str, kinds: &[NodeKind], page: &Page) -> Result<Slice<Hit>> {
        let mut words = text::terms(query);
        words.truncate(MAX_WORDS);
        if words.is_empty() || kinds.is_empty() {
            return Ok(Slice::empty());
        }
        let mut sql = scope.sql("SELECT node_id, node_kind, exact FROM (SELECT w0.node_id, w0.node_kind, ");
        for (index, word) in words.iter().enumerate() {
            sql.push(if index == 0 { "" } else { " + " });
            sql.push(&format!("MAX(CASE WHEN w{index}.value = ")).bind(word.clone()).push(" THEN 1 ELSE 0 END)");
        }
        sql.push(&format!(" AS exact FROM {}", scope.keys("w0")));
        for (index, word) in words.iter().enumerate().skip(1) {
            sql.push(&format!(
                " JOIN {} ON w{index}.node_id = w0.node_id AND w{index}.org_id = w0.org_id AND w{index}.namespace = ",
                scope.keys(&format!("w{index}"))
            ));
            sql.bind(TERM).push(" AND ");
            push_prefix(&mut sql, &format!("w{index}.value"), word);
        }
        sql.push(" WHERE w0.namespace = ").bind(TERM).push(" AND ");
        push_prefix(&mut sql, "w0.value", &words[0]);
        scope.and(&mut sql, "w0.org_id");
        sql.push(" AND w0.node_kind IN (")
            .bind_list(kinds.iter().map(|kind| kind.name()))
            .push(") GROUP BY w0.node_id, w0.node_kind) AS hits WHERE TRUE");
        push_place(&mut sql, page);
        let direction = if page.from_end { ("ASC", "DESC") } else { ("DESC", "ASC") };
        sql.push(&format!(" ORDER BY exact {}, node_id {} LIMIT ", direction.0, direction.1))
            .bind(u64::from(page.limit) + 1);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let hits = rows.iter().map(|row| {
            let mut row = RowReader::new(row);
            let uuid = row.get()?;
            let id = NodeId::new(row.kind()?, uuid);
            // SQLite has one integer type; PostgreSQL sums integers as such.
            Ok(Hit { id, exact: row.get::<i32>()?.into() })
        });
        let hits = hits.collect::<Result<Vec<_>, _>>().map_err(translate)?;
        Ok(Slice::of(hits, page))
    }
}

fn push_place(sql: &mut Sql, page: &Page) {
    for (cursor, behind) in [(&page.after, true), (&page.before, false)] {
        let Some(cursor) = cursor else { continue };
        let crate::domain::CursorKey::Number(exact) = cursor.key else { continue };
        let (rank, id) = if behind { ("<", ">") } else { (">", "<") };
        sql.push(&format!(" AND (exact {rank} ")).bind(exact).push(" OR (exact = ").bind(exact);
        sql.push(&format!(" AND node_id {id} ")).bind(cursor.id).push("))");
    }
}
