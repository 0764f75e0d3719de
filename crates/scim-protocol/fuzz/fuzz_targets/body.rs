//! Bodies of POST and PUT: read, and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_protocol::body::{Purpose, read};
use scim_protocol::query::Query;
use scim_protocol::schema::Schema;
use scim_protocol_fuzz::fixture::{barbara, group_type, user_type};
use scim_protocol_fuzz::require_canonical;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else { return };
    let _ = Query::from_search_request(&body);
    if let Ok(schema) = Schema::declared(&body) {
        assert_eq!(Schema::declared(&schema.to_json("")), Ok(schema));
    }
    let current = barbara();
    for resource_type in [user_type(), group_type()] {
        for purpose in [Purpose::Create, Purpose::Replace { current: &current }] {
            let Ok(resource) = read(&resource_type, body.clone(), purpose) else { continue };
            require_canonical(&resource);
            assert_eq!(read(&resource_type, Value::Object(resource.clone()), purpose), Ok(resource));
        }
    }
});
