//! Laws that hold whatever comes.

use crate::fixture::{BADGE, ENTERPRISE, GROUP, USER, barbara, group_type, object, tour_guides, user_type};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use scim_protocol::body::{self, Purpose};
use scim_protocol::bulk::{BulkLimits, BulkRequest, Step};
use scim_protocol::etag::EntityTags;
use scim_protocol::filter::{Operator, parse_filter};
use scim_protocol::patch::{PATCH_SCHEMA, PatchOptions, Patched, apply, parse_patch};
use scim_protocol::path::parse_path;
use scim_protocol::projection::Projection;
use scim_protocol::query::Query;
use scim_protocol::schema::Schema;
use scim_protocol::{ScimError, fold, parse_date_time};
use serde_json::{Map, Value, json};

/// The text of a filter that follows the grammar.
pub fn filter_text() -> impl Strategy<Value = String> {
    let path = "(urn:ietf:params:scim:schemas:core:2\\.0:User:)?[a-z][a-zA-Z0-9_-]{0,5}(\\.[a-z]{1,4})?"
        .prop_filter("words of the grammar", |path| !["not", "and", "or", "pr"].contains(&path.as_str()));
    let element = conditions(path.clone()).prop_map(|inner| format!("emails[{inner}]"));
    combined(prop_oneof![4 => condition(path), 1 => element])
}

fn conditions(path: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = String> {
    combined(condition(path))
}

fn condition(path: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    let literal = prop_oneof![
        any::<String>().prop_map(|text| Value::from(text).to_string()),
        any::<i32>().prop_map(|number| number.to_string()),
        Just("-1.5e3".to_owned()),
        Just("true".to_owned()),
        Just("null".to_owned()),
    ];
    let operator = prop::sample::select(Operator::ALL.to_vec());
    let compare = (operator, literal).prop_map(|(operator, literal)| format!("{operator} {literal}"));
    (path, option::weighted(0.7, compare)).prop_map(|(path, compare)| match compare {
        Some(compare) => format!("{path} {compare}"),
        None => format!("{path} pr"),
    })
}

fn combined(leaf: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" and ")),
            vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" or ")),
            inner.clone().prop_map(|inner| format!("not ({inner})")),
            inner.prop_map(|inner| format!("({inner})")),
        ]
    })
}

/// Any JSON, of names that mean something, and values that often fit.
fn value() -> impl Strategy<Value = Value> {
    let simple = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(vec!["work", "WORK", "True", "2024-02-29T00:00:00Z", "AAEC", "x"]).prop_map(Value::from),
    ];
    simple.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((name(), inner), 0..5).prop_map(|parts| Value::Object(parts.into_iter().collect())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    let names = [
        "userName",
        "USERNAME",
        "name",
        "givenName",
        "emails",
        "roles",
        "addresses",
        "value",
        "type",
        "primary",
        "active",
        "id",
        "meta",
        "groups",
        "title",
        "password",
        "externalId",
        "schemas",
        "manager",
        "display",
        ENTERPRISE,
        BADGE,
        "number",
        "weight",
        "issued",
        "chip",
        "doors",
        "seal",
        "seals",
        "label",
        "serial",
        "seen",
        "members",
        "displayName",
        "shoeSize",
        "name.givenName",
        "emails[type eq \"work\"].value",
        "$ref",
        "employeeNumber",
    ];
    prop::sample::select(names.to_vec()).prop_map(str::to_owned)
}

/// A body of a user that is mostly in order.
fn user_body() -> impl Strategy<Value = Value> {
    let text = || prop::sample::select(vec!["a", "B", "bjensen", "İ", ""]).prop_map(Value::from);
    let element = (text(), option::of(text()), option::of(any::<bool>())).prop_map(
        |(value, kind, primary)| json!({ "value": value, "type": kind, "primary": primary.filter(|primary| !primary) }),
    );
    let label = prop::sample::select(vec!["a", "A", "b"]);
    let seal = (label, option::of(text())).prop_map(|(label, serial)| json!({ "label": label, "serial": serial }));
    (text(), option::of(text()), vec(element, 0..4), option::of(any::<bool>()), option::of(text()), vec(seal, 0..3))
        .prop_map(|(given, title, emails, active, manager, seals)| {
            json!({
                "schemas": [USER, "urn:example:unknown"],
                "USERNAME": "bjensen",
                "name": { "givenName": given, "familyName": null },
                "title": title,
                "emails": emails,
                "active": active,
                "shoeSize": 42,
                ENTERPRISE: { "manager": manager },
                BADGE: { "seals": seals, "doors": ["a", "A"] },
            })
        })
}

fn operation() -> impl Strategy<Value = Value> {
    let op = prop::sample::select(vec!["add", "Replace", "REMOVE"]);
    let paths = vec![
        "userName",
        "name",
        "name.givenName",
        "emails",
        "emails.value",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\"].value",
        "emails[value pr].primary",
        "roles",
        "active",
        "title",
        "id",
        "groups",
        "schemas",
        ENTERPRISE,
        BADGE,
        "members",
        "members[value eq \"x\"]",
        "externalId",
        "password",
        "addresses[primary eq true]",
        "nowhere",
        "urn:example:scim:1.0:Badge:seals[label eq \"a\"].serial",
        "urn:example:scim:1.0:Badge:doors[value eq \"a\"]",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    ];
    (op, option::of(prop::sample::select(paths)), option::of(value()))
        .prop_map(|(op, path, value)| json!({ "op": op, "path": path, "value": value }))
}

fn patch(operations: Vec<Value>) -> Value {
    json!({ "schemas": [PATCH_SCHEMA], "Operations": operations })
}

fn patched(resource: &Map<String, Value>, body: &Value, entra: bool) -> Result<Patched, ScimError> {
    apply(&user_type(), resource, &parse_patch(body)?, PatchOptions { entra })
}

fn read_user(body: Value) -> Result<Map<String, Value>, ScimError> {
    body::read(&user_type(), body, Purpose::Create)
}

/// Whether a filter holds of a user.
fn holds(user: &Map<String, Value>, text: &str) -> Result<bool, ScimError> {
    Ok(user_type().bind(&parse_filter(text)?)?.matches(user))
}

/// Whether every seal of a badge has the label that it has to have.
fn has_labels(resource: &Map<String, Value>) -> bool {
    let badge = resource.get(BADGE);
    let seals = badge.and_then(|badge| badge["seals"].as_array()).into_iter().flatten();
    let seal = badge.and_then(|badge| badge.get("seal"));
    seals.chain(seal).all(|seal| seal["label"].as_str().is_some_and(|label| !label.is_empty()))
}

/// Whether everything in a resource is in the canonical form.
fn is_canonical(resource: &Map<String, Value>) -> bool {
    fn is_settled(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Array(elements) => !elements.is_empty() && elements.iter().all(is_settled),
            Value::Object(parts) => !parts.is_empty() && parts.values().all(is_settled),
            _ => true,
        }
    }
    fn has_one_primary(value: &Value) -> bool {
        let Some(elements) = value.as_array() else { return true };
        elements.iter().filter(|element| element["primary"] == true).count() < 2
    }
    resource.values().all(|value| is_settled(value) && has_one_primary(value))
}

proptest! {
    #[test]
    fn a_filter_is_printed_as_it_is_read(text in filter_text()) {
        let filter = parse_filter(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        let printed = filter.to_string();
        prop_assert_eq!(parse_filter(&printed), Ok(filter), "{} as {}", text, printed);
    }

    #[test]
    fn a_path_is_printed_as_it_is_read(filter in filter_text(), part in option::of("[a-z]{1,5}")) {
        let part = part.map(|part| format!(".{part}")).unwrap_or_default();
        if let Ok(path) = parse_path(&format!("emails[{filter}]{part}")) {
            prop_assert_eq!(parse_path(&path.to_string()), Ok(path));
        }
    }

    #[test]
    fn nothing_that_is_sent_ends_the_process(
        text in any::<String>(), path in any::<String>(), bytes in vec(any::<u8>(), 0..200),
    ) {
        let _ = parse_filter(&text).map(|filter| user_type().bind(&filter));
        let _ = parse_path(&path).map(|path| user_type().locate(&path));
        let _ = user_type().target(&path);
        let _ = EntityTags::parse(&text);
        let _ = BulkRequest::parse(&bytes, BulkLimits { max_operations: 10, max_payload_size: 1_000 });
        let _ = Query::from_parameters([(text.as_str(), path.as_str()), ("count", &text), ("filter", &path)]);
        let _ = parse_date_time(&text);
    }

    #[test]
    fn no_json_ends_the_process(body in value()) {
        let _ = read_user(body.clone());
        let _ = body::read(&group_type(), body.clone(), Purpose::Replace { current: &tour_guides() });
        let _ = parse_patch(&body);
        let _ = patched(&barbara(), &patch(vec![body.clone()]), true);
        let _ = Query::from_search_request(&body);
        let _ = Schema::declared(&body);
        let limits = BulkLimits { max_operations: 10, max_payload_size: 10_000 };
        let _ = BulkRequest::parse(body.to_string().as_bytes(), limits).map(|request| request.plan());
    }

    #[test]
    fn what_is_accepted_has_every_required_part(
        labels in vec((option::of(prop::sample::select(vec!["a", "b", ""])), option::of(prop::sample::select(vec!["1", ""]))), 0..3),
        operations in vec(operation(), 1..4),
        single in any::<bool>(),
    ) {
        let seals: Vec<Value> = labels.iter().map(|(label, serial)| json!({ "label": label, "serial": serial })).collect();
        let badge = if single { json!({ "seal": seals.first() }) } else { json!({ "seals": seals }) };
        let body = json!({ "schemas": [USER, BADGE], "userName": "bjensen", BADGE: badge });
        if let Ok(resource) = read_user(body) {
            prop_assert!(has_labels(&resource), "{:?}", resource);
            if let Ok(patched) = patched(&resource, &patch(operations), true) {
                prop_assert!(has_labels(&patched.resource), "{:?}", patched.resource);
            }
        }
    }

    #[test]
    fn folding_is_idempotent_and_goes_character_by_character(left in any::<String>(), right in any::<String>()) {
        prop_assert_eq!(fold(&fold(&left)), fold(&left));
        prop_assert_eq!(fold(&format!("{left}{right}")), format!("{}{}", fold(&left), fold(&right)));
    }

    #[test]
    fn a_filter_and_its_negation_part_all_resources(body in user_body(), text in meaningful_filter()) {
        let user = read_user(body)?;
        prop_assert_ne!(holds(&user, &text)?, holds(&user, &format!("not ({text})"))?);
        prop_assert_eq!(holds(&user, &text)?, holds(&user, &format!("not (not ({text}))"))?);
        let either = holds(&user, &format!("{text} or not ({text})"))?;
        let both = holds(&user, &format!("({text}) and not ({text})"))?;
        prop_assert!(either && !both);
    }

    #[test]
    fn de_morgan_holds(body in user_body(), left in meaningful_filter(), right in meaningful_filter()) {
        let user = read_user(body)?;
        prop_assert_eq!(
            holds(&user, &format!("not (({left}) and ({right}))"))?,
            holds(&user, &format!("not ({left}) or not ({right})"))?
        );
        prop_assert_eq!(
            holds(&user, &format!("({left}) or ({right})"))?,
            holds(&user, &format!("({right}) or ({left})"))?
        );
    }

    #[test]
    fn order_is_total_where_there_is_a_value(body in user_body(), operand in "[a-cA-C]{0,2}") {
        let user = read_user(body)?;
        let is = |operator: &str| holds(&user, &format!("title {operator} \"{operand}\""));
        let count = usize::from(is("lt")?) + usize::from(is("eq")?) + usize::from(is("gt")?);
        prop_assert_eq!(count, usize::from(user.contains_key("title")));
        prop_assert_eq!(is("le")?, is("lt")? || is("eq")?);
        prop_assert_eq!(is("ge")?, is("gt")? || is("eq")?);
        prop_assert_eq!(is("ne")?, !is("eq")?);
    }

    #[test]
    fn reading_a_body_is_idempotent_and_makes_the_canonical_form(body in user_body()) {
        let user = read_user(body)?;
        prop_assert!(is_canonical(&user), "{:?}", user);
        prop_assert_eq!(read_user(Value::Object(user.clone()))?, user.clone());
        let replaced = body::read(&user_type(), Value::Object(user.clone()), Purpose::Replace { current: &user })?;
        prop_assert_eq!(replaced, user);
    }

    #[test]
    fn whatever_is_read_is_canonical(mut body in value()) {
        if let Value::Object(parts) = &mut body {
            parts.insert("schemas".to_owned(), json!([USER]));
            parts.insert("userName".to_owned(), json!("x"));
        }
        if let Ok(user) = read_user(body) {
            prop_assert!(is_canonical(&user), "{:?}", user);
            prop_assert_eq!(read_user(Value::Object(user.clone()))?, user);
        }
    }

    #[test]
    fn whatever_is_patched_stays_canonical(operations in vec(operation(), 1..4), entra in any::<bool>()) {
        if let Ok(patched) = patched(&barbara(), &patch(operations), entra) {
            prop_assert!(is_canonical(&patched.resource), "{:?}", patched.resource);
            prop_assert!(patched.changed || patched.resource == barbara());
            prop_assert_eq!(&patched.resource["id"], &barbara()["id"]);
            prop_assert_eq!(&patched.resource["meta"], &barbara()["meta"]);
            prop_assert!(patched.resource.contains_key("userName"));
        }
    }

    #[test]
    fn a_patch_applied_twice_changes_nothing_the_second_time(operation in operation()) {
        // An element that was replaced, or made, need not be selected by the filter any more.
        let selects = operation["path"].as_str().is_some_and(|path| path.contains('[')) || operation["path"].is_null();
        let body = patch(vec![operation]);
        if let (false, Ok(once)) = (selects, patched(&barbara(), &body, false))
            && let Ok(twice) = patched(&once.resource, &body, false)
        {
            prop_assert!(!twice.changed, "{:?} then {:?}", once.resource, twice.resource);
        }
    }

    #[test]
    fn a_replacement_by_the_same_changes_nothing(body in user_body()) {
        let user = read_user(body)?;
        let mut same = user.clone();
        same.remove("schemas");
        let patched = patched(&user, &patch(vec![json!({ "op": "replace", "value": same })]), false)?;
        prop_assert!(!patched.changed, "{:?}", patched.resource);
    }

    #[test]
    fn a_projection_takes_away_and_does_so_once(names in vec(name(), 0..5), is_excluding in any::<bool>()) {
        let (only, but) = if is_excluding { (Vec::new(), names) } else { (names, Vec::new()) };
        let projection = Projection::new(&user_type(), &only, &but)?;
        let mut user = barbara();
        user.insert("password".to_owned(), json!("secret"));
        let shown = projection.apply(user.clone());
        prop_assert_eq!(projection.apply(shown.clone()), shown.clone());
        prop_assert!(shown.contains_key("id") && shown.contains_key("schemas") && !shown.contains_key("password"));
        for (name, value) in &shown {
            prop_assert!(projection.wants(name), "{}", name);
            prop_assert!(user.contains_key(name) && !value.is_null());
        }
        // What is wanted may still be missing, if nothing of it is left.
        for name in user.keys() {
            prop_assert!(projection.wants(name) || !shown.contains_key(name), "{}", name);
        }
    }

    #[test]
    fn a_bulk_plan_does_everything_once_and_in_order(references in vec(vec(0_usize..8, 0..3), 1..8)) {
        let operations = references.iter().enumerate().map(|(index, references)| {
            let members: Vec<Value> = references.iter().map(|to| json!({ "value": format!("bulkId:{to}") })).collect();
            let data = json!({ "schemas": [GROUP], "displayName": "x", "members": members });
            json!({ "method": "POST", "path": "/Groups", "bulkId": index.to_string(), "data": data })
        });
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": operations.collect::<Vec<_>>(),
        });
        let limits = BulkLimits { max_operations: 8, max_payload_size: 10_000 };
        let request = BulkRequest::parse(body.to_string().as_bytes(), limits)?;
        let mut done = Vec::new();
        let mut incomplete = Vec::new();
        for step in request.plan() {
            match step {
                Step::Operate { operation, without } => {
                    for to in &references[operation] {
                        let exists = *to >= references.len() || done.contains(to);
                        prop_assert!(exists || without.contains(&to.to_string()), "{} needs {}", operation, to);
                    }
                    incomplete.extend((!without.is_empty()).then_some(operation));
                    prop_assert!(!done.contains(&operation));
                    done.push(operation);
                }
                Step::Complete { operation } => {
                    incomplete.retain(|waiting| *waiting != operation);
                    prop_assert!(references[operation].iter().all(|to| *to >= references.len() || done.contains(to)));
                }
            }
        }
        prop_assert_eq!((done.len(), incomplete.len()), (references.len(), 0));
    }
}

/// A filter that users can be filtered by.
fn meaningful_filter() -> impl Strategy<Value = String> {
    let comparisons = [
        "title eq \"b\"",
        "title ne \"B\"",
        "name.givenName sw \"a\"",
        "emails co \"j\"",
        "emails.type ne \"b\"",
        "emails pr",
        "emails[type eq \"b\" and value gt \"a\"]",
        "active eq true",
        "name pr",
        "meta.created gt \"2024-01-01T00:00:00Z\"",
        "urn:example:scim:1.0:Badge:doors eq \"a\"",
        "title eq null",
    ];
    combined(prop::sample::select(comparisons.to_vec()).prop_map(str::to_owned))
}

#[test]
fn a_canonical_user_is_canonical() {
    assert!(is_canonical(&barbara()));
    assert!(!is_canonical(&object(json!({ "emails": [{}] }))));
}
