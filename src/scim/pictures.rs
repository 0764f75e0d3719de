//! Conditions on pictures. A profile that has an avatar and no other pictures shows the avatar as its only one, so that is
//! what is looked at then.

use super::present::PICTURE;
use crate::store::{Comparator, Condition, Place};

const ALWAYS: Condition = Condition::All(Vec::new());
const NEVER: Condition = Condition::Any(Vec::new());
const AVATAR: Place = Place::Column("avatar");

/// The list of pictures has such an element, or there is none and the avatar is such a picture.
pub(super) fn some(list: Place, element: Condition) -> Condition {
    let has_list = Condition::Some(list.clone(), Box::new(ALWAYS));
    let avatar = vec![Condition::Not(Box::new(has_list)), Condition::Present(AVATAR), of_avatar(element.clone())];
    Condition::Any(vec![Condition::Some(list, Box::new(element)), Condition::All(avatar)])
}

/// What a condition on an element means for the one that the avatar is shown as.
fn of_avatar(condition: Condition) -> Condition {
    match condition {
        Condition::All(parts) => Condition::All(parts.into_iter().map(of_avatar).collect()),
        Condition::Any(parts) => Condition::Any(parts.into_iter().map(of_avatar).collect()),
        Condition::Not(part) => Condition::Not(Box::new(of_avatar(*part))),
        Condition::Present(place) => constant(matches!(part(&place), Some("value" | "type" | "primary"))),
        Condition::Boolean(place, value) => constant(part(&place) == Some("primary") && value),
        Condition::Text(place, comparator, case, value) => match part(&place) {
            Some("value") => Condition::Text(AVATAR, comparator, case, value),
            Some("type") => constant(compares(comparator, &value)),
            _ => NEVER,
        },
        other => other,
    }
}

const fn constant(holds: bool) -> Condition {
    if holds { ALWAYS } else { NEVER }
}

fn part(place: &Place) -> Option<&str> {
    match place {
        Place::Element(names) => names.first().map(String::as_str),
        _ => None,
    }
}

/// Whether the type that an avatar is shown with compares so. It is in lower case, as is the value where case does not count.
fn compares(comparator: Comparator, value: &str) -> bool {
    match comparator {
        Comparator::Equal => PICTURE == value,
        Comparator::Greater => PICTURE > value,
        Comparator::GreaterOrEqual => PICTURE >= value,
        Comparator::Less => PICTURE < value,
        Comparator::LessOrEqual => PICTURE <= value,
        Comparator::Contains => PICTURE.contains(value),
        Comparator::StartsWith => PICTURE.starts_with(value),
        Comparator::EndsWith => PICTURE.ends_with(value),
    }
}
