//! What filters mean: names, types, and whether they hold.

use crate::fixture::{BADGE, ENTERPRISE, barbara, user_type};
use scim_protocol::filter::{BoundFilter, Operand, parse_filter};
use scim_protocol::{ScimError, ScimType};
use serde_json::{Map, Value, json};

fn bound(text: &str) -> Result<BoundFilter, ScimError> {
    user_type().bind(&parse_filter(text)?)
}

fn holds_of(text: &str, resource: &Map<String, Value>) -> bool {
    match bound(text) {
        Ok(filter) => filter.matches(resource),
        Err(error) => panic!("{text}: {error}"),
    }
}

fn holds(text: &str) -> bool {
    let mut user = barbara();
    user.insert(
        BADGE.to_owned(),
        json!({
            "number": 42, "weight": 1.5, "issued": "2024-02-29T12:00:00+02:00", "chip": "AAEC", "colour": "Red",
            "doors": ["Front", "Back"],
        }),
    );
    holds_of(text, &user)
}

#[test]
fn the_examples_of_the_standard_hold_as_they_should() {
    for (text, is_so) in [
        (r#"userName eq "bjensen@example.com""#, true),
        (r#"name.familyName co "ens""#, true),
        (r#"name.familyName co "O'Malley""#, false),
        (r#"userName sw "BJ""#, true),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#, false),
        ("title pr", true),
        (r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, false),
        (r#"meta.lastModified ge "2011-05-13T04:42:34Z""#, true),
        (r#"meta.lastModified lt "2011-05-13T04:42:34Z""#, false),
        (r#"meta.lastModified le "2011-05-13T04:42:34Z""#, true),
        (r#"title pr and userType eq "Employee""#, true),
        (r#"title pr or userType eq "Intern""#, true),
        (r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, true),
        (r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#, true),
        (r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#, false),
        (r#"userType eq "Employee" and (emails.type eq "work")"#, true),
        (r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#, true),
        (r#"emails[type eq "work" and value co "@jensen.org"] or ims[type eq "xmpp" and value co "@foo.com"]"#, false),
    ] {
        assert_eq!(holds(text), is_so, "{text}");
    }
}

#[test]
fn case_matters_where_the_attribute_is_case_exact() {
    assert!(holds(r#"userName eq "BJENSEN@EXAMPLE.COM""#), "userName is not caseExact");
    assert!(holds(r#"userName co "JENSEN@""#));
    assert!(holds(r#"externalId eq "701984""#));
    assert!(!holds(r#"id sw "2819C223""#), "id is caseExact");
    assert!(holds(&format!(r#"{BADGE}:colour eq "Red""#)));
    assert!(!holds(&format!(r#"{BADGE}:colour eq "red""#)));
}

#[test]
fn a_value_path_tests_the_same_element() {
    assert!(holds(r#"emails.type eq "home" and emails.value co "example.com""#), "each is true of some element");
    assert!(!holds(r#"emails[type eq "home" and value co "example.com"]"#), "no element is both");
    assert!(holds(r#"emails[type eq "home" and not (value co "example.com")]"#));
    assert!(holds(r#"emails[type eq "work"].value eq "bjensen@example.com""#));
    assert!(!holds(r#"emails[type eq "work"].value eq "babs@jensen.org""#));
}

#[test]
fn emails_without_more_means_their_value() {
    assert!(holds(r#"emails co "jensen.org""#));
    assert!(holds(r#"emails eq "BABS@jensen.org""#));
    assert!(!holds(r#"emails co "work""#));
    assert!(holds(&format!(r#"{ENTERPRISE}:manager eq "26118915""#)), "a single complex attribute, too");
}

#[test]
fn presence_is_a_value_that_is_not_empty() {
    for (text, is_so) in [
        ("name pr", true),
        ("emails pr", true),
        ("emails.type pr", true),
        ("emails.display pr", false),
        ("emails[primary pr]", true),
        ("nickName pr", false),
        ("phoneNumbers pr", false),
        ("active pr", true),
        (&format!("{ENTERPRISE}:manager pr"), true),
        (&format!("{BADGE}:doors pr"), true),
    ] {
        assert_eq!(holds(text), is_so, "{text}");
    }
    let mut user = barbara();
    for (name, empty) in [
        ("title", json!("")),
        ("name", json!({ "givenName": null })),
        ("emails", json!([{ "value": "" }])),
        ("roles", json!([])),
    ] {
        user.insert(name.to_owned(), empty);
        assert!(!holds_of(&format!("{name} pr"), &user), "{name}");
    }
    user.insert("active".to_owned(), json!(false));
    assert!(holds_of("active pr", &user), "false is a value");
}

#[test]
fn attributes_with_urns_are_found_in_any_case() {
    assert!(holds(&format!(r#"{ENTERPRISE}:employeeNumber eq "701984""#)));
    assert!(holds(&format!(r#"{}:MANAGER.Value eq "26118915""#, ENTERPRISE.to_uppercase())));
    assert!(holds(&format!(r#"{ENTERPRISE}:manager.displayName sw "john""#)));
    assert!(!holds(&format!(r#"{ENTERPRISE}:costCenter pr"#)));
}

#[test]
fn date_times_are_compared_as_instants_with_offsets() {
    assert!(holds(r#"meta.lastModified eq "2011-05-13T06:42:34.000+02:00""#));
    assert!(holds(r#"meta.lastModified lt "2011-05-12T23:42:35-05:00""#));
    assert!(holds("meta.lastModified eq 2011-05-13T04:42:34Z"), "without quotation marks");
    assert!(holds(&format!(r#"{BADGE}:issued eq "2024-02-29T10:00:00Z""#)));
    assert!(!holds(&format!(r#"{BADGE}:issued gt "2024-02-29T11:00:00Z""#)));
}

#[test]
fn numbers_are_compared_by_value() {
    for (text, is_so) in [
        ("number eq 42", true),
        ("number eq 4.2e1", true),
        ("number eq \"42\"", true),
        ("number gt 5", true),
        ("number lt 42", false),
        ("number le 42", true),
        ("number ne -42", true),
        ("weight eq 15e-1", true),
        ("weight gt 1", true),
        ("weight lt 1.25", false),
    ] {
        assert_eq!(holds(&format!("{BADGE}:{text}")), is_so, "{text}");
    }
}

#[test]
fn booleans_may_be_strings() {
    for text in ["active eq true", "active eq True", r#"active eq "TRUE""#, "active ne false", r#"active ne "False""#] {
        assert!(holds(text), "{text}");
    }
    assert!(holds(r#"emails[primary eq "True"].type eq "work""#));
}

#[test]
fn unquoted_literals_are_tolerated() {
    assert!(holds("externalId eq 701984"));
    assert!(holds("userType eq employee and title pr"));
    assert!(holds("userName eq bjensen@example.com"));
}

#[test]
fn ne_holds_of_what_is_absent_and_of_some_other_element() {
    assert!(holds(r#"nickName ne "Babs""#), "absent is not equal");
    assert!(!holds(r#"nickName eq "Babs""#));
    assert!(holds(r#"not (nickName eq "Babs")"#));
    assert!(holds(r#"phoneNumbers.type ne "work""#), "there are no phone numbers");
    assert!(holds(r#"emails.type ne "work""#), "there is one of another type");
    assert!(!holds(r#"not (emails.type eq "work")"#), "but also one of this type");
    assert!(holds(r#"emails.display ne "x""#), "elements without it are not equal");
    assert!(!holds(r#"title ne "tour guide""#));
    for operator in ["eq", "co", "sw", "ew", "gt", "ge", "lt", "le"] {
        assert!(!holds(&format!(r#"nickName {operator} "x""#)), "{operator} of what is absent");
    }
}

#[test]
fn null_is_the_absence_of_a_value() {
    assert!(holds("nickName eq null") && !holds("nickName ne null"));
    assert!(holds("title ne null") && !holds("title eq null"));
    assert!(holds("emails ne null") && holds("phoneNumbers eq null"));
    assert!(!holds("emails.value eq null"), "some have one");
    assert!(holds("emails[display eq null]"));
    assert!(!holds(r#"title eq "null""#), "that is a text");
}

#[test]
fn order_is_by_code_points_of_the_folded_text() {
    let mut user = barbara();
    user.insert("title".to_owned(), json!("b"));
    assert!(holds_of(r#"title gt "A" and title lt "C" and title gt "B!" or title ge "B""#, &user));
    assert!(holds_of(r#"title lt "é""#, &user), "no collation of any language");
    assert!(holds_of(r#"title gt "_""#, &user), "since b comes behind _, though B comes before it");
}

#[test]
fn elements_of_simple_sets_are_their_own_value() {
    assert!(holds(&format!(r#"{BADGE}:doors eq "front""#)));
    assert!(holds(&format!(r#"{BADGE}:doors[value sw "b"]"#)));
    assert!(!holds(&format!(r#"{BADGE}:doors[value sw "b" and value sw "f"]"#)));
    assert!(holds(r#"name[givenName eq "Barbara" and familyName eq "Jensen"]"#), "a single value is its only element");
}

#[test]
fn what_cannot_be_filtered_is_an_error_and_never_an_empty_result() {
    for text in [
        r#"shoeSize eq "42""#,
        r#"userName.first eq "x""#,
        r#"urn:example:other:x eq "x""#,
        r#"password eq "secret""#,
        "password pr",
        "not (password sw \"a\")",
        r#"emails[shoeSize eq "x"]"#,
        r#"emails[emails.type eq "x"]"#,
        r#"userName[value eq "x"]"#,
        r#"emails.value[value eq "x"]"#,
        r#"name eq "Barbara""#,
        r#"addresses co "Hollywood""#,
        &format!("{ENTERPRISE} pr"),
        &format!("{ENTERPRISE} eq \"x\""),
    ] {
        assert_eq!(bound(text).unwrap_err().scim_type, Some(ScimType::InvalidFilter), "{text}");
    }
}

#[test]
fn comparisons_that_make_no_sense_for_the_type_are_invalid_filters() {
    for operator in ["gt", "ge", "lt", "le", "co", "sw", "ew"] {
        for attribute in ["active", "x509Certificates.value", "x509Certificates", "emails.primary"] {
            let error = bound(&format!("{attribute} {operator} true")).unwrap_err();
            assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidFilter)), "{attribute} {operator}");
        }
    }
    for text in [
        r#"active eq "yes""#,
        r#"meta.created gt "yesterday""#,
        r#"meta.created sw "2011""#,
        "urn:example:scim:1.0:Badge:number eq 1.5",
        "urn:example:scim:1.0:Badge:number eq x",
        "urn:example:scim:1.0:Badge:number co 1",
        "urn:example:scim:1.0:Badge:weight eq 1e999",
        "urn:example:scim:1.0:Badge:weight eq NaN",
        "title gt null",
        "title co null",
    ] {
        assert_eq!(bound(text).unwrap_err().scim_type, Some(ScimType::InvalidFilter), "{text}");
    }
}

#[test]
fn operands_have_the_type_of_the_attribute() {
    let operand = |text: &str| match bound(text) {
        Ok(BoundFilter::Compare(comparison)) => comparison.operand,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(operand("externalId eq 701984"), Operand::Text("701984".to_owned()));
    assert_eq!(operand("userName eq \"BJ\""), Operand::Text("BJ".to_owned()));
    assert_eq!(operand("active eq \"False\""), Operand::Boolean(false));
    assert_eq!(operand(&format!("{BADGE}:number eq 1e3")), Operand::Integer(1_000));
    assert_eq!(operand(&format!("{BADGE}:weight eq 1")), Operand::Decimal(1.0));
    assert!(matches!(operand("meta.created eq 2011-05-13T04:42:34+02:00"), Operand::Instant(_)));
}
