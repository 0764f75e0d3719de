//! Keys: made once, sealed, rotated, withdrawn, and the same for every server.

use super::{Client, assert_refused, issuing, issuing_with, part, statuses, token};
use crate::support::{World, each, on_each_database};
use chrono::TimeDelta;
use idgraph::domain::SigningAlgorithm;
use idgraph::domain::signing::key_id;
use serde_json::json;

async fn published(world: &World) -> Vec<String> {
    let keys = world.get(&world.nobody, "/.well-known/jwks.json").await;
    assert_eq!(keys.status, 200, "{:#}", keys.body);
    each(&keys.body["keys"], "kid").into_iter().map(str::to_owned).collect()
}

on_each_database! {
    async fn a_key_is_made_once_however_many_ask(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.reader).await;
        let tokens = futures::future::join_all((0..8).map(|_| token(&world, &client))).await;
        let kid = part(&tokens[0], 0)["kid"].clone();
        assert!(tokens.iter().all(|token| part(token, 0)["kid"] == kid));
        assert_eq!(published(&world).await, [kid.as_str().expect("a name")]);
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM oauth_keys").await, 1);
    }

    async fn the_private_part_is_sealed(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.reader).await;
        token(&world, &client).await;
        let stored = world.app.store().all_signing_keys().await.expect("keys").remove(0);
        // What PKCS#8 of this curve always holds is not there.
        let curve: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
        assert!(!stored.sealed.windows(curve.len()).any(|window| window == curve));
        let world = issuing_with(world, &[("oauth.key_secret", "fedcba9876543210fedcba9876543210")]).await;
        let answer = crate::oauth::ask(&world, &client, "/oauth/token", &[("grant_type", "client_credentials")]).await;
        assert_eq!(crate::oauth::refusal(&answer), (503, "temporarily_unavailable"), "under another secret nothing is signed");
        world.app.rotate_key(&world.operator(), SigningAlgorithm::Es256).await.expect("another key");
        token(&world, &client).await;
    }

    async fn a_key_that_was_rotated_verifies_until_what_it_signed_has_expired(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.reader).await;
        let old = token(&world, &client).await;
        let new = key_id(world.app.rotate_key(&world.operator(), SigningAlgorithm::Es256).await.expect("a key"));
        let fresh = token(&world, &client).await;
        assert_eq!(part(&fresh, 0)["kid"], new);
        let before = part(&old, 0)["kid"].as_str().expect("a name").to_owned();
        assert_eq!(published(&world).await, [before, new.clone()]);
        world.clock.advance(TimeDelta::seconds(899));
        assert_eq!(statuses(&world, &old).await, [200; 4]);
        world.clock.advance(TimeDelta::seconds(120));
        assert_eq!(published(&world).await, [new]);
    }

    async fn what_a_withdrawn_key_has_signed_is_worthless(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.reader).await;
        let old = token(&world, &client).await;
        assert_eq!(statuses(&world, &old).await, [200; 4]);
        let id = world.app.store().all_signing_keys().await.expect("keys")[0].id;
        let reason = Some("It was seen.".to_owned());
        world.app.withdraw_key(&world.operator(), id, reason).await.expect("withdrawn");
        assert_refused(&world, &old, "its key was withdrawn").await;
        let fresh = token(&world, &client).await;
        assert_ne!(part(&fresh, 0)["kid"], key_id(id));
        assert_eq!(statuses(&world, &fresh).await, [200; 4]);
        assert_eq!(published(&world).await, [part(&fresh, 0)["kid"].as_str().expect("a name")]);
        let kept = world.text_behind("SELECT reason FROM oauth_keys WHERE withdrawn_at IS NOT NULL", "SELECT reason FROM oauth_keys WHERE withdrawn_at IS NOT NULL").await;
        assert_eq!(kept, "It was seen.");
    }

    async fn another_server_has_the_same_keys(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.reader).await;
        let other = world.another_server(&[("oauth.key_secret", "0123456789abcdef0123456789abcdef"), ("oauth.issuer", crate::oauth::ISSUER)]).await;
        let one = token(&world, &client).await;
        assert_eq!(other.graphql(&one, "{ viewer { name } }", json!({})).await.status, 200);
        world.app.rotate_key(&world.operator(), SigningAlgorithm::Es256).await.expect("a key");
        let two = token(&world, &client).await;
        world.clock.advance(TimeDelta::milliseconds(200));
        assert_eq!(other.graphql(&two, "{ viewer { name } }", json!({})).await.status, 200, "a key that is new is looked for at once");
        for key in world.app.store().all_signing_keys().await.expect("keys") {
            world.app.withdraw_key(&world.operator(), key.id, None).await.expect("withdrawn");
        }
        world.clock.advance(TimeDelta::seconds(2));
        for token in [&one, &two] {
            assert_eq!(other.graphql(token, "{ viewer { name } }", json!({})).await.status, 401);
        }
    }
}
