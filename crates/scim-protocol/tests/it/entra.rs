//! What Microsoft Entra ID and Okta send.

use crate::fixture::{BADGE, ENTERPRISE, barbara, user_type};
use scim_protocol::filter::parse_filter;
use scim_protocol::patch::{PATCH_SCHEMA, PatchOptions, Patched, apply, parse_patch};
use scim_protocol::{ScimError, ScimType};
use serde_json::{Value, json};

fn patched_by(entra: bool, operations: &Value) -> Result<Patched, ScimError> {
    let body = json!({ "schemas": [PATCH_SCHEMA], "Operations": operations });
    apply(&user_type(), &barbara(), &parse_patch(&body)?, PatchOptions { entra })
}

fn patched(operations: Value) -> Value {
    match patched_by(true, &operations) {
        Ok(patched) => Value::Object(patched.resource),
        Err(error) => panic!("{operations}: {error}"),
    }
}

#[test]
fn a_user_is_disabled_with_a_string_or_a_boolean() {
    for value in [json!("False"), json!("false"), json!(false), json!([false])] {
        assert_eq!(patched(json!([{ "op": "Replace", "path": "active", "value": value }]))["active"], json!(false));
    }
    assert_eq!(patched(json!([{ "op": "Replace", "value": { "active": "False" } }]))["active"], json!(false));
}

#[test]
fn a_pathless_replace_has_dotted_and_urn_keys() {
    let user = patched(json!([{
        "op": "Replace",
        "value": {
            "name.givenName": "Babs",
            (format!("{ENTERPRISE}:employeeNumber")): "7",
            (format!("{ENTERPRISE}:manager.value")): "8",
            (format!("{BADGE}:number")): 9,
            "emails[type eq \"work\"].value": "work@example.com",
            "addresses[type eq \"home\"].region": "CA",
            "shoeSize": 42,
            "name.shoeSize": 42,
            "no path": 42,
        },
    }]));
    assert_eq!(user["name"], json!({ "givenName": "Babs", "familyName": "Jensen" }));
    assert_eq!(user[ENTERPRISE]["employeeNumber"], "7");
    assert_eq!(user[ENTERPRISE]["manager"], json!({ "value": "8", "displayName": "John Smith" }));
    assert_eq!(user[BADGE], json!({ "number": 9 }));
    assert_eq!(user["emails"][0]["value"], "work@example.com");
    assert_eq!(user["addresses"][1]["region"], "CA");
}

#[test]
fn an_add_on_an_absent_value_path_makes_the_element_with_what_the_filter_says() {
    for (path, value, made) in [
        ("phoneNumbers[type eq \"Mobile\"].value", json!("555"), json!({ "type": "Mobile", "value": "555" })),
        ("phoneNumbers[type eq \"fax\"]", json!({ "value": "555" }), json!({ "type": "fax", "value": "555" })),
        (
            "phoneNumbers[type eq \"work\" and primary eq \"True\"].value",
            json!("555"),
            json!({ "type": "work", "primary": true, "value": "555" }),
        ),
        ("phoneNumbers[value eq \"1\"].value", json!("2"), json!({ "value": "2" })),
    ] {
        for entra in [true, false] {
            let user = patched_by(entra, &json!([{ "op": "Add", "path": path, "value": value }])).unwrap().resource;
            assert_eq!(user["phoneNumbers"], json!([made]), "{path}");
        }
    }
    let user = patched(
        json!([{ "op": "Add", "path": "emails[type eq \"other\" and primary eq true].value", "value": "o@x" }]),
    );
    assert_eq!(user["emails"][2], json!({ "type": "other", "primary": true, "value": "o@x" }));
    assert_eq!(user["emails"][0]["primary"], json!(false), "the new primary demotes the old");
}

#[test]
fn a_replace_on_an_absent_value_path_does_so_for_entra_alone() {
    let operations = json!([{ "op": "Replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "555" }]);
    assert_eq!(patched(operations.clone())["phoneNumbers"], json!([{ "type": "work", "value": "555" }]));
    assert_eq!(patched_by(false, &operations).unwrap_err().scim_type, Some(ScimType::NoTarget));
}

#[test]
fn a_manager_is_a_bare_string() {
    for value in [json!("8"), json!({ "value": "8" }), json!([{ "$ref": null, "value": "8" }])] {
        for op in ["Add", "Replace"] {
            let user = patched(json!([{ "op": op, "path": format!("{ENTERPRISE}:manager"), "value": value }]));
            assert_eq!(user[ENTERPRISE]["manager"]["value"], "8", "{op} {value}");
        }
    }
    let user = patched(json!([{ "op": "Add", "path": "manager", "value": [{ "$ref": null, "value": "8" }] }]));
    assert_eq!(user[ENTERPRISE]["manager"]["value"], "8", "without the URN");
    let user = patched(json!([{ "op": "Remove", "path": format!("{ENTERPRISE}:manager") }]));
    assert!(user[ENTERPRISE].get("manager").is_none());
}

#[test]
fn filters_go_beyond_the_grammar() {
    for (text, is_so) in [
        (r#"emails[type eq "work"].value eq "bjensen@example.com""#, true),
        (r#"emails[type eq "home"].value eq "bjensen@example.com""#, false),
        ("externalId eq 701984", true),
        ("externalId eq jyoung", false),
        ("userName eq bjensen@example.com", true),
        (r#"id eq "2819c223-7f76-453a-919d-413861904646" and manager eq "26118915""#, true),
    ] {
        let filter = user_type().bind(&parse_filter(text).unwrap()).unwrap();
        assert_eq!(filter.matches(&barbara()), is_so, "{text}");
    }
}

#[test]
fn okta_sends_the_id_along() {
    let value =
        json!({ "id": barbara()["id"], "meta": { "version": "W/\"1\"" }, "groups": barbara()["groups"], "title": "x" });
    assert_eq!(patched(json!([{ "op": "replace", "value": value }]))["title"], "x");
    let operations = json!([{ "op": "replace", "value": { "id": "another", "displayName": "Barbara" } }]);
    assert_eq!(patched_by(false, &operations).unwrap_err().scim_type, Some(ScimType::Mutability));
}

#[test]
fn one_patch_mixes_removal_and_addition() {
    let user = patched(json!([
        { "op": "remove", "path": "emails[type eq \"work\"]" },
        { "op": "add", "path": "emails", "value": [{ "value": "new@example.com", "type": "work" }] },
    ]));
    assert_eq!(
        user["emails"],
        json!([{ "value": "babs@jensen.org", "type": "home" }, { "value": "new@example.com", "type": "work" }])
    );
}
