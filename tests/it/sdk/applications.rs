//! Applications, which are API tokens; providers, which are those of accounts; and who the credential is.

use super::{done, expected, get, native, refused, send};
use crate::oauth::{Client, issuing_with};
use crate::support::mutations::{account, as_root};
use crate::support::{each, on_each_database};
use serde_json::json;

on_each_database! {
    async fn applications_are_the_api_tokens(world: World) {
        let world = issuing_with(world, &[]).await;
        let client = Client::of(&world, &world.editor).await;
        let one = get(&world, &world.admin, "/api/get-application?id=admin/editor").await;
        let wanted = json!({"owner": "acme", "name": "editor", "displayName": "editor", "clientId": client.id, "clientSecret": "",
            "organization": "acme", "grantTypes": ["client_credentials"], "enablePassword": false, "role": "editor"});
        for (field, value) in wanted.as_object().expect("an object") {
            assert_eq!(&one[field], value, "{field}");
        }
        let path = format!("/v1/iam/application?id=acme/{}", client.id);
        assert_eq!(native(&world, &world.admin, &path).await, one);
        let listed = native(&world, &world.admin, "/v1/iam/applications?owner=admin").await;
        assert_eq!(each(&listed["applications"], "name"), ["owner", "admin", "editor", "reader"]);
        let page = send(&world, &world.admin, ("GET", "/api/get-organization-applications?owner=admin&organization=acme&p=2&pageSize=3"), None).await;
        assert_eq!((each(&page.body["data"], "name"), &page.body["data2"]), (vec!["reader"], &json!(4)));
        // Whoever does not manage the organization knows of its own.
        assert_eq!(each(&get(&world, &world.reader, "/api/get-applications?owner=admin").await, "name"), ["reader"]);
        assert_eq!(get(&world, &world.reader, "/api/get-application?id=acme/editor").await, json!(null));
        assert_eq!(get(&world, &world.reader, "/api/get-application?id=acme/reader").await["name"], "reader");
        assert_eq!(get(&world, &world.stranger, "/api/get-application?id=acme/editor").await, json!(null));
        assert_eq!(each(&get(&world, &world.root, "/api/get-applications?owner=globex").await, "name"), ["stranger"]);
        assert_eq!(each(&get(&world, &world.root, "/api/get-applications").await, "owner")[0], "admin");
    }

    async fn an_application_is_called_something_else_and_ended(world: World) {
        let client = Client::of(&world, &world.editor).await;
        let mut one = get(&world, &world.owner, "/api/get-application?id=acme/editor").await;
        let before = world.last_sequence().await;
        assert_eq!(done(&world, &world.owner, "/v1/iam/update-application", one.clone()).await, one);
        assert_eq!(world.last_sequence().await, before, "sent back as it is, it stays as it is");
        one["displayName"] = json!("Backend");
        let seen = done(&world, &world.owner, "/v1/iam/update-application", one.clone()).await;
        assert_eq!((&seen["name"], &seen["clientId"]), (&json!("Backend"), &json!(client.id)));
        // It goes on working.
        assert_eq!(get(&world, &world.editor, "/api/get-application?id=acme/Backend").await["name"], "Backend");
        assert_eq!(refused(&world, &world.admin, ("POST", "/v1/iam/update-application"), Some(one)).await, expected(403, "FORBIDDEN", ""));
        let path = ("POST", "/api/update-application?id=acme/Backend");
        assert_eq!(refused(&world, &world.owner, path, Some(json!({"displayName": "a\nb"}))).await.0, 422);
        let path = "/api/delete-application?id=acme/Backend";
        assert_eq!(refused(&world, &world.owner, ("POST", path), Some(json!({}))).await, expected(403, "FORBIDDEN", ""));
        done(&world, &world.root, path, json!({})).await;
        assert_eq!(refused(&world, &world.editor, ("GET", "/api/get-users"), None).await.0, 401);
        assert_eq!(get(&world, &world.owner, "/api/get-application?id=acme/Backend").await, json!(null));
    }

    async fn one_of_two_that_are_called_the_same_is_named_by_its_id(world: World) {
        let id = Client::of(&world, &world.editor).await.id;
        let body = json!({"displayName": "reader"});
        done(&world, &world.owner, "/api/update-application?id=acme/editor", body).await;
        let path = "/api/get-application?id=acme/reader";
        assert_eq!(refused(&world, &world.owner, ("GET", path), None).await, expected(409, "CONFLICT", "id"));
        let path = format!("/api/get-application?id=acme/{id}");
        assert_eq!(get(&world, &world.owner, &path).await["clientId"], json!(id));
    }

    async fn providers_are_those_of_accounts(world: World) {
        let ada = world.user("ada").await;
        assert_eq!(get(&world, &world.reader, "/api/get-providers?owner=acme").await, json!([]));
        for name in ["1", "2"] {
            account(&world, &ada, name).await;
        }
        for provider in ["okta", "azure_ad"] {
            as_root(&world, "linkIdentity", json!({"profileId": ada, "provider": provider, "accountId": "1"})).await;
        }
        let listed = native(&world, &world.reader, "/v1/iam/providers?owner=admin").await;
        assert_eq!(each(&listed["providers"], "name"), ["azure_ad", "github", "okta"]);
        let page = send(&world, &world.reader, ("GET", "/api/get-providers?owner=acme&p=2&pageSize=2"), None).await;
        assert_eq!((each(&page.body["data"], "name"), &page.body["data2"]), (vec!["okta"], &json!(3)));
        let one = get(&world, &world.reader, "/api/get-provider?id=acme/okta").await;
        assert_eq!(one, json!({"owner": "acme", "name": "okta", "displayName": "okta", "type": "okta"}));
        assert_eq!(get(&world, &world.reader, "/api/get-provider?id=acme/gitlab").await, json!(null));
        assert_eq!(get(&world, &world.stranger, "/api/get-provider?id=acme/okta").await, json!(null));
        assert_eq!(get(&world, &world.stranger, "/api/get-providers?owner=admin").await, json!([]));
    }

    async fn whoever_acts_for_a_user_is_that_user(world: World) {
        let ada = world.user("ada").await;
        let own = world.as_profile(&ada).await;
        let answer = send(&world, &own, ("GET", "/api/get-account"), None).await;
        assert_eq!((&answer.body["sub"], &answer.body["name"]), (&json!(ada), &json!("ada")));
        assert_eq!((&answer.body["data"]["owner"], &answer.body["data2"]["name"]), (&json!("acme"), &json!("acme")));
        assert_eq!(native(&world, &own, "/v1/iam/account").await, answer.body["data"]);
        assert_eq!(get(&world, &world.reader, "/api/get-account").await, json!(null));
        assert_eq!(refused(&world, &world.reader, ("GET", "/v1/iam/account"), None).await, expected(404, "NOT_FOUND", "id"));
        // It changes what is its own, and nothing else.
        done(&world, &own, "/api/update-user?id=acme/ada", json!({"displayName": "Ada"})).await;
        let answer = refused(&world, &own, ("POST", "/api/update-user?id=acme/ada"), Some(json!({"title": "CEO"}))).await;
        assert_eq!(answer, expected(403, "FORBIDDEN", "title"));
        assert_eq!(get(&world, &own, "/api/get-users").await, json!([]));
    }
}
