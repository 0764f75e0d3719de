//! The same document again: what was found out about it once is not found out twice, and nothing else differs.

use crate::support::{Actor, Answer, World, on_each_database};
use axum::http::StatusCode;
use serde_json::{Value, json};

/// The answer without what differs from request to request.
fn told(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    for error in body["errors"].as_array_mut().into_iter().flatten() {
        if let Some(extensions) = error["extensions"].as_object_mut() {
            extensions.remove("requestId");
        }
    }
    if body["errors"].is_null() {
        body.as_object_mut().expect("an object").remove("errors");
    }
    body
}

/// Sends the same thrice, and returns what was answered each time.
async fn thrice(world: &World, actor: &Actor, query: &str, variables: Value) -> Value {
    let first = told(&world.graphql(actor, query, variables.clone()).await);
    for _ in 0..2 {
        assert_eq!(told(&world.graphql(actor, query, variables.clone()).await), first, "{query} {variables}");
    }
    first
}

async fn named(world: &World, query: &str, name: Option<&str>) -> Answer {
    let body = json!({"query": query, "operationName": name}).to_string();
    world.post(&world.reader, "/graphql", "application/json", body).await
}

on_each_database! {
    async fn a_document_is_answered_the_same_each_time(world: World) {
        let ada = world.user("ada").await;
        let query = "query($id: ID!, $first: Int) { node(id: $id) { id ... on User { username } } profiles(first: $first) { totalCount } }";
        let answer = thrice(&world, &world.reader, query, json!({"id": ada, "first": 1})).await;
        assert_eq!(answer["data"], json!({"node": {"id": ada, "username": "ada"}, "profiles": {"totalCount": 1}}));
        // Others who send it are others.
        assert!(thrice(&world, &world.stranger, query, json!({"id": ada})).await["data"]["node"].is_null());
        assert_eq!(thrice(&world, &world.nobody, query, json!({"id": ada})).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        world.user("bob").await;
        assert_eq!(world.graphql(&world.reader, query, json!({"id": ada})).await.data()["profiles"]["totalCount"], 2);
    }

    async fn a_document_that_is_refused_is_refused_each_time(world: World) {
        for (query, code) in [
            ("{ viewer { nonsense } }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ viewer { name }", "GRAPHQL_PARSE_FAILED"),
            ("{ node { id } }", "GRAPHQL_VALIDATION_FAILED"),
            ("query($id: ID!) { node(id: $id) { id } }", "BAD_USER_INPUT"),
            ("{ organizations(first: 100) { nodes { profiles(first: 100) { nodes { reports(first: 100) { nodes { id } } } } } } }", "TOO_COMPLEX"),
            ("query list { organizations(first: 100) { nodes { profiles(first: 100) { nodes { reports(first: 100) { nodes { id } } } } } } }", "TOO_COMPLEX"),
        ] {
            let answer = thrice(&world, &world.reader, query, json!({})).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{query}");
            assert!(answer.get("data").is_none(), "{query}");
        }
    }

    async fn variables_are_looked_at_each_time(world: World) {
        let ada = world.user("ada").await;
        let query = "query($first: Int, $filter: ProfileFilter) { profiles(first: $first, filter: $filter) { nodes { id } } }";
        let right = json!({"first": 5, "filter": {"username": {"eq": "ada"}}});
        let wrong = [
            json!({"first": "5"}),
            json!({"filter": {"nonsense": 1}}),
            json!({"filter": {"username": {"eq": "ada", "nonsense": 1}}}),
            json!({"filter": {"username": {"eq": 5}}}),
        ];
        // What they are told before anything is known of the document.
        let mut before = Vec::new();
        for variables in &wrong {
            before.push(thrice(&world, &world.reader, query, variables.clone()).await);
        }
        let found = json!({"profiles": {"nodes": [{"id": ada}]}});
        assert_eq!(thrice(&world, &world.reader, query, right.clone()).await["data"], found);
        for (variables, before) in wrong.iter().zip(before) {
            assert_eq!(before["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{variables}");
            assert_eq!(thrice(&world, &world.reader, query, variables.clone()).await, before);
        }
        assert_eq!(thrice(&world, &world.reader, query, json!({"first": 5, "filter": null})).await["data"], found);
        // A page that is too large is found when it is asked for, and costs what it would load.
        assert_eq!(thrice(&world, &world.reader, query, json!({"first": 101})).await["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        assert_eq!(thrice(&world, &world.reader, query, json!({"first": 1_000_000})).await["errors"][0]["extensions"]["code"], "TOO_COMPLEX");
        assert_eq!(thrice(&world, &world.reader, query, right).await["data"], found);
    }

    async fn a_variable_that_is_not_given_has_its_default(world: World) {
        let query = "query($with: Boolean = true, $without: Boolean! = false, $first: Int = 0) {
            viewer { name @include(if: $with) role @skip(if: $without) }
            profiles(first: $first) { nodes { id } }
        }";
        world.user("ada").await;
        let viewer = |viewer: Value| json!({"viewer": viewer, "profiles": {"nodes": []}});
        for _ in 0..2 {
            let answer = thrice(&world, &world.reader, query, json!({})).await;
            assert_eq!(answer["data"], viewer(json!({"name": "reader", "role": "READER"})));
            let answer = thrice(&world, &world.reader, query, json!({"with": false, "without": true})).await;
            assert_eq!(answer["data"], viewer(json!({})));
            let answer = thrice(&world, &world.reader, query, json!({"first": 1, "without": false})).await;
            assert_eq!(answer["data"]["profiles"]["nodes"].as_array().map(Vec::len), Some(1));
        }
    }

    async fn a_document_may_have_several_operations(world: World) {
        let query = "query who { viewer { name } } query what { viewer { __typename } } mutation change { deleteProfile(input: {id: \"x\"}) { errors { code } } }";
        for _ in 0..3 {
            assert_eq!(named(&world, query, Some("who")).await.data(), &json!({"viewer": {"name": "reader"}}));
            assert_eq!(named(&world, query, Some("what")).await.data(), &json!({"viewer": {"__typename": "Viewer"}}));
            assert_eq!(named(&world, query, None).await.error_code(), Some("GRAPHQL_VALIDATION_FAILED"));
            assert_eq!(named(&world, query, Some("nobody")).await.error_code(), Some("GRAPHQL_VALIDATION_FAILED"));
            let encoded: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("query", query).append_pair("operationName", "change").finish();
            assert_eq!(world.get(&world.owner, &format!("/graphql?{encoded}")).await.status, StatusCode::METHOD_NOT_ALLOWED);
        }
        let named_once = "query who { viewer { name } }";
        for name in [None, Some("who"), None] {
            assert_eq!(named(&world, named_once, name).await.data(), &json!({"viewer": {"name": "reader"}}));
        }
        assert_eq!(named(&world, "{ viewer { name } }", Some("who")).await.error_code(), Some("GRAPHQL_VALIDATION_FAILED"));
    }
}
