//! Queries, by parameters and by body, and the order of results.

use crate::fixture::{BADGE, barbara, user_type};
use scim_protocol::query::{Query, SEARCH_SCHEMA, Start};
use scim_protocol::{ScimError, ScimType};
use serde_json::{Map, Value, json};

fn by_url(parameters: &[(&str, &str)]) -> Result<Query, ScimError> {
    Query::from_parameters(parameters.iter().copied())
}

fn by_body(mut body: Value) -> Result<Query, ScimError> {
    body["schemas"] = json!([SEARCH_SCHEMA]);
    Query::from_search_request(&body)
}

#[test]
fn parameters_and_body_say_the_same() {
    let by_url = by_url(&[
        ("filter", "displayName sw \"smith\""),
        ("sortBy", "name.familyName"),
        ("sortOrder", "Descending"),
        ("startIndex", "11"),
        ("count", "10"),
        ("attributes", "displayName, userName"),
        ("attributes", "emails.value"),
        ("whatever", "x"),
    ]);
    let by_body = by_body(json!({
        "FILTER": "displayName sw \"smith\"", "sortby": "name.familyName", "sortOrder": "descending", "startIndex": 11,
        "count": 10, "attributes": ["displayName", "userName", "emails.value"], "excludedAttributes": null,
    }));
    assert_eq!(by_url, by_body);
    let query = by_url.unwrap();
    assert_eq!(query.attributes, ["displayName", "userName", "emails.value"]);
    assert_eq!((query.start.index(), query.count, query.descending), (11, Some(10), true));
}

#[test]
fn nothing_said_is_a_query_too() {
    assert_eq!(by_url(&[]), Ok(Query::default()));
    assert_eq!(by_body(json!({})), Ok(Query::default()));
    assert_eq!(Query::default().page_size(100, 1_000), 100);
}

#[test]
fn counts_and_indices_are_brought_within_bounds() {
    let count = |text: &str| by_url(&[("count", text)]).unwrap().count;
    assert_eq!(
        (count("0"), count("-5"), count("7"), count("99999999999999999999")),
        (Some(0), Some(0), Some(7), Some(i64::MAX as u64))
    );
    let index = |text: &str| by_url(&[("startIndex", text)]).unwrap().start.index();
    assert_eq!((index("0"), index("-3"), index("1"), index("12")), (1, 1, 1, 12));
    assert_eq!(by_body(json!({ "count": -1, "startIndex": 0 })).unwrap().count, Some(0));
    assert_eq!(by_url(&[("count", "5000")]).unwrap().page_size(100, 1_000), 1_000, "the cap shows in itemsPerPage");
}

#[test]
fn what_is_no_integer_is_refused() {
    for text in ["", "x", "1.5", "1e2", "--1", "½"] {
        assert_eq!(by_url(&[("count", text)]).unwrap_err().scim_type, Some(ScimType::InvalidCount), "{text}");
        assert_eq!(by_url(&[("startIndex", text)]).unwrap_err().scim_type, Some(ScimType::InvalidValue), "{text}");
    }
    for value in [json!("10"), json!(1.5), json!([1])] {
        assert_eq!(by_body(json!({ "count": value })).unwrap_err().scim_type, Some(ScimType::InvalidCount), "{value}");
    }
}

#[test]
fn cursors_start_with_an_empty_one() {
    assert_eq!(by_url(&[("cursor", "")]).unwrap().start, Start::FirstByCursor);
    assert_eq!(
        by_url(&[("cursor", "VZUTiyhEQJ94IR"), ("count", "10")]).unwrap().start,
        Start::Cursor("VZUTiyhEQJ94IR".to_owned())
    );
    assert_eq!(by_body(json!({ "cursor": "", "count": 10 })).unwrap().start, Start::FirstByCursor);
    assert_eq!(by_url(&[]).unwrap().start, Start::Unsaid);
}

#[test]
fn contradictions_are_refused() {
    for parameters in [
        [("cursor", "x"), ("startIndex", "1")],
        [("cursor", ""), ("startIndex", "1")],
        [("attributes", "title"), ("excludedAttributes", "emails")],
        [("sortOrder", "sideways"), ("sortBy", "title")],
    ] {
        assert_eq!(by_url(&parameters).unwrap_err().scim_type, Some(ScimType::InvalidValue), "{parameters:?}");
    }
}

#[test]
fn a_bad_filter_is_refused_and_no_filter_is_none() {
    assert_eq!(by_url(&[("filter", "title eq")]).unwrap_err().scim_type, Some(ScimType::InvalidFilter));
    assert_eq!(by_url(&[("filter", "")]).unwrap_err().scim_type, Some(ScimType::InvalidFilter));
    assert_eq!(by_url(&[("count", "1")]).unwrap().filter, None);
}

#[test]
fn a_search_request_has_a_form() {
    let request = |body: Value| Query::from_search_request(&body).unwrap_err().scim_type;
    for body in [
        json!([]),
        json!({}),
        json!({ "schemas": ["urn:example:other"] }),
        json!({ "schemas": [SEARCH_SCHEMA], "filter": 7 }),
        json!({ "schemas": [SEARCH_SCHEMA], "attributes": [7] }),
        json!({ "schemas": [SEARCH_SCHEMA], "attributes": 7 }),
        json!({ "schemas": [SEARCH_SCHEMA], "cursor": 7 }),
    ] {
        assert_eq!(request(body.clone()), Some(ScimType::InvalidSyntax), "{body}");
    }
}

fn with(name: &str, value: Value) -> Map<String, Value> {
    let mut user = barbara();
    user.insert(name.to_owned(), value);
    user
}

/// The titles of these resources in the order of the query.
fn sorted(sort_by: &str, order: &str, mut resources: Vec<Map<String, Value>>) -> Vec<Map<String, Value>> {
    let query = by_url(&[("sortBy", sort_by), ("sortOrder", order)]).unwrap();
    let sort = query.sort(&user_type()).unwrap().unwrap();
    resources.sort_by(|left, right| sort.compare(left, right));
    resources
}

#[test]
fn missing_values_come_last_when_ascending_and_first_when_descending() {
    let without = with("title", json!(null));
    let [a, b] = ["alpha", "Beta"].map(|title| with("title", json!(title)));
    assert_eq!(
        sorted("title", "ascending", vec![without.clone(), b.clone(), a.clone()]),
        [a.clone(), b.clone(), without.clone()]
    );
    assert_eq!(sorted("TITLE", "descending", vec![a.clone(), without.clone(), b.clone()]), [without, b, a]);
}

#[test]
fn case_counts_where_the_attribute_is_case_exact() {
    let [a, b] = ["alpha", "Beta"].map(|id| with("externalId", json!(id)));
    assert_eq!(sorted("externalId", "ascending", vec![a.clone(), b.clone()]), [b, a]);
}

#[test]
fn of_a_set_the_primary_counts_or_else_the_first() {
    let first = with("emails", json!([{ "value": "b" }, { "value": "z" }]));
    let primary = with("emails", json!([{ "value": "z" }, { "value": "a", "primary": true }]));
    for sort_by in ["emails", "emails.value"] {
        assert_eq!(sorted(sort_by, "", vec![first.clone(), primary.clone()]), [primary.clone(), first.clone()]);
    }
}

#[test]
fn numbers_and_instants_are_ordered_as_such() {
    let [nine, ten] = [9, 10].map(|number| with(BADGE, json!({ "number": number })));
    assert_eq!(sorted(&format!("{BADGE}:number"), "ascending", vec![ten.clone(), nine.clone()]), [nine, ten]);
    let [early, late] = ["2024-01-01T10:00:00+09:00", "2024-01-01T09:00:00Z"]
        .map(|created| with("meta", json!({ "created": created })));
    assert_eq!(sorted("meta.created", "ascending", vec![late.clone(), early.clone()]), [early, late]);
    let [no, yes] = [false, true].map(|active| with("active", json!(active)));
    assert_eq!(sorted("active", "ascending", vec![yes.clone(), no.clone()]), [no, yes]);
}

#[test]
fn what_cannot_be_sorted_by_is_an_error() {
    for (path, scim_type) in
        [("shoeSize", ScimType::InvalidPath), ("name", ScimType::InvalidPath), ("password", ScimType::InvalidValue)]
    {
        let query = by_url(&[("sortBy", path)]).unwrap();
        assert_eq!(query.sort(&user_type()).unwrap_err().scim_type, Some(scim_type), "{path}");
    }
}

#[test]
fn the_projection_follows_from_the_query() {
    let query = by_url(&[("excludedAttributes", "emails")]).unwrap();
    assert!(!query.projection(&user_type()).unwrap().wants("emails"));
}
