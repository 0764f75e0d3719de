//! Answers are kept while nothing changes, and never longer.

use crate::support::{Actor, World, on_each_database};
use idgraph::config::{Config, Sources};
use idgraph::worker::Worker;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const WIDE: &str =
    "{ organization(slug: \"acme\") { name teams { totalCount nodes { slug members { nodes { username title } } } }
    profiles(filter: {username: {prefix: \"a\"}}) { totalCount nodes { username } } } }";

/// What a query says, and how many statements it took, without forgetting what is kept.
async fn ask(world: &World, actor: &Actor, query: &str) -> (Value, usize) {
    // The token is looked up once, and then taken for granted for a while.
    world.graphql(actor, "{ viewer { name } }", json!({})).await;
    let (answer, statements) = world.statements_as_they_are(world.graphql(actor, query, json!({}))).await;
    (answer.data().clone(), statements.len())
}

async fn rename(world: &World, actor: &Actor, profile: &str, title: &str) {
    let input = json!({"id": profile, "title": title});
    world.mutate(actor, "updateProfile", input, "clientMutationId").await;
}

on_each_database! {
    async fn the_same_question_twice_reads_once_until_something_changes(world: World) {
        let (ada, team) = (world.user("ada").await, world.team("core", None).await);
        world.join(&team, &[&ada]).await;
        let first = ask(&world, &world.reader, WIDE).await;
        assert!(first.1 > 0);
        assert_eq!(ask(&world, &world.reader, WIDE).await, (first.0.clone(), 0));
        // Whoever sees the same is answered the same.
        assert_eq!(ask(&world, &world.owner, WIDE).await, (first.0.clone(), 0));
        // Nothing of one organization depends on another.
        let input = json!({"kind": "USER", "username": "eve"});
        world.mutate(&world.stranger, "createProfile", input, "clientMutationId").await;
        assert_eq!(ask(&world, &world.reader, WIDE).await, (first.0.clone(), 0));
        for title in ["Countess", "Programmer"] {
            rename(&world, &world.editor, &ada, title).await;
            let (seen, statements) = ask(&world, &world.reader, WIDE).await;
            assert_eq!(seen.pointer("/organization/teams/nodes/0/members/nodes/0/title"), Some(&json!(title)));
            assert!(statements > 0);
        }
        world.mutate(&world.owner, "deleteProfile", json!({"id": ada}), "clientMutationId").await;
        let (seen, _) = ask(&world, &world.reader, WIDE).await;
        assert_eq!(seen.pointer("/organization/profiles/totalCount"), Some(&json!(0)));
    }

    async fn nobody_is_answered_what_was_kept_for_others(world: World) {
        let ada = world.user("ada").await;
        let external = r#"{ profiles(filter: {externalId: {client: "hr", eq: "7"}}) { totalCount } }"#;
        let query = format!("{{ node(id: \"{ada}\") {{ id }} organization(slug: \"acme\") {{ name }} }}");
        for _ in 0..2 {
            assert_eq!(ask(&world, &world.editor, &query).await.0, json!({"node": {"id": ada}, "organization": {"name": "acme"}}));
            assert_eq!(ask(&world, &world.stranger, &query).await.0, json!({"node": null, "organization": null}));
            assert_eq!(ask(&world, &world.editor, external).await.0, json!({"profiles": {"totalCount": 0}}));
            let refused = world.graphql(&world.reader, external, json!({})).await;
            assert_eq!(refused.error_code(), Some("FORBIDDEN"));
            let other = world.as_profile(&world.user(&format!("other-{}", world.last_sequence().await)).await).await;
            assert_eq!(ask(&world, &other, &query).await.0, json!({"node": null, "organization": {"name": "acme"}}));
            assert_eq!(world.graphql(&world.nobody, &query, json!({})).await.error_code(), Some("UNAUTHENTICATED"));
        }
    }

    async fn nothing_is_kept_while_nobody_listens_to_other_writers(world: World) {
        world.user("ada").await;
        world.app.store().freshness().trust(false);
        ask(&world, &world.reader, WIDE).await;
        assert!(ask(&world, &world.reader, WIDE).await.1 > 0);
    }

    async fn what_another_process_writes_is_seen(world: World) {
        let ada = world.user("ada").await;
        world.app.store().freshness().trust(false);
        let config = Config::load(Sources::default()).expect("the defaults");
        let worker = Worker::start(Arc::clone(&world.app), &config);
        let query = format!("{{ profile(by: {{id: \"{ada}\"}}) {{ title }} }}");
        let title = async || ask(&world, &world.reader, &query).await;
        until(async || {
            title().await;
            title().await.1 == 0
        }).await;
        let place = tempfile::tempdir().expect("a directory");
        let file = place.path().join("ada.ndjson");
        let line = json!({"type": "user", "organization": "acme", "username": "ada", "title": "Countess"});
        std::fs::write(&file, line.to_string()).expect("a file");
        // The program forgets nothing for us here.
        let mut command = crate::support::program::program(["import", &file.display().to_string()]);
        command.args(["--database-url", &world.database_url()]);
        assert_eq!(crate::support::program::run(command).await.code, 0);
        until(async || title().await.0 == json!({"profile": {"title": "Countess"}})).await;
        worker.stop().await;
    }
}

/// Waits until something holds, which it soon does.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let patience = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), patience).await.expect("it never came to hold");
}
