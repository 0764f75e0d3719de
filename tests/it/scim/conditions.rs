//! Versions: entity tags, and the conditions of requests (RFC 7644 §3.14, RFC 9110 §13.1).

use super::{GROUP, PATCH, USER, client, get, group, id, patch, post, refused, send, user};
use crate::support::{Answer, World, on_each_database};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use idgraph::domain::token::ScimOptions;
use serde_json::{Value, json};

/// Sends a request with headers of a condition.
async fn with(
    world: &World,
    conditions: &[(header::HeaderName, &str)],
    (method, path): (&str, &str),
    body: Option<Value>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "directory.example.org");
    for (name, value) in conditions {
        request = request.header(name, *value);
    }
    let request = request.header(header::CONTENT_TYPE, "application/scim+json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    world.send(&world.admin, request.body(body).expect("a request")).await
}

fn tag(answer: &Answer) -> String {
    answer.headers[header::ETAG].to_str().expect("a tag").to_owned()
}

fn title(title: &str) -> Value {
    json!({"schemas": [PATCH], "Operations": [{"op": "add", "path": "title", "value": title}]})
}

on_each_database! {
    async fn a_copy_is_old_when_what_others_say_in_it_has_changed(world: World) {
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let alone = tag(&get(&world, &world.admin, &path).await);
        let crew = group(&world, "Crew", &[id(&ada)]).await;
        let grown = with(&world, &[(header::IF_NONE_MATCH, &alone)], ("GET", &path), None).await;
        assert_eq!((grown.status, grown.body["groups"][0]["display"].as_str()), (StatusCode::OK, Some("Crew")), "the group is news");
        let member = tag(&grown);
        assert_eq!(grown.body["meta"]["version"], member);
        assert_eq!(with(&world, &[(header::IF_NONE_MATCH, &member)], ("GET", &path), None).await.status, StatusCode::NOT_MODIFIED);
        // A group whose member is deleted says less than before, though nobody has touched it.
        let path = format!("/scim/v2/Groups/{}", id(&crew));
        let full = tag(&get(&world, &world.admin, &path).await);
        assert_eq!(send(&world, &world.admin, ("DELETE", &format!("/scim/v2/Users/{}", id(&ada))), None).await.status, StatusCode::NO_CONTENT);
        let empty = with(&world, &[(header::IF_NONE_MATCH, &full)], ("GET", &path), None).await;
        assert_eq!((empty.status, empty.body.get("members")), (StatusCode::OK, None));
        // Who writes with the tag of a copy loses nothing by that.
        let rename = json!({"schemas": [PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "Few"}]});
        assert_eq!(with(&world, &[(header::IF_MATCH, &full)], ("PATCH", &path), Some(rename.clone())).await.status, StatusCode::OK);
        refused(&with(&world, &[(header::IF_MATCH, &full)], ("PATCH", &path), Some(rename)).await, 412, None);
    }

    async fn a_tag_comes_with_every_answer_whatever_is_shown(world: World) {
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        for query in ["attributes=userName", "excludedAttributes=meta"] {
            let part = get(&world, &world.admin, &format!("{path}?{query}")).await;
            assert!(part.body.get("meta").is_none(), "{query}");
            let known = with(&world, &[(header::IF_NONE_MATCH, &tag(&part))], ("GET", &format!("{path}?{query}")), None).await;
            assert_eq!(known.status, StatusCode::NOT_MODIFIED, "{query}");
        }
    }

    async fn conditions_are_lists_and_mean_the_same_for_every_method(world: World) {
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        for method in ["PUT", "PATCH", "DELETE"] {
            let unless = with(&world, &[(header::IF_NONE_MATCH, "*")], (method, &path), Some(title("x"))).await;
            refused(&unless, 412, None);
        }
        refused(&with(&world, &[(header::IF_MATCH, "\"77\"")], ("GET", &path), None).await, 412, None);
        let version = tag(&get(&world, &world.admin, &path).await);
        let either = [(header::IF_MATCH, "\"77\""), (header::IF_MATCH, version.as_str())];
        assert_eq!(with(&world, &either, ("PATCH", &path), Some(title("second header"))).await.status, StatusCode::OK);
    }

    async fn a_silent_client_that_asks_for_attributes_gets_them(world: World) {
        let silent = client(&world, "silent", ScimOptions { silent_patch: true, ..ScimOptions::default() }).await;
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let operations = json!([{"op": "add", "path": "title", "value": "Countess"}]);
        let quiet = patch(&world, &silent, &path, operations.clone()).await;
        assert_eq!(quiet.status, StatusCode::NO_CONTENT);
        assert_eq!(tag(&quiet), tag(&get(&world, &world.admin, &format!("{path}?attributes=id")).await));
        let asked = patch(&world, &silent, &format!("{path}?attributes=title"), operations).await;
        assert_eq!((asked.status, &asked.body["title"]), (StatusCode::OK, &json!("Countess")));
    }

    async fn a_change_of_a_large_group_is_answered_without_its_members(world: World) {
        let mut ids = Vec::new();
        for part in 0..2 {
            let operations: Vec<Value> = (0..501).map(|number| json!({"method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": {"schemas": [USER], "userName": format!("user{part}-{number}")}})).collect();
            let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
            let made = post(&world, &world.admin, "/scim/v2/Bulk", &bulk).await.body;
            ids.extend(made["Operations"].as_array().expect("operations").iter().map(|made| {
                let location = made["location"].as_str().expect("a location");
                location.rsplit('/').next().expect("an id").to_owned()
            }));
        }
        let members: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"schemas": [GROUP], "displayName": "Everybody", "members": members});
        let made = post(&world, &world.admin, "/scim/v2/Groups", &body).await;
        assert_eq!((made.status, made.body["displayName"].as_str(), made.body.get("members")), (StatusCode::CREATED, Some("Everybody"), None));
        let path = format!("/scim/v2/Groups/{}", id(&made.body));
        let rename = json!([{"op": "replace", "path": "displayName", "value": "All"}]);
        let renamed = patch(&world, &world.admin, &path, rename.clone()).await;
        assert_eq!((renamed.status, renamed.body.get("members")), (StatusCode::OK, None), "{}", renamed.body);
        assert!(renamed.headers.contains_key(header::ETAG));
        let asked = patch(&world, &world.admin, &format!("{path}?attributes=members"), rename).await;
        assert_eq!(asked.body["members"].as_array().map(Vec::len), Some(1_002));
        assert_eq!(get(&world, &world.admin, &path).await.body["members"].as_array().map(Vec::len), Some(1_002));
    }
}
