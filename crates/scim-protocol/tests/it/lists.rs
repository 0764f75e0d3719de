//! Answers to queries.

use crate::fixture::object;
use scim_protocol::list::{ListResponse, Position};
use serde_json::json;

#[test]
fn a_page_by_index() {
    let resources = vec![object(json!({ "id": "1" })), object(json!({ "id": "2" }))];
    let list = ListResponse { total_results: 100, position: Position::Index(11), resources };
    assert_eq!(
        list.to_json(),
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 100, "startIndex": 11, "itemsPerPage": 2, "Resources": [{ "id": "1" }, { "id": "2" }],
        })
    );
}

#[test]
fn no_results_are_an_empty_list() {
    let told = ListResponse { total_results: 7, ..ListResponse::default() }.to_json();
    assert_eq!((&told["Resources"], &told["itemsPerPage"], &told["startIndex"]), (&json!([]), &json!(0), &json!(1)));
}

#[test]
fn a_page_by_cursor_has_no_index() {
    let position = Position::Cursor { next: Some("VZUTiyhEQJ94IR".to_owned()), previous: None };
    let told = ListResponse { total_results: 7, position, resources: Vec::new() }.to_json();
    assert_eq!(told["nextCursor"], "VZUTiyhEQJ94IR");
    assert!(told.get("startIndex").is_none() && told.get("previousCursor").is_none());
    let last = Position::Cursor { next: None, previous: Some("ze7L30kMiiLX6x".to_owned()) };
    let told = ListResponse { total_results: 7, position: last, resources: Vec::new() }.to_json();
    assert!(told.get("nextCursor").is_none(), "which says that it is the last page");
    assert_eq!(told["previousCursor"], "ze7L30kMiiLX6x");
}
