//! Agents and applications of agents: bots and service accounts of the graph (draft-abbey-scim-agent-extension).

use super::{get, group, id, patch, post, refused, send};
use crate::support::on_each_database;
use axum::http::StatusCode;
use serde_json::json;

on_each_database! {
    async fn bots_and_service_accounts_are_agents_and_their_applications(world: World) {
        let types = get(&world, &world.admin, "/scim/v2/ResourceTypes").await.body;
        for (name, path, prefix) in [("Agent", "/scim/v2/Agents", "bot_"), ("AgenticApplication", "/scim/v2/AgenticApplications", "svc_")] {
            let of_type = types["Resources"].as_array().expect("types").iter().find(|of_type| of_type["name"] == name).expect("the type");
            let urn = of_type["schema"].as_str().expect("a schema");
            assert!(path.ends_with(of_type["endpoint"].as_str().expect("an endpoint")));
            let body = json!({"schemas": [urn], "name": format!("{name}-1"), "displayName": name, "description": "Answers letters."});
            let made = post(&world, &world.admin, path, &body).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
            assert!(id(&made.body).starts_with(prefix) && made.body["meta"]["resourceType"] == name, "{}", made.body);
            refused(&post(&world, &world.admin, path, &json!({"schemas": [urn], "name": body["name"].as_str().map(str::to_uppercase)})).await, 409, Some("uniqueness"));
            let own = format!("{path}/{}", id(&made.body));
            let off = patch(&world, &world.admin, &own, json!([{"op": "replace", "path": "active", "value": false}])).await;
            assert_eq!((off.status, &off.body["active"]), (StatusCode::OK, &json!(false)), "{}", off.body);
            let crew = group(&world, name, &[id(&made.body)]).await;
            assert_eq!(crew["members"][0]["value"], made.body["id"]);
            assert_eq!(get(&world, &world.admin, &own).await.body["groups"][0]["value"], crew["id"]);
            assert_eq!(get(&world, &world.admin, &format!("{path}?filter=name%20sw%20%22{name}%22")).await.body["totalResults"], 1);
            refused(&get(&world, &world.admin, &format!("/scim/v2/Users/{}", id(&made.body))).await, 404, None);
            assert_eq!(send(&world, &world.admin, ("DELETE", &own), None).await.status, StatusCode::NO_CONTENT);
            refused(&get(&world, &world.admin, &own).await, 404, None);
        }
    }
}
