//! A client at work in an organization: what every request needs to know.

use super::present::Eye;
use super::registry::{Kind, Registry};
use super::write::{Conditions, Writer};
use crate::domain::token::ScimOptions;
use crate::domain::{Organization, OrganizationId, Result, text};
use crate::resolvers::query::Reader;
use crate::resolvers::{App, Viewer};
use futures::future::BoxFuture;
use scim_protocol::ScimError;
use std::sync::Arc;

/// Whom a client pays for resources that have to be looked at, besides those that it is shown.
pub trait Toll: Sync {
    /// Charges for as much as so many resources cost that are shown, before they are looked at.
    fn charge(&self, resources: u64) -> BoxFuture<'_, Result<(), ScimError>>;
}

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
    pub async fn open(app: &'a App, viewer: &'a Viewer, organization: Arc<Organization>, base: String) -> Result<Self> {
        let registry = Registry::of(app.read(viewer), &organization).await?;
        let options = viewer.access.as_ref().map(|access| access.scim.clone()).unwrap_or_default();
        let client = options.client.clone().unwrap_or_else(|| client_of(&viewer.actor.name));
        Ok(Self { app, viewer, organization, registry, options, base, client })
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

    /// Whether the client may be in no other organization.
    #[must_use]
    pub fn is_confined(&self) -> bool {
        self.viewer.access.as_ref().is_some_and(|access| access.organization.is_some())
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

    pub(super) fn writer(&self, kind: Kind, conditions: Conditions) -> Writer {
        let organization = &self.organization;
        Writer {
            kind,
            of_type: Arc::clone(self.registry.get(kind)),
            base: self.base.clone(),
            client: self.client.clone(),
            organization: [organization.slug.clone(), organization.name.clone(), organization.id.node().to_string()],
            entra: self.options.entra,
            ignore_unknown_members: self.options.ignore_unknown_members,
            conditions,
        }
    }
}

/// By which name a client is known in external ids that has chosen none: the words of the name of its token.
fn client_of(name: &str) -> String {
    let client: String = text::terms(name).join("-").chars().take(64).collect();
    if client.is_empty() { "scim".to_owned() } else { client }
}
