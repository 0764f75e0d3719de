//! Search over the words of every node's texts: without case and accents, by the beginning of each word, or by words like
//! it. How much two words are alike is for the caller to say; the store only has the words that begin alike.

use super::error::translate;
use super::lists::push_prefix;
use super::row::RowReader;
use super::sql::Sql;
use super::{Scope, Store};
use crate::domain::node::namespace::TERM;
use crate::domain::{NodeId, NodeKind, Page, Result, Slice};
use sea_orm::ConnectionTrait;

/// One word of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// A word that begins so.
    Beginning(String),
    /// One of these words.
    OneOf(Vec<String>),
}

impl Word {
    fn push(&self, sql: &mut Sql, column: &str) {
        match self {
            Self::Beginning(prefix) => push_prefix(sql, column, prefix),
            Self::OneOf(words) => {
                sql.push(&format!("{column} IN (")).bind_list(words.iter().map(String::as_str)).push(")");
            }
        }
    }

    /// The word as it stands in a text, if the search asks for one that does.
    fn whole(&self) -> &str {
        match self {
            Self::Beginning(word) => word,
            // No text has this word: a word that is only like the one asked for is never exact.
            Self::OneOf(_) => "",
        }
    }
}

/// A node that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The node.
    pub id: NodeId,
    /// How many words of the search stand in the node's texts as they are, not only as a beginning.
    pub exact: i64,
}

impl Store {
    /// The nodes of these kinds in whose texts all of these words are found. Those with more exact words come first, then
    /// the older ones.
    pub async fn search(&self, scope: Scope, words: &[Word], kinds: &[NodeKind], page: &Page) -> Result<Slice<Hit>> {
        let [first, ..] = words else { return Ok(Slice::empty()) };
        if kinds.is_empty() {
            return Ok(Slice::empty());
        }
        let mut sql = scope.sql("SELECT node_id, node_kind, exact FROM (SELECT w0.node_id, w0.node_kind, ");
        for (index, word) in words.iter().enumerate() {
            sql.push(if index == 0 { "" } else { " + " });
            sql.push(&format!("MAX(CASE WHEN w{index}.value = ")).bind(word.whole()).push(" THEN 1 ELSE 0 END)");
        }
        sql.push(&format!(" AS exact FROM {}", scope.keys("w0")));
        for (index, word) in words.iter().enumerate().skip(1) {
            sql.push(&format!(
                " JOIN {} ON w{index}.node_id = w0.node_id AND w{index}.org_id = w0.org_id AND w{index}.namespace = ",
                scope.keys(&format!("w{index}"))
            ));
            sql.bind(TERM).push(" AND ");
            word.push(&mut sql, &format!("w{index}.value"));
        }
        sql.push(" WHERE w0.namespace = ").bind(TERM).push(" AND ");
        first.push(&mut sql, "w0.value");
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

impl Store {
    /// Words of texts that begin so, in their order, at most `limit`.
    pub async fn words(&self, scope: Scope, prefix: &str, limit: u64) -> Result<Vec<String>> {
        let mut sql = scope.sql(format!("SELECT DISTINCT k.value FROM {} WHERE k.namespace = ", scope.keys("k")));
        sql.bind(TERM).push(" AND ");
        push_prefix(&mut sql, "k.value", prefix);
        scope.and(&mut sql, "k.org_id");
        sql.push(" ORDER BY k.value LIMIT ").bind(limit);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| RowReader::new(row).get().map_err(translate)).collect()
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
