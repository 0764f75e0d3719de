//! The part of a list that a request asks for: pages by number, as these clients know them.
//!
//! A page far behind costs what lies before it, so it may not lie farther behind than [`MAX_OFFSET`]. Whoever walks through
//! more than that follows the cursors of REST or GraphQL.

use super::call::Call;
use super::sent::camel;
use crate::domain::{Error, Result};
use crate::store::{SortPlace, Sorting};

/// How many entries may lie before a page.
pub const MAX_OFFSET: u64 = 10_000;

/// By what something is sorted, as clients name it, and the column of it; none for the order in which things were made.
pub type Columns = &'static [(&'static str, Option<&'static str>)];

/// The part of a list that a request asks for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Behind so many entries.
    pub offset: u64,
    /// At most so many.
    pub limit: u64,
    /// Whether the request asks for a page, and not for everything.
    pub is_paged: bool,
    /// In which order.
    pub sorting: Sorting,
}

impl Wanted {
    /// What the request asks for, of a list with pages of so many entries at most.
    pub fn of(call: &Call, most: u64, columns: Columns) -> Result<Self> {
        let (page, size) = (number(call, "p")?, size(call, most)?);
        let is_paged = page.is_some() || size.is_some();
        let limit = size.unwrap_or(most);
        let offset = (page.unwrap_or(1) - 1).saturating_mul(limit);
        if offset > MAX_OFFSET {
            let message = format!(
                "More than {MAX_OFFSET} entries lie before this page; narrow the list, or follow the cursors of /v1/profiles."
            );
            return Err(Error::invalid("p", message));
        }
        let descending = match call.parameter("sortOrder") {
            None | Some("ascend") => false,
            Some("descend") => true,
            Some(_) => return Err(Error::invalid("sortOrder", "The order is ascend or descend.")),
        };
        let place = call.parameter("sortField").map(|field| column(field, "sortField", columns)).transpose()?.flatten();
        Ok(Self { offset, limit, is_paged, sorting: Sorting { place, descending } })
    }

    /// The first entries by a column, the greatest first.
    pub fn greatest(call: &Call, most: u64, columns: Columns) -> Result<Self> {
        let limit = number(call, "limit")?.unwrap_or(most).min(most);
        let place = call.parameter("sorter").map(|field| column(field, "sorter", columns)).transpose()?.flatten();
        Ok(Self { offset: 0, limit, is_paged: true, sorting: Sorting { place, descending: true } })
    }

    /// The window to look at: one entry more than is wanted tells whether there are more.
    #[must_use]
    pub const fn window(&self) -> (u64, u64) {
        (self.offset, self.limit + 1)
    }
}

/// How many entries a request asks for, of a list with pages of so many at most.
pub fn size(call: &Call, most: u64) -> Result<Option<u64>> {
    let size = number(call, "pageSize")?;
    match size {
        Some(size) if size > most => Err(Error::invalid("pageSize", format!("A page has 1 to {most} entries."))),
        size => Ok(size),
    }
}

fn number(call: &Call, name: &'static str) -> Result<Option<u64>> {
    let Some(text) = call.parameter(name) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.map(Some).ok_or_else(|| Error::invalid(name, "This is no number from 1 on; send one."))
}

fn column(field: &str, parameter: &'static str, columns: Columns) -> Result<Option<SortPlace>> {
    let name = camel(field);
    let found = columns.iter().find(|(known, _)| *known == name);
    let message = || {
        let known: Vec<&str> = columns.iter().map(|(known, _)| *known).collect();
        format!("Sort by one of {}.", known.join(", "))
    };
    let (_, column) = found.ok_or_else(|| Error::invalid(parameter, message()))?;
    Ok(column.map(SortPlace::Column))
}
