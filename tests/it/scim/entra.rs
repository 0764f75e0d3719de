//! The requests of Microsoft Entra ID, as it sends them.

use super::{ENTERPRISE, GROUP, USER, client, get, id, patch, post, refused, send, user};
use crate::support::{Actor, World, on_each_database};
use axum::http::StatusCode;
use idgraph::domain::token::ScimOptions;
use serde_json::json;

async fn entra(world: &World) -> Actor {
    let options =
        ScimOptions { client: Some("entra".to_owned()), silent_patch: true, entra: true, ..ScimOptions::default() };
    client(world, "entra", options).await
}

on_each_database! {
    async fn a_user_is_provisioned_updated_and_disabled(world: World) {
        let entra = entra(&world).await;
        let missing = get(&world, &entra, "/scim/Users?filter=externalId%20eq%20%22jyoung%22").await;
        assert_eq!((missing.status, &missing.body["Resources"]), (StatusCode::OK, &json!([])));
        let body = json!({
            "schemas": [USER, ENTERPRISE],
            "externalId": "jyoung", "userName": "jyoung@testuser.com", "active": true, "displayName": "Joy Young",
            "emails": [{"type": "work", "value": "jyoung@Contoso.com", "primary": true}],
            "meta": {"resourceType": "User"},
            "name": {"familyName": "Young", "givenName": "Joy"},
            ENTERPRISE: {"organization": "Contoso Ltd", "department": "bob"},
        });
        let made = post(&world, &entra, "/scim/Users", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        assert_eq!(made.body[ENTERPRISE]["organization"], "Contoso Ltd");
        let path = format!("/scim/Users/{}", id(&made.body));
        // A literal without quotation marks, and a filter outside of the grammar.
        for filter in ["externalId%20eq%20jyoung", "emails%5Btype%20eq%20%22work%22%5D.value%20eq%20%22jyoung@contoso.com%22"] {
            assert_eq!(get(&world, &entra, &format!("/scim/Users?filter={filter}")).await.body["totalResults"], 1, "{filter}");
        }
        let changes = json!([
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "updatedEmail@microsoft.com"},
            {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1 425 5550100"},
            {"op": "Replace", "value": {"name.familyName": "updatedFamilyName", format!("{ENTERPRISE}:employeeNumber"): "701984", "displayName": "J. Young"}},
            {"op": "Replace", "path": "active", "value": "False"},
        ]);
        let patched = patch(&world, &entra, &path, changes).await;
        assert_eq!(patched.status, StatusCode::NO_CONTENT, "{}", patched.body);
        let read = get(&world, &entra, &path).await.body;
        assert_eq!(read["emails"][0]["value"], "updatedEmail@microsoft.com");
        assert_eq!((&read["phoneNumbers"][0]["type"], &read["phoneNumbers"][0]["value"]), (&json!("mobile"), &json!("+1 425 5550100")));
        assert_eq!((&read["name"]["familyName"], &read["displayName"]), (&json!("updatedFamilyName"), &json!("J. Young")));
        assert_eq!(read[ENTERPRISE]["employeeNumber"], "701984");
        assert_eq!(read["active"], false, "an inactive user is still there");
        let boss = user(&world, "boss").await;
        let manager = json!([{"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": id(&boss)}]);
        patch(&world, &entra, &path, manager).await;
        assert_eq!(get(&world, &entra, &path).await.body[ENTERPRISE]["manager"]["value"], boss["id"]);
    }

    async fn a_group_is_provisioned_and_its_members_follow(world: World) {
        let entra = entra(&world).await;
        let adscim = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
        let body = json!({"schemas": [GROUP, adscim], "externalId": "8aa1a0c0", "displayName": "displayName", "meta": {"resourceType": "Group"}});
        let made = post(&world, &entra, "/scim/Groups", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let path = format!("/scim/Groups/{}", id(&made.body));
        let found = get(&world, &entra, "/scim/Groups?excludedAttributes=members&filter=displayName%20eq%20%22displayName%22").await.body;
        assert_eq!(found["totalResults"], 1);
        assert!(found["Resources"][0].get("members").is_none());
        let (ada, grace) = (user(&world, "ada").await, user(&world, "grace").await);
        let add = json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": id(&ada)}, {"$ref": null, "value": id(&grace)}]}]);
        assert_eq!(patch(&world, &entra, &path, add).await.status, StatusCode::NO_CONTENT);
        let remove = json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": id(&ada)}]}]);
        assert_eq!(patch(&world, &entra, &path, remove).await.status, StatusCode::NO_CONTENT);
        let read = get(&world, &entra, &path).await.body;
        assert_eq!(read["members"].as_array().map(Vec::len), Some(1));
        assert_eq!(read["members"][0]["value"], grace["id"]);
        let rename = json!([{"op": "Replace", "path": "displayName", "value": "renamed"}]);
        patch(&world, &entra, &path, rename).await;
        assert_eq!(get(&world, &entra, &path).await.body["displayName"], "renamed");
        assert_eq!(send(&world, &entra, ("DELETE", &path), None).await.status, StatusCode::NO_CONTENT);
    }

    async fn replacing_what_is_not_there_makes_it_for_entra_only(world: World) {
        let entra = entra(&world).await;
        let ada = user(&world, "ada").await;
        let path = format!("/scim/Users/{}", id(&ada));
        let operations = json!([{"op": "Replace", "path": "addresses[type eq \"work\"].locality", "value": "Vienna"}]);
        refused(&patch(&world, &world.admin, &path, operations.clone()).await, 400, Some("noTarget"));
        assert_eq!(patch(&world, &entra, &path, operations).await.status, StatusCode::NO_CONTENT);
        let address = &get(&world, &entra, &path).await.body["addresses"][0];
        assert_eq!((&address["type"], &address["locality"]), (&json!("work"), &json!("Vienna")));
    }

    async fn a_user_is_disabled_by_a_text_or_a_boolean(world: World) {
        let entra = entra(&world).await;
        let made = post(&world, &entra, "/scim/Users", &json!({"schemas": [USER], "userName": "jyoung@testuser.com", "active": true})).await.body;
        let path = format!("/scim/Users/{}", id(&made));
        for (value, active) in [(json!("False"), false), (json!("True"), true), (json!(false), false), (json!(true), true), (json!("false"), false)] {
            let answer = patch(&world, &entra, &path, json!([{"op": "Replace", "path": "active", "value": value}])).await;
            assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
            assert_eq!(get(&world, &entra, &path).await.body["active"], active, "{value}");
        }
        let listed = get(&world, &entra, "/scim/Users?filter=userName%20eq%20%22jyoung@testuser.com%22").await.body;
        assert_eq!((&listed["totalResults"], &listed["Resources"][0]["active"]), (&json!(1), &json!(false)), "who is disabled is listed all the same");
    }

    async fn members_go_by_value_or_by_filter(world: World) {
        let entra = entra(&world).await;
        let (ada, grace) = (user(&world, "ada").await, user(&world, "grace").await);
        let made = post(&world, &entra, "/scim/Groups", &json!({"schemas": [GROUP], "displayName": "Crew"})).await.body;
        let path = format!("/scim/Groups/{}", id(&made));
        let add = json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": id(&ada)}, {"$ref": null, "value": id(&grace)}]}]);
        for remove in [json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": id(&ada)}]}]), json!([{"op": "Remove", "path": format!("members[value eq \"{}\"]", id(&ada))}])] {
            assert_eq!(patch(&world, &entra, &path, add.clone()).await.status, StatusCode::NO_CONTENT);
            assert_eq!(patch(&world, &entra, &path, remove).await.status, StatusCode::NO_CONTENT);
            let left = get(&world, &entra, &path).await.body;
            assert_eq!((left["members"].as_array().map(Vec::len), &left["members"][0]["value"]), (Some(1), &grace["id"]));
        }
        let none = get(&world, &entra, "/scim/Groups?excludedAttributes=members&filter=displayName%20eq%20%22Nobody%22").await;
        assert_eq!((none.status, &none.body["totalResults"], &none.body["Resources"]), (StatusCode::OK, &json!(0), &json!([])));
    }

    async fn values_are_kept_as_they_are_sent(world: World) {
        let entra = entra(&world).await;
        let values = json!({
            "userName": "Jürgen.Müller@Contoso.COM", "displayName": "MÜLLER, Jürgen (ext.)", "title": "Sr. Dev  / Lead",
            "addresses": [{"type": "work", "country": "United States", "region": "wa", "postalCode": "98052-0001", "streetAddress": "1 Microsoft Way\nBuilding 7", "formatted": "1 Microsoft Way"}],
            "phoneNumbers": [{"type": "work", "value": "+1 (425) 555-0100"}], "preferredLanguage": "en-us",
            "emails": [{"type": "work", "value": "Jürgen.Müller@Contoso.COM"}],
        });
        let mut body = values.clone();
        body["schemas"] = json!([USER]);
        let made = post(&world, &entra, "/scim/Users", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let path = format!("/scim/Users/{}", id(&made.body));
        let mut read = get(&world, &entra, &path).await.body;
        for list in ["addresses", "phoneNumbers", "emails"] {
            assert_eq!(read[list][0].as_object_mut().expect("an element").remove("primary"), Some(json!(false)));
        }
        for (name, value) in values.as_object().expect("an object") {
            assert_eq!(&read[name], value, "{name}");
        }
        let moved = json!([{"op": "Replace", "path": "addresses[type eq \"work\"].country", "value": "Österreich"}]);
        assert_eq!(patch(&world, &entra, &path, moved).await.status, StatusCode::NO_CONTENT);
        let found = get(&world, &entra, "/scim/Users?filter=addresses.country%20eq%20%22%C3%B6sterreich%22").await.body;
        assert_eq!(found["Resources"][0]["addresses"][0]["country"], "Österreich", "{found}");
        // GraphQL tells the same.
        let told = world.graphql(&world.admin, "query($id: ID!) { node(id: $id) { ... on Profile { addresses { country } } } }", json!({"id": id(&made.body)})).await;
        assert_eq!(told.data()["node"]["addresses"][0]["country"], "Österreich");
    }

    async fn nobody_is_refused_for_asking_often_unless_that_is_configured(world: World) {
        let entra = entra(&world).await;
        // The clock stands still, so all of this is within one moment.
        for _ in 0..60 {
            assert_eq!(get(&world, &entra, "/scim/Users?filter=userName%20eq%20%22x%22").await.status, StatusCode::OK);
        }
    }
}
