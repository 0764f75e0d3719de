//! Members of groups: changes that follow the operation and not the size of the group.

use crate::fixture::{group_type, object, tour_guides};
use scim_protocol::patch::{DetachedAction, PATCH_SCHEMA, PatchOptions, Patched, apply, parse_patch};
use scim_protocol::{ScimError, ScimType};
use serde_json::{Map, Value, json};

fn patched(operations: Value) -> Result<Patched, ScimError> {
    let body = json!({ "schemas": [PATCH_SCHEMA], "Operations": operations });
    apply(&group_type(), &tour_guides(), &parse_patch(&body)?, PatchOptions::default())
}

fn actions(operations: Value) -> Vec<DetachedAction> {
    let patched = patched(operations.clone()).unwrap_or_else(|error| panic!("{operations}: {error}"));
    assert_eq!((patched.changed, patched.resource), (false, tour_guides()), "the resource itself stays");
    assert!(patched.detached.iter().all(|change| change.attribute == "members"));
    patched.detached.into_iter().map(|change| change.action).collect()
}

fn member(id: &str) -> Map<String, Value> {
    object(json!({ "value": id }))
}

#[test]
fn members_are_added_and_removed_in_sequence() {
    let actions = actions(json!([
        { "op": "remove", "path": "members" },
        { "op": "Add", "path": "members", "value": [
            { "$ref": null, "value": "1" }, { "value": "2", "type": "User", "shoeSize": 4 },
        ] },
        { "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "1" }] },
        { "op": "replace", "path": "members", "value": [{ "value": "3" }, { "value": "4" }] },
    ]));
    assert_eq!(
        actions,
        [
            DetachedAction::Clear,
            DetachedAction::Add(vec![member("1"), object(json!({ "value": "2", "type": "User" }))]),
            DetachedAction::Remove(vec![member("1")]),
            DetachedAction::Replace(vec![member("3"), member("4")]),
        ]
    );
}

#[test]
fn a_removal_by_filter_is_told_as_a_filter() {
    let actions = actions(json!([{ "op": "Remove", "path": "members[value eq \"2819c223\"]" }]));
    let [DetachedAction::RemoveWhere(filter)] = actions.as_slice() else { panic!("{actions:?}") };
    assert!(filter.matches_element(&json!({ "value": "2819c223", "type": "User" })));
    assert!(!filter.matches_element(&json!({ "value": "2819C223" })), "ids are caseExact");
}

#[test]
fn one_member_needs_no_array_and_no_object() {
    for value in [json!("1"), json!(["1"]), json!({ "value": "1" })] {
        assert_eq!(
            actions(json!([{ "op": "add", "path": "members", "value": value }])),
            [DetachedAction::Add(vec![member("1")])]
        );
    }
}

#[test]
fn pathless_operations_change_members_too() {
    let patched =
        patched(json!([{ "op": "Replace", "value": { "displayName": "Guides", "members": [{ "value": "1" }] } }]))
            .unwrap();
    assert!(patched.changed);
    assert_eq!(patched.resource["displayName"], "Guides");
    assert_eq!(patched.detached[0].action, DetachedAction::Replace(vec![member("1")]));
}

#[test]
fn nothing_given_is_nothing_to_do_and_replacing_by_nothing_clears() {
    assert_eq!(actions(json!([{ "op": "add", "path": "members", "value": [] }])), []);
    assert_eq!(actions(json!([{ "op": "add", "path": "members", "value": null }])), []);
    assert_eq!(actions(json!([{ "op": "remove", "path": "members", "value": [] }])), [], "not all of them");
    assert_eq!(actions(json!([{ "op": "replace", "path": "members", "value": [] }])), [DetachedAction::Clear]);
    assert_eq!(actions(json!([{ "op": "replace", "path": "members", "value": null }])), [DetachedAction::Clear]);
    assert_eq!(actions(json!([{ "op": "remove", "path": "members", "value": null }])), [DetachedAction::Clear]);
}

#[test]
fn member_sub_attributes_are_immutable() {
    for operation in [
        json!({ "op": "replace", "path": "members[value eq \"1\"].display", "value": "x" }),
        json!({ "op": "replace", "path": "members[value eq \"1\"].value", "value": "2" }),
        json!({ "op": "replace", "path": "members[value eq \"1\"]", "value": { "value": "2" } }),
        json!({ "op": "add", "path": "members.display", "value": "x" }),
        json!({ "op": "remove", "path": "members[value eq \"1\"].type" }),
    ] {
        assert_eq!(patched(json!([operation])).unwrap_err().scim_type, Some(ScimType::Mutability), "{operation}");
    }
}

#[test]
fn members_have_to_be_members() {
    for value in [json!([{ "$ref": null }]), json!([{ "value": 7 }]), json!([["1"]])] {
        for op in ["add", "remove", "replace"] {
            let error = patched(json!([{ "op": op, "path": "members", "value": value }])).unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{op} {value}");
        }
    }
}

#[test]
fn a_group_is_renamed_as_okta_does() {
    let id = tour_guides()["id"].clone();
    let patched = patched(json!([{ "op": "replace", "value": { "id": id, "displayName": "Guides" } }])).unwrap();
    assert_eq!(
        (patched.changed, &patched.resource["displayName"], patched.detached.len()),
        (true, &json!("Guides"), 0)
    );
}
