//! The resource types as an organization has them that has declared [extensions](crate::domain::extension).

use super::registry::Registry;
use crate::domain::extension::{Attribute as Declared, AttributeType};
use crate::domain::{Extension, Extensions, Organization, Result};
use crate::resolvers::Reader;
use crate::resolvers::query::questions::{Ask, Named, Weigh};
use crate::store::{Realm, Table};
use scim_protocol::schema::{Attribute, Mutability, ResourceType, Returned, Schema, Type, Uniqueness};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::Uuid;

/// About how many bytes an attribute of a schema takes.
const ATTRIBUTE_BYTES: usize = 512;

impl Registry {
    /// The types of that organization. What it has declared is put together once, until something changes there.
    pub async fn of(reader: Reader<'_>, organization: &Organization) -> Result<Self> {
        if organization.extensions.iter().all(|(_, extension)| extension.withdrawn) {
            return Ok(Self::common());
        }
        let id = organization.id.0;
        let found = reader.ask(&TypesOf, &[id]).await?;
        Ok(found.get(&id).map_or_else(Self::common, |types| Self::clone(types)))
    }
}

/// The resource types of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct TypesOf;

impl Ask for TypesOf {
    type Id = Uuid;
    type Answer = Arc<Registry>;

    fn realm(&self) -> Realm {
        Organization::REALM
    }

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<Registry>>> {
        let found = reader.ask(&Named::<Organization> { of: PhantomData }, ids).await?;
        let types = |(id, organization): (Uuid, Arc<Organization>)| (id, Arc::new(extended(&organization.extensions)));
        Ok(found.into_iter().map(types).collect())
    }
}

impl Weigh for Arc<Registry> {
    fn weight(&self) -> usize {
        0
    }

    fn bytes(&self) -> usize {
        let schemas = self.schemas();
        let attributes = schemas.iter().flat_map(|schema| &schema.attributes);
        attributes.map(|attribute| ATTRIBUTE_BYTES * (1 + attribute.sub_attributes.len())).sum()
    }
}

/// The common types with what is declared.
fn extended(declared: &Extensions) -> Registry {
    let schemas: HashMap<&str, Arc<Schema>> =
        declared.iter().map(|(urn, extension)| (urn, Arc::new(schema(urn, extension)))).collect();
    Registry::common().map(|kind, plain| {
        let in_force = kind.nodes().first().into_iter().flat_map(|node| declared.in_force(*node));
        in_force.filter_map(|(urn, _)| schemas.get(urn)).fold(plain.clone(), with)
    })
}

/// The type with an extension more. URNs that cannot be told apart are never declared.
fn with(plain: ResourceType, schema: &Arc<Schema>) -> ResourceType {
    plain.clone().extended_by(Arc::clone(schema), false).unwrap_or_else(|error| {
        tracing::error!(%error, schema = schema.id, "an extension that was declared does not fit");
        plain
    })
}

fn schema(urn: &str, extension: &Extension) -> Schema {
    let description = extension.description.clone().unwrap_or_default();
    Schema::new(urn, &extension.name, description, extension.in_force().map(attribute))
}

/// What the schema says of an attribute that is declared.
fn attribute(declared: &Declared) -> Attribute {
    let kind = match declared.kind {
        AttributeType::String => Type::String,
        AttributeType::Boolean => Type::Boolean,
        AttributeType::Decimal => Type::Decimal,
        AttributeType::Integer => Type::Integer,
        AttributeType::DateTime => Type::DateTime,
        AttributeType::Binary => Type::Binary,
        AttributeType::Reference => Type::Reference,
        AttributeType::Complex => Type::Complex,
    };
    let mut attribute = Attribute::new(&declared.name, kind);
    attribute.description = declared.description.clone().unwrap_or_default();
    attribute.multi_valued = declared.multi_valued;
    attribute.required = declared.required;
    attribute.canonical_values.clone_from(&declared.canonical_values);
    attribute.case_exact = declared.case_exact;
    attribute.mutability = if declared.immutable { Mutability::Immutable } else { Mutability::ReadWrite };
    attribute.returned = if declared.on_request { Returned::Request } else { Returned::Default };
    attribute.uniqueness = if declared.unique { Uniqueness::Server } else { Uniqueness::None };
    attribute.reference_types.clone_from(&declared.reference_types);
    attribute.sub_attributes = declared.sub_attributes.iter().map(|part| Arc::new(self::attribute(part))).collect();
    attribute
}
