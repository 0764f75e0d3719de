//! In which order lists come: by a key of their own where the graph keeps one (user names, names of groups), else by the
//! text with its ASCII letters in lower case, which is what both databases can do alike.

use super::list::Question;
use super::places::Places;
use super::registry::Kind;
use super::table::Home;
use crate::domain::text;
use crate::store::{CaseSense, Order, Place, SortField, SortPlace, Sorting};
use scim_protocol::schema::Type;
use scim_protocol::sort::Sort;
use scim_protocol::{ScimError, ScimType};

/// The key by which the database sorts the texts of the list, unless their case counts.
pub(super) fn text_key(question: &Question) -> fn(&str) -> String {
    let places = Places { kind: question.kind };
    let home = question.sort.as_ref().and_then(|sort| places.row(&sort.target)).map(|row| row.home);
    match home {
        Some(Home::Column("username")) => text::key,
        Some(Home::Column("name")) => text::sort_key,
        _ => str::to_ascii_lowercase,
    }
}

/// How the database is to sort.
pub(super) fn sorting(question: &Question) -> Result<Sorting, ScimError> {
    let Some(sort) = &question.sort else { return Ok(Sorting { place: None, descending: false }) };
    let target = &sort.target;
    let places = Places { kind: question.kind };
    let leaf = target.leaf();
    let case = if leaf.compares_case() { CaseSense::Exact } else { CaseSense::Folded };
    let home = places.row(target).map(|row| row.home);
    let place = match (target.is_extension, target.path().as_str(), home) {
        (false, "id" | "meta.created", _) => None,
        (false, "meta.lastModified", _) => Some(SortPlace::Column("updated_at")),
        (_, _, Some(Home::Column("username"))) => Some(SortPlace::Column("username_key")),
        (_, _, Some(Home::Column("name"))) => Some(SortPlace::Column("name_key")),
        // The avatar is the picture to use.
        (false, "photos.value", _) => Some(SortPlace::Text(Place::Column("avatar"), case)),
        (_, _, Some(Home::Computed)) | (false, _, None) => return Err(unsortable(sort)),
        _ => match (places.list(target), leaf.kind) {
            (Some(list), _) => {
                let names = target.sub_attribute.iter().map(|part| {
                    places
                        .row(target)
                        .and_then(|row| super::registry::key_of(row, &part.name))
                        .unwrap_or(&part.name)
                        .to_owned()
                });
                Some(SortPlace::First(list, names.collect(), case))
            }
            (None, Type::Boolean | Type::Integer | Type::Decimal) => Some(SortPlace::Plain(places.place(target))),
            (None, _) => Some(SortPlace::Text(places.place(target), case)),
        },
    };
    Ok(Sorting { place, descending: sort.descending })
}

/// The order of a walk by cursors.
pub(super) fn keyset_order(question: &Question) -> Result<Order, ScimError> {
    let Some(sort) = &question.sort else { return Ok(Order::default()) };
    let field = match sort.target.path().as_str() {
        "id" | "meta.created" => SortField::CreatedAt,
        "meta.lastModified" => SortField::UpdatedAt,
        "userName" => SortField::Username,
        "displayName" if question.kind == Kind::Group => SortField::Name,
        _ => {
            let detail = "A walk by cursors is sorted by id, userName, meta.created, meta.lastModified, or the displayName of groups; use startIndex for other orders.";
            return Err(ScimError::new(ScimType::InvalidCursor, detail));
        }
    };
    Ok(Order { field, descending: sort.descending })
}

fn unsortable(sort: &Sort) -> ScimError {
    ScimError::new(ScimType::InvalidPath, format!("{} cannot be sorted by.", sort.target.qualified_path()))
}
