//! Lists of names: `owner/name` each, or the name alone.

use super::call::Call;
use crate::domain::{Collective, Error, NodeId, Organization, Page, Profile, Result, text};
use crate::resolvers::query::questions::Listed;
use crate::store::{Listing, Order};
use std::marker::PhantomData;

/// What has a name in its organization.
pub trait Named {
    /// The name. Case does not count.
    fn own_name(&self) -> &str;
}

impl Named for Profile {
    fn own_name(&self) -> &str {
        &self.username
    }
}

impl Named for Collective {
    fn own_name(&self) -> &str {
        &self.slug
    }
}

/// How the names of a list differ from those of what there is.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// The names of what is new.
    pub new: Vec<String>,
    /// What is there and not named.
    pub gone: Vec<NodeId>,
}

/// The names in an organization of what is named in a list; each has to be owned by it.
pub fn own_names(owner: &Organization, names: &[String], field: &'static str) -> Result<Vec<String>> {
    let own = |name: &String| match name.split_once('/') {
        None => Ok(name.clone()),
        Some((named, name)) if text::key(named) == text::key(&owner.slug) => Ok(name.to_owned()),
        Some(_) => {
            let message = format!("This is owned by others than {}; name what it owns.", owner.slug);
            Err(Error::invalid(field, message))
        }
    };
    names.iter().map(own).collect()
}

/// How names differ from those of what there is.
pub fn difference<'a, T: Named + 'a>(names: &[String], current: impl Iterator<Item = (&'a T, NodeId)>) -> Difference {
    let current: Vec<(String, NodeId)> = current.map(|(node, id)| (text::key(node.own_name()), id)).collect();
    let wanted: Vec<String> = names.iter().map(|name| text::key(name)).collect();
    let is_new = |name: &&String| current.iter().all(|(known, _)| *known != text::key(name));
    Difference {
        new: names.iter().filter(is_new).cloned().collect(),
        gone: current.iter().filter(|(name, _)| !wanted.contains(name)).map(|(_, id)| *id).collect(),
    }
}

/// The ids of what has these names in an organization; each has to be the name of one.
pub async fn resolved<T: Listing + Named>(
    call: &Call,
    owner: &Organization,
    names: &[String],
    (field, filter): (&'static str, impl FnOnce(Vec<String>) -> T::Filter),
) -> Result<Vec<NodeId>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let page = Page::first(u32::try_from(names.len()).unwrap_or(u32::MAX));
    let question = Listed::<T> { filter: filter(names.to_vec()), order: Order::default(), page, of: PhantomData };
    let found = call.reader().ask(&question, &[owner.id.0]).await?.remove(&owner.id.0);
    let found = found.map(|slice| slice.items).unwrap_or_default();
    let is_missing = |name: &&String| found.iter().all(|node| text::key(node.own_name()) != text::key(name));
    match names.iter().find(is_missing) {
        Some(name) => Err(Error::invalid(field, format!("There is no {}/{name}; name one that there is.", owner.slug))),
        None => Ok(found.iter().map(|node| node.id()).collect()),
    }
}
