//! The grammar of filters: what is one, what is none, and where it goes wrong.

use scim_protocol::filter::{Filter, Literal, MAX_DEPTH, MAX_LENGTH, MAX_TERMS, parse_filter};
use scim_protocol::{ScimError, ScimType};

fn printed(text: &str) -> String {
    match parse_filter(text) {
        Ok(filter) => filter.to_string(),
        Err(error) => panic!("{text}: {error}"),
    }
}

fn refused(text: &str) -> ScimError {
    match parse_filter(text) {
        Ok(filter) => panic!("{text} is read as {filter}"),
        Err(error) => error,
    }
}

#[test]
fn the_examples_of_the_standard_are_filters() {
    for text in [
        r#"userName Eq "john""#,
        r#"Username eq "john""#,
        r#"userName eq "bjensen""#,
        r#"name.familyName co "O'Malley""#,
        r#"userName sw "J""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        "title pr",
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        r#"meta.lastModified ge "2011-05-13T04:42:34Z""#,
        r#"meta.lastModified lt "2011-05-13T04:42:34Z""#,
        r#"meta.lastModified le "2011-05-13T04:42:34Z""#,
        r#"title pr and userType eq "Employee""#,
        r#"title pr or userType eq "Intern""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType eq "Employee" and (emails.type eq "work")"#,
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
    ] {
        let filter = parse_filter(text).unwrap();
        assert_eq!(parse_filter(&filter.to_string()).unwrap(), filter, "{text}");
    }
}

#[test]
fn not_goes_before_and_goes_before_or() {
    for (text, same) in [
        ("a pr or b pr and c pr", "a pr or (b pr and c pr)"),
        ("a pr and b pr or c pr", "(a pr and b pr) or c pr"),
        ("not (a pr) and b pr", "(not (a pr)) and b pr"),
        ("not (a pr) or b pr and not (c pr)", "(not (a pr)) or (b pr and (not (c pr)))"),
        ("(a pr or b pr) and c pr", "(a pr or b pr) and c pr"),
    ] {
        assert_eq!(printed(text), printed(same), "{text}");
    }
    assert!(matches!(parse_filter("a pr or b pr and c pr"), Ok(Filter::Or(parts)) if parts.len() == 2));
}

#[test]
fn not_may_touch_its_parenthesis_and_be_a_name() {
    assert_eq!(printed("not(a pr)"), printed("NOT (a pr)"));
    assert_eq!(printed("not pr"), "not pr");
    assert_eq!(printed("and eq 1 and or eq 2"), "and eq 1 and or eq 2");
}

#[test]
fn operators_are_the_same_in_any_case() {
    assert_eq!(printed(r#"a EQ "x" AND b PR OR NOT (c Sw "y")"#), printed(r#"a eq "x" and b pr or not (c sw "y")"#));
}

#[test]
fn strings_have_the_escapes_of_json() {
    let literal = |text: &str| match parse_filter(text) {
        Ok(Filter::Compare { literal: Literal::Quoted(text), .. }) => text,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(literal(r#"a eq "say \"x\" \\ \/ \n \u00e9 \ud83d\ude00""#), "say \"x\" \\ / \n é 😀");
    assert_eq!(literal(r#"a eq "]) and b pr""#), "]) and b pr");
    assert_eq!(literal(r#"a eq """#), "");
    assert_eq!(literal(r#"a eq "\\""#), "\\");
}

#[test]
fn numbers_null_and_unquoted_texts_are_literals() {
    for literal in ["1", "-1.5e+3", "1E3", "null", "true", "jyoung", "jyoung@example.com", "2011-05-13T04:42:34Z"] {
        assert_eq!(printed(&format!("a eq {literal}")), format!("a eq {literal}"));
        assert_eq!(printed(&format!("(a eq {literal})")), format!("a eq {literal}"));
    }
}

#[test]
fn white_space_is_not_needed_next_to_quotes_and_brackets() {
    let filter = printed(r#"members[value eq "x"] and (a pr)"#);
    assert_eq!(printed(r#"members[value eq"x"]and(a pr)"#), filter);
    assert_eq!(printed("  members  [ value\teq\n\"x\" ]  and ( a  pr ) "), filter);
}

#[test]
fn a_sub_attribute_behind_an_element_is_one_more_condition_of_it() {
    assert_eq!(printed(r#"emails[type eq "work"].value eq "x""#), r#"emails[type eq "work" and value eq "x"]"#);
    assert_eq!(
        printed(r#"emails[type eq "work" or primary eq true].value pr and a pr"#),
        r#"emails[(type eq "work" or primary eq true) and value pr] and a pr"#
    );
}

#[test]
fn what_is_no_filter_is_refused_with_the_place() {
    for (text, place) in [
        ("", 1),
        ("   ", 4),
        ("userName", 9),
        ("userName eq", 12),
        ("userName eq ", 13),
        (r#"userName xx "a""#, 10),
        ("userName eq (", 13),
        (r#"userName eq "a" "b""#, 17),
        (r#"userName eq "a" and"#, 20),
        (r#"userName eq "a" xor b pr"#, 17),
        (r#"and userName eq "a""#, 5),
        ("(a pr", 6),
        ("a pr)", 5),
        ("()", 2),
        ("not a pr", 5),
        ("not (not)", 9),
        (r#"userName eq "a"#, 13),
        (r#"userName eq "\x""#, 13),
        ("userName eq \"a\nb\"", 13),
        (r#""userName" eq "a""#, 1),
        ("1a pr", 1),
        ("a..b pr", 1),
        ("a.b.c pr", 1),
        (".a pr", 1),
        ("urn: pr", 1),
        (":a pr", 1),
        ("émil pr", 1),
        ("é pr", 1),
        ("emails[", 8),
        ("emails[]", 8),
        ("emails[type pr", 15),
        ("emails[a[b pr]]", 9),
        ("emails[a pr].value", 19),
        ("emails[a pr].value.x eq 1", 13),
        ("emails[a pr] value eq 1", 14),
        ("[a pr]", 1),
        (r#"x eq "é" y"#, 10),
    ] {
        let error = refused(text);
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidFilter)), "{text}");
        assert!(error.detail.ends_with(&format!(" at character {place}.")), "{text}: {}", error.detail);
    }
}

#[test]
fn an_operator_that_is_unknown_is_named() {
    assert!(refused(r#"userName regex "a""#).detail.contains("regex"));
}

#[test]
fn what_is_too_large_is_refused_as_such() {
    let nested = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    let negated = |depth: usize| format!("{}a pr{}", "not (".repeat(depth), ")".repeat(depth));
    let terms = |count: usize| vec!["a pr"; count].join(" or ");
    for text in [nested(MAX_DEPTH), negated(MAX_DEPTH), terms(MAX_TERMS)] {
        assert!(parse_filter(&text).is_ok());
    }
    for text in [
        nested(MAX_DEPTH + 1),
        negated(MAX_DEPTH + 1),
        format!("{}a[b pr]{}", "(".repeat(MAX_DEPTH), ")".repeat(MAX_DEPTH)),
        terms(MAX_TERMS + 1),
        format!("a eq \"{}\"", "x".repeat(MAX_LENGTH)),
        "(".repeat(MAX_LENGTH),
    ] {
        assert_eq!(refused(&text).scim_type, Some(ScimType::TooMany));
    }
}
