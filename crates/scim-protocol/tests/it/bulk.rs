//! Bulk requests.

use crate::fixture::{ENTERPRISE, GROUP, USER, group_type, user_type};
use scim_protocol::body::{self, Purpose};
use scim_protocol::bulk::{
    BulkLimits, BulkMethod, BulkOutcome, BulkRequest, References, Step, bulk_ids, bulk_response,
};
use scim_protocol::patch::parse_patch;
use scim_protocol::{ScimError, ScimType};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const LIMITS: BulkLimits = BulkLimits { max_operations: 10, max_payload_size: 10_000 };

fn parsed(operations: Value) -> Result<BulkRequest, ScimError> {
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    BulkRequest::parse(body.to_string().as_bytes(), LIMITS)
}

fn request(operations: Value) -> BulkRequest {
    parsed(operations).unwrap_or_else(|error| panic!("{error}"))
}

fn new_user(bulk_id: &str, manager: Option<&str>) -> Value {
    let mut data = json!({ "schemas": [USER], "userName": bulk_id });
    if let Some(manager) = manager {
        data[ENTERPRISE] = json!({ "manager": { "value": manager }, "department": "Tours" });
    }
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data })
}

fn new_group(bulk_id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|member| json!({ "value": member })).collect();
    let data = json!({ "schemas": [GROUP], "displayName": bulk_id, "members": members });
    json!({ "method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data })
}

/// A step in short: `1`, `1 without a`, `complete 1`.
fn steps(request: &BulkRequest) -> Vec<String> {
    let short = |step| match step {
        Step::Operate { operation, without } if without.is_empty() => operation.to_string(),
        Step::Operate { operation, without } => {
            format!("{operation} without {}", without.into_iter().collect::<Vec<_>>().join(" "))
        }
        Step::Complete { operation } => format!("complete {operation}"),
    };
    request.plan().into_iter().map(short).collect()
}

#[test]
fn a_request_is_read() {
    let body = json!({
        "SCHEMAS": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "failOnErrors": 1,
        "operations": [
            { "method": "post", "path": "/Users", "bulkId": "qwerty", "data": { "userName": "Alice" } },
            { "method": "PUT", "path": "/Users/b7c1", "version": "W/\"3\"", "data": { "userName": "Bob" } },
            { "method": "PATCH", "path": "Users/5d8d", "data": { "Operations": [] } },
            { "method": "DELETE", "path": "/Users/e902/", "version": null, "bulkId": "" },
        ],
    });
    let request = BulkRequest::parse(body.to_string().as_bytes(), LIMITS).unwrap();
    assert_eq!(request.fail_on_errors, Some(1));
    let read: Vec<_> = request.operations.iter().map(|operation| (operation.method, operation.endpoint())).collect();
    assert_eq!(
        read,
        [
            (BulkMethod::Post, ("Users", None)),
            (BulkMethod::Put, ("Users", Some("b7c1"))),
            (BulkMethod::Patch, ("Users", Some("5d8d"))),
            (BulkMethod::Delete, ("Users", Some("e902"))),
        ]
    );
    assert_eq!(request.operations[1].version.as_deref(), Some("W/\"3\""));
    assert_eq!((&request.operations[3].data, &request.operations[3].bulk_id), (&Value::Null, &None));
}

#[test]
fn what_is_too_large_is_413() {
    let many: Vec<Value> = (0..11).map(|index| new_user(&index.to_string(), None)).collect();
    let error = parsed(json!(many)).unwrap_err();
    assert_eq!((error.status, error.scim_type), (413, None));
    assert!(error.detail.contains("maxOperations"), "{}", error.detail);
    let large = json!([new_user(&"x".repeat(10_000), None)]);
    assert!(parsed(large).unwrap_err().detail.contains("maxPayloadSize"));
}

#[test]
fn what_is_no_bulk_request_is_invalid_syntax() {
    let data = json!({});
    for operations in [
        json!("x"),
        json!(["x"]),
        json!([{ "path": "/Users", "bulkId": "a", "data": data }]),
        json!([{ "method": "GET", "path": "/Users/1" }]),
        json!([{ "method": "POST", "bulkId": "a", "data": data }]),
        json!([{ "method": "POST", "path": "/Users", "data": data }]),
        json!([{ "method": "POST", "path": "/Users", "bulkId": "a" }]),
        json!([{ "method": "POST", "path": "/Users/1", "bulkId": "a", "data": data }]),
        json!([{ "method": "POST", "path": "/", "bulkId": "a", "data": data }]),
        json!([{ "method": "POST", "path": "/Users", "bulkId": 7, "data": data }]),
        json!([{ "method": "PUT", "path": "/Users", "data": data }]),
        json!([{ "method": "PATCH", "path": "/Users/1", "data": [] }]),
        json!([{ "method": "DELETE", "path": "/Users" }]),
        json!([{ "method": "DELETE", "path": "/Users//" }]),
        json!([new_user("a", None), new_user("a", None)]),
    ] {
        let error = parsed(operations.clone()).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidSyntax)), "{operations}");
    }
    for body in ["", "{", "[]", "{}", "{\"Operations\":[]}", "{\"schemas\":[\"x\"],\"Operations\":[]}"] {
        assert_eq!(
            BulkRequest::parse(body.as_bytes(), LIMITS).unwrap_err().scim_type,
            Some(ScimType::InvalidSyntax),
            "{body}"
        );
    }
    for fail_on_errors in [json!(0), json!(-1), json!("1"), json!(1.5)] {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "failOnErrors": fail_on_errors,
            "Operations": [],
        });
        assert!(BulkRequest::parse(body.to_string().as_bytes(), LIMITS).is_err(), "{fail_on_errors}");
    }
}

#[test]
fn the_order_of_the_request_is_kept() {
    let request = request(json!([
        { "method": "DELETE", "path": "/Users/1" },
        new_user("a", None),
        new_group("g", &["bulkId:a"]),
        { "method": "PATCH", "path": "/Groups/bulkId:g", "data": {} },
    ]));
    assert_eq!(steps(&request), ["0", "1", "2", "3"]);
}

#[test]
fn forward_references_are_made_first() {
    let request = request(json!([
        { "method": "PATCH", "path": "/Groups/bulkId:g", "data": {} },
        new_group("g", &["bulkId:b", "bulkId:a", "7"]),
        new_user("a", Some("bulkId:b")),
        new_user("b", None),
    ]));
    assert_eq!(steps(&request), ["3", "2", "1", "0"]);
}

#[test]
fn circular_references_are_left_out_and_added_afterwards() {
    let request =
        request(json!([new_group("qwerty", &["bulkId:ytrewq", "7"]), new_group("ytrewq", &["bulkId:qwerty", "8"])]));
    assert_eq!(steps(&request), ["1 without qwerty", "0", "complete 1"]);

    let deferred = request.operations[1].defer(&BTreeSet::from(["qwerty".to_owned()]));
    assert_eq!(deferred.data["members"], json!([{ "value": "8" }]));
    let mut references = References::default();
    references.insert("qwerty", "c3a26dd3");
    let patch = references.resolve_data(&deferred.patch).unwrap();
    assert_eq!(patch["Operations"], json!([{ "op": "add", "path": "members", "value": [{ "value": "c3a26dd3" }] }]));
    assert!(parse_patch(&patch).is_ok());
    assert!(body::read(&group_type(), deferred.data, Purpose::Create).is_ok());
}

#[test]
fn references_in_extensions_are_left_out_one_by_one() {
    let request = request(json!([new_user("a", Some("bulkId:b")), new_user("b", Some("bulkId:a"))]));
    let deferred = request.operations[0].defer(&BTreeSet::from(["b".to_owned()]));
    assert_eq!(deferred.data[ENTERPRISE], json!({ "department": "Tours" }));
    assert_eq!(
        deferred.patch["Operations"],
        json!([{ "op": "add", "path": format!("{ENTERPRISE}:manager"), "value": { "value": "bulkId:b" } }])
    );
    assert!(body::read(&user_type(), deferred.data, Purpose::Create).is_ok());
}

#[test]
fn circles_of_any_length_and_of_one_are_planned() {
    assert_eq!(steps(&request(json!([new_group("a", &["bulkId:a"])]))), ["0 without a", "complete 0"]);
    let three = request(json!([
        new_group("a", &["bulkId:b"]),
        new_group("b", &["bulkId:c"]),
        new_group("c", &["bulkId:a", "bulkId:b"]),
        new_group("d", &["bulkId:c"]),
    ]));
    assert_eq!(steps(&three), ["2 without a b", "1", "0", "complete 2", "3"]);
}

#[test]
fn references_are_replaced_in_paths_and_data() {
    let request = request(json!([
        { "method": "PUT", "path": "/Groups/bulkId:g", "data": {
            "displayName": "bulkId of something", "members": [{ "value": "bulkId:a", "$ref": "../Users/1" }],
        } },
        { "method": "PATCH", "path": "/Groups/7", "data": {
            "Operations": [{ "op": "remove", "path": "members[value eq \"bulkId:a\" or value eq \"9\"]" }],
        } },
    ]));
    let mut references = References::default();
    references.insert("g", "G1");
    references.insert("a", "A1");
    let put = references.resolve(&request.operations[0]).unwrap();
    assert_eq!(put.path, "/Groups/G1");
    assert_eq!(put.data["members"], json!([{ "value": "A1", "$ref": "../Users/1" }]));
    assert_eq!(put.data["displayName"], "bulkId of something");
    let patch = references.resolve(&request.operations[1]).unwrap();
    assert_eq!(patch.data["Operations"][0]["path"], "members[value eq \"A1\" or value eq \"9\"]");
    assert_eq!(bulk_ids(&request.operations[0]), BTreeSet::from(["a", "g"]));
    assert_eq!(bulk_ids(&request.operations[1]), BTreeSet::from(["a"]));
}

#[test]
fn a_reference_to_nothing_is_a_conflict() {
    let request = request(json!([new_group("g", &["bulkId:nobody"])]));
    assert_eq!(steps(&request), ["0"]);
    let error = References::default().resolve(&request.operations[0]).unwrap_err();
    assert_eq!(error.status, 409);
    assert!(error.detail.contains("nobody"), "{}", error.detail);
}

#[test]
fn statuses_are_strings_and_errors_are_told_in_full() {
    let done = BulkOutcome {
        method: BulkMethod::Post,
        bulk_id: Some("qwerty".to_owned()),
        version: Some("W/\"1\"".to_owned()),
        location: Some("https://example.com/v2/Users/92b7".to_owned()),
        result: Ok(201),
    };
    let failed = BulkOutcome {
        method: BulkMethod::Post,
        bulk_id: Some("ytrewq".to_owned()),
        version: None,
        location: None,
        result: Err(ScimError::new(ScimType::Uniqueness, "The userName is taken.")),
    };
    assert!(!done.is_error() && failed.is_error());
    assert_eq!(
        bulk_response(&[done, failed]),
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
            "Operations": [
                {
                    "method": "POST", "bulkId": "qwerty", "version": "W/\"1\"", "status": "201",
                    "location": "https://example.com/v2/Users/92b7",
                },
                {
                    "method": "POST", "bulkId": "ytrewq", "status": "409",
                    "response": {
                        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                        "status": "409", "scimType": "uniqueness", "detail": "The userName is taken.",
                    },
                },
            ],
        })
    );
}
