//! PATCH requests, applied to a user and to a group.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_protocol::patch::{PatchOptions, apply, parse_patch};
use scim_protocol_fuzz::fixture::{barbara, group_type, tour_guides, user_type};
use scim_protocol_fuzz::require_canonical;

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = serde_json::from_slice(bytes) else { return };
    let Ok(request) = parse_patch(&body) else { return };
    for (resource_type, current) in [(user_type(), barbara()), (group_type(), tour_guides())] {
        for entra in [false, true] {
            let Ok(patched) = apply(&resource_type, &current, &request, PatchOptions { entra }) else { continue };
            require_canonical(&patched.resource);
            assert!(patched.changed || patched.resource == current);
            for name in ["id", "meta", "groups"] {
                assert_eq!(patched.resource.get(name), current.get(name));
            }
        }
    }
});
