//! Where the values of an attribute are that a client names.

use super::registry::Kind;
use super::table::{Home, Row};
use crate::store::Place;
use scim_protocol::schema::Target;

/// The places of the attributes of a type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    /// The type.
    pub(super) kind: Kind,
}

impl Places {
    /// The row of the attribute, unless the organization has declared it.
    pub(super) fn row(self, target: &Target) -> Option<&'static Row> {
        self.kind.row(target.is_extension.then_some(target.schema.id.as_str()), &target.attribute.name)
    }

    /// The list that holds the values, if there is one.
    pub(super) fn list(self, target: &Target) -> Option<Place> {
        if !target.attribute.multi_valued {
            return None;
        }
        match self.row(target) {
            Some(row) => match row.home {
                Home::List(column) => Some(Place::Column(column)),
                Home::ListIn(column, key) => Some(Place::Json(column, vec![key.to_owned()])),
                _ => None,
            },
            None if target.is_extension => Some(declared(target, false)),
            None => None,
        }
    }

    /// Where the value is in the element of the list that is looked at.
    pub(super) fn place_in_element(self, target: &Target) -> Place {
        let Some(part) = &target.sub_attribute else { return Place::Element(Vec::new()) };
        let key = self.row(target).and_then(|row| super::registry::key_of(row, &part.name));
        Place::Element(vec![key.unwrap_or(&part.name).to_owned()])
    }

    /// Where the value of the node is.
    pub(super) fn place(self, target: &Target) -> Place {
        let Some(row) = self.row(target) else { return declared(target, true) };
        match (row.home, &target.sub_attribute) {
            (Home::Column(column), _) => Place::Column(column),
            (Home::Json(column, key), _) => Place::Json(column, vec![key.to_owned()]),
            (Home::Object(column), Some(part)) => {
                let key = super::registry::key_of(row, &part.name).unwrap_or(&part.name);
                Place::Json(column, vec![key.to_owned()])
            }
            _ => self.place_in_element(target),
        }
    }
}

/// Where an attribute is that the organization has declared.
fn declared(target: &Target, to_the_part: bool) -> Place {
    let part = target.sub_attribute.iter().filter(|_| to_the_part).map(|part| part.name.clone());
    let names = [target.schema.id.clone(), target.attribute.name.clone()];
    Place::Json("extensions", names.into_iter().chain(part).collect())
}
