//! Pages of lists.

use schemars::JsonSchema;
use serde::Serialize;

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub struct Page<T> {
    /// The entries.
    pub data: Vec<T>,
    /// What comes behind them.
    pub page: PageInfo,
}

/// What comes behind a page.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PageInfo {
    /// Give it as `page[cursor]` to get the next page; null if there is none.
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}
