//! What is believed to be valid has to be valid: held against the executor's own strict validation.

use super::*;
use crate::graphql::scalars::{CountryCode, EmailAddress, Url};
use async_graphql::types::Json;
use async_graphql::{
    EmptyMutation, EmptySubscription, Enum, ID, InputObject, Object, OneofObject, Request, Response, ValidationMode,
};
use futures::executor::block_on;
use serde_json::{Value as AnyJson, json};

type TestSchema = async_graphql::Schema<Query, EmptyMutation, EmptySubscription>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum Colour {
    Red,
    Green,
}

#[derive(Debug, InputObject)]
struct Filter {
    eq: Option<String>,
    within: Option<Vec<String>>,
    not: Option<Box<Filter>>,
    colour: Option<Colour>,
    extra: Option<Json<AnyJson>>,
    #[graphql(default = 3)]
    least: i32,
}

#[derive(Debug, OneofObject)]
enum Key {
    Id(ID),
    Name(String),
}

#[derive(Default)]
struct Query;

#[Object]
impl Query {
    async fn numbers(&self, int: Option<i32>, big: Option<u64>, float: Option<f64>, yes: Option<bool>) -> String {
        format!("{int:?} {big:?} {float:?} {yes:?}")
    }

    async fn least(&self, #[graphql(default = 3)] least: i32) -> String {
        format!("{least}")
    }

    async fn texts(&self, text: Option<String>, id: Option<ID>, list: Option<Vec<String>>) -> String {
        format!("{text:?} {id:?} {list:?}")
    }

    async fn scalars(
        &self,
        at: Option<chrono::DateTime<chrono::Utc>>,
        url: Option<Url>,
        email: Option<EmailAddress>,
        country: Option<CountryCode>,
        json: Option<Json<AnyJson>>,
    ) -> String {
        format!("{at:?} {url:?} {email:?} {country:?} {json:?}")
    }

    async fn inputs(&self, filter: Option<Filter>, key: Option<Key>, colour: Option<Colour>) -> String {
        format!("{filter:?} {key:?} {colour:?}")
    }

    async fn itself(&self) -> Self {
        Self
    }
}

fn schema(mode: ValidationMode) -> TestSchema {
    TestSchema::build(Query, EmptyMutation, EmptySubscription).validation_mode(mode).finish()
}

fn told(response: &Response) -> AnyJson {
    serde_json::to_value(response).expect("JSON")
}

const DOCUMENTS: [&str; 17] = [
    "query($v: Int) { numbers(int: $v) }",
    "query($v: Int = 5) { numbers(int: $v) }",
    "query($v: Int = 5) { least(least: $v) numbers(big: $v) }",
    "query($v: Int!) { least(least: $v) }",
    "query($v: Float, $w: Boolean!) { numbers(float: $v, yes: $w) itself @include(if: $w) { numbers } }",
    "query($v: String, $w: ID) { texts(text: $v, id: $w) }",
    "query($v: String!, $w: [String!]) { a: texts(list: [$v]) texts(list: $w) }",
    "query($v: DateTime, $w: URL) { scalars(at: $v, url: $w) }",
    "query($v: EmailAddress, $w: CountryCode) { scalars(email: $v, country: $w) }",
    "query($v: JSON, $w: String) { scalars(json: $v) a: scalars(json: {a: [$w]}) }",
    "query($v: Filter, $w: Key) { inputs(filter: $v, key: $w) }",
    "query($v: String, $w: Int! = 4) { inputs(filter: {eq: $v, least: $w, not: {colour: RED}}) }",
    "query($v: String) { inputs(filter: {eq: $v, nonsense: 1}) }",
    "query($v: ID, $w: String) { inputs(key: {id: $v, name: $w}) }",
    "query($v: Colour) { itself { ...f } } fragment f on Query { inputs(colour: $v) itself { inputs(colour: GREEN) } }",
    "query a($v: Int) { ...f } query b($v: String) { texts(text: $v) } fragment f on Query { numbers(int: $v) }",
    "query a($v: String!) { texts(list: [$v]) } query b($v: String!) { inputs(filter: {eq: $v, nonsense: 1}) }",
];

fn values() -> Vec<Option<AnyJson>> {
    let given = [
        json!(null),
        json!(3),
        json!(-3),
        json!(3.5),
        json!(u64::MAX),
        json!(true),
        json!("x"),
        json!("2026-01-01T12:00:00Z"),
        json!("RED"),
        json!("BLUE"),
        json!(["x", "y"]),
        json!(["x", null]),
        json!([3]),
        json!({"eq": "x", "not": {"within": "x", "colour": "RED"}, "extra": [1]}),
        json!({"eq": "x", "nonsense": 1}),
        json!({"least": null}),
        json!({"id": "x"}),
        json!({"id": "x", "name": "y"}),
        json!({"name": null}),
    ];
    given.into_iter().map(Some).chain([None]).collect()
}

/// Every way to give the variables of a document a value.
fn variables(text: &str) -> Vec<Variables> {
    let values = values();
    let others = if text.contains("$w") { values.clone() } else { vec![None] };
    let pairs = values.iter().flat_map(|v| others.iter().map(move |w| (v, w)));
    let object = |(v, w): (&Option<AnyJson>, &Option<AnyJson>)| {
        let given = [("v", v), ("w", w)].into_iter();
        let given = given.filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        Variables::from_json(AnyJson::Object(given.collect()))
    };
    pairs.map(object).collect()
}

#[test]
fn what_is_believed_to_be_valid_is_valid_and_has_the_same_answer() {
    let (strict, trusting) = (schema(ValidationMode::Strict), schema(ValidationMode::Fast));
    let types = InputTypes::of_schema(&strict.sdl());
    let mut believed = 0;
    for text in DOCUMENTS {
        let document = Document::parse(text).expect("a document");
        let names = if document.operations == 1 { vec![None] } else { vec![Some("a"), Some("b")] };
        let rounds = 0..2;
        for (variables, name) in rounds.flat_map(|_| variables(text)).flat_map(|given| {
            let pair = |name: &Option<&'static str>| (given.clone(), *name);
            names.iter().map(pair).collect::<Vec<_>>()
        }) {
            let request = || {
                let mut request = Request::new(text).variables(variables.clone());
                request.operation_name = name.map(str::to_owned);
                request
            };
            let response = block_on(strict.execute(request()));
            if document.is_valid_with(&variables, &types) {
                believed += 1;
                let answer = block_on(trusting.execute(request()));
                assert_eq!(told(&answer), told(&response), "{text} {name:?} {variables:?}");
            }
            if crate::graphql::is_executed(&response) {
                document.learn(&document.lesson(&variables));
            }
        }
    }
    assert!(believed > 500, "only {believed} were believed, so little was tested");
}

fn is_valid_after(text: &str, first: AnyJson, then: AnyJson) -> bool {
    let document = Document::parse(text).expect("a document");
    let types = InputTypes::of_schema(&schema(ValidationMode::Strict).sdl());
    assert!(!document.is_valid_with(&Variables::from_json(first.clone()), &types), "nothing is known yet");
    document.learn(&document.lesson(&Variables::from_json(first)));
    document.is_valid_with(&Variables::from_json(then), &types)
}

#[test]
fn what_was_seen_to_pass_is_believed() {
    let page = "query($first: Int, $after: String) { numbers(int: $first) texts(text: $after) }";
    for (first, then, is_believed) in [
        (json!({}), json!({}), true),
        (json!({"first": 3}), json!({"first": 5, "after": "x"}), true),
        (json!({"first": 3, "after": "x"}), json!({"first": 3, "after": null}), false),
        (json!({"first": 3, "after": null}), json!({"first": 3, "after": null}), true),
        (json!({"first": 3}), json!({"first": "3"}), false),
        (json!({"first": 3}), json!({"unknown": {}}), true),
    ] {
        assert_eq!(is_valid_after(page, first.clone(), then.clone()), is_believed, "{first} {then}");
    }
}

#[test]
fn what_stands_around_a_variable_has_to_have_been_looked_at() {
    let nested = "query($v: String) { inputs(filter: {eq: $v, nonsense: 1}) }";
    assert!(!is_valid_after(nested, json!({}), json!({"v": "x"})));
    let nested = "query($v: String) { inputs(filter: {eq: $v, least: 1}) }";
    assert!(!is_valid_after(nested, json!({}), json!({"v": "x"})));
    assert!(!is_valid_after(nested, json!({"v": null}), json!({"v": "x"})));
    assert!(is_valid_after(nested, json!({"v": "x"}), json!({"v": "y"})));
}

#[test]
fn a_document_weighs_more_than_its_text() {
    let weight = |text: &str| Document::parse(text).expect("a document").weight;
    assert!(weight("{ a }") >= LEAST);
    let fields = "a ".repeat(1_000);
    assert!(weight(&format!("{{ {fields} }}")) > 1_000 * PART);
    let numbers = "1 ".repeat(1_000);
    assert!(weight(&format!("{{ a(b: [{numbers}]) }}")) > 1_000 * PART);
}

#[test]
fn no_more_is_kept_than_there_is_room_for() {
    let config = crate::config::Config::load(crate::config::Sources::default()).expect("a configuration");
    let documents = Documents::new(crate::graphql::build(&config.graphql));
    let open = |text: &str| documents.open(text, || Ok(())).expect("a document");
    let filler = "a ".repeat(1_000);
    for number in 0..200 {
        let document = open(&format!("{{ b{number} {filler} }}"));
        documents.keep(&document, &document.lesson(&Variables::default()));
    }
    let share = documents.share().lock().unwrap_or_else(PoisonError::into_inner);
    assert!(share.weight() <= share.capacity() && share.capacity() <= CAPACITY);
    assert!((2..200).contains(&share.len()), "{} are kept", share.len());
}

#[test]
fn what_is_kept_is_neither_checked_nor_parsed_again() {
    let config = crate::config::Config::load(crate::config::Sources::default()).expect("a configuration");
    let documents = Documents::new(crate::graphql::build(&config.graphql));
    let first = documents.open("{ a }", || Ok(())).expect("a document");
    let again = documents.open("{ a }", || Ok(())).expect("a document");
    assert!(!Arc::ptr_eq(&first, &again), "what was not executed is not kept");
    documents.keep(&first, &first.lesson(&Variables::default()));
    let again = documents.open("{ a }", || Err(ServerError::new("looked at again", None))).expect("a document");
    assert!(Arc::ptr_eq(&first, &again));
    assert!(documents.open("{ a b }", || Err(ServerError::new("looked at", None))).is_err());
}
