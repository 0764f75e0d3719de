//! Resource types as in RFC 7643 §8.7, with an extension of a tenant, and a user and a group of them.

use scim_protocol::schema::{Attribute, Mutability, ResourceType, Returned, Schema, Type, Uniqueness};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The core schema of users.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The enterprise extension.
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The extension of a tenant.
pub const BADGE: &str = "urn:example:scim:1.0:Badge";
/// The core schema of groups.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Users, with both extensions.
pub fn user_type() -> Arc<ResourceType> {
    let user = ResourceType::new("User", "/Users", "A person.", user_schema());
    let user = user.extended_by(enterprise_schema(), false).unwrap();
    Arc::new(user.extended_by(badge_schema(), false).unwrap())
}

/// Groups, whose members live elsewhere.
pub fn group_type() -> Arc<ResourceType> {
    let settled = |attribute: Attribute| attribute.with_mutability(Mutability::Immutable);
    let members = Attribute::complex(
        "members",
        [
            settled(Attribute::new("value", Type::String).case_exact()),
            settled(Attribute::new("$ref", Type::Reference).with_reference_types(["User", "Group"])),
            settled(Attribute::new("type", Type::String).with_canonical_values(["User", "Group"])),
            settled(Attribute::new("display", Type::String)),
        ],
    );
    let attributes = [text("displayName").required(), members.multi_valued().detached()];
    Arc::new(ResourceType::new("Group", "/Groups", "A group.", Schema::new(GROUP, "Group", "A group.", attributes)))
}

fn user_schema() -> Schema {
    let attributes = [
        text("userName").required().with_uniqueness(Uniqueness::Server),
        Attribute::complex("name", ["formatted", "familyName", "givenName", "middleName"].map(text)),
        text("displayName"),
        text("nickName"),
        text("title"),
        text("userType"),
        text("preferredLanguage").with_returned(Returned::Request),
        Attribute::new("profileUrl", Type::Reference),
        Attribute::new("active", Type::Boolean),
        text("password").with_mutability(Mutability::WriteOnly).with_returned(Returned::Never),
        plural("emails", text("value")),
        plural("phoneNumbers", text("value")),
        plural("ims", text("value")),
        plural("roles", text("value")),
        plural("x509Certificates", Attribute::new("value", Type::Binary)),
        addresses(),
        groups(),
    ];
    Schema::new(USER, "User", "A person.", attributes)
}

fn addresses() -> Attribute {
    let parts = ["formatted", "streetAddress", "locality", "region", "postalCode", "country", "type"].map(text);
    let primary = Attribute::new("primary", Type::Boolean);
    Attribute::complex("addresses", parts.into_iter().chain([primary])).multi_valued()
}

fn groups() -> Attribute {
    let of_server = |attribute: Attribute| attribute.with_mutability(Mutability::ReadOnly);
    let parts = [text("value").case_exact(), Attribute::new("$ref", Type::Reference), text("display"), text("type")];
    of_server(Attribute::complex("groups", parts.map(of_server)).multi_valued())
}

fn enterprise_schema() -> Schema {
    let manager = [
        text("value").case_exact(),
        Attribute::new("$ref", Type::Reference).with_reference_types(["User"]),
        text("displayName").with_mutability(Mutability::ReadOnly),
    ];
    let attributes =
        [text("employeeNumber"), text("costCenter"), text("department"), Attribute::complex("manager", manager)];
    Schema::new(ENTERPRISE, "EnterpriseUser", "A person at work.", attributes)
}

/// Everything that the standard schemas do not have.
fn badge_schema() -> Schema {
    let seal = [
        text("label").required(),
        text("serial").with_mutability(Mutability::Immutable),
        text("seen").with_mutability(Mutability::ReadOnly),
    ];
    let attributes = [
        Attribute::new("number", Type::Integer),
        Attribute::new("weight", Type::Decimal),
        Attribute::new("issued", Type::DateTime),
        Attribute::new("chip", Type::Binary),
        text("colour").case_exact(),
        text("serial").with_mutability(Mutability::Immutable),
        text("doors").multi_valued(),
        Attribute::complex("seal", seal.clone()),
        Attribute::complex("seals", seal).multi_valued(),
        text("note").with_returned(Returned::Request),
        text("stamp").with_returned(Returned::Always),
    ];
    Schema::new(BADGE, "Badge", "What opens doors.", attributes)
}

fn text(name: &str) -> Attribute {
    Attribute::new(name, Type::String)
}

/// A multi-valued attribute as in RFC 7643 §2.4.
fn plural(name: &str, value: Attribute) -> Attribute {
    let kind = text("type").with_canonical_values(["work", "home", "other"]);
    let parts = [value, text("display"), kind, Attribute::new("primary", Type::Boolean)];
    Attribute::complex(name, parts).multi_valued()
}

/// Barbara, as the server keeps her.
pub fn barbara() -> Map<String, Value> {
    object(json!({
        "schemas": [USER, ENTERPRISE],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "externalId": "701984",
        "userName": "bjensen@example.com",
        "name": { "familyName": "Jensen", "givenName": "Barbara" },
        "displayName": "Babs Jensen",
        "title": "Tour Guide",
        "userType": "Employee",
        "active": true,
        "emails": [
            { "value": "bjensen@example.com", "type": "work", "primary": true },
            { "value": "babs@jensen.org", "type": "home" },
        ],
        "addresses": [
            { "type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "primary": true },
            { "type": "home", "streetAddress": "456 Hollywood Blvd", "locality": "Hollywood" },
        ],
        "groups": [{ "value": "e9e30dba", "display": "Tour Guides", "type": "direct" }],
        ENTERPRISE: {
            "employeeNumber": "701984",
            "manager": { "value": "26118915", "displayName": "John Smith" },
        },
        "meta": {
            "resourceType": "User",
            "created": "2010-01-23T04:56:22Z",
            "lastModified": "2011-05-13T04:42:34Z",
            "version": "W/\"3\"",
        },
    }))
}

/// A group without its members, as the server keeps it.
pub fn tour_guides() -> Map<String, Value> {
    object(json!({
        "schemas": [GROUP],
        "id": "e9e30dba-f08f-4109-8486-d5c6a331660a",
        "displayName": "Tour Guides",
        "meta": { "resourceType": "Group", "version": "W/\"1\"" },
    }))
}

/// The map of an object.
pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(parts) => parts,
        other => panic!("{other} is no object"),
    }
}
