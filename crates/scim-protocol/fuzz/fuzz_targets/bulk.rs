//! Bulk requests: read, planned, and their references resolved.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_protocol::bulk::{BulkLimits, BulkRequest, References, Step, bulk_ids};

fuzz_target!(|bytes: &[u8]| {
    let limits = BulkLimits { max_operations: 100, max_payload_size: 100_000 };
    let Ok(request) = BulkRequest::parse(bytes, limits) else { return };
    let mut references = References::default();
    let mut is_done = vec![false; request.operations.len()];
    for step in request.plan() {
        let Step::Operate { operation: index, without } = step else { continue };
        let operation = &request.operations[index];
        assert!(!is_done[index], "once is enough");
        is_done[index] = true;
        let data = operation.defer(&without).data;
        assert!(data == operation.data || !without.is_empty(), "nothing is left out without need");
        if let Some(bulk_id) = &operation.bulk_id {
            references.insert(bulk_id, "id");
        }
    }
    assert!(is_done.into_iter().all(|is_done| is_done));
    for operation in &request.operations {
        if let Ok(resolved) = references.resolve(operation) {
            assert!(bulk_ids(&resolved).is_empty());
        }
    }
});
