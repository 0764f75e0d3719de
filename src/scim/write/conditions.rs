//! At which versions a resource is to be written (RFC 9110 §13.1).

use scim_protocol::etag::EntityTags;

/// What the client says of the version of a resource that it changes.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    /// `If-Match`: it has to be one of these.
    pub wanted: Option<EntityTags>,
    /// `If-None-Match`: it has to be none of these.
    pub unwanted: Option<EntityTags>,
}

impl Conditions {
    /// Whether a resource of that version may be written.
    ///
    /// An entity tag may say more than the version: see [`tag`](crate::scim::present::tag). Others may come and go in what
    /// is shown with a resource, but nobody loses a change by that, so the version alone counts here.
    #[must_use]
    pub fn hold(&self, version: i64) -> bool {
        self.wanted.as_ref().is_none_or(|tags| names(tags, version))
            && !self.unwanted.as_ref().is_some_and(|tags| names(tags, version))
    }
}

fn names(tags: &EntityTags, version: i64) -> bool {
    match tags {
        EntityTags::Any => true,
        EntityTags::OneOf(tags) => tags.iter().any(|tag| {
            let own = tag.split_once('-').map_or(tag.as_str(), |(version, _)| version);
            own == version.to_string()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_a_tag_decides() {
        let wanting = |tags| Conditions { wanted: EntityTags::parse(tags).ok(), unwanted: None };
        for (tags, holds) in [("*", true), ("W/\"3\"", true), ("W/\"3-0af1\"", true), ("W/\"33\", \"2\"", false)] {
            assert_eq!(wanting(tags).hold(3), holds, "{tags}");
        }
        let unwanting = Conditions { wanted: None, unwanted: Some(EntityTags::Any) };
        assert!(!unwanting.hold(1) && Conditions::default().hold(1));
    }
}
