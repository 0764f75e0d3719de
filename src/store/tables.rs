//! How each type of node lies in its table: the columns once, and a row both ways.

mod token;

use super::Realm;
use super::footprint::{NODE_BYTES, details_bytes, extensions_bytes, json_bytes};
use super::row::{RowReader, json, meta_values, read_meta};
use crate::domain::identity::{IdentityStatus, LinkedIdentity, MfaState};
use crate::domain::profile::{Profile, ProfileStatus};
use crate::domain::{Collective, Node, NodeId, NodeKind, Organization, OrganizationId, Role, text};
use sea_orm::{DbErr, Value};
use uuid::Uuid;

/// A type of node and its table.
pub trait Table: Sized + Send + Sync + 'static {
    /// The name of the table.
    const NAME: &'static str;
    /// The columns, in the order in which rows are read and written. The first is `id`.
    const COLUMNS: &'static [&'static str];
    /// The column that says which tenant a row belongs to.
    const TENANT: &'static str = "org_id";
    /// Whether nodes of this type can be merged: then a column `merged_into` says where their ids lead.
    const MERGES: bool = false;

    /// What nodes of this type rest on: what changes farther out leaves them as they are.
    const REALM: Realm = Realm::Directory;

    /// Reads a row whose next cells are [`COLUMNS`](Self::COLUMNS).
    fn read(row: &mut RowReader<'_>) -> Result<Self, DbErr>;

    /// The cells of the row.
    fn values(&self) -> Vec<Value>;

    /// Puts the row into the enum of all nodes.
    fn into_node(self) -> Node;

    /// The public id.
    fn id(&self) -> NodeId;

    /// Whether somebody who asks for an id means this node, which was found by its number: the UUID of a user behind another prefix is
    /// nobody's. The id of a merged profile leads to the one it was merged into, which is of the same kind.
    fn is_meant_by(&self, id: NodeId) -> bool {
        self.id().kind == id.kind
    }

    /// About how many bytes the node takes in memory: a good deal for names and provenance, and what has no bounds of its
    /// own.
    fn footprint(&self) -> usize {
        NODE_BYTES
    }
}

/// The columns of a table, each behind the name by which the query knows the table.
pub fn columns<T: Table>(alias: &str) -> String {
    let columns: Vec<String> = T::COLUMNS.iter().map(|column| format!("{alias}.{column}")).collect();
    columns.join(", ")
}

impl Table for Organization {
    const NAME: &'static str = "organizations";
    const REALM: Realm = Realm::Standing;
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "slug",
        "slug_key",
        "name",
        "name_key",
        "description",
        "metadata",
        "extensions",
        "version",
        "created_at",
        "updated_at",
        "deleted_at",
        "provenance",
    ];
    const TENANT: &'static str = "id";

    fn read(row: &mut RowReader<'_>) -> Result<Self, DbErr> {
        let id = OrganizationId(row.get()?);
        let slug = row.get()?;
        row.get::<String>()?;
        let name = row.get()?;
        row.get::<String>()?;
        let (description, metadata, extensions) = (row.get()?, row.json()?, row.json()?);
        Ok(Self { id, slug, name, description, metadata, extensions, meta: read_meta(row)? })
    }

    fn values(&self) -> Vec<Value> {
        let own = [
            self.id.0.into(),
            self.slug.clone().into(),
            text::key(&self.slug).into(),
            self.name.clone().into(),
            text::sort_key(&self.name).into(),
            self.description.clone().into(),
            json(&self.metadata),
            json(&self.extensions),
        ];
        own.into_iter().chain(meta_values(&self.meta)).collect()
    }

    fn footprint(&self) -> usize {
        NODE_BYTES
            + json_bytes(&self.metadata)
            + extensions_bytes(&self.extensions)
            + self.description.as_ref().map_or(0, String::len)
    }

    fn into_node(self) -> Node {
        self.into()
    }

    fn id(&self) -> NodeId {
        self.id.node()
    }
}

impl Table for Profile {
    const NAME: &'static str = "profiles";
    const MERGES: bool = true;
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "org_id",
        "kind",
        "username",
        "username_key",
        "name",
        "display_key",
        "emails",
        "phones",
        "addresses",
        "avatar",
        "locale",
        "time_zone",
        "title",
        "department",
        "employee_number",
        "status",
        "status_reason",
        "tags",
        "metadata",
        "external_ids",
        "details",
        "extensions",
        "merged_into",
        "version",
        "created_at",
        "updated_at",
        "deleted_at",
        "provenance",
    ];

    fn read(row: &mut RowReader<'_>) -> Result<Self, DbErr> {
        let uuid: Uuid = row.get()?;
        let organization = OrganizationId(row.get()?);
        let id = NodeId::new(row.kind()?, uuid);
        let username = row.get()?;
        row.get::<String>()?;
        let name = row.json()?;
        row.get::<String>()?;
        Ok(Self {
            id,
            organization,
            username,
            name,
            emails: row.json()?,
            phones: row.json()?,
            addresses: row.json()?,
            avatar: row.get()?,
            locale: row.get()?,
            time_zone: row.get()?,
            title: row.get()?,
            department: row.get()?,
            employee_number: row.get()?,
            status: row.named(ProfileStatus::from_name)?,
            status_reason: row.get()?,
            tags: row.json()?,
            metadata: row.json()?,
            external_ids: row.json()?,
            details: row.json()?,
            extensions: row.json()?,
            merged_into: row.get::<Option<Uuid>>()?.map(|survivor| NodeId::new(id.kind, survivor)),
            meta: read_meta(row)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        let own = [
            self.id.uuid.into(),
            self.organization.0.into(),
            self.id.kind.name().into(),
            self.username.clone().into(),
            text::key(&self.username).into(),
            json(&self.name),
            text::sort_key(&self.display_name()).into(),
            json(&self.emails),
            json(&self.phones),
            json(&self.addresses),
            self.avatar.clone().into(),
            self.locale.clone().into(),
            self.time_zone.clone().into(),
            self.title.clone().into(),
            self.department.clone().into(),
            self.employee_number.clone().into(),
            self.status.name().into(),
            self.status_reason.clone().into(),
            json(&self.tags),
            json(&self.metadata),
            json(&self.external_ids),
            json(&self.details),
            json(&self.extensions),
            self.merged_into.map(|survivor| survivor.uuid).into(),
        ];
        own.into_iter().chain(meta_values(&self.meta)).collect()
    }

    fn footprint(&self) -> usize {
        NODE_BYTES
            + json_bytes(&self.metadata)
            + json_bytes(&self.extensions)
            + details_bytes(&self.details)
            + self.addresses.len() * 1_024
            + (self.emails.len() + self.phones.len() + self.tags.len() + self.external_ids.len()) * 256
    }

    fn into_node(self) -> Node {
        self.into()
    }

    fn id(&self) -> NodeId {
        self.id
    }
}

impl Table for Collective {
    const NAME: &'static str = "collectives";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "org_id",
        "kind",
        "slug",
        "slug_key",
        "name",
        "name_key",
        "description",
        "category",
        "metadata",
        "external_ids",
        "extensions",
        "version",
        "created_at",
        "updated_at",
        "deleted_at",
        "provenance",
    ];

    fn read(row: &mut RowReader<'_>) -> Result<Self, DbErr> {
        let uuid: Uuid = row.get()?;
        let organization = OrganizationId(row.get()?);
        let id = NodeId::new(row.kind()?, uuid);
        let slug = row.get()?;
        row.get::<String>()?;
        let name = row.get()?;
        row.get::<String>()?;
        Ok(Self {
            id,
            organization,
            slug,
            name,
            description: row.get()?,
            category: row.get()?,
            metadata: row.json()?,
            external_ids: row.json()?,
            extensions: row.json()?,
            meta: read_meta(row)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        let own = [
            self.id.uuid.into(),
            self.organization.0.into(),
            self.id.kind.name().into(),
            self.slug.clone().into(),
            text::key(&self.slug).into(),
            self.name.clone().into(),
            text::sort_key(&self.name).into(),
            self.description.clone().into(),
            self.category.clone().into(),
            json(&self.metadata),
            json(&self.external_ids),
            json(&self.extensions),
        ];
        own.into_iter().chain(meta_values(&self.meta)).collect()
    }

    fn footprint(&self) -> usize {
        NODE_BYTES
            + json_bytes(&self.metadata)
            + json_bytes(&self.extensions)
            + self.description.as_ref().map_or(0, String::len)
    }

    fn into_node(self) -> Node {
        self.into()
    }

    fn id(&self) -> NodeId {
        self.id
    }
}

impl Table for Role {
    const NAME: &'static str = "roles";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "org_id",
        "slug",
        "slug_key",
        "name",
        "name_key",
        "description",
        "privileged",
        "metadata",
        "version",
        "created_at",
        "updated_at",
        "deleted_at",
        "provenance",
    ];

    fn read(row: &mut RowReader<'_>) -> Result<Self, DbErr> {
        let id = NodeId::new(NodeKind::Role, row.get()?);
        let organization = OrganizationId(row.get()?);
        let slug = row.get()?;
        row.get::<String>()?;
        let name = row.get()?;
        row.get::<String>()?;
        Ok(Self {
            id,
            organization,
            slug,
            name,
            description: row.get()?,
            privileged: row.get()?,
            metadata: row.json()?,
            meta: read_meta(row)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        let own = [
            self.id.uuid.into(),
            self.organization.0.into(),
            self.slug.clone().into(),
            text::key(&self.slug).into(),
            self.name.clone().into(),
            text::sort_key(&self.name).into(),
            self.description.clone().into(),
            self.privileged.into(),
            json(&self.metadata),
        ];
        own.into_iter().chain(meta_values(&self.meta)).collect()
    }

    fn footprint(&self) -> usize {
        NODE_BYTES + json_bytes(&self.metadata) + self.description.as_ref().map_or(0, String::len)
    }

    fn into_node(self) -> Node {
        self.into()
    }

    fn id(&self) -> NodeId {
        self.id
    }
}

impl Table for LinkedIdentity {
    const NAME: &'static str = "linked_identities";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "org_id",
        "provider",
        "environment",
        "account_id",
        "username",
        "email",
        "email_key",
        "verified",
        "status",
        "mfa_state",
        "mfa_methods",
        "provider_risk",
        "metadata",
        "version",
        "created_at",
        "updated_at",
        "deleted_at",
        "provenance",
    ];

    fn read(row: &mut RowReader<'_>) -> Result<Self, DbErr> {
        let id = NodeId::new(NodeKind::LinkedIdentity, row.get()?);
        let organization = OrganizationId(row.get()?);
        let (provider, environment, account_id) = (row.get()?, row.get()?, row.get()?);
        let (username, email) = (row.get()?, row.get()?);
        row.get::<Option<String>>()?;
        Ok(Self {
            id,
            organization,
            provider,
            environment,
            account_id,
            username,
            email,
            verified: row.get()?,
            status: row.named(IdentityStatus::from_name)?,
            mfa_state: row.named(MfaState::from_name)?,
            mfa_methods: row.json()?,
            provider_risk: row.get()?,
            metadata: row.json()?,
            meta: read_meta(row)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        let own = [
            self.id.uuid.into(),
            self.organization.0.into(),
            self.provider.clone().into(),
            self.environment.clone().into(),
            self.account_id.clone().into(),
            self.username.clone().into(),
            self.email.clone().into(),
            self.email.as_deref().map(text::key).into(),
            self.verified.into(),
            self.status.name().into(),
            self.mfa_state.name().into(),
            json(&self.mfa_methods),
            self.provider_risk.into(),
            json(&self.metadata),
        ];
        own.into_iter().chain(meta_values(&self.meta)).collect()
    }

    fn footprint(&self) -> usize {
        NODE_BYTES + json_bytes(&self.metadata)
    }

    fn into_node(self) -> Node {
        self.into()
    }

    fn id(&self) -> NodeId {
        self.id
    }
}
