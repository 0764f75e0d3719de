//! What PATCH refuses, and how it says so.

use crate::fixture::{BADGE, ENTERPRISE, barbara, group_type, tour_guides, user_type};
use scim_protocol::patch::{MAX_OPERATIONS, PATCH_SCHEMA, PatchOptions, apply, parse_patch};
use scim_protocol::path::parse_path;
use scim_protocol::{MAX_VALUES, ScimError, ScimType};
use serde_json::{Map, Value, json};

fn refused_from(user: &Map<String, Value>, operation: &Value) -> ScimError {
    let body = json!({ "schemas": [PATCH_SCHEMA], "Operations": [operation] });
    let patched = parse_patch(&body).and_then(|request| apply(&user_type(), user, &request, PatchOptions::default()));
    match patched {
        Ok(patched) => panic!("{operation} makes {:?}", patched.resource),
        Err(error) => error,
    }
}

fn all_are(scim_type: ScimType, operations: impl IntoIterator<Item = Value>) {
    for operation in operations {
        let error = refused_from(&barbara(), &operation);
        assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{operation}: {error}");
    }
}

#[test]
fn the_form_of_the_request_is_invalid_syntax() {
    let operation = json!({ "op": "remove", "path": "title" });
    for body in [
        json!([]),
        json!({}),
        json!({ "Operations": [operation] }),
        json!({ "schemas": [], "Operations": [operation] }),
        json!({ "schemas": ["urn:example:other"], "Operations": [operation] }),
        json!({ "schemas": PATCH_SCHEMA, "Operations": [operation] }),
        json!({ "schemas": [PATCH_SCHEMA] }),
        json!({ "schemas": [PATCH_SCHEMA], "Operations": [] }),
        json!({ "schemas": [PATCH_SCHEMA], "Operations": operation }),
        json!({ "schemas": [PATCH_SCHEMA], "Operations": ["remove"] }),
        json!({ "schemas": [PATCH_SCHEMA], "Operations": [{ "path": "title" }] }),
    ] {
        let error = parse_patch(&body).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidSyntax)), "{body}");
    }
}

#[test]
fn a_bad_op_is_invalid_syntax() {
    all_are(
        ScimType::InvalidSyntax,
        ["update", "move", "", "Added"].map(|op| json!({ "op": op, "path": "title", "value": "x" })),
    );
    all_are(ScimType::InvalidSyntax, [json!({ "op": 7, "path": "title", "value": "x" })]);
}

#[test]
fn a_bad_path_is_invalid_path() {
    for path in [
        "",
        " ",
        "shoeSize",
        "name.shoeSize",
        "name.givenName.first",
        "emails[type eq \"work\"].shoeSize",
        "emails[type eq \"work\"]value",
        "emails[type eq \"work\"].value.x",
        "emails.",
        ".emails",
        "emails value",
        "userName[value eq \"x\"]",
        "name[givenName pr]",
        "emails.value[value pr]",
        "urn:example:other:x",
        "/title",
        "emails[0]]",
        "\"title\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User[department pr]",
    ] {
        let error = refused_from(&barbara(), &json!({ "op": "replace", "path": path, "value": "x" }));
        let scim_type = error.scim_type;
        // What is wrong within the brackets is wrong with the filter.
        let expected = if path == "emails[0]]" { ScimType::InvalidFilter } else { ScimType::InvalidPath };
        assert_eq!((error.status, scim_type), (400, Some(expected)), "{path}: {error}");
    }
    all_are(ScimType::InvalidPath, [json!({ "op": "replace", "path": 7, "value": "x" })]);
}

#[test]
fn a_bad_filter_in_a_path_is_an_invalid_filter() {
    all_are(
        ScimType::InvalidFilter,
        [
            "emails[",
            "emails[]",
            "emails[type]",
            "emails[type eq]",
            "emails[shoeSize eq 1]",
            "emails[primary gt true]",
            "emails[a[b pr]]",
        ]
        .map(|path| json!({ "op": "remove", "path": path })),
    );
}

#[test]
fn a_path_that_is_too_large_is_refused_as_such() {
    let path = format!("emails[{}]", vec!["value pr"; 1_000].join(" or "));
    assert_eq!(parse_path(&path).unwrap_err().scim_type, Some(ScimType::TooMany));
}

#[test]
fn replace_with_an_unmatched_value_path_has_no_target() {
    all_are(
        ScimType::NoTarget,
        [
            json!({ "op": "replace", "path": "emails[type eq \"other\"]", "value": { "value": "x" } }),
            json!({ "op": "replace", "path": "emails[type eq \"other\"].value", "value": "x" }),
            json!({ "op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "x" }),
            json!({ "op": "replace", "value": { "emails[type eq \"other\"].value": "x" } }),
        ],
    );
}

#[test]
fn remove_without_a_path_has_no_target() {
    all_are(
        ScimType::NoTarget,
        [json!({ "op": "remove" }), json!({ "op": "remove", "path": null, "value": { "title": "x" } })],
    );
}

#[test]
fn add_whose_filter_describes_no_element_has_no_target() {
    all_are(
        ScimType::NoTarget,
        ["type ne \"work\" and type ne \"home\"", "type eq \"a\" or type eq \"b\"", "not (value pr)", "type sw \"x\""]
            .map(|filter| json!({ "op": "add", "path": format!("emails[{filter}].value"), "value": "x" })),
    );
}

#[test]
fn a_missing_value_is_an_invalid_value() {
    all_are(
        ScimType::InvalidValue,
        [
            json!({ "op": "add", "path": "title" }),
            json!({ "op": "replace", "path": "title" }),
            json!({ "op": "add" }),
            json!({ "op": "add", "value": "x" }),
            json!({ "op": "replace", "value": null }),
            json!({ "op": "replace", "value": [{ "title": "x" }] }),
        ],
    );
}

#[test]
fn a_wrong_type_is_an_invalid_value() {
    all_are(
        ScimType::InvalidValue,
        [
            json!({ "op": "replace", "path": "active", "value": "yes" }),
            json!({ "op": "replace", "path": "title", "value": 7 }),
            json!({ "op": "replace", "path": "title", "value": ["a", "b"] }),
            json!({ "op": "replace", "path": "name", "value": "Barbara" }),
            json!({ "op": "replace", "path": "name", "value": { "givenName": 7 } }),
            json!({ "op": "replace", "value": { "name": 7 } }),
            json!({ "op": "add", "path": "emails", "value": [{ "value": "x" }, 7.5e1] }),
            json!({ "op": "add", "path": "addresses", "value": "Hollywood" }),
            json!({ "op": "add", "path": "emails", "value": [{ "shoeSize": 42 }] }),
            json!({ "op": "replace", "path": "emails[type eq \"work\"].primary", "value": "maybe" }),
            json!({ "op": "add", "path": ENTERPRISE, "value": "x" }),
            json!({ "op": "add", "path": ENTERPRISE, "value": { "department": 7 } }),
            json!({ "op": "add", "path": format!("{BADGE}:number"), "value": "7" }),
            json!({ "op": "replace", "path": "schemas", "value": ["urn:example:other"] }),
        ],
    );
}

#[test]
fn two_new_primaries_are_an_invalid_value() {
    let two = json!([{ "value": "a", "primary": true }, { "value": "b", "primary": true }]);
    all_are(
        ScimType::InvalidValue,
        [
            json!({ "op": "add", "path": "emails", "value": two }),
            json!({ "op": "replace", "path": "emails", "value": two }),
            json!({ "op": "replace", "path": "emails[value pr].primary", "value": true }),
            json!({ "op": "replace", "path": "emails.primary", "value": true }),
        ],
    );
}

#[test]
fn a_value_that_would_remove_everything_by_mistake_is_refused() {
    all_are(
        ScimType::InvalidValue,
        [
            json!({ "op": "remove", "path": "emails", "value": [{}] }),
            json!({ "op": "remove", "path": "emails", "value": [{ "$ref": null }] }),
            json!({ "op": "remove", "path": "emails", "value": { "shoeSize": 42 } }),
        ],
    );
}

#[test]
fn what_is_read_only_is_a_mutability_error() {
    all_are(
        ScimType::Mutability,
        [
            json!({ "op": "replace", "path": "id", "value": "mine" }),
            json!({ "op": "add", "path": "meta.version", "value": "W/\"9\"" }),
            json!({ "op": "remove", "path": "meta" }),
            json!({ "op": "remove", "path": "groups" }),
            json!({ "op": "remove", "path": "groups[value eq \"e9e30dba\"]" }),
            json!({ "op": "remove", "path": "schemas" }),
            json!({ "op": "replace", "path": format!("{ENTERPRISE}:manager.displayName"), "value": "x" }),
            json!({ "op": "replace", "value": { "id": "mine" } }),
            json!({ "op": "add", "value": { "groups": [{ "value": "admins" }] } }),
        ],
    );
}

#[test]
fn what_is_immutable_is_a_mutability_error_once_it_has_a_value() {
    let mut user = barbara();
    user.insert(
        BADGE.to_owned(),
        json!({ "serial": "A1", "seals": [{ "label": "a", "serial": "1" }], "seal": { "label": "a", "serial": "1" } }),
    );
    let selected = format!("{BADGE}:seals[label eq \"a\"]");
    for operation in [
        json!({ "op": "replace", "path": format!("{BADGE}:serial"), "value": "A2" }),
        json!({ "op": "add", "path": format!("{BADGE}:serial"), "value": "A2" }),
        json!({ "op": "remove", "path": format!("{BADGE}:serial") }),
        json!({ "op": "replace", "path": format!("{BADGE}:serial"), "value": null }),
        json!({ "op": "replace", "path": format!("{BADGE}:seal.serial"), "value": "2" }),
        json!({ "op": "replace", "path": format!("{BADGE}:seal"), "value": { "serial": "2" } }),
        json!({ "op": "replace", "path": format!("{selected}.serial"), "value": "2" }),
        json!({ "op": "add", "path": selected, "value": { "serial": "2" } }),
        json!({ "op": "replace", "path": selected, "value": { "label": "b", "serial": "2" } }),
        json!({ "op": "remove", "path": format!("{selected}.serial") }),
        json!({ "op": "replace", "value": { BADGE: { "serial": "A2" } } }),
    ] {
        let error = refused_from(&user, &operation);
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::Mutability)), "{operation}: {error}");
    }
}

#[test]
fn removing_what_is_required_is_a_mutability_error() {
    all_are(
        ScimType::Mutability,
        [
            json!({ "op": "remove", "path": "userName" }),
            json!({ "op": "replace", "path": "userName", "value": null }),
            json!({ "op": "replace", "path": "userName", "value": "" }),
            json!({ "op": "replace", "value": { "userName": null } }),
            json!({ "op": "add", "path": format!("{BADGE}:seals"), "value": [{ "serial": "1" }] }),
        ],
    );
}

#[test]
fn an_error_leaves_the_resource_as_it_was() {
    let user = barbara();
    let body = json!({ "schemas": [PATCH_SCHEMA], "Operations": [
        { "op": "replace", "path": "title", "value": "Guide" },
        { "op": "replace", "path": "id", "value": "mine" },
    ] });
    let request = parse_patch(&body).unwrap();
    assert!(apply(&user_type(), &user, &request, PatchOptions::default()).is_err());
    assert_eq!(user, barbara());
}

#[test]
fn too_much_work_is_too_large() {
    let roles: Vec<Value> = (0..MAX_VALUES).map(|index| json!({ "value": index.to_string() })).collect();
    let mut user = barbara();
    user.insert("roles".to_owned(), json!(roles));
    let filter = vec!["value co \"x\""; 250].join(" or ");
    let removal = json!({ "op": "remove", "path": format!("roles[{filter}]") });
    let removed = |times: usize| {
        let body = json!({ "schemas": [PATCH_SCHEMA], "Operations": vec![removal.clone(); times] });
        apply(&user_type(), &user, &parse_patch(&body).unwrap(), PatchOptions::default())
    };
    assert!(removed(2).is_ok());
    assert_eq!(removed(20).unwrap_err().status, 413);
    let by_value = json!({ "op": "remove", "path": "roles", "value": vec![json!({ "value": "x" }); 5_000] });
    assert_eq!(refused_from(&user, &by_value).status, 413);
}

#[test]
fn a_set_has_its_bounds_unless_its_values_live_elsewhere() {
    let values: Vec<Value> = (0..=MAX_VALUES).map(|index| json!({ "value": index.to_string() })).collect();
    let add = |path: &str, values: &[Value]| json!({ "op": "add", "path": path, "value": values });
    assert_eq!(refused_from(&barbara(), &add("roles", &values)).scim_type, Some(ScimType::InvalidValue));
    let mut user = barbara();
    user.insert("roles".to_owned(), json!(values[1..]));
    assert_eq!(refused_from(&user, &add("roles", &values[..1])).scim_type, Some(ScimType::InvalidValue));
    let body = json!({ "schemas": [PATCH_SCHEMA], "Operations": [add("members", &values)] });
    assert!(apply(&group_type(), &tour_guides(), &parse_patch(&body).unwrap(), PatchOptions::default()).is_ok());
}

#[test]
fn too_many_operations_are_too_large() {
    let operation = json!({ "op": "remove", "path": "title" });
    let body = |count: usize| json!({ "schemas": [PATCH_SCHEMA], "Operations": vec![operation.clone(); count] });
    assert!(parse_patch(&body(MAX_OPERATIONS)).is_ok());
    assert_eq!(parse_patch(&body(MAX_OPERATIONS + 1)).unwrap_err().status, 413);
}
