//! Paths of PATCH operations: read, printed and read again, found.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_protocol::path::{Location, parse_path};
use scim_protocol_fuzz::fixture::user_type;

fuzz_target!(|text: &str| {
    let user = user_type();
    if let Ok(target) = user.target(text) {
        assert_eq!(user.target(&target.qualified_path()), Ok(target));
    }
    let Ok(path) = parse_path(text) else { return };
    let printed = path.to_string();
    if printed.len() <= text.len() {
        assert_eq!(parse_path(&printed).as_ref(), Ok(&path), "{printed}");
    }
    if let Ok(Location::Attribute { filter, .. }) = user.locate(&path) {
        assert!(filter.is_none() || text.contains('['));
    }
});
