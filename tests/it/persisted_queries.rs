//! Persisted queries: a document is sent once, and after that its hash is enough.

use crate::support::{Actor, Answer, World, on_each_database};
use axum::http::StatusCode;
use idgraph::config::{Config, Sources};
use idgraph::http::TrustedDocuments;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const JSON: &str = "application/json";

fn hash(document: &str) -> String {
    Sha256::digest(document).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn extensions(hash: &str) -> Value {
    json!({"persistedQuery": {"version": 1, "sha256Hash": hash}})
}

/// Sends a hash, and the document if there is one.
async fn send(world: &World, actor: &Actor, hash: &str, document: Option<&str>, variables: Value) -> Answer {
    let mut body = json!({"extensions": extensions(hash), "variables": variables});
    if let Some(document) = document {
        body["query"] = document.into();
    }
    world.post(actor, "/graphql", JSON, body.to_string()).await
}

fn link(parameters: &[(&str, &str)]) -> String {
    let parameters = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("/graphql?{parameters}")
}

on_each_database! {
    async fn a_document_is_sent_once(world: World) {
        let query = "query who($cost: Boolean = true) { viewer { name @include(if: $cost) } }";
        let hash = hash(query);
        let answer = send(&world, &world.reader, &hash, None, json!({})).await;
        assert_eq!((answer.status, answer.error_code()), (StatusCode::OK, Some("PERSISTED_QUERY_NOT_FOUND")));
        // Some clients go by the message.
        assert_eq!(answer.body["errors"][0]["message"], "PersistedQueryNotFound");
        assert!(answer.body.get("data").is_none());
        assert_eq!(send(&world, &world.reader, &hash, Some(query), json!({})).await.data()["viewer"]["name"], "reader");
        for (actor, digits) in [(&world.reader, hash.clone()), (&world.owner, hash.to_uppercase())] {
            assert_eq!(send(&world, actor, &digits, None, json!({})).await.data()["viewer"]["name"], actor.name);
        }
        assert_eq!(send(&world, &world.reader, &hash, None, json!({"cost": false})).await.data(), &json!({"viewer": {}}));
        let by_get = link(&[("extensions", &extensions(&hash).to_string())]);
        assert_eq!(world.get(&world.reader, &by_get).await.data()["viewer"]["name"], "reader");
    }

    async fn a_document_may_be_sent_by_get_as_well(world: World) {
        let query = "{ viewer { name } }";
        let known = extensions(&hash(query)).to_string();
        let answer = world.get(&world.reader, &link(&[("extensions", &known)])).await;
        assert_eq!(answer.error_code(), Some("PERSISTED_QUERY_NOT_FOUND"));
        let answer = world.get(&world.reader, &link(&[("query", query), ("extensions", &known)])).await;
        assert_eq!(answer.data()["viewer"]["name"], "reader");
        let answer = world.get(&world.reader, &link(&[("extensions", &known)])).await;
        assert_eq!(answer.data()["viewer"]["name"], "reader");
    }

    async fn a_change_by_its_hash_is_a_change_all_the_same(world: World) {
        let mutation = "mutation($input: CreateTeamInput!) { createTeam(input: $input) { team { slug } errors { code } } }";
        let hash = hash(mutation);
        let input = json!({"input": {"slug": "core"}});
        let answer = send(&world, &world.owner, &hash, Some(mutation), input).await;
        assert_eq!(answer.data()["createTeam"]["team"]["slug"], "core");
        let before = world.last_sequence().await;
        let variables = json!({"input": {"slug": "other"}}).to_string();
        let by_get = link(&[("extensions", &extensions(&hash).to_string()), ("variables", &variables)]);
        assert_eq!(world.get(&world.owner, &by_get).await.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(world.last_sequence().await, before);
        let refused = send(&world, &world.reader, &hash, None, json!({"input": {"slug": "other"}})).await;
        assert_eq!(refused.data()["createTeam"]["errors"][0]["code"], "FORBIDDEN");
        assert_eq!(world.last_sequence().await, before);
    }

    async fn what_was_refused_is_not_kept(world: World) {
        for (query, code) in [
            ("{ viewer {", "GRAPHQL_PARSE_FAILED"),
            ("{ viewer { nonsense } }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ organizations(first: 100) { nodes { profiles(first: 100) { nodes { reports(first: 100) { nodes { id } } } } } } }", "TOO_COMPLEX"),
            ("query($id: ID!) { node(id: $id) { id } }", "BAD_USER_INPUT"),
        ] {
            let answer = send(&world, &world.reader, &hash(query), Some(query), json!({})).await;
            assert_eq!(answer.error_code(), Some(code), "{query}");
            let answer = send(&world, &world.reader, &hash(query), None, json!({})).await;
            assert_eq!(answer.error_code(), Some("PERSISTED_QUERY_NOT_FOUND"), "{query}");
        }
    }

    async fn nothing_but_its_own_hash_names_a_document(world: World) {
        let query = "{ viewer { name } }";
        let other = hash("{ viewer { role } }");
        let mut refused = vec![send(&world, &world.reader, &other, Some(query), json!({})).await];
        for persisted in [
            json!(1),
            json!({}),
            json!({"version": 2, "sha256Hash": hash(query)}),
            json!({"version": "1", "sha256Hash": hash(query)}),
            json!({"sha256Hash": hash(query)}),
            json!({"version": 1}),
            json!({"version": 1, "sha256Hash": 1}),
            json!({"version": 1, "sha256Hash": "abc"}),
            json!({"version": 1, "sha256Hash": "g".repeat(64)}),
        ] {
            for query in [None, Some(query)] {
                let body = json!({"query": query, "extensions": {"persistedQuery": persisted}});
                refused.push(world.post(&world.reader, "/graphql", JSON, body.to_string()).await);
            }
        }
        for answer in refused {
            assert_eq!(answer.error_code(), Some("BAD_USER_INPUT"), "{}", answer.body);
            assert!(answer.body.get("data").is_none(), "{}", answer.body);
        }
        for known in [&other, &hash(query)] {
            let answer = send(&world, &world.reader, known, None, json!({})).await;
            assert_eq!(answer.error_code(), Some("PERSISTED_QUERY_NOT_FOUND"));
        }
        let body = json!({"extensions": {"persistedQuery": null}}).to_string();
        assert_eq!(world.post(&world.reader, "/graphql", JSON, body).await.error_code(), Some("BAD_USER_INPUT"));
    }

    async fn no_more_is_kept_than_there_is_room_for(world: World) {
        let world = world.configured(&[("graphql.persisted_queries_bytes", "65536")]);
        let query = |number: usize| format!("{{ a{number}: viewer {{ name }} }}");
        for number in 0..200 {
            let query = query(number);
            assert!(send(&world, &world.reader, &hash(&query), Some(&query), json!({})).await.data().is_object());
        }
        let mut known = 0;
        for number in 0..200 {
            let answer = send(&world, &world.reader, &hash(&query(number)), None, json!({})).await;
            known += usize::from(answer.error_code().is_none());
        }
        assert!((1..=64).contains(&known), "{known} of 200 are known");
    }

    async fn it_can_be_switched_off(world: World) {
        let world = world.configured(&[("graphql.persisted_queries", "false")]);
        let query = "{ viewer { name } }";
        for _ in 0..2 {
            let answer = send(&world, &world.reader, &hash(query), None, json!({})).await;
            assert_eq!(answer.error_code(), Some("PERSISTED_QUERY_NOT_SUPPORTED"));
            assert_eq!(answer.body["errors"][0]["message"], "PersistedQueryNotSupported");
            let answer = send(&world, &world.reader, &hash(query), Some(query), json!({})).await;
            assert_eq!(answer.data()["viewer"]["name"], "reader");
        }
    }

    async fn trusted_documents_are_always_known(world: World) {
        let (who, what) = ("{ viewer { name } }", "query($id: ID!) { node(id: $id) { __typename } }");
        let file = manifest(&json!({"who-1": who, hash(what): what}));
        let path = file.path().to_str().expect("a path");
        let world = world.configured(&[("graphql.trusted_documents", path), ("graphql.persisted_queries", "false")]);
        assert_eq!(send(&world, &world.reader, "who-1", None, json!({})).await.data()["viewer"]["name"], "reader");
        let ada = json!({"id": world.user("ada").await});
        assert_eq!(send(&world, &world.reader, &hash(what), None, ada).await.data()["node"]["__typename"], "User");
        assert_eq!(send(&world, &world.reader, "who-1", Some(who), json!({})).await.data()["viewer"]["name"], "reader");
        assert_eq!(send(&world, &world.reader, "who-1", Some(what), json!({})).await.error_code(), Some("BAD_USER_INPUT"));
        assert_eq!(send(&world, &world.reader, "who-2", None, json!({})).await.error_code(), Some("BAD_USER_INPUT"));
        // Trusted means known, and not that it may do more.
        assert!(world.graphql(&world.reader, "{ viewer { role } }", json!({})).await.error_code().is_none());
    }

    async fn nothing_else_is_run_if_the_operator_wants_so(world: World) {
        let who = "{ viewer { name } }";
        let file = manifest(&json!({"operations": [{"id": "who-1", "name": "who", "type": "query", "body": who}]}));
        let path = file.path().to_str().expect("a path");
        let world = world.configured(&[("graphql.trusted_documents", path), ("graphql.only_trusted_documents", "true")]);
        assert_eq!(send(&world, &world.reader, "who-1", None, json!({})).await.data()["viewer"]["name"], "reader");
        assert_eq!(world.graphql(&world.reader, who, json!({})).await.data()["viewer"]["name"], "reader");
        for other in ["{ viewer { role } }", "{ viewer { name }}", "{ __schema { queryType { name } } }", "{"] {
            for (hash, code) in [(hash(other), "FORBIDDEN"), ("who-1".to_owned(), "BAD_USER_INPUT")] {
                let (answer, statements) = world.statements(send(&world, &world.reader, &hash, Some(other), json!({}))).await;
                assert_eq!(answer.error_code(), Some(code), "{other}");
                assert!(answer.body.get("data").is_none() && statements.is_empty(), "{other}");
            }
            let answer = send(&world, &world.reader, &hash(other), None, json!({})).await;
            assert_eq!(answer.error_code(), Some("PERSISTED_QUERY_NOT_FOUND"), "{other}");
            assert_eq!(world.graphql(&world.reader, other, json!({})).await.error_code(), Some("FORBIDDEN"), "{other}");
        }
    }
}

/// A file that trusts documents.
fn manifest(documents: &Value) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), documents.to_string()).expect("written");
    file
}

#[test]
fn a_server_that_could_be_asked_nothing_does_not_start() {
    let refusal = |settings: &[(&str, &str)]| {
        let overrides = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let config = Config::load(Sources { overrides, ..Sources::default() }).expect("a configuration");
        TrustedDocuments::load(&config.graphql).expect_err("a refusal")
    };
    let only = ("graphql.only_trusted_documents", "true");
    assert!(refusal(&[only]).contains("graphql.trusted_documents"));
    let nowhere = ("graphql.trusted_documents", "/nonexistent/documents.json");
    assert!(refusal(&[nowhere]).contains("/nonexistent/documents.json"));
    for documents in [json!({}), json!({"one": "{ a"}), json!([])] {
        let file = manifest(&documents);
        let path = ("graphql.trusted_documents", file.path().to_str().expect("a path"));
        assert!(!refusal(&[only, path]).is_empty(), "{documents}");
    }
}
