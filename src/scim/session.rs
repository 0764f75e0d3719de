//! A client at work in an organization: what every request needs to know.

use super::present::Eye;
use super::registry::{Kind, Registry};
use super::write::Writer;
use crate::domain::token::ScimOptions;
use crate::domain::{Organization, OrganizationId, Result, text};
use crate::resolvers::query::Reader;
use crate::resolvers::{App, Viewer};
use scim_protocol::etag::EntityTags;
use std::sync::Arc;

/// A client at work in an organization.
#[derive(Debug)]
pub struct Session<'a> {
    pub(super) app: &'a App,
    pub(super) viewer: &'a Viewer,
    pub(super) organization: Arc<Organization>,
    pub(super) registry: Registry,
    pub(super) options: ScimOptions,
    base: String,
    client: String,
}

impl<'a> Session<'a> {
    /// A session of that viewer in that organization, which is found under that URL.
    #[must_use]
    pub fn new(app: &'a App, viewer: &'a Viewer, organization: Arc<Organization>, base: String) -> Self {
        let options = viewer.access.as_ref().map(|access| access.scim.clone()).unwrap_or_default();
        let client = options.client.clone().unwrap_or_else(|| client_of(&viewer.actor.name));
        Self { app, viewer, organization, registry: Registry::common(), options, base, client }
    }

    /// The resource types of the organization.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// How the client wants to be understood.
    #[must_use]
    pub const fn options(&self) -> &ScimOptions {
        &self.options
    }

    /// How the organization is called.
    #[must_use]
    pub fn organization(&self) -> &str {
        &self.organization.slug
    }

    /// The URL under which everything is.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Who looks, and from where.
    #[must_use]
    pub fn eye(&self) -> Eye<'_> {
        Eye { base: &self.base, client: &self.client }
    }

    pub(super) fn client(&self) -> &str {
        &self.client
    }

    pub(super) const fn reader(&self) -> Reader<'_> {
        self.app.read(self.viewer)
    }

    pub(super) fn tenant(&self) -> OrganizationId {
        self.organization.id
    }

    /// Requires that the client may read what resources show, which is more than everybody may.
    pub(super) fn allow_reading(&self) -> Result<()> {
        self.reader().allow_private(self.tenant(), None)
    }

    pub(super) fn writer(&self, kind: Kind, if_match: Option<EntityTags>) -> Writer {
        let organization = &self.organization;
        Writer {
            of_type: Arc::clone(self.registry.get(kind)),
            base: self.base.clone(),
            client: self.client.clone(),
            organization: [organization.slug.clone(), organization.name.clone(), organization.id.node().to_string()],
            entra: self.options.entra,
            ignore_unknown_members: self.options.ignore_unknown_members,
            if_match,
        }
    }
}

/// By which name a client is known in external ids that has chosen none: the words of the name of its token.
fn client_of(name: &str) -> String {
    let client: String = text::terms(name).join("-").chars().take(64).collect();
    if client.is_empty() { "scim".to_owned() } else { client }
}
