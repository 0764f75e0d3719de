//! What a query asks for, in a URL or in the body of a POST to `/.search` (RFC 7644 §3.4.2 and §3.4.3, RFC 9865).

use crate::body::names_schema;
use crate::error::{ScimError, ScimType};
use crate::filter::{Filter, parse_filter};
use crate::patch::member;
use crate::projection::{Projection, written_in};
use crate::schema::ResourceType;
use crate::sort::Sort;
use crate::value::whole_number;
use serde_json::Value;
use std::sync::Arc;

/// The URN by which the body of a query is known.
pub const SEARCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// A query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// Which resources. None means all.
    pub filter: Option<Filter>,
    /// By which attribute they are sorted, as the client calls it. [`Query::sort`] finds it.
    pub sort_by: Option<String>,
    /// Whether they are sorted from the greatest to the least.
    pub descending: bool,
    /// Where in the list of results the page starts.
    pub start: Start,
    /// How many results the client wants at most. None leaves it to the server; 0 means the total number alone.
    pub count: Option<u64>,
    /// The `attributes` of the answer. Empty, if there are none.
    pub attributes: Vec<String>,
    /// The `excludedAttributes` of the answer. Empty, if there are none.
    pub excluded_attributes: Vec<String>,
    /// What the body speaks of that goes with the query. See [`Query::with_body`].
    pub written: Vec<String>,
}

/// Where a page starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Start {
    /// The client does not say. It is the first page, by the server's way of paging.
    #[default]
    Unsaid,
    /// At this index, of at least 1 (RFC 7644 §3.4.2.4).
    Index(u64),
    /// At the first page, by cursors (RFC 9865 §2).
    FirstByCursor,
    /// At this cursor. Whether it is one that the server has given out, is for the server to say.
    Cursor(String),
}

impl Start {
    /// The index, 1 if another way of paging was chosen, or none.
    #[must_use]
    pub const fn index(&self) -> u64 {
        if let Self::Index(index) = self { *index } else { 1 }
    }
}

/// The parameters before they are understood.
#[derive(Default)]
struct Parameters {
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<i64>,
    count: Option<i64>,
    cursor: Option<String>,
    attributes: Vec<String>,
    excluded_attributes: Vec<String>,
}

impl Query {
    /// Reads the decoded parameters of a URL. Names are recognised in any case; unknown ones are ignored; a list may be
    /// separated by commas, or given as several parameters; of others the last one counts.
    ///
    /// # Errors
    /// `invalidFilter` and `tooMany` as [`parse_filter`]; `invalidCount`, if the count is no integer; `invalidValue`,
    /// if another parameter is not what it has to be, or if two contradict one another: `startIndex` and `cursor`,
    /// `attributes` and `excludedAttributes`.
    pub fn from_parameters<N: AsRef<str>, V: AsRef<str>>(
        parameters: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, ScimError> {
        let mut read = Parameters::default();
        for (name, value) in parameters {
            let value = value.as_ref();
            match name.as_ref().to_ascii_lowercase().as_str() {
                "filter" => read.filter = Some(value.to_owned()),
                "sortby" => read.sort_by = Some(value.to_owned()),
                "sortorder" => read.sort_order = Some(value.to_owned()),
                "startindex" => read.start_index = Some(integer(value).ok_or_else(bad_start_index)?),
                "count" => read.count = Some(integer(value).ok_or_else(bad_count)?),
                "cursor" => read.cursor = Some(value.to_owned()),
                "attributes" => read.attributes.extend(names(value)),
                "excludedattributes" => read.excluded_attributes.extend(names(value)),
                _ => {}
            }
        }
        read.understood()
    }

    /// Reads the body of a POST to `/.search`. Names are recognised in any case; `null` is as good as absent.
    ///
    /// # Errors
    /// `invalidSyntax`, if the body has not the form of a search request; else as [`Query::from_parameters`].
    pub fn from_search_request(body: &Value) -> Result<Self, ScimError> {
        let Value::Object(body) = body else {
            return Err(ScimError::syntax("The body has to be a JSON object."));
        };
        let member = |name: &str| member(body, name).filter(|value| !value.is_null());
        if !member("schemas").is_some_and(|schemas| names_schema(schemas, SEARCH_SCHEMA)) {
            return Err(ScimError::syntax(format!("schemas has to contain {SEARCH_SCHEMA}.")));
        }
        let text = |name: &str| match member(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(ScimError::syntax(format!("{name} has to be a string."))),
        };
        let number = |name: &str| match member(name) {
            None => Some(None),
            Some(Value::Number(number)) => whole_number(number).map(Some),
            Some(_) => None,
        };
        let list = |name: &str| match member(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(names(text).collect()),
            Some(Value::Array(names)) => names
                .iter()
                .map(|name| name.as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
                .ok_or_else(|| ScimError::syntax("The names of attributes have to be strings.")),
            Some(_) => Err(ScimError::syntax(format!("{name} has to be an array of strings."))),
        };
        let read = Parameters {
            filter: text("filter")?,
            sort_by: text("sortBy")?,
            sort_order: text("sortOrder")?,
            start_index: number("startIndex").ok_or_else(bad_start_index)?,
            count: number("count").ok_or_else(bad_count)?,
            cursor: text("cursor")?,
            attributes: list("attributes")?,
            excluded_attributes: list("excludedAttributes")?,
        };
        read.understood()
    }

    /// The query that goes with a body: what the client writes by it, it is shown.
    #[must_use]
    pub fn with_body(self, body: &Value) -> Self {
        Self { written: written_in(body), ..self }
    }

    /// How many results a page may have: what the client wants, or else `default`, but no more than `maximum`.
    #[must_use]
    pub fn page_size(&self, default: u64, maximum: u64) -> u64 {
        self.count.unwrap_or(default).min(maximum)
    }

    /// The order that the client wants; none, if it does not care.
    ///
    /// # Errors
    /// As [`Sort::new`].
    pub fn sort(&self, resource_type: &ResourceType) -> Result<Option<Sort>, ScimError> {
        self.sort_by.as_deref().map(|path| Sort::new(resource_type, path, self.descending)).transpose()
    }

    /// What the answer contains.
    ///
    /// # Errors
    /// As [`Projection::new`].
    pub fn projection(&self, resource_type: &Arc<ResourceType>) -> Result<Projection, ScimError> {
        let projection = Projection::new(resource_type, &self.attributes, &self.excluded_attributes)?;
        // Who names what it wants to see sees no more.
        Ok(if projection.is_chosen() { projection } else { projection.with_written(&self.written) })
    }
}

impl Parameters {
    fn understood(self) -> Result<Query, ScimError> {
        if !self.attributes.is_empty() && !self.excluded_attributes.is_empty() {
            return Err(ScimError::value("attributes and excludedAttributes cannot be given at once."));
        }
        let descending = match self.sort_order.as_deref() {
            None | Some("") => false,
            Some(order) if order.eq_ignore_ascii_case("ascending") => false,
            Some(order) if order.eq_ignore_ascii_case("descending") => true,
            Some(_) => return Err(ScimError::value("sortOrder has to be ascending or descending.")),
        };
        let start = match (self.start_index, self.cursor) {
            (Some(_), Some(_)) => return Err(ScimError::value("startIndex and cursor cannot be given at once.")),
            (None, None) => Start::Unsaid,
            (Some(index), None) => Start::Index(index.max(1).unsigned_abs()),
            (None, Some(cursor)) if cursor.is_empty() => Start::FirstByCursor,
            (None, Some(cursor)) => Start::Cursor(cursor),
        };
        Ok(Query {
            filter: self.filter.as_deref().map(parse_filter).transpose()?,
            sort_by: self.sort_by.filter(|path| !path.is_empty()),
            descending,
            start,
            count: self.count.map(|count| count.max(0).unsigned_abs()),
            attributes: self.attributes,
            excluded_attributes: self.excluded_attributes,
            written: Vec::new(),
        })
    }
}

/// An integer; one that is too large for 64 bits is as good as the largest.
fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_integer = !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_digit());
    let extreme = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    is_integer.then(|| text.parse().unwrap_or(extreme))
}

fn names(list: &str) -> impl Iterator<Item = String> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned)
}

fn bad_start_index() -> ScimError {
    ScimError::value("startIndex has to be an integer.")
}

fn bad_count() -> ScimError {
    ScimError::new(ScimType::InvalidCount, "count has to be an integer.")
}
