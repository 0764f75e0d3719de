//! PATCH (RFC 7644 §3.5.2), through the server.

use super::{ENTERPRISE, GROUP, USER, get, group, id, patch, post, refused, user};
use crate::support::on_each_database;
use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::{Value, json};

fn members(group: &Value) -> usize {
    group["members"].as_array().map_or(0, Vec::len)
}

on_each_database! {
    async fn a_patch_is_done_in_sequence_or_not_at_all(world: World) {
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let half = json!([{"op": "add", "path": "title", "value": "Countess"}, {"op": "replace", "path": "nickName", "value": "Ada"}, {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "x@example.org"}]);
        refused(&patch(&world, &world.admin, &path, half).await, 400, Some("noTarget"));
        assert_eq!(get(&world, &world.admin, &path).await.body, ada, "nothing of it was done");
        let steps = json!([{"op": "ADD", "path": "emails", "value": [{"value": "a@example.org", "type": "work"}]}, {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "b@example.org"}, {"op": "remove", "path": "emails[value eq \"a@example.org\"]"}]);
        let done = patch(&world, &world.admin, &path, steps).await;
        assert_eq!((done.status, &done.body["emails"][0]["value"]), (StatusCode::OK, &json!("b@example.org")), "{}", done.body);
    }

    async fn what_is_refused_says_why_in_one_word(world: World) {
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let crew = group(&world, "Crew", &[id(&ada)]).await;
        for (operation, word) in [
            (json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "x@example.org"}), "noTarget"),
            (json!({"op": "remove"}), "noTarget"),
            (json!({"op": "add", "path": "no such thing", "value": 1}), "invalidPath"),
            (json!({"op": "add", "path": "shoeSize", "value": 38}), "invalidPath"),
            (json!({"op": "copy", "path": "title", "value": "x"}), "invalidSyntax"),
            (json!({"op": "add", "path": "title", "value": 7}), "invalidValue"),
            (json!({"op": "add", "path": "title"}), "invalidValue"),
            (json!({"op": "add", "path": "emails", "value": "ada"}), "invalidValue"),
            (json!({"op": "remove", "path": "userName"}), "mutability"),
        ] {
            let answer = patch(&world, &world.admin, &path, json!([operation])).await;
            refused(&answer, 400, Some(word));
        }
        // What is not there is removed already, and what was absent is replaced by being added.
        let fine = json!([{"op": "remove", "path": "emails[type eq \"home\"]"}, {"op": "replace", "path": "title", "value": "Countess"}]);
        assert_eq!(patch(&world, &world.admin, &path, fine).await.body["title"], "Countess");
        let member = json!([{"op": "replace", "path": format!("members[value eq \"{}\"].value", id(&ada)), "value": "usr_x"}]);
        refused(&patch(&world, &world.admin, &format!("/scim/v2/Groups/{}", id(&crew)), member).await, 400, Some("mutability"));
    }

    async fn the_urn_of_an_extension_is_a_path(world: World) {
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let added = patch(&world, &world.admin, &path, json!([{"op": "add", "path": ENTERPRISE, "value": {"department": "Engines", "division": "Analytical"}}])).await;
        assert_eq!((&added.body[ENTERPRISE]["department"], &added.body[ENTERPRISE]["division"]), (&json!("Engines"), &json!("Analytical")), "{}", added.body);
        let merged = patch(&world, &world.admin, &path, json!([{"op": "replace", "value": {ENTERPRISE: {"department": "Looms"}, "title": "Countess"}}])).await;
        assert_eq!((&merged.body[ENTERPRISE]["department"], &merged.body[ENTERPRISE]["division"], &merged.body["title"]), (&json!("Looms"), &json!("Analytical"), &json!("Countess")), "{}", merged.body);
    }

    async fn two_clients_that_change_one_group_at_once_lose_nothing(world: World) {
        let crew = group(&world, "Crew", &[]).await;
        let path = format!("/scim/v2/Groups/{}", id(&crew));
        let mut users = Vec::new();
        for number in 0..12 {
            users.push(user(&world, &format!("user{number}")).await);
        }
        let add = |user: &Value| json!([{"op": "add", "path": "members", "value": [{"value": id(user)}]}]);
        let added = join_all(users.iter().enumerate().map(|(number, user)| {
            let actor = if number % 2 == 0 { &world.admin } else { &world.owner };
            patch(&world, actor, &path, add(user))
        })).await;
        assert!(added.iter().all(|answer| answer.status == StatusCode::OK), "{added:?}");
        assert_eq!(members(&get(&world, &world.admin, &path).await.body), 12);
        // Some leave while others come.
        let remove = |user: &Value| json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", id(user))}]);
        let newcomer = user(&world, "newcomer").await;
        let (_, _, _) = tokio::join!(
            patch(&world, &world.admin, &path, remove(&users[0])),
            patch(&world, &world.owner, &path, add(&newcomer)),
            patch(&world, &world.owner, &path, remove(&users[1])),
        );
        let left = get(&world, &world.admin, &path).await.body;
        let ids: Vec<&str> = left["members"].as_array().expect("members").iter().filter_map(|member| member["value"].as_str()).collect();
        assert!(ids.len() == 11 && ids.contains(&id(&newcomer)) && !ids.contains(&id(&users[0])) && !ids.contains(&id(&users[1])), "{ids:?}");
    }

    async fn a_change_of_members_costs_what_it_says_and_not_what_the_group_holds(world: World) {
        let operation = |number: usize| json!({"method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": {"schemas": [USER], "userName": format!("user{number}")}});
        let operations: Vec<Value> = (0..300).map(operation).collect();
        let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
        let made = post(&world, &world.admin, "/scim/v2/Bulk", &bulk).await.body;
        let ids: Vec<String> = made["Operations"].as_array().expect("operations").iter().map(|made| made["location"].as_str().expect("a location").rsplit('/').next().expect("an id").to_owned()).collect();
        let all: Vec<&str> = ids.iter().map(String::as_str).collect();
        let (small, large) = (group(&world, "Small", &all[..2]).await, group(&world, "Large", &all[..299]).await);
        let add = json!([{"op": "add", "path": "members", "value": [{"value": ids[299]}]}]);
        let remove = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", ids[299])}]);
        let mut counts = Vec::new();
        for crew in [&small, &large] {
            let path = format!("/scim/v2/Groups/{}?attributes=displayName", id(crew));
            for operations in [&add, &remove] {
                world.forget_answers();
                let (answer, statements) = world.statements(patch(&world, &world.admin, &path, operations.clone())).await;
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
                counts.push(statements.len());
            }
        }
        assert_eq!(counts[..2], counts[2..], "as many statements for two members as for three hundred");
        let group = json!({"schemas": [GROUP], "displayName": "Empty"});
        assert_eq!(members(&post(&world, &world.admin, "/scim/v2/Groups", &group).await.body), 0);
    }
}
