//! A request, as handlers are given it.

use super::accounts::TENANT;
use super::refusal::{Refusal, Result};
use crate::domain::id::parse_typeid;
use crate::domain::{Error, NodeId, NodeKind, Organization, OrganizationId};
use crate::resolvers::query::questions::Named;
use crate::resolvers::{App, Command, Reader, RunOptions, Viewer};
use crate::store::Table;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

/// A request, as handlers are given it.
#[derive(Debug)]
pub struct Call {
    /// The application.
    pub app: Arc<App>,
    /// Who asks.
    pub viewer: Viewer,
    /// The path, as it was sent.
    pub path: String,
    /// What the path says in the places of the operation's parameters.
    pub parameters: HashMap<String, String>,
    /// The query, as it was sent.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Call {
    /// Reads, as the viewer.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        self.app.read(&self.viewer)
    }

    /// Runs a command, as the viewer; once, if the client has given the request a key.
    ///
    /// # Errors
    ///
    /// Whatever the command refuses.
    pub async fn run<C: Command>(&self, command: C, key: Option<String>) -> Result<C::Output> {
        Ok(self.app.run(&self.viewer, command, RunOptions { client_mutation_id: key }).await?)
    }

    /// The id in that place of the path. What is no such id is the id of nothing.
    ///
    /// # Errors
    ///
    /// If it is no id of one of these kinds.
    pub fn id(&self, parameter: &'static str, kinds: &[NodeKind]) -> Result<NodeId> {
        let id = self.parameters.get(parameter).and_then(|text| text.parse::<NodeId>().ok());
        let what = kinds.first().copied().unwrap_or(NodeKind::Organization);
        Ok(id.filter(|id| kinds.contains(&id.kind)).ok_or_else(|| Error::not_found(parameter, noun(what)))?)
    }

    /// A node that the viewer may see. The id of a merged profile leads to the one it was merged into.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub async fn node<T: Table>(&self, id: NodeId) -> Result<Arc<T>> {
        let found = self.reader().ask(&Named::<T> { of: PhantomData }, &[id.uuid]).await?.remove(&id.uuid);
        Ok(found.filter(|node| node.is_meant_by(id)).ok_or_else(|| Error::not_found("id", noun(id.kind)))?)
    }

    /// The organization that the path names by slug or id.
    ///
    /// # Errors
    ///
    /// If there is none that the viewer may see.
    pub async fn organization(&self) -> Result<Arc<Organization>> {
        self.organization_called(self.parameters.get("id").map_or("", String::as_str), "id").await
    }

    /// The organization of that slug or id.
    async fn organization_called(&self, name: &str, field: &'static str) -> Result<Arc<Organization>> {
        let found = self.reader().organization_called(name).await?;
        Ok(found.ok_or_else(|| Error::not_found(field, "organization"))?)
    }

    /// The organization that a request is about: the one that it names by slug or id, else that of the credential.
    ///
    /// # Errors
    ///
    /// If there is none that the viewer may see, or the credential is for several and none is named.
    pub async fn tenant(&self, name: Option<&str>, field: &'static str) -> Result<OrganizationId> {
        let id_of = |name: &str| match parse_typeid(name, TENANT) {
            Some(uuid) => Ok(NodeId::new(NodeKind::Organization, uuid)),
            None => name.parse::<NodeId>(),
        };
        match name.map(|name| (name, id_of(name))) {
            // Whether there is one with this id, and whether the viewer may know, is asked by whoever is told of it.
            Some((_, Ok(id))) if id.kind == NodeKind::Organization => {
                let own = self.reader().own_organization();
                let is_seen = own.is_none_or(|own| own.0 == id.uuid);
                let tenant = is_seen.then_some(OrganizationId(id.uuid));
                Ok(tenant.ok_or_else(|| Error::not_found(field, "organization"))?)
            }
            Some((name, _)) => Ok(self.organization_called(name, field).await?.id),
            None => {
                let message = "This credential is for every organization; name one by slug or id.";
                Ok(self.reader().own_organization().ok_or_else(|| Error::invalid(field, message))?)
            }
        }
    }

    /// The values of a header, as one list (RFC 9110 §5.3).
    ///
    /// # Errors
    ///
    /// If they are no text.
    pub fn header(&self, name: &'static str) -> Result<Option<String>> {
        let values = self.headers.get_all(HeaderName::from_static(name)).iter();
        let values: Vec<&str> = values
            .map(|value| value.to_str())
            .collect::<std::result::Result<_, _>>()
            .map_err(|_| Refusal::malformed(Some(name), "This header is no text; send visible ASCII characters."))?;
        Ok((!values.is_empty()).then(|| values.join(", ")))
    }
}

/// What a kind of node is called where it is missing.
const fn noun(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Organization => "organization",
        NodeKind::User | NodeKind::ServiceAccount | NodeKind::Bot => "profile",
        NodeKind::Team => "team",
        NodeKind::Group => "group",
        NodeKind::Role => "role",
        NodeKind::LinkedIdentity => "linked identity",
        NodeKind::Token => "token",
    }
}
