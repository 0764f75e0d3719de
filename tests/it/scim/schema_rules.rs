//! The rules of the schemas (RFC 7643 §2, §3), through the server.

use super::{ENTERPRISE, GROUP, PATCH, USER, get, id, patch, post, refused, send, user};
use crate::support::on_each_database;
use axum::http::StatusCode;
use serde_json::{Value, json};

on_each_database! {
    async fn names_and_urns_are_the_same_in_any_case(world: World) {
        let body = json!({
            "SCHEMAS": [USER.to_uppercase(), ENTERPRISE.to_uppercase()], "USERNAME": "ada", "Name": {"GIVENNAME": "Ada"},
            "EMAILS": [{"VALUE": "ada@example.org", "Type": "work"}], ENTERPRISE.to_uppercase(): {"DEPARTMENT": "Engines"},
        });
        let made = post(&world, &world.admin, "/scim/v2/Users", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        assert_eq!(made.body["schemas"], json!([USER, ENTERPRISE]));
        assert_eq!((&made.body["userName"], &made.body["name"]["givenName"], &made.body[ENTERPRISE]["department"]), (&json!("ada"), &json!("Ada"), &json!("Engines")));
        let urn = USER.to_uppercase();
        for filter in ["USERNAME%20EQ%20%22ADA%22", "Emails%5BTYPE%20eQ%20%22work%22%5D", &format!("{urn}:UserName%20Pr"), &format!("{}:DEPARTMENT%20CO%20%22engine%22", ENTERPRISE.to_uppercase())] {
            assert_eq!(get(&world, &world.admin, &format!("/scim/v2/Users?filter={filter}")).await.body["totalResults"], 1, "{filter}");
        }
        let path = format!("/scim/v2/Users/{}", id(&made.body));
        let part = get(&world, &world.admin, &format!("{path}?attributes=NAME.GIVENNAME,{}:department", ENTERPRISE.to_uppercase())).await.body;
        assert_eq!((&part["name"], &part[ENTERPRISE]), (&json!({"givenName": "Ada"}), &json!({"department": "Engines"})));
        let operations = json!({"Schemas": [PATCH.to_uppercase()], "OPERATIONS": [{"OP": "REPLACE", "Path": "NAME.givenname", "VALUE": "Augusta"}]});
        let patched = send(&world, &world.admin, ("PATCH", &path), Some(&operations)).await;
        assert_eq!(patched.body["name"]["givenName"], "Augusta", "{}", patched.body);
    }

    async fn null_and_an_empty_list_are_no_value(world: World) {
        let full = json!({"schemas": [USER], "userName": "ada", "title": "Countess", "emails": [{"value": "ada@example.org"}], "name": {"givenName": "Ada"}});
        let bare = json!({"schemas": [USER], "userName": "ada", "title": null, "emails": [], "name": null});
        let made = post(&world, &world.admin, "/scim/v2/Users", &full).await.body;
        let path = format!("/scim/v2/Users/{}", id(&made));
        let put = send(&world, &world.admin, ("PUT", &path), Some(&bare)).await;
        assert_eq!(put.status, StatusCode::OK, "{}", put.body);
        for name in ["title", "emails", "name"] {
            assert!(put.body.get(name).is_none(), "{name}: {}", put.body);
            assert_eq!(get(&world, &world.admin, &format!("/scim/v2/Users?filter={name}%20pr")).await.body["totalResults"], 0, "{name}");
        }
        send(&world, &world.admin, ("PUT", &path), Some(&full)).await;
        let cleared = patch(&world, &world.admin, &path, json!([{"op": "replace", "path": "title", "value": null}, {"op": "replace", "path": "emails", "value": []}])).await;
        assert!(cleared.body.get("title").is_none() && cleared.body.get("emails").is_none(), "{}", cleared.body);
    }

    async fn put_of_another_immutable_value_is_a_mutability_error(world: World) {
        let urn = "urn:idgraph:params:scim:schemas:extension:1.0:Group";
        let made = post(&world, &world.admin, "/scim/v2/Groups", &json!({"schemas": [GROUP, urn], "displayName": "Crew", urn: {"kind": "team"}})).await.body;
        let path = format!("/scim/v2/Groups/{}", id(&made));
        let body = |kind: &str| json!({"schemas": [GROUP, urn], "displayName": "Crew", urn: {"kind": kind}});
        refused(&send(&world, &world.admin, ("PUT", &path), Some(&body("group"))).await, 400, Some("mutability"));
        assert_eq!(send(&world, &world.admin, ("PUT", &path), Some(&body("team"))).await.status, StatusCode::OK);
    }

    async fn patch_of_what_is_read_only_is_a_mutability_error_and_a_body_passes_over_it(world: World) {
        let body = json!({"schemas": [USER], "userName": "ada", "id": "mine", "groups": [{"value": "grp_x"}], "meta": {"created": "1999-01-01T00:00:00Z", "version": "W/\"99\""}});
        let made = post(&world, &world.admin, "/scim/v2/Users", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        assert_ne!(id(&made.body), "mine");
        let path = format!("/scim/v2/Users/{}", id(&made.body));
        let put = send(&world, &world.admin, ("PUT", &path), Some(&body)).await.body;
        for answer in [&made.body, &put] {
            assert!(answer.get("groups").is_none(), "{answer}");
            assert!(answer["meta"]["created"].as_str().is_some_and(|at| at.starts_with("2026-01-01")), "{answer}");
        }
        for path_of in ["id", "meta.version", "meta", "groups", "groups.value"] {
            let operations = json!([{"op": "replace", "path": path_of, "value": "x"}]);
            refused(&patch(&world, &world.admin, &path, operations).await, 400, Some("mutability"));
        }
    }

    async fn what_is_returned_always_never_and_on_request(world: World) {
        let body = json!({"schemas": [GROUP], "displayName": "Crew", "members": [{"value": id(&user(&world, "ada").await)}]});
        let crew = post(&world, &world.admin, "/scim/v2/Groups", &body).await.body;
        assert!(crew["members"][0].get("display").is_none(), "on request alone: {crew}");
        let path = format!("/scim/v2/Groups/{}", id(&crew));
        assert_eq!(get(&world, &world.admin, &format!("{path}?attributes=members.display")).await.body["members"], json!([{"display": "ada"}]));
        let without = get(&world, &world.admin, &format!("{path}?excludedAttributes=id,schemas,displayName")).await.body;
        assert_eq!((&without["id"], &without["schemas"], without.get("displayName")), (&crew["id"], &crew["schemas"], None));
        let secret = json!({"schemas": [USER], "userName": "grace", "password": "correct horse battery"});
        let made = post(&world, &world.admin, "/scim/v2/Users?attributes=password,userName", &secret).await.body;
        assert_eq!((made["userName"].as_str(), made.get("password")), (Some("grace"), None));
        for filter in ["password%20pr", "password%20eq%20%22correct%20horse%20battery%22"] {
            refused(&get(&world, &world.admin, &format!("/scim/v2/Users?filter={filter}")).await, 400, Some("invalidFilter"));
        }
    }

    async fn case_counts_for_ids_alone(world: World) {
        let made = post(&world, &world.admin, "/scim/v2/Users", &json!({"schemas": [USER], "userName": "Ada", "externalId": "E-1"})).await.body;
        let found = async |filter: String| get(&world, &world.admin, &format!("/scim/v2/Users?filter={filter}")).await.body["totalResults"].clone();
        for (filter, total) in [
            ("userName%20eq%20%22aDA%22".to_owned(), 1),
            ("externalId%20eq%20%22E-1%22".to_owned(), 1),
            ("externalId%20eq%20%22e-1%22".to_owned(), 0),
            (format!("id%20eq%20%22{}%22", id(&made)), 1),
            (format!("id%20eq%20%22{}%22", id(&made).to_uppercase()), 0),
        ] {
            assert_eq!(found(filter.clone()).await, total, "{filter}");
        }
        for name in ["beta", "Alpha", "alpha2"] {
            user(&world, name).await;
        }
        let sorted = get(&world, &world.admin, "/scim/v2/Users?sortBy=userName&attributes=userName").await.body;
        let names: Vec<&str> = sorted["Resources"].as_array().expect("a list").iter().filter_map(|user| user["userName"].as_str()).collect();
        assert_eq!(names, ["Ada", "Alpha", "alpha2", "beta"]);
    }

    async fn one_value_at_most_is_primary(world: World) {
        let two = json!([{"value": "a@example.org", "primary": true}, {"value": "b@example.org", "primary": true}]);
        refused(&post(&world, &world.admin, "/scim/v2/Users", &json!({"schemas": [USER], "userName": "eve", "emails": two})).await, 400, Some("invalidValue"));
        let body = json!({"schemas": [USER], "userName": "ada", "emails": [{"value": "a@example.org", "primary": true}, {"value": "b@example.org"}]});
        let made = post(&world, &world.admin, "/scim/v2/Users", &body).await.body;
        let path = format!("/scim/v2/Users/{}", id(&made));
        let shown = patch(&world, &world.admin, &path, json!([{"op": "add", "path": "emails", "value": [{"value": "c@example.org", "primary": true}]}])).await.body;
        let primary: Vec<&str> = shown["emails"].as_array().expect("emails").iter().filter(|email| email["primary"] == true).filter_map(|email| email["value"].as_str()).collect();
        assert_eq!(primary, ["c@example.org"]);
        // The set has each value once, and takes types that nobody has suggested.
        let again = patch(&world, &world.admin, &path, json!([{"op": "add", "path": "emails", "value": [{"value": "b@example.org"}, {"value": "d@example.org", "type": "moon"}]}])).await.body;
        let values: Vec<&str> = again["emails"].as_array().expect("emails").iter().filter_map(|email| email["value"].as_str()).collect();
        assert_eq!(values, ["a@example.org", "b@example.org", "c@example.org", "d@example.org"], "{again}");
    }

    async fn schemas_are_required_and_follow_what_is_there(world: World) {
        for schemas in [json!(null), json!([]), json!("x"), json!([ENTERPRISE]), json!([GROUP])] {
            let body = json!({"schemas": schemas, "userName": "ada"});
            let answer = post(&world, &world.admin, "/scim/v2/Users", &body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{schemas}: {}", answer.body);
        }
        refused(&post(&world, &world.admin, "/scim/v2/Users", &json!({"userName": "ada"})).await, 400, Some("invalidValue"));
        let unknown = json!({"schemas": [USER], "userName": "ada", "shoeSize": 38, "name": {"nick": "x"}});
        let made = post(&world, &world.admin, "/scim/v2/Users", &unknown).await;
        assert_eq!((made.status, made.body.get("shoeSize")), (StatusCode::CREATED, None), "{}", made.body);
        // The extension is there, though nobody has listed it.
        let path = format!("/scim/v2/Users/{}", id(&made.body));
        let extended = patch(&world, &world.admin, &path, json!([{"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Engines"}])).await.body;
        assert!(extended["schemas"].as_array().is_some_and(|schemas| schemas.contains(&json!(ENTERPRISE))), "{extended}");
    }

    async fn values_have_the_forms_that_the_standard_gives_them(world: World) {
        let with = |name: &str, value: Value| json!({"schemas": [USER], "userName": "ada", name: value});
        for (name, value) in [("timezone", json!("Vienna")), ("timezone", json!("+01:00")), ("locale", json!("Austrian German")), ("profileUrl", json!("no url")), ("active", json!("perhaps")), ("x509Certificates", json!([{"value": "no base64!"}]))] {
            refused(&post(&world, &world.admin, "/scim/v2/Users", &with(name, value)).await, 400, Some("invalidValue"));
        }
        let made = post(&world, &world.admin, "/scim/v2/Users", &with("timezone", json!("Europe/Vienna"))).await;
        assert_eq!((made.status, &made.body["timezone"]), (StatusCode::CREATED, &json!("Europe/Vienna")), "{}", made.body);
        let path = format!("/scim/v2/Users/{}", id(&made.body));
        let wrong = patch(&world, &world.admin, &path, json!([{"op": "replace", "path": "timezone", "value": "Mars/Olympus"}])).await;
        refused(&wrong, 400, Some("invalidValue"));
        assert!(wrong.body["detail"].as_str().is_some_and(|detail| detail.starts_with("timezone: ")), "{}", wrong.body);
        assert_eq!(get(&world, &world.admin, &path).await.body["timezone"], "Europe/Vienna");
    }
}
