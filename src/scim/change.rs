//! How a session makes, changes and deletes resources.

use super::error::of_domain;
use super::present::{Resource, version_of};
use super::registry::Kind;
use super::session::Session;
use super::write::{Change, ChangeGroup, ChangeProfile, ProvisionGroup, ProvisionProfile};
use crate::domain::{NodeId, Result};
use crate::resolvers::RunOptions;
use crate::resolvers::command::DeleteNode;
use crate::resolvers::password::PasswordHash;
use scim_protocol::ScimError;
use scim_protocol::body::{self, Purpose};
use scim_protocol::etag::EntityTags;
use scim_protocol::patch::parse_patch;
use scim_protocol::projection::Projection;
use serde_json::Value;

/// How many members an answer to a change of a group shows at most: beyond, to show them would cost more than the change.
const MAX_SHOWN_MEMBERS: i64 = 1_000;

impl Session<'_> {
    /// Makes a resource (RFC 7644 §3.3).
    pub async fn create(&self, kind: Kind, body: Value) -> Result<NodeId, ScimError> {
        let mut resource = body::read(self.registry.get(kind), body, Purpose::Create)?;
        let password = match resource.remove("password") {
            Some(Value::String(password)) => Some(PasswordHash::of(password, "password").await.map_err(of_domain)?),
            _ => None,
        };
        let (organization, writer) = (self.tenant(), self.writer(kind, None));
        let options = RunOptions::default();
        let made = if kind == Kind::Group {
            self.app.run(self.viewer, ProvisionGroup { organization, resource, writer }, options).await
        } else {
            self.app
                .run(self.viewer, ProvisionProfile { kind, organization, resource, password, writer }, options)
                .await
        };
        made.map_err(of_domain)
    }

    /// Puts a resource in the place of one (RFC 7644 §3.5.1).
    pub async fn replace(
        &self,
        kind: Kind,
        id: &str,
        body: Value,
        tags: Option<EntityTags>,
    ) -> Result<NodeId, ScimError> {
        self.change(kind, id, Change::Replace(body), tags).await
    }

    /// Changes a resource in place (RFC 7644 §3.5.2).
    pub async fn patch(
        &self,
        kind: Kind,
        id: &str,
        body: &Value,
        tags: Option<EntityTags>,
    ) -> Result<NodeId, ScimError> {
        self.change(kind, id, Change::Patch(parse_patch(body)?), tags).await
    }

    async fn change(
        &self,
        kind: Kind,
        id: &str,
        change: Change,
        tags: Option<EntityTags>,
    ) -> Result<NodeId, ScimError> {
        let id = self.node_id(kind, id).map_err(of_domain)?;
        let (writer, options) = (self.writer(kind, tags), RunOptions::default());
        let changed = if kind == Kind::Group {
            self.app.run(self.viewer, ChangeGroup { id, change, writer }, options).await
        } else {
            self.app.run(self.viewer, ChangeProfile { kind, id, change, writer }, options).await
        };
        changed.map_err(of_domain)
    }

    /// Deletes a resource (RFC 7644 §3.6).
    pub async fn delete(&self, kind: Kind, id: &str, tags: Option<EntityTags>) -> Result<(), ScimError> {
        let nothing = ["id".to_owned(), "meta.version".to_owned()];
        let projection = Projection::new(self.registry.get(kind), &nothing, &[])?;
        let resource = self.get(kind, id, &projection).await.map_err(of_domain)?;
        let version = version_of(&resource);
        let mut expected_version = None;
        if let Some(tags) = tags {
            if !tags.matches(version) {
                return Err(ScimError::with_status(
                    412,
                    "This has changed since the version you expect; read it again.",
                ));
            }
            // What matched is what must be deleted, and nothing newer.
            expected_version = version.and_then(|version| version.parse().ok());
        }
        let id = self.node_id(kind, id).map_err(of_domain)?;
        let command = DeleteNode { id, expected_version, reason: None };
        self.app.run(self.viewer, command, RunOptions::default()).await.map_err(of_domain)?;
        Ok(())
    }

    /// What is answered to a change: the resource as it is now, unless that would cost more than the change.
    pub async fn changed(
        &self,
        kind: Kind,
        id: NodeId,
        projection: &Projection,
    ) -> Result<Option<Resource>, ScimError> {
        if kind == Kind::Group
            && projection.wants("members")
            && self.member_count(id).await.map_err(of_domain)? > MAX_SHOWN_MEMBERS
        {
            return Ok(None);
        }
        self.show(kind, id, projection).await.map(Some).map_err(of_domain)
    }

    /// The profile that the client acts for (RFC 7644 §3.11).
    pub fn me(&self) -> Result<(Kind, NodeId), ScimError> {
        let own = self.viewer.access.as_ref().and_then(|access| access.profile);
        let own = own.and_then(|id| Kind::of(id.kind).map(|kind| (kind, id)));
        own.ok_or_else(|| ScimError::with_status(404, "This credential acts for no profile, so there is no /Me."))
    }
}
