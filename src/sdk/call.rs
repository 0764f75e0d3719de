//! A request, as handlers are given it.

use super::sent::Sent;
use super::spelling::spelled;
use crate::domain::session::Whereabouts;
use crate::domain::{Error, ErrorCode, NodeId, Organization, Result};
use crate::resolvers::query::questions::Named as NamedNodes;
use crate::resolvers::{App, Command, Reader, RunOptions, Viewer};
use crate::store::Table;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

/// Who owns what belongs to no organization, in the words of these clients.
pub const EVERYBODY: &str = "admin";

/// A request, as handlers are given it.
pub struct Call {
    /// The application.
    pub app: Arc<App>,
    /// Who asks.
    pub viewer: Viewer,
    /// The parameters of the query.
    pub query: HashMap<String, String>,
    /// The body.
    pub sent: Sent,
    /// Whether the client wants to see what it has changed, however it names it.
    pub is_native: bool,
    /// Whether the client has sent its id and secret in a header.
    pub is_basic: bool,
    /// From where, and with what.
    pub whereabouts: Whereabouts,
}

/// What a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The slug or id of the organization; that of the credential unless given.
    pub owner: Option<String>,
    /// The name there.
    pub name: String,
}

impl Name {
    /// What `owner/name` names; or `name`, with the owner of the rest.
    pub fn parse(text: &str, owner: Option<String>, field: &'static str) -> Result<Self> {
        let (owner, name) = match text.split_once('/') {
            Some((owner, name)) => (Some(owner.to_owned()), name),
            None => (owner, text),
        };
        if name.is_empty() {
            return Err(Error::invalid(field, "Name one thing, as owner/name."));
        }
        Ok(Self { owner, name: name.to_owned() })
    }
}

impl Call {
    /// Reads, as the viewer.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        self.app.read(&self.viewer)
    }

    /// Runs a command, as the viewer.
    pub async fn run<C: Command>(&self, command: C) -> Result<C::Output> {
        self.app.run(&self.viewer, command, RunOptions::default()).await.map_err(spelled)
    }

    /// A parameter of the query that says something.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The parts of the body that are to be applied: those columns that the query names, if it names any.
    #[must_use]
    pub fn change(&self) -> Sent {
        self.parameter("columns").map_or_else(|| self.sent.clone(), |columns| self.sent.only(columns))
    }

    /// Whether what was changed is told, and not only that it was: those who name it in the query know it.
    #[must_use]
    pub fn wants_to_see(&self) -> bool {
        let is_named = self.parameter("id").is_some() || self.parameter("userId").is_some();
        self.is_native || !(is_named || self.is_basic)
    }

    /// The field and the value that a list is searched by, if it is. Both are sent empty by those who look for nothing.
    pub fn searched(&self) -> Result<Option<(&str, &str)>> {
        match (self.parameter("field"), self.parameter("value")) {
            (Some(field), Some(value)) => Ok(Some((field, value))),
            (_, None) => Ok(None),
            (None, Some(_)) => Err(Error::invalid("field", "Say which field is to have the value.")),
        }
    }

    /// Who owns what the request is about, as far as it says so.
    pub fn owner(&self) -> Result<Option<String>> {
        let owner = self.parameter("owner").map_or_else(|| self.sent.word("owner"), |owner| Ok(Some(owner)));
        Ok(owner?.map(str::to_owned))
    }

    /// What the request is about: as the query says, else as the body does.
    pub fn name(&self) -> Result<Name> {
        let owner = self.owner()?;
        if let Some(id) = self.parameter("id") {
            return Name::parse(id, owner, "id");
        }
        let name = self.sent.word("name")?;
        Ok(Name { owner, name: name.ok_or_else(|| Error::invalid("id", "Name one thing: id=owner/name."))?.to_owned() })
    }

    /// The organization of that slug or id; that of the credential, if nobody or everybody is named.
    pub async fn organization(&self, owner: Option<&str>, field: &'static str) -> Result<Arc<Organization>> {
        let missing = || Error::not_found(field, "organization");
        if let Some(owner) = owner {
            match self.reader().organization_called(owner).await? {
                None if owner == EVERYBODY => {}
                found => return found.ok_or_else(missing),
            }
        }
        let own = self
            .reader()
            .own_organization()
            .ok_or_else(|| Error::invalid(field, "This credential is for every organization; name one by its slug."))?;
        self.found(own.node()).await?.ok_or_else(missing)
    }

    /// A node that the viewer may see, if there is one with this id.
    pub async fn found<T: Table>(&self, id: NodeId) -> Result<Option<Arc<T>>> {
        let found = self.reader().ask(&NamedNodes::<T> { of: PhantomData }, &[id.uuid]).await?.remove(&id.uuid);
        Ok(found.filter(|node| node.is_meant_by(id)))
    }

    /// What a viewer sees of something that it has changed. Nothing, if it may change it but not read it.
    pub async fn seen<T: Table>(&self, id: NodeId) -> Result<Option<Arc<T>>> {
        match self.found(id).await {
            Err(error) if matches!(error.code, ErrorCode::Forbidden | ErrorCode::NotFound) => Ok(None),
            found => found,
        }
    }
}

/// Without what the query and the body say: that may be secret.
impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("viewer", &self.viewer.actor).finish_non_exhaustive()
    }
}
