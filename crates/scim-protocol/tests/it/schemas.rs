//! Schemas: how names are found, what is told of a schema, what may be declared.

use crate::fixture::{BADGE, ENTERPRISE, USER, group_type, user_type};
use scim_protocol::ScimType;
use scim_protocol::schema::{Attribute, ResourceType, Schema, Type};
use serde_json::{Value, json};

#[test]
fn names_and_urns_are_found_in_any_case() {
    let user = user_type();
    for (path, canonical) in [
        ("USERNAME", "userName".to_owned()),
        ("Name.GIVENname", "name.givenName".to_owned()),
        ("urn:IETF:params:scim:schemas:CORE:2.0:user:Username", "userName".to_owned()),
        (
            "URN:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:User:Manager.Value",
            format!("{ENTERPRISE}:manager.value"),
        ),
        ("URN:EXAMPLE:scim:1.0:badge:NUMBER", format!("{BADGE}:number")),
    ] {
        assert_eq!(user.target(path).unwrap().qualified_path(), canonical, "{path}");
    }
}

#[test]
fn common_attributes_belong_to_every_type() {
    for path in ["id", "externalId", "meta.lastModified", "schemas", "META.Version"] {
        for resource_type in [user_type(), group_type()] {
            assert!(resource_type.target(path).is_ok(), "{path} of {}", resource_type.name());
        }
    }
    let id = user_type().target("id").unwrap();
    assert!(id.leaf().compares_case(), "id is caseExact");
    assert!(user_type().target("externalId").unwrap().leaf().compares_case(), "externalId is caseExact");
    assert!(!user_type().target("userName").unwrap().leaf().compares_case(), "userName is not");
}

#[test]
fn the_urn_of_an_extension_may_be_missing_if_nothing_else_has_the_name() {
    let user = user_type();
    assert_eq!(user.target("Manager.value").unwrap().qualified_path(), format!("{ENTERPRISE}:manager.value"));
    assert_eq!(user.target("doors").unwrap().qualified_path(), format!("{BADGE}:doors"));
    let twins = ["title", "doors"].map(|name| Attribute::new(name, Type::String));
    let twin = Schema::new("urn:example:scim:1.0:Twin", "Twin", "", twins);
    let user = ResourceType::clone(&user).extended_by(twin, false).unwrap();
    assert!(!user.target("title").unwrap().is_extension, "the core goes first");
    assert!(user.target("doors").is_err(), "which doors?");
}

#[test]
fn what_the_type_does_not_have_is_not_found() {
    let user = user_type();
    for path in [
        "",
        "shoeSize",
        "name.shoeSize",
        "userName.value",
        "name.givenName.first",
        "urn:example:other:userName",
        ENTERPRISE,
        &format!("{ENTERPRISE}:"),
        &format!("{ENTERPRISE}:userName"),
        &format!("{USER}:employeeNumber"),
        "serialNumber",
        &format!("{ENTERPRISE}employeeNumber"),
    ] {
        let error = user.target(path).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidPath), "{path}");
    }
}

#[test]
fn a_schema_is_told_as_json_and_read_again() {
    let user = user_type();
    for schema in user.schemas() {
        let told = schema.to_json("https://example.com/scim/v2");
        assert_eq!(told["meta"]["location"], format!("https://example.com/scim/v2/Schemas/{}", schema.id));
        assert_eq!(&Schema::declared(&told).unwrap(), &**schema);
    }
    let user_name = user.schema().attribute("userName").unwrap();
    insta::assert_json_snapshot!(user_name, @r#"
    {
      "name": "userName",
      "type": "string",
      "multiValued": false,
      "description": "",
      "required": true,
      "caseExact": false,
      "mutability": "readWrite",
      "returned": "default",
      "uniqueness": "server"
    }
    "#);
}

#[test]
fn where_members_live_is_not_told() {
    let told = group_type().schema().to_json("");
    assert!(!told.to_string().contains("detached"));
}

#[test]
fn a_resource_type_is_told_as_json() {
    insta::assert_json_snapshot!(user_type().to_json("https://example.com/v2"), @r#"
    {
      "description": "A person.",
      "endpoint": "/Users",
      "id": "User",
      "meta": {
        "location": "https://example.com/v2/ResourceTypes/User",
        "resourceType": "ResourceType"
      },
      "name": "User",
      "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
      "schemaExtensions": [
        {
          "required": false,
          "schema": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        },
        {
          "required": false,
          "schema": "urn:example:scim:1.0:Badge"
        }
      ],
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
      ]
    }
    "#);
}

#[test]
fn what_a_declaration_leaves_out_has_the_defaults_of_the_standard() {
    let declared = Schema::declared(&json!({
        "id": "urn:example:scim:1.0:Desk",
        "name": "Desk",
        "attributes": [{ "name": "floor" }],
    }));
    let floor = declared.unwrap().attribute("FLOOR").unwrap().clone();
    assert_eq!(*floor, Attribute::new("floor", Type::String));
}

#[test]
fn what_cannot_be_declared_is_refused_with_the_place() {
    let long = "x".repeat(65);
    let schema =
        |attributes: Value| json!({ "id": "urn:example:scim:1.0:Desk", "name": "Desk", "attributes": attributes });
    let part = |part: Value| schema(json!([{ "name": "seat", "type": "complex", "subAttributes": [part] }]));
    for (declaration, place) in [
        (json!({ "id": "Desk", "name": "Desk", "attributes": [{ "name": "floor" }] }), "id"),
        (json!({ "id": "urn:example: x", "name": "Desk", "attributes": [{ "name": "floor" }] }), "id"),
        (json!({ "id": "urn:example:x", "attributes": [{ "name": "floor" }] }), "name"),
        (json!({ "id": "urn:example:x", "name": "Desk" }), "attributes"),
        (json!([]), "schema"),
        (schema(json!([])), "attributes"),
        (schema(json!([{}])), "attributes"),
        (schema(json!([{ "name": "1st" }])), "1st"),
        (schema(json!([{ "name": "a b" }])), "a b"),
        (schema(json!([{ "name": long }])), "xxx"),
        (schema(json!([{ "name": "floor" }, { "name": "FLOOR" }])), "FLOOR"),
        (schema(json!([{ "name": "floor", "type": "number" }])), "number"),
        (schema(json!([{ "name": "floor", "mutability": "sometimes" }])), "sometimes"),
        (schema(json!([{ "name": "seat", "type": "complex" }])), "seat"),
        (schema(json!([{ "name": "floor", "subAttributes": [{ "name": "x" }] }])), "floor"),
        (schema(json!([{ "name": "floor", "type": "boolean", "uniqueness": "server" }])), "floor"),
        (schema(json!([{ "name": "code", "mutability": "writeOnly" }])), "code"),
        (schema(json!([{ "name": "floor", "referenceTypes": ["User"] }])), "floor"),
        (schema(json!([{ "name": "floor", "description": "x".repeat(1_001) }])), "floor"),
        (schema(json!([{ "name": "floor", "canonicalValues": vec!["x"; 101] }])), "floor"),
        (part(json!({ "name": "x", "type": "complex", "subAttributes": [{ "name": "y" }] })), "seat.x"),
        (part(json!({ "name": "x", "multiValued": true })), "seat.x"),
        (part(json!({ "name": "primary" })), "seat.primary"),
    ] {
        let error = Schema::declared(&declaration).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{declaration}");
        assert!(error.detail.contains(place), "{place}: {}", error.detail);
    }
}

#[test]
fn extensions_whose_urns_could_be_mistaken_are_refused() {
    let desk = |id: &str| Schema::new(id, "Desk", "", [Attribute::new("floor", Type::String)]);
    for id in [USER, &BADGE.to_uppercase(), &format!("{BADGE}:colour"), "urn:example:scim"] {
        let extended = ResourceType::clone(&user_type()).extended_by(desk(id), false);
        assert_eq!(extended.unwrap_err().scim_type, Some(ScimType::Uniqueness), "{id}");
    }
    assert!(ResourceType::clone(&user_type()).extended_by(desk("urn:example:scim:1.0:BadgeHolder"), true).is_ok());
}
