//! Groups: teams and groups of the graph, and who is in them.

use super::{GROUP, client, get, group, id, patch, post, refused, send, user};
use crate::support::on_each_database;
use axum::http::StatusCode;
use idgraph::domain::token::ScimOptions;
use serde_json::{Value, json};

fn members(group: &Value) -> Vec<String> {
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<String> =
        members.iter().map(|member| member["value"].as_str().expect("a value").to_owned()).collect();
    ids.sort();
    ids
}

on_each_database! {
    async fn members_come_and_go(world: World) {
        let (ada, grace) = (user(&world, "ada").await, user(&world, "grace").await);
        let made = group(&world, "Analysts", &[id(&ada)]).await;
        assert_eq!(members(&made), [id(&ada)]);
        let shown = get(&world, &world.admin, &format!("/scim/v2/Groups/{}?attributes=members.display", id(&made))).await.body;
        assert_eq!(shown["members"], json!([{"display": "ada"}]));
        assert_eq!(made["members"][0]["type"], "User");
        let path = format!("/scim/v2/Groups/{}", id(&made));
        let added = patch(&world, &world.admin, &path, json!([{"op": "add", "path": "members", "value": [{"value": id(&grace), "$ref": null}]}])).await;
        let mut both = [id(&ada).to_owned(), id(&grace).to_owned()];
        both.sort();
        assert_eq!(members(&added.body), both);
        let shown = get(&world, &world.admin, &format!("/scim/v2/Users/{}", id(&grace))).await.body;
        assert_eq!(shown["groups"][0]["value"], made["id"]);
        assert_eq!(shown["groups"][0]["type"], "direct");
        let removed = patch(&world, &world.admin, &path, json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", id(&ada))}])).await;
        assert_eq!(members(&removed.body), [id(&grace)]);
        let replaced = send(&world, &world.admin, ("PUT", &path), Some(&json!({"schemas": [GROUP], "displayName": "Analysts", "members": [{"value": id(&ada)}]}))).await;
        assert_eq!(members(&replaced.body), [id(&ada)]);
        let cleared = patch(&world, &world.admin, &path, json!([{"op": "remove", "path": "members"}])).await;
        assert_eq!(members(&cleared.body), Vec::<String>::new());
    }

    async fn groups_nest_and_cycles_are_refused(world: World) {
        let ada = user(&world, "ada").await;
        let inner = group(&world, "Inner", &[id(&ada)]).await;
        let outer = group(&world, "Outer", &[id(&inner)]).await;
        let shown = get(&world, &world.admin, &format!("/scim/v2/Users/{}", id(&ada))).await.body;
        let mut types: Vec<(&str, &str)> = shown["groups"].as_array().expect("groups").iter().map(|group| (group["display"].as_str().expect("a name"), group["type"].as_str().expect("a type"))).collect();
        types.sort_unstable();
        assert_eq!(types, [("Inner", "direct"), ("Outer", "indirect")]);
        let path = format!("/scim/v2/Groups/{}", id(&inner));
        let cycle = patch(&world, &world.admin, &path, json!([{"op": "add", "path": "members", "value": [{"value": id(&outer)}]}])).await;
        refused(&cycle, 400, Some("invalidValue"));
        let filter = format!("/scim/v2/Users?filter=groups.value%20eq%20%22{}%22", id(&outer));
        assert_eq!(get(&world, &world.admin, &filter).await.body["totalResults"], 1);
        let filter = format!("/scim/v2/Groups?filter=members%5Bvalue%20eq%20%22{}%22%5D", id(&ada));
        assert_eq!(get(&world, &world.admin, &filter).await.body["Resources"][0]["id"], inner["id"]);
    }

    async fn unknown_members_are_refused_or_left_out(world: World) {
        let ada = user(&world, "ada").await;
        let body = json!({"schemas": [GROUP], "displayName": "Odd", "members": [{"value": id(&ada)}, {"value": "nobody"}]});
        refused(&post(&world, &world.admin, "/scim/v2/Groups", &body).await, 400, Some("invalidValue"));
        let list = get(&world, &world.admin, "/scim/v2/Groups").await.body;
        assert_eq!(list["totalResults"], 0, "nothing was made by halves");
        let lenient = client(&world, "lenient", ScimOptions { ignore_unknown_members: true, ..ScimOptions::default() }).await;
        let made = post(&world, &lenient, "/scim/v2/Groups", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        assert_eq!(members(&made.body), [id(&ada)]);
    }

    async fn a_lead_stays_one(world: World) {
        let ada = user(&world, "ada").await;
        let made = group(&world, "Analysts", &[]).await;
        let add = "mutation($input: AddMembersInput!) { addMembers(input: $input) { errors { message } } }";
        let input = json!({"id": id(&made), "members": [{"id": id(&ada), "role": "LEAD"}]});
        world.graphql(&world.admin, add, json!({"input": input})).await.data();
        let path = format!("/scim/v2/Groups/{}", id(&made));
        patch(&world, &world.admin, &path, json!([{"op": "add", "path": "members", "value": [{"value": id(&ada)}]}])).await;
        let query = "query($id: ID!) { node(id: $id) { ... on Group { members(first: 1) { edges { role } } } } }";
        let told = world.graphql(&world.admin, query, json!({"id": id(&made)})).await;
        assert_eq!(told.data()["node"]["members"]["edges"][0]["role"], "LEAD");
    }

    async fn a_group_keeps_its_kind(world: World) {
        let urn = "urn:idgraph:params:scim:schemas:extension:1.0:Group";
        let body = json!({"schemas": [GROUP, urn], "displayName": "Crew", urn: {"kind": "team", "slug": "ignored"}});
        let made = post(&world, &world.admin, "/scim/v2/Groups", &body).await.body;
        assert!(id(&made).starts_with("team_"), "{made}");
        assert_eq!(made[urn], json!({"kind": "team"}), "what the client has said is told, and what is told on request is not");
        let told = get(&world, &world.admin, &format!("/scim/v2/Groups/{}?attributes={urn}:slug", id(&made))).await.body;
        assert_eq!(told[urn]["slug"], "crew");
        let path = format!("/scim/v2/Groups/{}", id(&made));
        refused(&patch(&world, &world.admin, &path, json!([{"op": "replace", "path": format!("{urn}:kind"), "value": "group"}])).await, 400, Some("mutability"));
        let operations = json!([{"op": "add", "path": format!("{urn}:description"), "value": "Of the ship"}, {"op": "remove", "path": urn}]);
        let cleared = patch(&world, &world.admin, &path, operations).await.body;
        assert_eq!(cleared[urn], json!({"kind": "team"}), "what cannot change stays when the rest is removed");
        let again = post(&world, &world.admin, "/scim/v2/Groups", &json!({"schemas": [GROUP], "displayName": "Crew"})).await.body;
        assert_ne!(again["id"], made["id"], "names need not be unique");
        assert_eq!((&again[urn], &again["schemas"]), (&Value::Null, &json!([GROUP])), "what is a group like any other need not say so");
        let told = get(&world, &world.admin, &format!("/scim/v2/Groups/{}?attributes={urn}:kind", id(&again))).await.body;
        assert_eq!(told[urn], json!({"kind": "group"}));
    }
}
