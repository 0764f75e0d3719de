//! Extensions: what an organization declares of its profiles, teams and groups, and the values that are shown of them.

use super::failure::Result;
use super::moment::Moment;
use super::node;
use crate::domain::extension;
use crate::domain::{Extensions, NodeKind, OrganizationId};
use async_graphql::{Context, Enum, InputObject, Json, SimpleObject};
use serde_json::{Map, Value};

/// The nodes that an extension may apply to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "extension::Extensible")]
pub enum Extensible {
    /// Users.
    User,
    /// Service accounts.
    ServiceAccount,
    /// Bots.
    Bot,
    /// Teams and groups.
    Collective,
}

/// What the values of an attribute are (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "extension::AttributeType")]
pub enum AttributeType {
    /// A text of at most 1024 characters.
    String,
    /// True or false.
    Boolean,
    /// A number.
    Decimal,
    /// A whole number of 64 bits.
    Integer,
    /// An instant, such as `2026-01-31T09:30:00Z`.
    DateTime,
    /// Bytes in base64, of at most 16 KiB.
    Binary,
    /// A URI of at most 2048 characters.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

/// An extension: attributes that an organization has declared.
#[derive(SimpleObject)]
pub struct Extension {
    /// The URN by which it is known, in `extensions` of nodes and in SCIM.
    urn: String,
    /// The name, for people.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// To which nodes it applies.
    applies_to: Vec<Extensible>,
    /// The attributes: those in force, unless the withdrawn ones were asked for, too.
    attributes: Vec<ExtensionAttribute>,
    /// Whether it is withdrawn: then its values are kept, and shown to nobody.
    withdrawn: bool,
}

/// An attribute of an extension, or a sub-attribute.
#[derive(SimpleObject)]
pub struct ExtensionAttribute {
    /// The name.
    name: String,
    /// What its values are.
    #[graphql(name = "type")]
    kind: AttributeType,
    /// What it means, for people.
    description: Option<String>,
    /// Whether it has a list of values.
    multi_valued: bool,
    /// Whether whatever has values of the extension, or of the complex attribute, has to have this one.
    required: bool,
    /// The only values that a text may have; any if there are none.
    canonical_values: Vec<String>,
    /// Whether case counts when texts are compared.
    case_exact: bool,
    /// Whether a value stays once there is one.
    immutable: bool,
    /// Whether SCIM shows it only to those who ask for it by name.
    on_request: bool,
    /// Whether no two nodes of the organization have the same value.
    unique: bool,
    /// What a reference may lead to: names of resource types of SCIM, `external` or `uri`.
    reference_types: Vec<String>,
    /// What a complex attribute consists of.
    sub_attributes: Vec<ExtensionAttribute>,
    /// Whether it is withdrawn: then its values are kept, and shown to nobody.
    withdrawn: bool,
}

/// An attribute to declare. What is left out is not so.
#[derive(Debug, Clone, InputObject)]
pub struct ExtensionAttributeInput {
    /// The name: letters, digits, `-`, `_`, beginning with a letter. Case does not tell two names apart.
    name: String,
    /// What its values are. It stays, once declared.
    #[graphql(name = "type")]
    kind: AttributeType,
    /// What it means, for people.
    description: Option<String>,
    /// Whether it has a list of values. It stays, once declared.
    #[graphql(default)]
    multi_valued: bool,
    /// Whether whatever has values of the extension, or of the complex attribute, has to have this one.
    #[graphql(default)]
    required: bool,
    /// The only values that a text may have; any if there are none.
    #[graphql(default)]
    canonical_values: Vec<String>,
    /// Whether case counts when texts are compared. It stays, once declared.
    #[graphql(default)]
    case_exact: bool,
    /// Whether a value stays once there is one. Not for sub-attributes.
    #[graphql(default)]
    immutable: bool,
    /// Whether SCIM shows it only to those who ask for it by name. Not for sub-attributes.
    #[graphql(default)]
    on_request: bool,
    /// Whether no two nodes of the organization have the same value: for single attributes of the types `STRING`, `INTEGER`
    /// and `REFERENCE`.
    #[graphql(default)]
    unique: bool,
    /// What a reference may lead to: names of resource types of SCIM, `external` or `uri`. Nobody looks.
    #[graphql(default)]
    reference_types: Vec<String>,
    /// What a complex attribute consists of. They are neither complex nor multi-valued themselves.
    #[graphql(default)]
    sub_attributes: Vec<ExtensionAttributeInput>,
}

impl From<&extension::Attribute> for ExtensionAttribute {
    fn from(attribute: &extension::Attribute) -> Self {
        Self {
            name: attribute.name.clone(),
            kind: attribute.kind.into(),
            description: attribute.description.clone(),
            multi_valued: attribute.multi_valued,
            required: attribute.required,
            canonical_values: attribute.canonical_values.clone(),
            case_exact: attribute.case_exact,
            immutable: attribute.immutable,
            on_request: attribute.on_request,
            unique: attribute.unique,
            reference_types: attribute.reference_types.clone(),
            sub_attributes: attribute.sub_attributes.iter().map(Self::from).collect(),
            withdrawn: attribute.withdrawn,
        }
    }
}

impl From<ExtensionAttributeInput> for extension::Attribute {
    fn from(input: ExtensionAttributeInput) -> Self {
        Self {
            name: input.name,
            kind: input.kind.into(),
            description: input.description,
            multi_valued: input.multi_valued,
            required: input.required,
            canonical_values: input.canonical_values,
            case_exact: input.case_exact,
            immutable: input.immutable,
            on_request: input.on_request,
            unique: input.unique,
            reference_types: input.reference_types,
            sub_attributes: input.sub_attributes.into_iter().map(Self::from).collect(),
            withdrawn: false,
        }
    }
}

/// The extensions that an organization has declared, with those that are withdrawn if these are wanted.
pub fn list(declared: &Extensions, withdrawn: bool) -> Vec<Extension> {
    let wanted = declared.iter().filter(|(_, extension)| withdrawn || !extension.withdrawn);
    let shown = wanted.map(|(urn, extension)| Extension {
        urn: urn.to_owned(),
        name: extension.name.clone(),
        description: extension.description.clone(),
        applies_to: extension.applies_to.iter().map(|kind| (*kind).into()).collect(),
        attributes: extension
            .attributes
            .iter()
            .filter(|attribute| withdrawn || !attribute.withdrawn)
            .map(ExtensionAttribute::from)
            .collect(),
        withdrawn: extension.withdrawn,
    });
    shown.collect()
}

/// The values of a node of that kind that are shown, by what its organization declares.
pub async fn shown(
    context: &Context<'_>,
    organization: (OrganizationId, Moment),
    (kind, values): (NodeKind, &Map<String, Value>),
) -> Result<Option<Json<Map<String, Value>>>> {
    if values.is_empty() {
        return Ok(Some(Json(Map::new())));
    }
    let organization = node::organization_of(context, organization).await?;
    let shown = organization.map(|organization| organization.0.extensions.shown(kind, values));
    Ok(Some(Json(shown.unwrap_or_default())))
}
