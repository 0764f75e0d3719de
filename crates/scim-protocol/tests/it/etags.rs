//! Versions and conditions.

use scim_protocol::etag::{EntityTags, weak};

#[test]
fn a_version_is_a_weak_entity_tag() {
    assert_eq!(weak("3"), "W/\"3\"");
    assert_eq!(EntityTags::parse(&weak("3")), Ok(EntityTags::OneOf(vec!["3".to_owned()])));
}

#[test]
fn lists_and_the_asterisk_are_compared_weakly() {
    for (header, is_so) in [
        ("*", true),
        (" * ", true),
        ("W/\"3\"", true),
        ("\"3\"", true),
        ("W/\"1\", W/\"3\"", true),
        ("\"1\",\"2\" ,\t\"3\"", true),
        (", W/\"3\",", true),
        ("W/\"a,b\", W/\"4\"", false),
        ("W/\"33\"", false),
        ("\"\"", false),
    ] {
        assert_eq!(EntityTags::parse(header).unwrap().matches(Some("3")), is_so, "{header}");
    }
    assert!(EntityTags::parse("W/\"a,b\"").unwrap().matches(Some("a,b")));
}

#[test]
fn nothing_matches_what_is_not_there() {
    assert!(!EntityTags::Any.matches(None));
    assert!(!EntityTags::parse("\"3\"").unwrap().matches(None));
}

#[test]
fn what_is_no_list_is_refused() {
    for header in ["", "3", "W/3", "w/\"3\"", "\"3", "\"3\" \"4\"", "W/\"3\"x", "*, \"3\"", "\"a b\"", ","] {
        assert_eq!(EntityTags::parse(header).unwrap_err().status, 400, "{header}");
    }
}
