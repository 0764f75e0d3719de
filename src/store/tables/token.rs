//! The table of API tokens.

use crate::domain::token::{ApiToken, OrganizationRole};
use crate::domain::{Node, NodeId, NodeKind, OrganizationId};
use crate::store::row::{RowReader, json, meta_values, micros_or_null, read_meta};
use crate::store::{Realm, Table};
use sea_orm::{DbErr, Value};
use uuid::Uuid;

impl Table for ApiToken {
    const NAME: &'static str = "tokens";
    const REALM: Realm = Realm::Standing;
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "org_id",
        "hash",
        "name",
        "role",
        "scopes",
        "profile_id",
        "profile_kind",
        "expires_at",
        "last_used_at",
        "scim",
        "version",
        "created_at",
        "updated_at",
        "deleted_at",
        "provenance",
    ];

    fn read(row: &mut RowReader<'_>) -> Result<Self, DbErr> {
        let id = NodeId::new(NodeKind::Token, row.get()?);
        let tenant = OrganizationId(row.get()?);
        let organization = (tenant != OrganizationId::INSTANCE).then_some(tenant);
        let (hash, name) = (row.get()?, row.get()?);
        let role = row.named(OrganizationRole::from_name)?;
        let scopes = row.json()?;
        let profile: Option<Uuid> = row.get()?;
        let kind: Option<String> = row.get()?;
        let profile =
            profile.zip(kind.as_deref().and_then(NodeKind::from_name)).map(|(uuid, kind)| NodeId::new(kind, uuid));
        Ok(Self {
            id,
            organization,
            name,
            role,
            scopes,
            profile,
            expires_at: row.time_or_none()?,
            last_used_at: row.time_or_none()?,
            scim: row.json()?,
            hash,
            meta: read_meta(row)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        let own = [
            self.id.uuid.into(),
            self.tenant().0.into(),
            self.hash.clone().into(),
            self.name.clone().into(),
            self.role.name().into(),
            json(&self.scopes),
            self.profile.map(|profile| profile.uuid).into(),
            self.profile.map(|profile| profile.kind.name()).into(),
            micros_or_null(self.expires_at),
            micros_or_null(self.last_used_at),
            json(&self.scim),
        ];
        own.into_iter().chain(meta_values(&self.meta)).collect()
    }

    fn into_node(self) -> Node {
        self.into()
    }

    fn id(&self) -> NodeId {
        self.id
    }
}
