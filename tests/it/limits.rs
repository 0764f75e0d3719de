//! What an attacker sends: every request is refused before anything of it runs, and says why.

use crate::support::{Actor, World, on_each_database};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use idgraph::config::{Config, Sources};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The code of the error, and whether the database was asked for more than the token.
async fn refusal(world: &World, actor: &Actor, query: &str) -> String {
    // The token is looked up once, and then taken for granted for a while.
    world.graphql(actor, "{ viewer { name } }", json!({})).await;
    let (answer, statements) = world.statements(world.graphql(actor, query, json!({}))).await;
    assert!(statements.is_empty(), "{query:.80} reached the database: {statements:#?}");
    assert!(answer.body.get("data").is_none(), "{query:.80} was executed");
    answer.error_code().unwrap_or_default().to_owned()
}

fn repeated(what: &str, times: usize) -> String {
    (0..times).map(|number| what.replace('#', &number.to_string())).collect()
}

on_each_database! {
    async fn documents_that_ask_for_too_much_are_refused_before_they_run(world: World) {
        let bomb: String = (0..22).map(|n| format!(" fragment f{n} on Organization {{ ...f{0} ...f{0} }}", n + 1)).collect();
        let deep = "parent { ".repeat(30);
        for query in [
            format!("{{ {} }}", repeated("a#: viewer { name } ", 101)),
            format!("{{ {} }}", "__typename ".repeat(500)),
            format!("{{ viewer {{ name {} }} }}", "@include(if: true) ".repeat(51)),
            format!("{{ viewer {{ {} }} }}", "name ".repeat(5_001)),
            format!("{{ organization(slug: \"acme\") {{ ...f0 }} }}{bomb} fragment f22 on Organization {{ name }}"),
            format!("{{ organization(slug: \"acme\") {{ {deep} name {} }} }}", "}".repeat(30)),
            "{ organizations(first: 100) { nodes { profiles(first: 100) { nodes { teams(first: 100) { nodes { name } } } } } } }".to_owned(),
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".to_owned(),
            format!("{{ viewer {{ name }} {} }}", "# \u{20ac}\n a: viewer { name }".repeat(4_000)),
            format!("{}{}", "{ a".repeat(200), "}".repeat(200)),
        ] {
            assert_eq!(refusal(&world, &world.reader, &query).await, "TOO_COMPLEX", "{query:.120}");
        }
    }

    async fn requests_that_are_too_large_are_refused_at_once(world: World) {
        let deep = format!("{{ profile(by: {{email: \"a@example.org\"}}) {{ {} id {} }} }}", "manager { ".repeat(30), "}".repeat(30));
        let wide: String = (0..101).map(|number| format!("a{number}: viewer {{ name }} ")).collect();
        assert_eq!(refusal(&world, &world.reader, &deep).await, "TOO_COMPLEX");
        assert_eq!(refusal(&world, &world.reader, &format!("{{ {wide} }}")).await, "TOO_COMPLEX");

        let fragment = |number: usize| format!(" fragment f{number} on Query {{ ...f{0} ...f{0} }}", number + 1);
        let fragments: String = (0..21).map(fragment).collect();
        let bomb = format!("{{ ...f0 }}{fragments} fragment f21 on Query {{ viewer {{ name }} }}");
        let begun = Instant::now();
        assert_eq!(refusal(&world, &world.reader, &bomb).await, "TOO_COMPLEX");
        assert!(begun.elapsed() < Duration::from_secs(1), "the bomb took {:?}", begun.elapsed());
    }

    async fn what_an_operation_costs_is_told_to_those_who_ask(world: World) {
        let query = "query($n: Int) { organization(slug: \"acme\") { teams(first: $n) { nodes { name members { nodes { username } } } } } }";
        let body = json!({"query": query, "variables": {"n": 10}, "extensions": {"cost": true}});
        let answer = world.post(&world.reader, "/graphql", "application/json", body.to_string()).await;
        assert_eq!(answer.body["extensions"]["cost"], json!({"requested": 1 + 1 + 10 * (1 + 1 + 25), "limit": 100_000}));
        assert!(answer.data()["organization"].is_object());
        assert_eq!(world.graphql(&world.reader, query, json!({"n": 10})).await.body.get("extensions"), None);
        let much = json!({"query": "{ organizations(first: 100) { nodes { profiles(first: 100) { nodes { reports(first: 100) { nodes { id } } } } } } }"});
        let answer = world.post(&world.reader, "/graphql", "application/json", much.to_string()).await;
        let extensions = &answer.body["errors"][0]["extensions"];
        assert_eq!((&extensions["limit"], extensions["cost"].as_u64() > Some(1_000_000)), (&json!(100_000), true), "{extensions}");
    }

    async fn the_other_tricks_of_the_trade_do_nothing(world: World) {
        let graphql = "/graphql";
        let mutation = "mutation { deleteOrganization(input: {id: \"x\"}) { errors { code } } }";
        let batch = json!([{"query": "{ __typename }"}, {"query": "{ __typename }"}]).to_string();
        assert_eq!(world.post(&world.owner, graphql, "application/json", batch).await.status, StatusCode::BAD_REQUEST);
        let encoded: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("query", mutation).finish();
        assert_eq!(world.get(&world.owner, &format!("/graphql?{encoded}")).await.status, StatusCode::METHOD_NOT_ALLOWED);
        for kind in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"] {
            let answer = world.post(&world.owner, graphql, kind, encoded.clone()).await;
            assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
        }
        let unhandled = world.graphql(&world.owner, "qwerty { abc", json!({})).await;
        assert_eq!(unhandled.error_code(), Some("GRAPHQL_PARSE_FAILED"));
        let text = unhandled.body.to_string().to_lowercase();
        assert!(!text.contains("panic") && !text.contains("backtrace") && !text.contains(".rs:"), "{text}");
        let request = Request::post(graphql).header(header::CONTENT_TYPE, "application/json").header("x-apollo-tracing", "1");
        let traced = world.send(&world.owner, request.body(Body::from("{\"query\":\"{ __typename }\"}")).expect("a request")).await;
        assert_eq!(traced.body.get("extensions"), None, "no tracing");
    }
}

#[test]
fn introspection_and_suggestions_can_be_switched_off() {
    let ask = |overrides: &[(&str, &str)], query: &str| -> Value {
        let overrides = overrides.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let config = Config::load(Sources { overrides, ..Sources::default() }).expect("a configuration");
        let schema = idgraph::graphql::build(&config.graphql);
        let answer = futures::executor::block_on(schema.execute(query));
        serde_json::to_value(answer).expect("JSON")
    };
    let (introspection, typo) = ("{ __schema { queryType { name } } }", "{ viewr { name } }");
    let off = [("graphql.introspection", "false")];
    assert_eq!(ask(&[], introspection)["data"]["__schema"]["queryType"]["name"], "Query");
    assert_ne!(ask(&off, introspection)["data"]["__schema"]["queryType"]["name"], "Query");
    assert!(ask(&[], "{ _service { sdl } }")["data"]["_service"]["sdl"].is_string());
    assert!(ask(&[], typo).to_string().contains("Did you mean"));
    for overrides in [&off[..], &[("graphql.suggestions", "false")]] {
        assert!(!ask(overrides, typo).to_string().contains("Did you mean"), "{overrides:?}");
    }
}
