//! A profile that asks for itself sees its own things, and of others no more than what concerns it.

use crate::support::{World, on_each_database};
use serde_json::{Value, json};

async fn changes(world: &World, actor: &crate::support::Actor) -> Value {
    let query = "{ viewer { profile { history { nodes { subjectId changes { path after } } } } } }";
    world.query(actor, query).await["viewer"]["profile"]["history"]["nodes"].clone()
}

on_each_database! {
    async fn the_own_history_says_nothing_else_about_others(world: World) {
        let grace = world.user("grace").await;
        let (bob, team) = (world.user("bob").await, world.team("core", None).await);
        let input = json!({
            "organizationId": world.acme, "kind": "USER", "username": "ada", "managerId": grace,
            "addresses": [{"street": "Secret street 1"}], "externalIds": [{"client": "hr", "value": "SECRET-9"}],
        });
        world.mutate(&world.editor, "createProfile", input, "clientMutationId").await;
        world.join(&team, &[&grace, &bob]).await;
        let as_grace = world.as_profile(&grace).await;
        let told = changes(&world, &as_grace).await;
        let text = told.to_string();
        assert!(!text.to_lowercase().contains("secret") && !text.contains(&bob), "{told:#}");
        let paths = |event: &Value| event["changes"].as_array().map_or(0, Vec::len);
        assert_eq!(told.as_array().expect("events").iter().map(paths).collect::<Vec<_>>()[..2], [1, 1], "{told:#}");
        assert_eq!(told[0]["changes"][0]["path"], format!("members.{grace}"));
        assert_eq!(told[1]["changes"][0], json!({"path": "manager", "after": grace}));
    }

    async fn how_many_share_an_address_is_nobodys_business(world: World) {
        let me = world.user("me").await;
        for username in ["ada", "bob"] {
            let emails = json!([{"value": "team@example.org"}]);
            let input = json!({"organizationId": world.acme, "kind": "USER", "username": username, "emails": emails});
            world.mutate(&world.root, "createProfile", input, "clientMutationId").await;
        }
        let query = "{ profile(by: {email: \"team@example.org\"}) { id } }";
        assert_eq!(world.graphql(&world.reader, query, json!({})).await.error_code(), Some("CONFLICT"));
        assert_eq!(world.query(&world.as_profile(&me).await, query).await, json!({"profile": null}));
    }

    async fn what_may_not_be_read_may_not_be_asked_for(world: World) {
        let external = json!([{"client": "hr", "value": "SECRET-9"}]);
        let input = json!({"organizationId": world.acme, "kind": "USER", "username": "ada", "externalIds": external});
        world.mutate(&world.editor, "createProfile", input, "clientMutationId").await;
        for filter in ["{externalId: {client: \"hr\", eq: \"SECRET-9\"}}", "{not: {or: [{externalId: {client: \"hr\", eq: \"x\"}}]}}"] {
            for selection in ["nodes { id }", "totalCount"] {
                let query = format!("{{ profiles(filter: {filter}) {{ {selection} }} }}");
                assert_eq!(world.graphql(&world.reader, &query, json!({})).await.error_code(), Some("FORBIDDEN"), "{query}");
                world.query(&world.editor, &query).await;
            }
        }
    }
}
