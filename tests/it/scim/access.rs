//! Who may do what through SCIM: as nobody, as another tenant, as somebody with less.

use super::{GROUP, PATCH, USER, client, get, id, patch, post, refused, send, user};
use crate::support::on_each_database;
use serde_json::json;

on_each_database! {
    async fn tenants_do_not_see_each_other(world: World) {
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        for (method, body) in [("GET", None), ("PUT", Some(json!({"schemas": [USER], "userName": "eve"}))), ("DELETE", None)] {
            let answer = send(&world, &world.stranger, (method, &path), body.as_ref()).await;
            assert_eq!(answer.status.as_u16(), 404, "{method}: {}", answer.body);
        }
        assert_eq!(patch(&world, &world.stranger, &path, json!([{"op": "add", "path": "title", "value": "x"}])).await.status.as_u16(), 404);
        assert_eq!(get(&world, &world.stranger, "/scim/v2/Users").await.body["totalResults"], 0);
        assert_eq!(get(&world, &world.stranger, "/scim/v2/acme/Users").await.status.as_u16(), 404);
        let group = json!({"schemas": [GROUP], "displayName": "Theirs", "members": [{"value": id(&ada)}]});
        assert_eq!(post(&world, &world.stranger, "/scim/v2/Groups", &group).await.status.as_u16(), 400);
        assert_eq!(get(&world, &world.admin, &path).await.body["userName"], "ada");
    }

    async fn a_url_of_one_organization_changes_nothing_in_another(world: World) {
        let theirs = post(&world, &world.stranger, "/scim/v2/Users", &json!({"schemas": [USER], "userName": "hank"})).await.body;
        let crew = post(&world, &world.stranger, "/scim/v2/Groups", &json!({"schemas": [GROUP], "displayName": "Crew"})).await.body;
        let put = |name: &str| json!({"schemas": [USER], "userName": name});
        let title = json!({"schemas": [PATCH], "Operations": [{"op": "add", "path": "title", "value": "pwned"}]});
        let rename = json!({"schemas": [PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "pwned"}]});
        // The credential may write everywhere; the URL says where.
        let (user, group) = (format!("/Users/{}", id(&theirs)), format!("/Groups/{}", id(&crew)));
        for (method, path, body) in [("PATCH", &user, Some(&title)), ("PUT", &user, Some(&put("pwned"))), ("DELETE", &user, None), ("PATCH", &group, Some(&rename)), ("DELETE", &group, None)] {
            let answer = send(&world, &world.root, (method, &format!("/scim/v2/acme{path}")), body).await;
            refused(&answer, 404, None);
        }
        let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
            {"method": "PATCH", "path": user, "data": title}, {"method": "PUT", "path": user, "data": put("pwned")}, {"method": "DELETE", "path": group},
        ]});
        let answer = post(&world, &world.root, "/scim/v2/acme/Bulk", &bulk).await.body;
        assert!(answer["Operations"].as_array().expect("operations").iter().all(|operation| operation["status"] == "404"), "{answer}");
        assert_eq!(get(&world, &world.stranger, &format!("/scim/v2{user}")).await.body, theirs);
        assert_eq!(get(&world, &world.stranger, &format!("/scim/v2{group}")).await.body["displayName"], "Crew");
    }

    async fn what_leads_nowhere_is_told_before_an_organization_is_asked_for(world: World) {
        refused(&send(&world, &world.root, ("PUT", "/scim/v2/Users"), Some(&json!({}))).await, 405, None);
        refused(&get(&world, &world.root, "/scim/v2/Users/zzz").await, 404, None);
        refused(&get(&world, &world.root, "/scim/v2/Me").await, 404, None);
        refused(&get(&world, &world.root, "/scim/v2/Users").await, 400, Some("invalidValue"));
    }

    async fn each_method_asks_for_its_role(world: World) {
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let own = world.as_profile(id(&ada)).await;
        let new = json!({"schemas": [USER], "userName": "new"});
        let title = json!({"schemas": [PATCH], "Operations": [{"op": "add", "path": "title", "value": "x"}]});
        let deactivate = json!({"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": false}]});
        // nobody, reader, self, editor
        let table = [
            ("GET", "/scim/v2/Users", None, [401, 403, 403, 200]),
            ("GET", path.as_str(), None, [401, 403, 200, 200]),
            ("GET", "/scim/v2/Me", None, [401, 404, 200, 404]),
            ("POST", "/scim/v2/Users", Some(&new), [401, 403, 403, 201]),
            ("PATCH", path.as_str(), Some(&title), [401, 403, 403, 200]),
            ("PATCH", path.as_str(), Some(&deactivate), [401, 403, 403, 403]),
            ("DELETE", path.as_str(), None, [401, 403, 403, 403]),
            ("GET", "/scim/v2/Schemas", None, [401, 200, 200, 200]),
        ];
        for (method, path, body, expected) in table {
            for (actor, status) in [&world.nobody, &world.reader, &own, &world.editor].into_iter().zip(expected) {
                let answer = send(&world, actor, (method, path), body).await;
                assert_eq!(answer.status.as_u16(), status, "{method} {path} as {}: {}", actor.name, answer.body);
            }
        }
        assert_eq!(send(&world, &world.admin, ("PATCH", &path), Some(&deactivate)).await.status.as_u16(), 200);
        assert_eq!(send(&world, &world.admin, ("DELETE", &path), None).await.status.as_u16(), 204);
    }

    async fn an_external_id_belongs_to_its_client(world: World) {
        let options = |client: &str| idgraph::domain::token::ScimOptions { client: Some(client.to_owned()), ..Default::default() };
        let (entra, okta) = (client(&world, "entra", options("entra")).await, client(&world, "okta", options("okta")).await);
        let body = |name: &str| json!({"schemas": [USER], "userName": name, "externalId": "E-1"});
        let made = post(&world, &entra, "/scim/v2/Users", &body("ada")).await.body;
        assert_eq!(made["externalId"], "E-1");
        let path = format!("/scim/v2/Users/{}", id(&made));
        assert!(get(&world, &okta, &path).await.body.get("externalId").is_none());
        assert_eq!(post(&world, &okta, "/scim/v2/Users", &body("grace")).await.status.as_u16(), 201);
        refused(&post(&world, &entra, "/scim/v2/Users", &body("zoe")).await, 409, Some("uniqueness"));
        let filter = "/scim/v2/Users?filter=externalId%20eq%20%22E-1%22";
        assert_eq!(get(&world, &entra, filter).await.body["Resources"][0]["userName"], "ada");
        assert_eq!(get(&world, &okta, filter).await.body["Resources"][0]["userName"], "grace");
        let lower = "/scim/v2/Users?filter=externalId%20eq%20%22e-1%22";
        assert_eq!(get(&world, &entra, lower).await.body["totalResults"], 0);
    }

    async fn a_page_and_a_bulk_request_cost_what_they_hold(world: World) {
        let limits = [("rate_limits.enabled", "true"), ("rate_limits.cost_per_minute", "60"), ("rate_limits.burst", "10")];
        let world = world.configured(&limits);
        assert_eq!(get(&world, &world.admin, "/scim/v2/Users?count=7").await.status.as_u16(), 200);
        let again = get(&world, &world.admin, "/scim/v2/Users?count=7").await;
        refused(&again, 429, None);
        assert!(again.headers.contains_key("retry-after"));
        let operation = |number: usize| json!({"method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": {"schemas": [USER], "userName": format!("user{number}")}});
        let operations: Vec<_> = (0..8).map(operation).collect();
        let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
        refused(&post(&world, &world.owner, "/scim/v2/Users/.search", &json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "count": 50})).await, 400, Some("tooMany"));
        assert_eq!(post(&world, &world.owner, "/scim/v2/Bulk", &bulk).await.status.as_u16(), 200);
        refused(&post(&world, &world.owner, "/scim/v2/Bulk", &bulk).await, 429, None);
    }
}
