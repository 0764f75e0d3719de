//! What a declaration asks of the values that there are already.

use crate::domain::node::{extension_key, namespace};
use crate::domain::{Error, Extension, Extensions, Result};
use crate::resolvers::WriteContext;

/// Requires that attributes which become unique have no value twice.
pub(super) async fn check(context: &WriteContext<'_>, before: &Extensions, after: &Extensions) -> Result<()> {
    for (urn, extension) in after.iter().filter(|(urn, extension)| before.get(urn) != Some(extension)) {
        for name in newly_unique(before.get(urn), extension) {
            let prefix = extension_key(urn, name, "");
            if let Some(shared) = context.unit().shared_key(namespace::EXTENSION, &prefix).await? {
                let value = shared.strip_prefix(&prefix).unwrap_or_default();
                let message =
                    format!("Several nodes have the value {value}; make them differ before you declare it unique.");
                return Err(Error::conflict(format!("attributes.{name}"), message));
            }
        }
    }
    Ok(())
}

/// The attributes that are unique now and were not.
fn newly_unique<'e>(before: Option<&'e Extension>, after: &'e Extension) -> impl Iterator<Item = &'e str> {
    let was_unique =
        move |name: &str| before.and_then(|before| before.attribute(name)).is_some_and(|attribute| attribute.unique);
    let unique = after.attributes.iter().filter(|attribute| attribute.unique);
    unique.map(|attribute| attribute.name.as_str()).filter(move |name| !was_unique(name))
}
