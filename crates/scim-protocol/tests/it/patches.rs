//! What PATCH does (RFC 7644 §3.5.2).

use crate::fixture::{BADGE, ENTERPRISE, USER, barbara, user_type};
use scim_protocol::patch::{PATCH_SCHEMA, PatchOptions, Patched, apply, parse_patch};
use serde_json::{Map, Value, json};

fn patched_from(user: &Map<String, Value>, operations: Value) -> Patched {
    let body = json!({ "schemas": [PATCH_SCHEMA], "Operations": operations });
    let request = parse_patch(&body).unwrap_or_else(|error| panic!("{body}: {error}"));
    apply(&user_type(), user, &request, PatchOptions::default()).unwrap_or_else(|error| panic!("{body}: {error}"))
}

fn patched(operations: Value) -> Map<String, Value> {
    let patched = patched_from(&barbara(), operations);
    assert!(patched.changed);
    patched.resource
}

fn unchanged(operations: Value) {
    let patched = patched_from(&barbara(), operations.clone());
    assert_eq!((patched.changed, patched.resource), (false, barbara()), "{operations}");
}

#[test]
fn operations_are_named_in_any_case() {
    for op in ["replace", "Replace", "REPLACE"] {
        assert_eq!(patched(json!([{ "op": op, "path": "title", "value": "Guide" }]))["title"], "Guide");
    }
    let operation = json!({ "OP": "Add", "PATH": "title", "VALUE": "x" });
    let body = json!({ "SCHEMAS": [PATCH_SCHEMA.to_uppercase()], "operations": [operation] });
    assert!(parse_patch(&body).is_ok());
}

#[test]
fn operations_are_applied_in_sequence() {
    let user = patched(json!([
        { "op": "remove", "path": "emails" },
        { "op": "add", "path": "emails", "value": [{ "value": "new@example.com", "type": "work" }] },
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "newer@example.com" },
    ]));
    assert_eq!(user["emails"], json!([{ "value": "newer@example.com", "type": "work" }]));
}

#[test]
fn add_without_a_path_merges_as_in_the_standard() {
    let user = patched(json!([{
        "op": "add",
        "value": { "emails": [{ "value": "babs@example.org", "type": "other" }], "nickname": "Babs" },
    }]));
    assert_eq!(user["emails"].as_array().unwrap().len(), 3);
    assert_eq!(user["nickName"], "Babs");
}

#[test]
fn add_of_an_existing_value_changes_nothing() {
    unchanged(json!([{ "op": "add", "path": "title", "value": "Tour Guide" }]));
    unchanged(json!([{ "op": "add", "path": "emails", "value": { "value": "BABS@jensen.org", "type": "home" } }]));
    unchanged(json!([{ "op": "add", "path": "emails", "value": [{ "value": "babs@jensen.org", "type": "home" }] }]));
    unchanged(json!([{ "op": "add", "path": "name", "value": { "givenName": "Barbara" } }]));
    unchanged(json!([{ "op": "add", "path": "emails[type eq \"home\"].value", "value": "babs@jensen.org" }]));
    unchanged(json!([{ "op": "replace", "path": "active", "value": true }]));
    unchanged(json!([{ "op": "add", "value": { "title": "Tour Guide", "active": "True" } }]));
    unchanged(json!([
        { "op": "replace", "path": "title", "value": "x" },
        { "op": "replace", "path": "title", "value": "Tour Guide" },
    ]));
}

#[test]
fn a_change_of_case_is_a_change() {
    assert_eq!(
        patched(json!([{ "op": "replace", "path": "userName", "value": "BJensen@example.com" }]))["userName"],
        "BJensen@example.com"
    );
}

#[test]
fn add_to_a_set_merges_into_the_element_with_the_same_value_and_type() {
    let user = patched(json!([{
        "op": "add", "path": "emails", "value": { "value": "babs@jensen.org", "type": "home", "display": "At home" },
    }]));
    assert_eq!(user["emails"][1], json!({ "value": "babs@jensen.org", "type": "home", "display": "At home" }));
    assert_eq!(user["emails"].as_array().unwrap().len(), 2);
}

#[test]
fn a_new_primary_demotes_the_old() {
    for operation in [
        json!({ "op": "add", "path": "emails", "value": [{ "value": "c@example.com", "primary": true }] }),
        json!({ "op": "replace", "path": "emails[type eq \"home\"].primary", "value": true }),
        json!({ "op": "add", "path": "emails[type eq \"home\"]", "value": { "primary": "True" } }),
        json!({ "op": "add", "path": "emails", "value": {
            "value": "babs@jensen.org", "type": "home", "primary": true,
        } }),
    ] {
        let user = patched(json!([operation]));
        assert_eq!(user["emails"][0]["primary"], json!(false), "{operation}");
        let primaries = user["emails"].as_array().unwrap().iter().filter(|email| email["primary"] == true);
        assert_eq!(primaries.count(), 1, "{operation}");
    }
}

#[test]
fn remove_takes_away_values_elements_and_parts() {
    for (path, name, left) in [
        ("title", "title", json!(null)),
        ("name.givenName", "name", json!({ "familyName": "Jensen" })),
        ("name", "name", json!(null)),
        ("emails", "emails", json!(null)),
        (
            "emails[type eq \"home\"]",
            "emails",
            json!([{ "value": "bjensen@example.com", "type": "work", "primary": true }]),
        ),
        (
            "emails[type eq \"work\" and value ew \"example.com\"]",
            "emails",
            json!([{ "value": "babs@jensen.org", "type": "home" }]),
        ),
        ("emails[value pr]", "emails", json!(null)),
        (
            "emails[type eq \"home\"].type",
            "emails",
            json!([
                { "value": "bjensen@example.com", "type": "work", "primary": true },
                { "value": "babs@jensen.org" },
            ]),
        ),
        (
            "emails.primary",
            "emails",
            json!([{ "value": "bjensen@example.com", "type": "work" }, { "value": "babs@jensen.org", "type": "home" }]),
        ),
        ("externalId", "externalId", json!(null)),
    ] {
        let user = patched(json!([{ "op": "remove", "path": path }]));
        assert_eq!(user.get(name).cloned().unwrap_or_default(), left, "{path}");
    }
}

#[test]
fn remove_with_no_match_is_a_success() {
    unchanged(json!([{ "op": "remove", "path": "emails[type eq \"other\"]" }]));
    unchanged(json!([{ "op": "remove", "path": "emails[type eq \"other\"].value" }]));
    unchanged(json!([{ "op": "remove", "path": "phoneNumbers[type eq \"work\"]" }]));
    unchanged(json!([{ "op": "remove", "path": "nickName" }]));
    unchanged(json!([{ "op": "remove", "path": format!("{BADGE}:number") }]));
    unchanged(json!([{ "op": "remove", "path": BADGE }]));
}

#[test]
fn remove_with_a_value_takes_those_elements_alone() {
    let user = patched(json!([{
        "op": "remove",
        "path": "emails",
        "value": [{ "value": "BABS@jensen.org", "display": "whatever" }, { "value": "nobody" }],
    }]));
    assert_eq!(user["emails"], json!([{ "value": "bjensen@example.com", "type": "work", "primary": true }]));
    unchanged(json!([{ "op": "remove", "path": "emails", "value": [{ "value": "babs@jensen.org", "type": "work" }] }]));
    unchanged(json!([{ "op": "remove", "path": "emails", "value": [] }]));
    let user = patched(json!([{ "op": "remove", "path": "emails", "value": [{ "type": "work" }] }]));
    assert_eq!(user["emails"], json!([{ "value": "babs@jensen.org", "type": "home" }]));
}

#[test]
fn replace_sets_and_merges() {
    let user = patched(json!([
        { "op": "replace", "path": "name", "value": { "givenName": "Babs" } },
        { "op": "replace", "path": "emails", "value": [{ "value": "only@example.com" }] },
        { "op": "replace", "path": "nickName", "value": "B" },
        { "op": "replace", "value": { "title": "Guide", "userType": "Intern" } },
    ]));
    assert_eq!(user["name"], json!({ "givenName": "Babs", "familyName": "Jensen" }), "what is not given is left");
    assert_eq!(user["emails"], json!([{ "value": "only@example.com" }]));
    assert_eq!(user["nickName"], "B", "what was absent is added");
    assert_eq!((&user["title"], &user["userType"]), (&json!("Guide"), &json!("Intern")));
}

#[test]
fn replace_of_a_set_keeps_elements_that_differ_in_anything_as_a_body_does() {
    let emails = json!([{ "value": "a" }, { "value": "a", "primary": true }, { "value": "A" }]);
    let user = patched(json!([{ "op": "replace", "path": "emails", "value": emails }]));
    assert_eq!(user["emails"], json!([{ "value": "a" }, { "value": "a", "primary": true }]));
}

#[test]
fn replace_of_a_selected_element_puts_the_new_one_in_its_place() {
    let user = patched(json!([{
        "op": "replace", "path": "addresses[type eq \"work\"]",
        "value": {
            "type": "work", "streetAddress": "911 Universal City Plaza", "postalCode": "91608", "primary": true,
        },
    }]));
    assert_eq!(
        user["addresses"],
        json!([
            { "type": "work", "streetAddress": "911 Universal City Plaza", "postalCode": "91608", "primary": true },
            { "type": "home", "streetAddress": "456 Hollywood Blvd", "locality": "Hollywood" },
        ])
    );
}

#[test]
fn replace_of_a_part_changes_all_selected_elements() {
    let user = patched(
        json!([{ "op": "replace", "path": "addresses[type eq \"work\"].streetAddress", "value": "1010 Broadway Ave" }]),
    );
    assert_eq!(user["addresses"][0]["streetAddress"], "1010 Broadway Ave");
    assert_eq!(user["addresses"][0]["locality"], "Hollywood");
    let user =
        patched(json!([{ "op": "replace", "path": "addresses[locality eq \"hollywood\"].region", "value": "CA" }]));
    assert!(user["addresses"].as_array().unwrap().iter().all(|address| address["region"] == "CA"));
    let user = patched(json!([{ "op": "replace", "path": "addresses.country", "value": "US" }]));
    assert!(
        user["addresses"].as_array().unwrap().iter().all(|address| address["country"] == "US"),
        "without a filter: all"
    );
}

#[test]
fn null_removes_by_replace_and_does_nothing_by_add() {
    let user = patched(json!([
        { "op": "replace", "path": "title", "value": null },
        { "op": "replace", "path": "emails", "value": [] },
        { "op": "replace", "value": { "name": { "givenName": null } , "userType": null } },
        { "op": "replace", "path": "addresses[type eq \"home\"]", "value": null },
    ]));
    assert!(!user.contains_key("title") && !user.contains_key("emails") && !user.contains_key("userType"));
    assert_eq!(user["name"], json!({ "familyName": "Jensen" }));
    assert_eq!(user["addresses"].as_array().unwrap().len(), 1);
    unchanged(json!([
        { "op": "add", "path": "title", "value": null },
        { "op": "add", "path": "emails", "value": [] },
        { "op": "add", "path": "emails", "value": null },
        { "op": "add", "path": "emails[type eq \"new\"].value", "value": null },
        { "op": "add", "path": ENTERPRISE, "value": null },
        { "op": "add", "value": { "name": { "givenName": null } } },
    ]));
}

#[test]
fn a_bare_extension_urn_is_a_path() {
    let user = patched(
        json!([{ "op": "add", "path": ENTERPRISE.to_lowercase(), "value": { "department": "Tours", "shoeSize": 42 } }]),
    );
    assert_eq!(user[ENTERPRISE]["department"], "Tours");
    assert_eq!(user[ENTERPRISE]["employeeNumber"], "701984", "what is not given is left");
    let user = patched(json!([{ "op": "remove", "path": ENTERPRISE }]));
    assert!(!user.contains_key(ENTERPRISE));
    assert_eq!(user["schemas"], json!([USER]));
}

#[test]
fn what_is_immutable_stays_when_its_extension_is_removed() {
    let mut user = barbara();
    user.insert(BADGE.to_owned(), json!({ "serial": "A1", "number": 7 }));
    let patched = patched_from(&user, json!([{ "op": "remove", "path": BADGE }]));
    assert_eq!(patched.resource[BADGE], json!({ "serial": "A1" }));
}

#[test]
fn an_attribute_of_an_extension_updates_schemas() {
    let number = format!("{BADGE}:number");
    let user = patched(json!([{ "op": "add", "path": number, "value": 7 }]));
    assert_eq!(user["schemas"], json!([USER, ENTERPRISE, BADGE]));
    let without = patched_from(&user, json!([{ "op": "remove", "path": number }]));
    assert_eq!(without.resource, barbara(), "and its removal, too");
    let merged = patched(json!([{ "op": "add", "value": { BADGE: { "number": 7 } } }]));
    assert_eq!(merged, user);
}

#[test]
fn operations_on_schemas_are_checked_and_do_nothing() {
    unchanged(json!([{ "op": "add", "path": "schemas", "value": [BADGE] }]));
    unchanged(json!([{ "op": "replace", "value": { "schemas": ["urn:example:whatever"] } }]));
}

#[test]
fn immutable_values_may_be_added_once() {
    let serial = format!("{BADGE}:serial");
    let user = patched(json!([{ "op": "add", "path": serial, "value": "A1" }]));
    assert_eq!(user[BADGE]["serial"], "A1");
    let same = patched_from(&user, json!([{ "op": "replace", "path": serial, "value": "a1" }]));
    assert!(!same.changed, "the same value again is no change");
}

#[test]
fn parts_of_the_server_stay_in_what_is_replaced() {
    let mut user = barbara();
    user.insert(BADGE.to_owned(), json!({ "seals": [{ "label": "a", "serial": "1", "seen": "today" }] }));
    let seals = format!("{BADGE}:seals");
    let selected = format!("{seals}[label eq \"a\"]");
    for (path, value) in [
        (selected.as_str(), json!({ "label": "b" })),
        (selected.as_str(), json!({ "label": "b", "serial": "1", "seen": "tomorrow" })),
    ] {
        let patched = patched_from(&user, json!([{ "op": "replace", "path": path, "value": value }]));
        assert_eq!(patched.resource[BADGE]["seals"], json!([{ "label": "b", "serial": "1", "seen": "today" }]));
    }
}

#[test]
fn a_set_of_one_stands_for_a_single_value_and_the_other_way_round() {
    let user = patched(json!([
        { "op": "replace", "path": "title", "value": ["Guide"] },
        { "op": "add", "path": "roles", "value": "guide" },
        { "op": "add", "path": format!("{BADGE}:doors"), "value": "Front" },
        { "op": "add", "path": format!("{BADGE}:doors"), "value": ["Back", "FRONT"] },
    ]));
    assert_eq!(user["title"], "Guide");
    assert_eq!(user["roles"], json!([{ "value": "guide" }]));
    assert_eq!(user[BADGE]["doors"], json!(["Front", "Back"]));
    let without =
        patched_from(&user, json!([{ "op": "remove", "path": format!("{BADGE}:doors[value eq \"front\"]") }]));
    assert_eq!(without.resource[BADGE]["doors"], json!(["Back"]));
}

#[test]
fn a_password_can_be_set_and_is_a_change() {
    assert_eq!(
        patched(json!([{ "op": "replace", "path": "password", "value": "t1meMa$heen" }]))["password"],
        "t1meMa$heen"
    );
}

#[test]
fn required_attributes_may_be_removed_if_they_come_back() {
    let user = patched(json!([
        { "op": "remove", "path": "userName" },
        { "op": "add", "path": "userName", "value": "babs" },
    ]));
    assert_eq!(user["userName"], "babs");
}

#[test]
fn what_was_missing_before_may_stay_missing() {
    let mut user = barbara();
    user.remove("userName");
    assert!(patched_from(&user, json!([{ "op": "replace", "path": "title", "value": "x" }])).changed);
}
