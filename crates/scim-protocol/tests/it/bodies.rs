//! The bodies of POST and PUT.

use crate::fixture::{BADGE, ENTERPRISE, GROUP, USER, barbara, group_type, user_type};
use scim_protocol::body::{self, Purpose};
use scim_protocol::patch::{PATCH_SCHEMA, PatchOptions, apply, parse_patch};
use scim_protocol::schema::{Attribute, ResourceType, Schema, Type};
use scim_protocol::{MAX_VALUES, ScimError, ScimType};
use serde_json::{Map, Value, json};

fn created(body: Value) -> Result<Map<String, Value>, ScimError> {
    body::read(&user_type(), body, Purpose::Create)
}

fn replaced(body: Value, current: &Map<String, Value>) -> Result<Map<String, Value>, ScimError> {
    body::read(&user_type(), body, Purpose::Replace { current })
}

/// A body with a name and the parts.
fn user(parts: Value) -> Value {
    let mut body = json!({ "schemas": [USER], "userName": "bjensen" });
    if let (Value::Object(body), Value::Object(parts)) = (&mut body, parts) {
        body.extend(parts);
    }
    body
}

fn read(parts: Value) -> Value {
    match created(user(parts)) {
        Ok(resource) => Value::Object(resource),
        Err(error) => panic!("{error}"),
    }
}

fn refused(parts: Value) -> ScimError {
    match created(user(parts.clone())) {
        Ok(resource) => panic!("{parts} is read as {resource:?}"),
        Err(error) => error,
    }
}

#[test]
fn names_and_urns_become_canonical() {
    let body = json!({
        "SCHEMAS": [USER.to_uppercase(), ENTERPRISE.to_lowercase()],
        "USERNAME": "bjensen",
        "Name": { "GIVENNAME": "Barbara" },
        "emails": [{ "VALUE": "b@example.com", "Type": "work" }],
        (ENTERPRISE.to_lowercase()): { "employeenumber": "7" },
    });
    let resource = Value::Object(created(body).unwrap());
    assert_eq!(
        resource,
        json!({
            "schemas": [USER, ENTERPRISE],
            "userName": "bjensen",
            "name": { "givenName": "Barbara" },
            "emails": [{ "value": "b@example.com", "type": "work" }],
            ENTERPRISE: { "employeeNumber": "7" },
        })
    );
}

#[test]
fn null_and_empty_arrays_are_absent() {
    let resource = read(json!({
        "title": null, "roles": [], "emails": [null], "name": { "givenName": null },
        "addresses": [{}, { "region": null }],
        BADGE: { "doors": [null], "seals": null, "seal": {} }, ENTERPRISE: null,
    }));
    assert_eq!(resource, json!({ "schemas": [USER], "userName": "bjensen" }));
}

#[test]
fn what_is_read_only_or_unknown_is_ignored() {
    let resource = read(json!({
        "id": "mine", "meta": { "version": "W/\"9\"" }, "groups": [],
        "shoeSize": 42, "urn:example:unknown": { "x": 1 },
        ENTERPRISE: { "manager": { "value": "1", "displayName": "Mine", "shoeSize": 42 } },
    }));
    assert_eq!(
        resource,
        json!({ "schemas": [USER, ENTERPRISE], "userName": "bjensen", ENTERPRISE: { "manager": { "value": "1" } } })
    );
}

#[test]
fn a_put_of_what_was_got_is_read_as_okta_sends_it() {
    let barbara = barbara();
    let resource = replaced(Value::Object(barbara.clone()), &barbara).unwrap();
    for name in ["id", "meta", "groups"] {
        assert!(!resource.contains_key(name), "{name} is the server's");
    }
    assert_eq!(resource["emails"], barbara["emails"]);
    assert_eq!(resource["schemas"], barbara["schemas"]);
}

#[test]
fn schemas_is_required_and_validated() {
    for schemas in [json!(null), json!([]), json!([ENTERPRISE]), json!("x"), json!([USER, 1]), json!({}), json!(USER)] {
        let error = refused(json!({ "schemas": schemas }));
        assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{schemas}");
        assert!(error.detail.contains(USER), "{}", error.detail);
    }
    assert!(created(json!({ "userName": "bjensen" })).is_err());
}

#[test]
fn presence_of_an_extension_updates_schemas() {
    let with_data = read(json!({ ENTERPRISE: { "department": "Tours" } }));
    assert_eq!(with_data["schemas"], json!([USER, ENTERPRISE]), "named though the body does not");
    let without_data = read(json!({ "schemas": [ENTERPRISE, USER], "title": "x" }));
    assert_eq!(without_data["schemas"], json!([USER]), "not named though the body does");
}

#[test]
fn a_foreign_schema_urn_is_tolerated_as_entra_sends_it() {
    let adscim = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
    let body = json!({ "schemas": [GROUP, adscim], "displayName": "Tour Guides", "members": [] });
    let group = body::read(&group_type(), body, Purpose::Create).unwrap();
    assert_eq!(Value::Object(group), json!({ "schemas": [GROUP], "displayName": "Tour Guides" }));
}

#[test]
fn members_are_read_with_the_group() {
    let body = json!({
        "schemas": [GROUP], "displayName": "Tour Guides",
        "members": [{ "value": "1", "$ref": null }, { "value": "1" }, { "value": "2", "type": "User" }],
    });
    let group = body::read(&group_type(), body, Purpose::Create).unwrap();
    assert_eq!(group["members"], json!([{ "value": "1" }, { "value": "2", "type": "User" }]));
}

#[test]
fn values_have_to_fit_their_type() {
    for (parts, path) in [
        (json!({ "userName": 7 }), "userName"),
        (json!({ "active": "yes" }), "active"),
        (json!({ "active": 1 }), "active"),
        (json!({ "name": "Barbara" }), "name"),
        (json!({ "name": { "givenName": ["Barbara"] } }), "name.givenName"),
        (json!({ "emails": { "value": "x" } }), "emails"),
        (json!({ "emails": "x" }), "emails"),
        (json!({ "emails": [{ "value": "x" }, { "value": 7 }] }), "emails[1].value"),
        (json!({ "emails": [{ "value": "x", "primary": "maybe" }] }), "emails[0].primary"),
        (json!({ "addresses": ["Hollywood"] }), "addresses[0]"),
        (json!({ "x509Certificates": [{ "value": "no Base64!" }] }), "x509Certificates[0].value"),
        (json!({ ENTERPRISE: "x" }), ENTERPRISE),
        (json!({ ENTERPRISE: { "department": 7 } }), &format!("{ENTERPRISE}:department")),
        (json!({ BADGE: { "number": "42" } }), &format!("{BADGE}:number")),
        (json!({ BADGE: { "number": 4.2 } }), &format!("{BADGE}:number")),
        (json!({ BADGE: { "number": 1e19 } }), &format!("{BADGE}:number")),
        (json!({ BADGE: { "weight": "1.5" } }), &format!("{BADGE}:weight")),
        (json!({ BADGE: { "issued": "yesterday" } }), &format!("{BADGE}:issued")),
        (json!({ BADGE: { "issued": "2024-02-30T00:00:00Z" } }), &format!("{BADGE}:issued")),
        (json!({ BADGE: { "chip": "AAE" } }), ""),
        (json!({ BADGE: { "chip": "A" } }), &format!("{BADGE}:chip")),
        (json!({ BADGE: { "doors": "Front" } }), &format!("{BADGE}:doors")),
        (json!({ BADGE: { "doors": [["Front"]] } }), &format!("{BADGE}:doors[0]")),
    ] {
        if path.is_empty() {
            assert!(created(user(parts)).is_ok(), "padding may be left out");
            continue;
        }
        let error = refused(parts);
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)));
        assert!(error.detail.starts_with(&format!("{path} has to be")), "{path}: {}", error.detail);
    }
}

#[test]
fn values_are_kept_as_they_are_sent() {
    let badge = json!({
        "number": -7, "weight": 1.5, "issued": "2024-02-29T12:00:00.000+02:00", "chip": "AAE=",
        "colour": "  Red ", "doors": ["É"],
    });
    assert_eq!(read(json!({ BADGE: badge }))[BADGE], badge);
    assert_eq!(read(json!({ BADGE: { "number": 7.0, "weight": 7 } }))[BADGE], json!({ "number": 7, "weight": 7 }));
}

#[test]
fn booleans_may_be_strings_and_a_manager_a_bare_string() {
    let resource = read(json!({ "active": "False", ENTERPRISE: { "manager": "26118915" } }));
    assert_eq!(resource["active"], json!(false));
    assert_eq!(resource[ENTERPRISE]["manager"], json!({ "value": "26118915" }), "answered with an object");
    assert_eq!(read(json!({ "emails": ["a@example.com"] }))["emails"], json!([{ "value": "a@example.com" }]));
}

#[test]
fn multi_values_are_a_set() {
    let resource = read(json!({
        "emails": [
            { "value": "a@example.com", "type": "work" },
            { "type": "WORK", "value": "A@example.com" },
            { "value": "a@example.com", "type": "home" },
        ],
        BADGE: { "doors": ["Front", "front", "Back"] },
    }));
    assert_eq!(
        resource["emails"],
        json!([{ "value": "a@example.com", "type": "work" }, { "value": "a@example.com", "type": "home" }])
    );
    assert_eq!(resource[BADGE]["doors"], json!(["Front", "Back"]));
}

#[test]
fn at_most_one_value_is_primary() {
    let error = refused(json!({
        "emails": [{ "value": "a", "primary": true }, { "value": "b", "primary": "TRUE" }],
    }));
    assert_eq!(error.scim_type, Some(ScimType::InvalidValue));
    assert!(error.detail.starts_with("emails "), "{}", error.detail);
    read(json!({ "emails": [{ "value": "a", "primary": true }, { "value": "b", "primary": false }] }));
}

#[test]
fn a_set_has_its_bounds_unless_its_values_live_elsewhere() {
    let values: Vec<Value> = (0..=MAX_VALUES).map(|index| json!({ "value": index.to_string() })).collect();
    assert!(refused(json!({ "roles": values })).detail.starts_with("roles "));
    read(json!({ "roles": values[1..] }));
    let group = json!({ "schemas": [GROUP], "displayName": "Everyone", "members": values });
    assert!(body::read(&group_type(), group, Purpose::Create).is_ok());
}

#[test]
fn canonical_values_are_suggestions() {
    assert_eq!(read(json!({ "emails": [{ "value": "a", "type": "spare" }] }))["emails"][0]["type"], "spare");
}

#[test]
fn required_attributes_must_have_a_value() {
    for parts in [json!({ "userName": null }), json!({ "userName": "" })] {
        let error = refused(parts);
        assert_eq!((error.scim_type, error.detail.as_str()), (Some(ScimType::InvalidValue), "userName is required."));
    }
    let error = refused(json!({ BADGE: { "seal": { "serial": "1" } } }));
    assert_eq!(error.detail, format!("{BADGE}:seal.label is required."));
    let error = refused(json!({ BADGE: { "seals": [{ "label": "a" }, { "serial": "1" }] } }));
    assert_eq!(error.detail, format!("{BADGE}:seals.label is required."));
}

#[test]
fn a_name_given_twice_is_refused() {
    let error = refused(json!({ "USERNAME": "other" }));
    assert_eq!((error.scim_type, error.detail.as_str()), (Some(ScimType::InvalidValue), "userName is given twice."));
    let error =
        refused(json!({ ENTERPRISE: { "department": "a" }, (ENTERPRISE.to_lowercase()): { "department": "b" } }));
    assert!(error.detail.contains("twice"), "{}", error.detail);
}

#[test]
fn what_is_no_object_is_invalid_syntax() {
    for body in [json!(null), json!([]), json!("x"), json!(7)] {
        assert_eq!(created(body).unwrap_err().scim_type, Some(ScimType::InvalidSyntax));
    }
}

#[test]
fn put_omission_clears() {
    let resource = replaced(user(json!({ "title": null })), &barbara()).unwrap();
    assert_eq!(Value::Object(resource), user(json!({})));
}

#[test]
fn an_immutable_value_stays_and_a_mismatch_is_a_mutability_error() {
    let current =
        created(user(json!({ BADGE: { "serial": "A1", "seal": { "label": "x", "serial": "B2" } } }))).unwrap();
    for parts in [
        json!({}),
        json!({ BADGE: { "serial": "A1" } }),
        json!({ BADGE: { "serial": "a1", "seal": { "label": "x", "serial": "b2" } } }),
    ] {
        let badge = json!({ "label": "x" });
        let mut body = user(parts);
        if body.get(BADGE).is_none_or(|parts| parts.get("seal").is_none()) {
            body[BADGE]["seal"] = badge;
        }
        let resource = replaced(body, &current).unwrap();
        assert_eq!(resource[BADGE], current[BADGE], "what is the same but for case is the same");
    }
    for parts in [json!({ "serial": "A2" }), json!({ "serial": "A1", "seal": { "label": "x", "serial": "B3" } })] {
        let error = replaced(user(json!({ BADGE: parts })), &current).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::Mutability)), "{parts}");
    }
    let first = replaced(user(json!({ BADGE: { "serial": "A1" } })), &barbara()).unwrap();
    assert_eq!(first[BADGE]["serial"], "A1", "it may be set once");
}

#[test]
fn a_password_is_read_and_its_omission_is_visible() {
    assert_eq!(read(json!({ "password": "t1meMa$heen" }))["password"], "t1meMa$heen");
    assert!(!replaced(user(json!({})), &barbara()).unwrap().contains_key("password"));
}

#[test]
fn a_required_extension_is_missed() {
    let schema = user_type().extensions()[1].schema.clone();
    let strict = ResourceType::new("User", "/Users", "", (**user_type().schema()).clone());
    let strict = strict.extended_by(schema, true).unwrap();
    let error = body::read(&strict, user(json!({})), Purpose::Create).unwrap_err();
    assert_eq!(error.detail, format!("{BADGE} is required."));
    assert!(body::read(&strict, user(json!({ BADGE: { "number": 1 } })), Purpose::Create).is_ok());
}

#[test]
fn what_has_a_default_may_be_left_out_and_not_be_removed() {
    let active = Attribute { defaulted: true, ..Attribute::new("active", Type::Boolean).required() };
    let schema = Schema::new(USER, "User", "Who is active or not.", [active]);
    let of_type = ResourceType::new("User", "/Users", "", schema);
    assert!(body::read(&of_type, json!({ "schemas": [USER] }), Purpose::Create).is_ok());
    let current = body::read(&of_type, json!({ "schemas": [USER], "active": true }), Purpose::Create).unwrap();
    let remove = json!({ "schemas": [PATCH_SCHEMA], "Operations": [{ "op": "remove", "path": "active" }] });
    let error = apply(&of_type, &current, &parse_patch(&remove).unwrap(), PatchOptions::default()).unwrap_err();
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::Mutability)));
    assert_eq!(of_type.schema().to_json("https://example.com")["attributes"][0]["required"], true);
}
