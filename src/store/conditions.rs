//! Conditions on single fields of a node, as a filter language asks for them: for any field, without an index of its own.
//!
//! Who has an index to offer puts a condition on it beside these. Every condition is true or false, never null, so that it
//! means under a `NOT` what it says.
//!
//! Where case does not count, ASCII letters are compared in lower case: that is all that both databases can do alike. A
//! caller who means more narrows with this, and looks at what is found (see `scim::filter`).

use super::relations::Side;
use super::sql::Sql;
use super::{Dialect, Scope};
use crate::domain::EdgeKind;
use serde_json::Number;
use uuid::Uuid;

/// Where a value lies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// In a column of the node.
    Column(&'static str),
    /// In a JSON column of the node, under these names.
    Json(&'static str, Vec<String>),
    /// The name by which a profile is shown: what [`Profile::display_name`](crate::domain::Profile::display_name) says.
    DisplayName,
    /// In the element of a list that is looked at, under these names; the element itself if there are none.
    Element(Vec<String>),
}

/// How a value is compared with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparator {
    /// They are the same.
    Equal,
    /// It is greater.
    Greater,
    /// It is greater, or the same.
    GreaterOrEqual,
    /// It is less.
    Less,
    /// It is less, or the same.
    LessOrEqual,
    /// The text contains it.
    Contains,
    /// The text begins with it.
    StartsWith,
    /// The text ends with it.
    EndsWith,
}

/// What is to be so.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Condition {
    /// All of these. None given: always.
    All(Vec<Self>),
    /// One of these. None given: never.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// It is this node.
    Id(Uuid),
    /// It has this value in a namespace of the key index.
    Key(&'static str, String),
    /// There is a value, and not an empty text.
    Present(Place),
    /// A text compares so. If case does not count, the text given is in lower case, as far as it is ASCII.
    Text(Place, Comparator, CaseSense, String),
    /// A number compares so.
    Number(Place, Comparator, Number),
    /// A truth value is this one.
    Boolean(Place, bool),
    /// A time, in microseconds since 1970, compares so.
    Time(&'static str, Comparator, i64),
    /// The list has an element of which this is so: see [`Place::Element`].
    Some(Place, Box<Self>),
    /// There is an open edge of that kind to a node in that table; to this one, if one is given.
    Edge(EdgeKind, &'static str, Option<Uuid>),
    /// There is an open edge of that kind from a live profile, team or group; from this one, if one is given.
    EdgeFrom(EdgeKind, Option<Uuid>),
    /// The node is a member of this team or group, directly or through others.
    InCollective(Uuid),
    /// There is an open edge of that kind, seen from that side, to a live node in that table of which this is so.
    Related(EdgeKind, Side, &'static str, Box<Self>),
    /// A live team or group of which this is so contains one that the node is a member of, and not the node itself.
    Indirect(Box<Self>),
}

/// Whether case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseSense {
    /// It does.
    Exact,
    /// It does not, for ASCII letters.
    Folded,
}

/// Writes conditions for one database.
pub(super) struct Writer<'a> {
    pub(super) sql: &'a mut Sql,
    pub(super) dialect: Dialect,
    pub(super) scope: Scope,
}

impl Writer<'_> {
    /// Appends a condition on the table under the name `n`.
    pub(super) fn push(&mut self, condition: &Condition) {
        match condition {
            Condition::All(parts) => self.joined(parts, (" AND ", "TRUE")),
            Condition::Any(parts) => self.joined(parts, (" OR ", "FALSE")),
            Condition::Not(part) => {
                self.sql.push("NOT (");
                self.push(part);
                self.sql.push(")");
            }
            Condition::Present(place) => {
                self.sql.push("COALESCE(");
                self.text(place);
                self.sql.push(" <> '', FALSE)");
            }
            Condition::Text(place, comparator, case, value) => self.compare_text(place, *comparator, *case, value),
            Condition::Number(place, comparator, value) => self.compare_number(place, *comparator, value),
            Condition::Boolean(place, value) => {
                self.sql.push("COALESCE(");
                self.text(place);
                self.sql.push(match (self.dialect, value) {
                    (Dialect::Postgres, true) => " = 'true', FALSE)",
                    (Dialect::Postgres, false) => " = 'false', FALSE)",
                    (Dialect::Sqlite, true) => " = 1, FALSE)",
                    (Dialect::Sqlite, false) => " = 0, FALSE)",
                });
            }
            Condition::Time(column, comparator, micros) => {
                self.sql.push(&format!("n.{column} {} ", sign(*comparator))).bind(*micros);
            }
            Condition::Some(list, condition) => {
                self.sql.push("EXISTS (SELECT 1 FROM ");
                self.elements(list);
                self.sql.push(" WHERE ");
                self.push(condition);
                self.sql.push(")");
            }
            Condition::Edge(kind, table, other) => self.edge_to(*kind, table, *other),
            Condition::EdgeFrom(kind, other) => self.edge_from(*kind, *other),
            Condition::Id(id) => {
                self.sql.push("n.id = ").bind(*id);
            }
            Condition::Key(namespace, value) => {
                self.sql.push(&format!(
                    "EXISTS (SELECT 1 FROM {} WHERE k.org_id = n.org_id AND k.node_id = n.id AND k.namespace = ",
                    self.scope.keys("k")
                ));
                self.sql.bind(*namespace).push(" AND k.value = ").bind(value.clone()).push(")");
            }
            Condition::InCollective(collective) => {
                self.edge(EdgeKind::Member, "from_id");
                self.sql
                    .push(" AND e.to_id IN (SELECT c.descendant_id FROM containment c WHERE c.ancestor_id = ")
                    .bind(*collective)
                    .push("))");
            }
            Condition::Related(kind, side, table, condition) => self.related(*kind, *side, table, condition),
            Condition::Indirect(condition) => self.indirect(condition),
        }
    }

    /// The related node is `n` within.
    fn related(&mut self, kind: EdgeKind, side: Side, table: &str, condition: &Condition) {
        let (near, far) = match side {
            Side::Out => ("from_id", "to_id"),
            Side::In => ("to_id", "from_id"),
        };
        let (edges, open, kind) = (self.scope.edges("e"), self.scope.open("e"), kind.name());
        self.sql.push(&format!(
            "n.id IN (SELECT e.{near} FROM {edges} JOIN {table} n ON n.id = e.{far} AND n.deleted_at IS NULL
            WHERE e.kind = '{kind}'{open} AND "
        ));
        self.push(condition);
        self.sql.push(")");
    }

    fn indirect(&mut self, condition: &Condition) {
        let (edges, open) = (self.scope.edges("e"), self.scope.open("e"));
        let (direct, open_direct) = (self.scope.edges("d"), self.scope.open("d"));
        self.sql.push(&format!(
            "n.id IN (SELECT e.from_id FROM {edges} JOIN containment c ON c.descendant_id = e.to_id
            JOIN collectives n ON n.id = c.ancestor_id AND n.deleted_at IS NULL WHERE e.kind = 'member'{open}
            AND NOT EXISTS (SELECT 1 FROM {direct} WHERE d.kind = 'member' AND d.from_id = e.from_id AND d.to_id = n.id{open_direct})
            AND "
        ));
        self.push(condition);
        self.sql.push(")");
    }

    fn edge_to(&mut self, kind: EdgeKind, table: &str, other: Option<Uuid>) {
        self.edge(kind, "from_id");
        self.sql.push(&format!(" AND EXISTS (SELECT 1 FROM {table} t WHERE t.id = e.to_id AND t.deleted_at IS NULL)"));
        if let Some(other) = other {
            self.sql.push(" AND e.to_id = ").bind(other);
        }
        self.sql.push(")");
    }

    fn edge_from(&mut self, kind: EdgeKind, other: Option<Uuid>) {
        self.edge(kind, "to_id");
        if let Some(other) = other {
            self.sql.push(" AND e.from_id = ").bind(other);
        }
        self.sql.push(
            " AND (EXISTS (SELECT 1 FROM profiles t WHERE t.id = e.from_id AND t.deleted_at IS NULL)
            OR EXISTS (SELECT 1 FROM collectives t WHERE t.id = e.from_id AND t.deleted_at IS NULL)))",
        );
    }

    fn joined(&mut self, parts: &[Condition], (operator, none): (&str, &str)) {
        if parts.is_empty() {
            self.sql.push(none);
            return;
        }
        self.sql.push("(");
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.sql.push(operator);
            }
            self.push(part);
        }
        self.sql.push(")");
    }

    /// Begins a condition on an edge at the node; the caller closes it.
    fn edge(&mut self, kind: EdgeKind, near: &str) {
        let (edges, open) = (self.scope.edges("e"), self.scope.open("e"));
        let kind = kind.name();
        self.sql.push(&format!("EXISTS (SELECT 1 FROM {edges} WHERE e.kind = '{kind}' AND e.{near} = n.id{open}"));
    }

    fn compare_text(&mut self, place: &Place, comparator: Comparator, case: CaseSense, value: &str) {
        self.sql.push("(");
        self.text(place);
        self.sql.push(" IS NOT NULL");
        // Every text contains the empty one.
        let trivial = value.is_empty()
            && matches!(comparator, Comparator::Contains | Comparator::StartsWith | Comparator::EndsWith);
        if !trivial {
            self.sql.push(" AND ");
            self.compare_present_text(place, comparator, case, value);
        }
        self.sql.push(")");
    }

    fn compare_present_text(&mut self, place: &Place, comparator: Comparator, case: CaseSense, value: &str) {
        let value = value.to_owned();
        let postgres = self.dialect == Dialect::Postgres;
        match comparator {
            Comparator::Contains => {
                self.sql.push(if postgres { "strpos(" } else { "instr(" });
                self.cased(place, case);
                self.sql.push(", ").bind(value).push(") > 0");
            }
            Comparator::StartsWith => {
                self.sql.push("substr(");
                self.cased(place, case);
                self.sql.push(", 1, length(").bind(value.clone()).push(")) = ").bind(value);
            }
            Comparator::EndsWith => {
                self.sql.push(if postgres { "right(" } else { "substr(" });
                self.cased(place, case);
                self.sql.push(if postgres { ", length(" } else { ", -length(" }).bind(value.clone());
                self.sql.push(")) = ").bind(value);
            }
            _ => {
                self.cased(place, case);
                self.sql.push(&format!(" {} ", sign(comparator))).bind(value);
            }
        }
    }

    /// A text, in lower case unless case counts, compared byte by byte.
    pub(super) fn cased(&mut self, place: &Place, case: CaseSense) {
        if case == CaseSense::Folded {
            self.sql.push("lower(");
        }
        self.text(place);
        if self.dialect == Dialect::Postgres {
            self.sql.push(" COLLATE \"C\"");
        }
        if case == CaseSense::Folded {
            self.sql.push(")");
        }
    }

    fn compare_number(&mut self, place: &Place, comparator: Comparator, value: &Number) {
        let postgres = self.dialect == Dialect::Postgres;
        // What is no number compares with none.
        self.sql.push("CASE WHEN ");
        if postgres {
            self.sql.push("jsonb_typeof(");
            self.json(place);
            self.sql.push(") = 'number' THEN (");
            self.text(place);
            self.sql.push(")::numeric");
        } else {
            self.sql.push("typeof(");
            self.text(place);
            self.sql.push(") IN ('integer', 'real') THEN ");
            self.text(place);
        }
        self.sql.push(&format!(" {} ", sign(comparator)));
        match value.as_i64() {
            Some(integer) => self.sql.bind(integer),
            None => self.sql.bind(value.as_f64().unwrap_or_default()),
        };
        self.sql.push(" ELSE FALSE END");
    }

    /// A value as a text of PostgreSQL, or as what SQLite makes of it; null if there is none.
    pub(super) fn text(&mut self, place: &Place) {
        match (place, self.dialect) {
            (Place::Column(column), _) => {
                self.sql.push(&format!("n.{column}"));
            }
            (Place::DisplayName, _) => self.display_name(),
            (Place::Element(names), Dialect::Postgres) if names.is_empty() => {
                self.sql.push("(x.value #>> '{}')");
            }
            (Place::Element(names), Dialect::Sqlite) if names.is_empty() => {
                self.sql.push("x.value");
            }
            (Place::Json(column, names), _) => self.extract(&format!("n.{column}"), names, "jsonb_extract_path_text"),
            (Place::Element(names), _) => self.extract("x.value", names, "jsonb_extract_path_text"),
        }
    }

    fn display_name(&mut self) {
        let part = |writer: &mut Self, name: &str| writer.text(&Place::Json("name", vec![name.to_owned()]));
        self.sql.push("COALESCE(");
        for name in ["display", "formatted", "given"] {
            part(self, name);
            self.sql.push(if name == "given" { " || ' ' || " } else { ", " });
        }
        // Whoever has one of the two is called by that.
        for name in ["family", "given", "family"] {
            part(self, name);
            self.sql.push(", ");
        }
        self.sql.push("n.username)");
    }

    /// A value as JSON of PostgreSQL.
    pub(super) fn json(&mut self, place: &Place) {
        match place {
            Place::Column(column) => {
                self.sql.push(&format!("to_jsonb(n.{column})"));
            }
            Place::DisplayName => {
                self.sql.push("to_jsonb(");
                self.display_name();
                self.sql.push(")");
            }
            Place::Element(names) if names.is_empty() => {
                self.sql.push("x.value");
            }
            Place::Json(column, names) => self.extract(&format!("n.{column}"), names, "jsonb_extract_path"),
            Place::Element(names) => self.extract("x.value", names, "jsonb_extract_path"),
        }
    }

    fn extract(&mut self, document: &str, names: &[String], postgres: &str) {
        if self.dialect == Dialect::Postgres {
            self.sql.push(&format!("{postgres}({document}, ")).bind_list(names.to_vec()).push(")");
        } else {
            self.sql.push(&format!("json_extract({document}, ")).bind(json_path(names)).push(")");
        }
    }

    /// The elements of a list, as an entry of `FROM` under the name `x`.
    pub(super) fn elements(&mut self, list: &Place) {
        if self.dialect == Dialect::Postgres {
            self.sql.push("jsonb_array_elements(CASE WHEN jsonb_typeof(");
            self.list(list);
            self.sql.push(") = 'array' THEN ");
            self.list(list);
            self.sql.push(" END) WITH ORDINALITY AS x(value, position)");
            return;
        }
        match list {
            Place::Column(column) => self.sql.push(&format!("json_each(n.{column}) AS x")),
            Place::Json(column, names) => {
                self.sql.push(&format!("json_each(n.{column}, ")).bind(json_path(names)).push(") AS x")
            }
            Place::Element(names) => self.sql.push("json_each(x.value, ").bind(json_path(names)).push(") AS x"),
            // A name is no list.
            Place::DisplayName => self.sql.push("json_each('[]') AS x"),
        };
    }

    /// A list of PostgreSQL: a column of JSON is one as it is.
    fn list(&mut self, place: &Place) {
        match place {
            Place::Column(column) => {
                self.sql.push(&format!("n.{column}"));
            }
            other => self.json(other),
        }
    }
}

/// The path of SQLite to what lies under these names. Names have no quotation marks: those of attributes are letters, digits, `-`, `_`, `$`, and those of schemas are URNs.
fn json_path(names: &[String]) -> String {
    names.iter().fold("$".to_owned(), |path, name| path + ".\"" + name + "\"")
}

const fn sign(comparator: Comparator) -> &'static str {
    match comparator {
        Comparator::Greater => ">",
        Comparator::GreaterOrEqual => ">=",
        Comparator::Less => "<",
        Comparator::LessOrEqual => "<=",
        Comparator::Equal | Comparator::Contains | Comparator::StartsWith | Comparator::EndsWith => "=",
    }
}
