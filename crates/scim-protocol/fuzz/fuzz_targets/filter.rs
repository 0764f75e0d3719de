//! Filters: read, printed and read again, bound, evaluated.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_protocol::filter::{BoundFilter, parse_filter};
use scim_protocol_fuzz::fixture::{barbara, group_type, tour_guides, user_type};

fuzz_target!(|text: &str| {
    let Ok(filter) = parse_filter(text) else { return };
    let printed = filter.to_string();
    // What is printed may be longer than what was read, and so too long.
    if printed.len() <= text.len() {
        assert_eq!(parse_filter(&printed).as_ref(), Ok(&filter), "{printed}");
    }
    for (resource_type, resource) in [(user_type(), barbara()), (group_type(), tour_guides())] {
        if let Ok(bound) = resource_type.bind(&filter) {
            let holds = bound.matches(&resource);
            assert_ne!(BoundFilter::Not(Box::new(bound)).matches(&resource), holds);
        }
    }
});
