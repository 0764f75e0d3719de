//! What the server says of itself.

use super::{get, refused, send};
use crate::support::on_each_database;
use axum::http::{StatusCode, header};
use serde_json::json;

on_each_database! {
    async fn schemas_and_types_are_told(world: World) {
        let config = get(&world, &world.reader, "/scim/ServiceProviderConfig").await;
        assert_eq!(config.status, StatusCode::OK);
        assert_eq!(config.headers[header::CONTENT_TYPE], "application/scim+json");
        assert_eq!(config.body["bulk"]["maxPayloadSize"], 1_048_576);
        let types = get(&world, &world.reader, "/scim/v2/ResourceTypes").await.body;
        let names: Vec<&str> = types["Resources"].as_array().expect("types").iter().filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(names, ["User", "Group", "Agent", "AgenticApplication"]);
        let schemas = get(&world, &world.reader, "/scim/v2/Schemas").await.body;
        for schema in schemas["Resources"].as_array().expect("schemas") {
            let urn = schema["id"].as_str().expect("an id").to_uppercase();
            let one = get(&world, &world.reader, &format!("/scim/v2/Schemas/{urn}")).await;
            assert_eq!(&one.body, schema);
        }
        refused(&get(&world, &world.reader, "/scim/v2/Schemas/urn:nothing").await, 404, None);
        refused(&get(&world, &world.reader, "/scim/v2/Schemas?filter=id%20pr").await, 403, None);
    }

    async fn refusals_have_the_form_of_the_protocol(world: World) {
        for path in ["/scim/v2/Nothing", "/scim/v2/Users/usr_x/name", "/scim/v2/Users/usr_00000000000000000000000000"] {
            refused(&get(&world, &world.admin, path).await, 404, None);
        }
        let wrong = send(&world, &world.admin, ("DELETE", "/scim/v2/Schemas"), None).await;
        refused(&wrong, 405, None);
        assert_eq!(wrong.headers[header::ALLOW], "GET");
        refused(&send(&world, &world.admin, ("PATCH", "/scim/v2/Users"), Some(&json!({}))).await, 405, None);
        let nobody = get(&world, &world.nobody, "/scim/v2/Users").await;
        refused(&nobody, 401, None);
        assert_eq!(nobody.headers[header::WWW_AUTHENTICATE], "Bearer");
        let form = world.post(&world.admin, "/scim/v2/Users", "application/x-www-form-urlencoded", b"userName=ada".to_vec()).await;
        refused(&form, 415, None);
        let large = world.post(&world.admin, "/scim/v2/Users", "application/scim+json", vec![b' '; 2_000_000]).await;
        refused(&large, 413, None);
        for body in ["{", "{\"userName\": \"ada\", \"userName\": \"bob\"}"] {
            let broken = world.post(&world.admin, "/scim/v2/Users", "application/scim+json", body.to_owned()).await;
            refused(&broken, 400, Some("invalidSyntax"));
        }
    }
}
