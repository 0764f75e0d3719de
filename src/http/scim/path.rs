//! What a path under `/scim` means.

use crate::domain::NodeId;
use crate::scim::registry::Kind;
use percent_encoding::percent_decode_str;
use scim_protocol::ScimError;

/// A path under `/scim`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// What it begins with: `/scim`, or `/scim/v2`.
    prefix: &'static str,
    /// The organization that it names.
    pub(super) organization: Option<String>,
    /// What it leads to.
    pub(super) place: Place,
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Everything.
    Root,
    /// A search of everything.
    Search,
    /// What the server can do.
    ServiceProviderConfig,
    /// The resource types, or the one with this name.
    ResourceTypes(Option<String>),
    /// The schemas, or the one with this URN.
    Schemas(Option<String>),
    /// Many requests at once.
    Bulk,
    /// What has become of a request that is done later.
    Deferred(String),
    /// What has happened to resources.
    Events,
    /// The profile that the client acts for.
    Me,
    /// The resources of a type.
    List(Kind),
    /// A search of the resources of a type.
    SearchOf(Kind),
    /// A resource.
    Resource(Kind, String),
}

impl Place {
    /// The node, if it is one.
    pub(super) fn id(&self) -> Option<NodeId> {
        match self {
            Self::Resource(_, id) => id.parse().ok(),
            _ => None,
        }
    }

    /// Whether it says what there is, and what the server can do.
    pub(super) const fn is_discovery(&self) -> bool {
        matches!(self, Self::ServiceProviderConfig | Self::ResourceTypes(_) | Self::Schemas(_))
    }

    fn of(segments: &[String]) -> Option<Self> {
        let names: Vec<&str> = segments.iter().map(String::as_str).collect();
        let is = |name: &str, known: &str| name.eq_ignore_ascii_case(known);
        match names.as_slice() {
            [] => Some(Self::Root),
            [".search"] => Some(Self::Search),
            [name] if is(name, "ServiceProviderConfig") => Some(Self::ServiceProviderConfig),
            [name] if is(name, "ResourceTypes") => Some(Self::ResourceTypes(None)),
            [name, id] if is(name, "ResourceTypes") => Some(Self::ResourceTypes(Some((*id).to_owned()))),
            [name] if is(name, "Schemas") => Some(Self::Schemas(None)),
            [name, id] if is(name, "Schemas") => Some(Self::Schemas(Some((*id).to_owned()))),
            [name] if is(name, "Bulk") => Some(Self::Bulk),
            [name, txn] if is(name, "AsyncRequests") => Some(Self::Deferred((*txn).to_owned())),
            [name] if is(name, "Events") => Some(Self::Events),
            [name] if is(name, "Me") => Some(Self::Me),
            [name] => Kind::from_endpoint(name).map(Self::List),
            [name, ".search"] => Kind::from_endpoint(name).map(Self::SearchOf),
            [name, id] => Kind::from_endpoint(name).map(|kind| Self::Resource(kind, (*id).to_owned())),
            _ => None,
        }
    }
}

impl Path {
    /// Reads a path; none if it leads nowhere.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/scim")?;
        let decode = |segment: &str| percent_decode_str(segment).decode_utf8().ok().map(std::borrow::Cow::into_owned);
        let mut segments: Vec<String> =
            rest.split('/').filter(|segment| !segment.is_empty()).map(decode).collect::<Option<_>>()?;
        let mut prefix = "/scim";
        if segments.first().is_some_and(|first| first.eq_ignore_ascii_case("v2")) {
            prefix = "/scim/v2";
            segments.remove(0);
        }
        if let Some(place) = Place::of(&segments) {
            return Some(Self { prefix, organization: None, place });
        }
        let (organization, rest) = segments.split_first()?;
        let place = Place::of(rest).filter(|place| *place != Place::Root || rest.is_empty())?;
        Some(Self { prefix, organization: Some(organization.clone()), place })
    }

    /// The URL under which everything is that belongs to what the path names.
    pub(super) fn base(&self, origin: &str) -> String {
        match &self.organization {
            Some(organization) => format!("{origin}{}/{organization}", self.prefix),
            None => format!("{origin}{}", self.prefix),
        }
    }
}

/// There is nothing at that path.
pub(super) fn unknown() -> ScimError {
    ScimError::with_status(404, "There is nothing at this path; /ResourceTypes lists what there is.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Option<(Option<String>, Place)> {
        Path::parse(path).map(|path| (path.organization, path.place))
    }

    #[test]
    fn the_version_and_the_organization_may_be_left_out() {
        for path in ["/scim/Users", "/scim/v2/Users", "/scim/v2/users/", "/scim/V2/Users"] {
            assert_eq!(place(path), Some((None, Place::List(Kind::User))), "{path}");
        }
        let named = Some((Some("acme".to_owned()), Place::Resource(Kind::Group, "grp_1".to_owned())));
        assert_eq!(place("/scim/v2/acme/Groups/grp_1"), named);
        assert_eq!(place("/scim/acme/Groups/grp%5F1"), named);
        assert_eq!(place("/scim/v2"), Some((None, Place::Root)));
        assert_eq!(place("/scim/v2/Users/.search"), Some((None, Place::SearchOf(Kind::User))));
        let urn = "urn:ietf:params:scim:schemas:core:2.0:User";
        assert_eq!(place(&format!("/scim/v2/Schemas/{urn}")), Some((None, Place::Schemas(Some(urn.to_owned())))));
    }

    #[test]
    fn other_paths_lead_nowhere() {
        for path in
            ["/scim/v2/Users/usr_1/name", "/scim/v2/acme/other/Users", "/scim/v2/acme/Things", "/scim/v2/Users/%ff"]
        {
            assert_eq!(place(path), None, "{path}");
        }
    }
}
