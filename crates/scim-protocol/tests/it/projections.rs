//! Which attributes an answer contains.

use crate::fixture::{BADGE, ENTERPRISE, USER, barbara, group_type, user_type};
use scim_protocol::ScimType;
use scim_protocol::projection::{Projection, written_in};
use serde_json::{Map, Value, json};

fn projection(attributes: &[&str], excluded: &[&str]) -> Projection {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    Projection::new(&user_type(), &owned(attributes), &owned(excluded)).unwrap()
}

fn user() -> Map<String, Value> {
    let mut user = barbara();
    user.insert("password".to_owned(), json!("t1meMa$heen"));
    user.insert("preferredLanguage".to_owned(), json!("en"));
    user.insert(BADGE.to_owned(), json!({ "number": 7, "note": "x", "stamp": "y" }));
    user
}

fn shown(attributes: &[&str], excluded: &[&str]) -> Value {
    Value::Object(projection(attributes, excluded).apply(user()))
}

#[test]
fn by_default_everything_is_shown_but_what_is_secret_or_on_request() {
    let mut expected = barbara();
    expected.insert(BADGE.to_owned(), json!({ "number": 7, "stamp": "y" }));
    assert_eq!(shown(&[], &[]), Value::Object(expected));
}

#[test]
fn what_is_always_returned_cannot_be_excluded() {
    let shown = shown(&[], &["id", "schemas", "userName", "emails", BADGE]);
    assert_eq!(shown["id"], barbara()["id"]);
    assert_eq!(shown["schemas"], barbara()["schemas"]);
    assert_eq!(shown[BADGE], json!({ "stamp": "y" }));
    assert!(shown.get("userName").is_none() && shown.get("emails").is_none());
}

#[test]
fn what_is_never_returned_is_not_even_on_request() {
    assert!(shown(&["password"], &[]).get("password").is_none());
    assert!(!projection(&["password"], &[]).wants("password"));
}

#[test]
fn what_is_on_request_is_shown_when_it_is_named() {
    assert_eq!(shown(&["preferredLanguage"], &[])["preferredLanguage"], "en");
    assert_eq!(shown(&[&format!("{BADGE}:note")], &[])[BADGE], json!({ "note": "x", "stamp": "y" }));
    assert!(shown(&[], &["title"]).get("preferredLanguage").is_none());
}

#[test]
fn what_is_on_request_is_shown_when_it_was_written() {
    let shown_after = |body: Value| Value::Object(projection(&[], &[]).with_written(&written_in(&body)).apply(user()));
    let patched = |operation: Value| json!({ "Operations": [operation] });
    for (body, language, note) in [
        (json!({ "preferredlanguage": "en", BADGE.to_uppercase(): { "NOTE": "x" }, "password": "x" }), true, true),
        (json!({ "userName": "x", BADGE: { "number": 7 } }), false, false),
        (patched(json!({ "op": "add", "path": format!("{BADGE}:note"), "value": "x" })), false, true),
        (patched(json!({ "op": "add", "path": BADGE, "value": { "note": "x" } })), false, true),
        (patched(json!({ "op": "add", "value": { "preferredLanguage": "en", BADGE: { "note": "x" } } })), true, true),
        (patched(json!({ "op": "remove", "path": "emails[type eq \"work\"]" })), false, false),
    ] {
        let shown = shown_after(body.clone());
        let told = (shown.get("preferredLanguage").is_some(), shown[BADGE].get("note").is_some());
        assert_eq!(told, (language, note), "{body}");
        assert!(shown.get("password").is_none());
    }
}

#[test]
fn attributes_are_shown_alone_with_what_always_is() {
    let expected = json!({
        "schemas": [USER, ENTERPRISE], "id": barbara()["id"], "userName": "bjensen@example.com",
        BADGE: { "stamp": "y" },
    });
    assert_eq!(shown(&["USERNAME", "shoeSize"], &[]), expected);
}

#[test]
fn sub_attributes_and_urns_are_taken() {
    let shown_parts = shown(&["name.givenName", "emails.value", &format!("{ENTERPRISE}:manager.displayName")], &[]);
    assert_eq!(shown_parts["name"], json!({ "givenName": "Barbara" }));
    assert_eq!(shown_parts["emails"], json!([{ "value": "bjensen@example.com" }, { "value": "babs@jensen.org" }]));
    assert_eq!(shown_parts[ENTERPRISE], json!({ "manager": { "displayName": "John Smith" } }));
    assert_eq!(shown(&[ENTERPRISE], &[])[ENTERPRISE], barbara()[ENTERPRISE]);
    assert_eq!(shown(&[&format!("{USER}:title")], &[])["title"], "Tour Guide");
    let without = shown(
        &[],
        &["emails.primary", "emails.type", &format!("{ENTERPRISE}:manager"), "name.givenName", "name.familyName"],
    );
    assert_eq!(without["emails"], json!([{ "value": "bjensen@example.com" }, { "value": "babs@jensen.org" }]));
    assert_eq!(without[ENTERPRISE], json!({ "employeeNumber": "701984" }));
    assert!(without.get("name").is_none(), "nothing of it remains");
    assert!(shown(&[], &[ENTERPRISE]).get(ENTERPRISE).is_none());
}

#[test]
fn an_attribute_named_as_a_whole_and_in_part_is_shown_whole() {
    assert_eq!(shown(&["name.givenName", "name"], &[])["name"], barbara()["name"]);
}

#[test]
fn both_lists_exclude_one_another() {
    let names = ["title".to_owned()];
    let error = Projection::new(&user_type(), &names, &names).unwrap_err();
    assert_eq!(error.scim_type, Some(ScimType::InvalidValue));
}

#[test]
fn a_server_need_not_load_what_is_not_wanted() {
    let wants = |attributes: &[&str], excluded: &[&str], path: &str| {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Projection::new(&group_type(), &owned(attributes), &owned(excluded)).unwrap().wants(path)
    };
    assert!(
        wants(&[], &[], "members") && wants(&["Members"], &[], "MEMBERS") && wants(&["members.value"], &[], "members")
    );
    assert!(!wants(&[], &["MEMBERS"], "members") && !wants(&["displayName"], &[], "members"));
    assert!(wants(&["members.value"], &[], "members.value") && !wants(&["members.value"], &[], "members.display"));
    assert!(!wants(&[], &["members.display"], "members.display") && wants(&[], &["members.display"], "members"));
    assert!(!wants(&[], &[], "shoeSize"));
    assert!(projection(&[], &[]).wants(ENTERPRISE) && !projection(&["title"], &[]).wants(ENTERPRISE));
    assert!(projection(&[&format!("{ENTERPRISE}:manager")], &[]).wants(ENTERPRISE));
}
