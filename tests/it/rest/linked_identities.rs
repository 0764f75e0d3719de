//! The accounts that profiles own elsewhere.

use super::{done, get, refusal, refused, send};
use crate::support::{each, id_of, on_each_database};
use serde_json::json;

on_each_database! {
    async fn an_account_is_linked_listed_and_unlinked(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let path = format!("/v1/profiles/{ada}/linked-identities");
        let link = json!({"provider": "github", "external_id": "1815", "username": "ada", "environment": "staging", "verified": true});
        let linked = done(&world, &world.editor, ("POST", &path), link.clone()).await;
        assert_eq!((&linked["external_id"], &linked["environment"], &linked["status"]), (&json!("1815"), &json!("staging"), &json!("active")));
        let page = get(&world, &world.reader, &path).await;
        assert_eq!(each(&page["data"], "external_id"), ["1815"]);
        let again = refused(&world, &world.editor, ("POST", &path), Some(link.clone())).await;
        assert_eq!(again, refusal(409, "CONFLICT", "external_id"));
        let theirs = format!("/v1/profiles/{bob}/linked-identities");
        assert_eq!(refused(&world, &world.editor, ("POST", &theirs), Some(link)).await, refusal(409, "CONFLICT", "external_id"));
        let id = id_of(&linked);
        // It belongs to ada, so bob has nothing to unlink.
        let wrong = refused(&world, &world.editor, ("DELETE", &format!("{theirs}/{id}")), None).await;
        assert_eq!(wrong, refusal(404, "NOT_FOUND", "identity_id"));
        let one = format!("{path}/{id}");
        assert_eq!(send(&world, &world.editor, ("DELETE", &one), &[], None).await.status, 204);
        assert_eq!(get(&world, &world.reader, &path).await["data"], json!([]));
        assert_eq!(refused(&world, &world.editor, ("DELETE", &one), None).await, refusal(404, "NOT_FOUND", "identity_id"));
        let bad = refused(&world, &world.editor, ("POST", &path), Some(json!({"provider": "git hub", "external_id": "1"}))).await;
        assert_eq!(bad, refusal(422, "BAD_USER_INPUT", "provider"));
    }

    async fn the_accounts_of_this_server_itself_are_nobodys_to_link_or_unlink(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let path = format!("/v1/profiles/{ada}/linked-identities");
        for id in [&ada, &bob] {
            let link = json!({"provider": "local", "external_id": id});
            let found = refused(&world, &world.owner, ("POST", &path), Some(link)).await;
            assert_eq!(found, refusal(422, "BAD_USER_INPUT", "provider"));
            let input = json!({"profileId": ada, "provider": "local", "accountId": id});
            assert_eq!(world.refused(&world.owner, "linkIdentity", input).await.1, "provider");
        }
        let password = json!({"id": ada, "password": "correct horse battery"});
        world.mutate(&world.admin, "setPassword", password, "profile { id }").await;
        let own = id_of(&get(&world, &world.reader, &path).await["data"][0]);
        let found = refused(&world, &world.owner, ("DELETE", &format!("{path}/{own}")), None).await;
        assert_eq!((found.0, found.1.as_str()), (409, "CONFLICT"));
        assert_eq!(world.refused(&world.owner, "unlinkIdentity", json!({"id": own})).await.0, "CONFLICT");
        assert_eq!(each(&get(&world, &world.reader, &path).await["data"], "external_id"), [ada]);
    }
}
