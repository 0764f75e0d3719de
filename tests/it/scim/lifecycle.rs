//! Who is in use and who is not, and who is who: what clients do to that, and what they must not undo.

use super::{ENTERPRISE, GROUP, USER, client, get, id, patch, post, refused, send, user};
use crate::support::{World, on_each_database};
use axum::http::StatusCode;
use idgraph::domain::contact::ExternalId;
use idgraph::domain::{NodeId, Organization, Patch};
use idgraph::resolvers::RunOptions;
use idgraph::resolvers::command::{ProfilePatch, UpdateProfile};
use idgraph::resolvers::query::questions::Named;
use idgraph::scim::registry::Kind;
use idgraph::scim::session::Session;
use serde_json::{Value, json};
use std::marker::PhantomData;
use std::sync::Arc;

fn body(name: &str, external_id: &str) -> Value {
    json!({"schemas": [USER], "userName": name, "externalId": external_id})
}

async fn status(world: &World, id: &str) -> String {
    let query = "query($id: ID!) { node(id: $id) { ... on Profile { status } } }";
    let told = world.graphql(&world.admin, query, json!({"id": id})).await;
    told.data()["node"]["status"].as_str().expect("a status").to_owned()
}

fn detail(body: &Value) -> &str {
    body["detail"].as_str().expect("a detail")
}

on_each_database! {
    async fn a_suspension_is_lifted_by_no_directory(world: World) {
        let made = post(&world, &world.admin, "/scim/v2/Users", &body("ada", "E-1")).await.body;
        let path = format!("/scim/v2/Users/{}", id(&made));
        world.mutate(&world.admin, "suspendProfile", json!({"id": id(&made), "reason": "stolen laptop"}), "profile { id }").await;
        // The next sync says all that the directory believes, and changes what it may.
        let mut put = body("ada", "E-1");
        put["active"] = json!(true);
        put["title"] = json!("Countess");
        let synced = send(&world, &world.admin, ("PUT", &path), Some(&put)).await;
        assert_eq!((synced.status, &synced.body["active"], &synced.body["title"]), (StatusCode::OK, &json!(false), &json!("Countess")));
        let again = post(&world, &world.admin, "/scim/v2/Users", &body("ada", "E-1")).await;
        refused(&again, 409, Some("uniqueness"));
        assert!(detail(&again.body).contains("suspended"), "{}", again.body);
        refused(&patch(&world, &world.admin, &path, json!([{"op": "replace", "path": "active", "value": true}])).await, 400, Some("mutability"));
        assert_eq!(status(&world, id(&made)).await, "SUSPENDED");
    }

    async fn of_many_at_once_one_has_an_external_id(world: World) {
        // Those that come while nothing can be written share a transaction, and what they look for is looked up at once.
        post(&world, &world.admin, "/scim/v2/Users", &body("first", "E-1")).await;
        let ids = ["E-1", "E-2", "E-2", "E-3", "E-2", "E-4"];
        let bodies: Vec<Value> = ids.iter().enumerate().map(|(number, id)| body(&format!("user{number}"), id)).collect();
        let held = world.hold_writers().await;
        let made = futures::future::join_all(bodies.iter().map(|body| post(&world, &world.admin, "/scim/v2/Users", body)));
        let (made, ()) = tokio::join!(made, held.let_go());
        for (id, times) in [("E-1", 0), ("E-2", 1), ("E-3", 1), ("E-4", 1)] {
            let made = made.iter().zip(ids).filter(|(answer, known)| *known == id && answer.status == StatusCode::CREATED);
            assert_eq!(made.count(), times, "{id}");
        }
        for answer in made.iter().filter(|answer| answer.status != StatusCode::CREATED) {
            refused(answer, 409, Some("uniqueness"));
            assert!(detail(&answer.body).contains("externalId"), "{}", answer.body);
        }
        for (answer, sent) in made.iter().zip(&bodies).filter(|(answer, _)| answer.status == StatusCode::CREATED) {
            assert_eq!((&answer.body["externalId"], &answer.body["userName"]), (&sent["externalId"], &sent["userName"]));
            assert_eq!(get(&world, &world.admin, &format!("/scim/v2/Users/{}", id(&answer.body))).await.body, answer.body);
        }
    }

    async fn an_external_id_that_another_takes_in_the_same_transaction_is_taken(world: World) {
        let ada: NodeId = world.user("ada").await.parse().expect("an id");
        let operator = world.operator();
        world.app.organization_of(&operator, ada).await.expect("an answer");
        let found = world.app.read(&operator).ask(&Named::<Organization> { of: PhantomData }, &[world.acme.0]).await.expect("an answer");
        let session = Session::open(&world.app, &operator, Arc::clone(&found[&world.acme.0]), "http://here/scim/v2".to_owned()).await.expect("a session");
        // What the first adds waits to be written, and the second writes at once.
        let adds = session.create(Kind::User, body("plain", "E-1"));
        let external_ids = Patch::Value(vec![ExternalId { client: "operator".to_owned(), value: "E-2".to_owned() }]);
        let patch = ProfilePatch { external_ids, ..ProfilePatch::default() };
        let takes = world.app.run(&operator, UpdateProfile { id: ada, expected_version: None, patch }, RunOptions::default());
        let comes_late = session.create(Kind::User, body("late", "E-2"));
        let (added, taken, late) = tokio::join!(adds, takes, comes_late);
        assert!(added.is_ok() && taken.is_ok(), "{added:?} {taken:?}");
        assert_eq!(late.expect_err("a conflict").status, 409);
    }

    async fn numbers_are_told_as_they_were_given(world: World) {
        let numbers = json!({"most": 1.797_693_134_862_315_7e308, "least": -1.797_693_134_862_315_7e308, "odd": 956_019.938_008_246_5, "large": 1.696_778_956_924_747e246});
        let input = json!({"organizationId": world.acme, "kind": "USER", "username": "ada", "metadata": numbers});
        let made = world.mutate(&world.admin, "createProfile", input, "profile { id metadata }").await;
        assert_eq!(made["profile"]["metadata"], numbers);
        let told = world.graphql(&world.admin, "query($id: ID!) { node(id: $id) { ... on Profile { metadata } } }", json!({"id": made["profile"]["id"]})).await;
        assert_eq!(told.data()["node"]["metadata"], numbers);
    }

    async fn taking_active_away_bars_nobody(world: World) {
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        patch(&world, &world.admin, &path, json!([{"op": "remove", "path": "active"}])).await;
        assert_eq!(status(&world, id(&ada)).await, "ACTIVE");
    }

    async fn the_name_of_somebody_deactivated_is_taken_and_that_is_said(world: World) {
        let ada = user(&world, "ada").await;
        patch(&world, &world.admin, &format!("/scim/v2/Users/{}", id(&ada)), json!([{"op": "replace", "path": "active", "value": false}])).await;
        let again = post(&world, &world.admin, "/scim/v2/Users", &json!({"schemas": [USER], "userName": "ADA"})).await;
        refused(&again, 409, Some("uniqueness"));
        assert!(detail(&again.body).contains(id(&ada)) && detail(&again.body).contains("not active"), "{}", again.body);
    }

    async fn what_a_merged_user_was_called_leads_to_whom_it_became(world: World) {
        let merged = post(&world, &world.admin, "/scim/v2/Users", &body("ada", "MG")).await.body;
        let survivor = post(&world, &world.admin, "/scim/v2/Users", &body("countess", "OWN")).await.body;
        world.mutate(&world.admin, "mergeProfiles", json!({"fromId": id(&merged), "intoId": id(&survivor)}), "profile { id }").await;
        let again = post(&world, &world.admin, "/scim/v2/Users", &body("ada", "MG")).await;
        refused(&again, 409, Some("uniqueness"));
        assert!(detail(&again.body).contains(id(&survivor)), "{}", again.body);
        // Whom the id was given back is found by it, and not the one that was merged.
        let path = format!("/scim/v2/Users/{}", id(&survivor));
        let given = patch(&world, &world.admin, &path, json!([{"op": "replace", "path": "externalId", "value": "MG"}])).await;
        assert_eq!(given.status, StatusCode::OK, "{}", given.body);
        let found = get(&world, &world.admin, "/scim/v2/Users?filter=externalId%20eq%20%22MG%22").await.body;
        assert_eq!(found["Resources"][0]["id"], survivor["id"], "{found}");
    }

    async fn resources_of_different_types_may_have_the_same_external_id(world: World) {
        assert_eq!(post(&world, &world.admin, "/scim/v2/Users", &body("ada", "1")).await.status, StatusCode::CREATED);
        let group = json!({"schemas": [GROUP], "displayName": "One", "externalId": "1"});
        assert_eq!(post(&world, &world.admin, "/scim/v2/Groups", &group).await.status, StatusCode::CREATED);
        refused(&post(&world, &world.admin, "/scim/v2/Groups", &group).await, 409, Some("uniqueness"));
    }

    async fn a_manager_that_does_not_exist_is_a_wrong_value_and_no_missing_user(world: World) {
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let mut new = json!({"schemas": [USER, ENTERPRISE], "userName": "zoe", ENTERPRISE: {"manager": {"value": "usr_00000000000000000000000000"}}});
        refused(&post(&world, &world.admin, "/scim/v2/Users", &new).await, 400, Some("invalidValue"));
        new["userName"] = json!("ada");
        refused(&send(&world, &world.admin, ("PUT", &path), Some(&new)).await, 400, Some("invalidValue"));
        let operations = json!([{"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": "usr_00000000000000000000000000"}]);
        refused(&patch(&world, &world.admin, &path, operations).await, 400, Some("invalidValue"));
    }

    async fn a_password_that_is_taken_away_is_gone(world: World) {
        let body = json!({"schemas": [USER], "userName": "ada", "password": "correct horse battery"});
        let made = post(&world, &world.admin, "/scim/v2/Users", &body).await.body;
        let path = format!("/scim/v2/Users/{}", id(&made));
        for _ in 0..2 {
            let removed = patch(&world, &world.admin, &path, json!([{"op": "remove", "path": "password"}])).await;
            assert_eq!(removed.status, StatusCode::OK, "{}", removed.body);
        }
        let query = "query($id: ID!) { node(id: $id) { ... on Profile { history(first: 20) { nodes { action changes { path before after } } } } } }";
        let told = world.graphql(&world.admin, query, json!({"id": id(&made)})).await;
        let events = told.data()["node"]["history"]["nodes"].as_array().expect("events").clone();
        let told: Vec<&Value> = events.iter().filter(|event| event["action"] == "profile.set_password").flat_map(|event| event["changes"].as_array().expect("changes")).collect();
        assert_eq!(told.len(), 2, "set once, taken away once: {told:?}");
        assert!(told.iter().any(|change| change["before"] == true && change["after"].is_null()), "{told:?}");
        assert!(told.iter().any(|change| change["before"].is_null() && change["after"] == true), "{told:?}");
    }

    async fn a_name_of_the_company_can_be_taken_back(world: World) {
        let entra = client(&world, "entra", idgraph::domain::token::ScimOptions { entra: true, ..Default::default() }).await;
        let body = json!({"schemas": [USER, ENTERPRISE], "userName": "ada", ENTERPRISE: {"organization": "Contoso Ltd"}});
        let made = post(&world, &entra, "/scim/v2/Users", &body).await.body;
        assert_eq!(made[ENTERPRISE]["organization"], "Contoso Ltd");
        let path = format!("/scim/v2/Users/{}", id(&made));
        let removed = patch(&world, &entra, &path, json!([{"op": "remove", "path": format!("{ENTERPRISE}:organization")}])).await;
        assert_eq!(removed.body[ENTERPRISE], Value::Null, "{}", removed.body);
        let found = async |filter: &str| {
            let filter = filter.replace("organization", &format!("{ENTERPRISE}:organization")).replace(' ', "%20").replace('"', "%22");
            get(&world, &entra, &format!("/scim/v2/Users?filter={filter}")).await.body["totalResults"].clone()
        };
        assert_eq!(found("organization pr").await, 0, "what is not shown is not found by");
        assert_eq!(found(r#"organization eq "acme""#).await, 0);
        assert_eq!(found(r#"organization ne "acme""#).await, 1);
        send(&world, &entra, ("PUT", &path), Some(&body)).await;
        let replaced = send(&world, &entra, ("PUT", &path), Some(&json!({"schemas": [USER], "userName": "ada"}))).await;
        assert_eq!(replaced.body[ENTERPRISE]["organization"], "acme", "{}", replaced.body);
    }
}
