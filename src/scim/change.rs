//! How a session makes, changes and deletes resources.

use super::error::of_domain;
use super::present::Shown;
use super::registry::{ENTERPRISE, Kind};
use super::session::Session;
use super::write::{
    Change, ChangeGroup, ChangeProfile, Conditions, DeleteResource, Hidden, ProvisionGroup, ProvisionProfile,
    Provisioned, Secret,
};
use crate::domain::{EdgeKind, NodeId, Result};
use crate::resolvers::RunOptions;
use crate::store::Side;
use scim_protocol::ScimError;
use scim_protocol::body::{self, Purpose};
use scim_protocol::patch::parse_patch;
use scim_protocol::projection::Projection;
use scim_protocol::query::Query;
use serde_json::Value;

/// How many members an answer to a change of a group shows at most: beyond, to show them would cost more than the change.
const MAX_SHOWN_MEMBERS: u32 = 1_000;

impl Session<'_> {
    /// Makes a resource (RFC 7644 §3.3).
    pub async fn create(&self, kind: Kind, mut body: Value) -> Result<Provisioned, ScimError> {
        let password = Hidden::in_body(kind, &mut body).hashed(self.app, self.viewer).await.map_err(of_domain)?;
        self.create_with(kind, body, password, RunOptions::default()).await
    }

    /// The same of a body from which the password was taken.
    pub(super) async fn create_with(
        &self,
        kind: Kind,
        body: Value,
        password: Secret,
        options: RunOptions,
    ) -> Result<Provisioned, ScimError> {
        let resource = body::read(self.registry.get(kind), body, Purpose::Create)?;
        let (organization, writer) = (self.tenant(), self.writer(kind, Conditions::default()));
        let made = if kind == Kind::Group {
            let command = ProvisionGroup { organization, resource, writer };
            self.app.run(self.viewer, command, options).await.map(|id| Provisioned { id, made: None })
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
        conditions: Conditions,
    ) -> Result<NodeId, ScimError> {
        self.change(kind, id, Change::Replace(body), conditions, RunOptions::default()).await
    }

    /// Changes a resource in place (RFC 7644 §3.5.2).
    pub async fn patch(&self, kind: Kind, id: &str, body: &Value, conditions: Conditions) -> Result<NodeId, ScimError> {
        self.patch_with(kind, id, body, conditions, RunOptions::default()).await
    }

    /// The same with more to say about the run.
    pub(super) async fn patch_with(
        &self,
        kind: Kind,
        id: &str,
        body: &Value,
        conditions: Conditions,
        options: RunOptions,
    ) -> Result<NodeId, ScimError> {
        self.change(kind, id, Change::Patch(parse_patch(body)?), conditions, options).await
    }

    async fn change(
        &self,
        kind: Kind,
        id: &str,
        mut change: Change,
        conditions: Conditions,
        options: RunOptions,
    ) -> Result<NodeId, ScimError> {
        let hidden = Hidden::in_change(kind, self.registry.get(kind), &mut change);
        let password = hidden.hashed(self.app, self.viewer).await.map_err(of_domain)?;
        self.change_with(kind, id, (change, password), conditions, options).await
    }

    /// The same of a change from which the password was taken.
    pub(super) async fn change_with(
        &self,
        kind: Kind,
        id: &str,
        (change, password): (Change, Secret),
        conditions: Conditions,
        options: RunOptions,
    ) -> Result<NodeId, ScimError> {
        let id = self.node_id(kind, id).map_err(of_domain)?;
        let (organization, writer) = (self.tenant(), self.writer(kind, conditions));
        let changed = if kind == Kind::Group {
            self.app.run(self.viewer, ChangeGroup { organization, id, change, writer }, options).await
        } else {
            let command = ChangeProfile { kind, organization, id, change, password, writer };
            self.app.run(self.viewer, command, options).await
        };
        changed.map_err(of_domain)
    }

    /// Deletes a resource (RFC 7644 §3.6).
    pub async fn delete(&self, kind: Kind, id: &str, conditions: Conditions) -> Result<(), ScimError> {
        self.delete_with(kind, id, conditions, RunOptions::default()).await
    }

    /// The same with more to say about the run.
    pub(super) async fn delete_with(
        &self,
        kind: Kind,
        id: &str,
        conditions: Conditions,
        options: RunOptions,
    ) -> Result<(), ScimError> {
        let id = self.node_id(kind, id).map_err(of_domain)?;
        let command = DeleteResource { kind, organization: self.tenant(), id, conditions };
        self.app.run(self.viewer, command, options).await.map(|_| ()).map_err(of_domain)
    }

    /// What shows no more of a resource than has to be shown.
    pub(super) fn bare(&self, kind: Kind) -> Result<Projection, ScimError> {
        Projection::new(self.registry.get(kind), &["id".to_owned()], &[])
    }

    /// The entity tag of a resource, and nothing else of it, as it is now.
    pub async fn glimpse(&self, kind: Kind, id: NodeId) -> Result<Shown, ScimError> {
        self.show(kind, id, &self.bare(kind)?).await.map_err(of_domain)
    }

    /// What is answered to a change: the resource as it is now. Of a large group that is without its members, whom to show
    /// would cost more than the change, unless the client has asked for them by name.
    pub async fn changed(&self, kind: Kind, id: NodeId, query: &Query) -> Result<Shown, ScimError> {
        let of_type = self.registry.get(kind);
        let projection = query.projection(of_type)?;
        if kind == Kind::Group
            && query.attributes.is_empty()
            && projection.wants("members")
            && self.has_many_members(id).await.map_err(of_domain)?
        {
            let mut excluded = query.excluded_attributes.clone();
            excluded.push("members".to_owned());
            let memberless = Query { excluded_attributes: excluded, ..query.clone() }.projection(of_type)?;
            return self.show(kind, id, &memberless).await.map_err(of_domain);
        }
        self.show(kind, id, &projection).await.map_err(of_domain)
    }

    /// What is answered when a resource was made of a body: a profile as it was made, which without a manager has nothing
    /// around it yet that had to be looked for; anything else as it is now.
    pub async fn created(
        &self,
        kind: Kind,
        (made, body): (Provisioned, &Value),
        (query, projection): (&Query, &Projection),
    ) -> Result<Shown, ScimError> {
        match made.made {
            Some(profile) if !names_manager(body) => self.show_made(kind, &profile, projection).map_err(of_domain),
            _ => self.changed(kind, made.id, query).await,
        }
    }

    async fn has_many_members(&self, group: NodeId) -> Result<bool> {
        self.reader().has_more_edges(EdgeKind::Member, Side::In, group.uuid, MAX_SHOWN_MEMBERS).await
    }

    /// The profile that the client acts for (RFC 7644 §3.11).
    pub fn me(&self) -> Result<(Kind, NodeId), ScimError> {
        let own = self.viewer.access.as_ref().and_then(|access| access.profile);
        let own = own.and_then(|id| Kind::of(id.kind).map(|kind| (kind, id)));
        own.ok_or_else(|| ScimError::with_status(404, "This credential acts for no profile, so there is no /Me."))
    }
}

/// Whether a body may say who the manager is, in whatever way.
fn names_manager(body: &Value) -> bool {
    body.as_object().is_some_and(|body| body.keys().any(|name| name.eq_ignore_ascii_case(ENTERPRISE)))
}
