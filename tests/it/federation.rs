//! The subgraph: what other subgraphs refer to is found by its key, by those who may see it, in one statement for each type.

use crate::support::on_each_database;
use serde_json::json;

const ENTITIES: &str = "query($of: [_Any!]!) { _entities(representations: $of) { __typename
    ... on User { username } ... on Team { slug } ... on Organization { slug } ... on LinkedIdentity { accountId } } }";

on_each_database! {
    async fn entities_are_found_by_their_keys(world: World) {
        let (ada, bob, team) = (world.user("ada").await, world.user("bob").await, world.team("core", None).await);
        let link = json!({"profileId": ada, "provider": "github", "accountId": "1815"});
        let account = world.mutate(&world.root, "linkIdentity", link, "identity { id }").await["identity"]["id"].clone();
        let representations = json!([
            {"__typename": "User", "id": ada}, {"__typename": "User", "id": bob}, {"__typename": "Team", "id": team},
            {"__typename": "Organization", "id": world.acme}, {"__typename": "Organization", "slug": "acme"},
            {"__typename": "LinkedIdentity", "id": account}, {"__typename": "User", "id": "usr_01jd8s6vq9e0v8k2m4n6p8r0t2"},
        ]);
        let ask = || world.graphql(&world.reader, ENTITIES, json!({"of": representations}));
        let found = ask().await.data()["_entities"].clone();
        assert_eq!(found, json!([
            {"__typename": "User", "username": "ada"}, {"__typename": "User", "username": "bob"}, {"__typename": "Team", "slug": "core"},
            {"__typename": "Organization", "slug": "acme"}, {"__typename": "Organization", "slug": "acme"},
            {"__typename": "LinkedIdentity", "accountId": "1815"}, null,
        ]));
        let (_, statements) = world.statements(ask()).await;
        // One for each type and key, and one more that looks whether the unknown user was merged into another.
        assert_eq!(statements.len(), 6, "{statements:#?}");
        let hidden = world.graphql(&world.stranger, ENTITIES, json!({"of": representations})).await.data()["_entities"].clone();
        assert_eq!(hidden, json!([null, null, null, null, null, null, null]));
    }

    async fn keys_that_are_none_are_refused(world: World) {
        let team = world.team("core", None).await;
        for (representation, code) in [
            (json!({"__typename": "User", "id": team}), "BAD_USER_INPUT"),
            (json!({"__typename": "User", "id": "ada"}), "BAD_USER_INPUT"),
            (json!({"__typename": "User"}), "GRAPHQL_VALIDATION_FAILED"),
            (json!({"__typename": "Nobody", "id": team}), "GRAPHQL_VALIDATION_FAILED"),
            (json!({"id": team}), "GRAPHQL_VALIDATION_FAILED"),
        ] {
            let answer = world.graphql(&world.reader, ENTITIES, json!({"of": [representation]})).await;
            assert_eq!(answer.error_code(), Some(code), "{representation}: {}", answer.body);
        }
        let answer = world.graphql(&world.nobody, ENTITIES, json!({"of": [{"__typename": "Team", "id": team}]})).await;
        assert_eq!(answer.error_code(), Some("UNAUTHENTICATED"));
    }

    async fn the_subgraph_describes_itself(world: World) {
        let answer = world.graphql(&world.nobody, "{ _service { sdl } }", json!({})).await;
        let sdl = answer.data()["_service"]["sdl"].as_str().expect("a text");
        for (type_name, keys) in [
            ("User", vec!["id"]), ("ServiceAccount", vec!["id"]), ("Bot", vec!["id"]), ("Organization", vec!["id", "slug"]),
            ("Team", vec!["id"]), ("Group", vec!["id"]), ("Role", vec!["id"]), ("LinkedIdentity", vec!["id"]),
        ] {
            let line = sdl.lines().find(|line| line.starts_with(&format!("type {type_name} "))).expect("the type");
            for key in keys {
                assert!(line.contains(&format!("@key(fields: \"{key}\")")), "{line}");
            }
        }
        assert!(sdl.contains("@link("), "no link to the specification");
        assert!(sdl.lines().any(|line| line.starts_with("type PageInfo @shareable")));
        assert!(sdl.contains("@tag(name: \"personal-data\")"));
        let shared = |line: &&str| line.trim_start().starts_with("username:") && line.contains("@shareable");
        assert_eq!(sdl.lines().filter(shared).count(), 3, "users, service accounts and bots share their user names");
    }
}
