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
}
