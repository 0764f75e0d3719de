//! What nobody may be called, because something else is found by it.

use crate::support::on_each_database;
use serde_json::json;

fn said(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

on_each_database! {
    async fn names_that_mean_something_else_are_nobodys(world: World) {
        let ada = world.user("ada").await;
        for name in [ada.as_str(), &ada.to_uppercase(), "grp_01jd8s6vq9e0v8k2m4n6p8r0t2"] {
            let input = json!({"organizationId": world.acme, "kind": "USER", "username": name});
            assert_eq!(world.refused(&world.editor, "createProfile", input).await, said("BAD_USER_INPUT", "username"));
            let input = json!({"id": ada, "username": name});
            assert_eq!(world.refused(&world.editor, "updateProfile", input).await, said("BAD_USER_INPUT", "username"));
        }
        // It is how SDKs call all organizations.
        for slug in ["admin", "Admin", &world.globex.to_string()] {
            let refusal = world.refused(&world.root, "createOrganization", json!({"slug": slug, "name": "Ours"})).await;
            assert_eq!(refusal, said("BAD_USER_INPUT", "slug"));
            let refusal = world.refused(&world.owner, "updateOrganization", json!({"id": world.acme, "slug": slug})).await;
            assert_eq!(refusal, said("BAD_USER_INPUT", "slug"));
        }
    }

    async fn the_number_of_somebody_behind_another_prefix_is_nobodys(world: World) {
        let ada = world.user("ada").await;
        let bot = ada.replace("usr_", "bot_");
        let found = world.query(&world.reader, &format!("{{ node(id: \"{bot}\") {{ id }} }}")).await;
        assert_eq!(found["node"], json!(null));
        assert_eq!(world.get(&world.reader, &format!("/v1/profiles/{bot}")).await.status, 404);
        assert_eq!(world.get(&world.reader, &format!("/v1/iam/users/get?id=acme/{bot}")).await.status, 404);
        let gone = world.post(&world.admin, &format!("/api/delete-user?id=acme/{bot}"), "application/json", "{}").await;
        assert_eq!(gone.status, 404, "{:#}", gone.body);
        assert_eq!(world.get(&world.reader, &format!("/v1/profiles/{ada}")).await.status, 200);
    }
}
