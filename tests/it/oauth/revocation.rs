//! Tokens that are given back, and what ends them at the very next request.

use super::{Client, ask, assert_refused, introspect, issuing, statuses, token};
use crate::support::{World, on_each_database};
use chrono::TimeDelta;
use serde_json::json;

async fn revoke(world: &World, client: &Client, token: &str) {
    let answer = ask(world, client, "/oauth/revoke", &[("token", token)]).await;
    assert_eq!((answer.status.as_u16(), &answer.body), (200, &json!({})));
}

on_each_database! {
    async fn a_client_gives_back_what_is_its_own_and_nothing_else(world: World) {
        let world = issuing(world).await;
        let (reader, editor) = (Client::of(&world, &world.reader).await, Client::of(&world, &world.editor).await);
        let (one, other) = (token(&world, &reader).await, token(&world, &reader).await);
        assert_eq!(statuses(&world, &one).await, [200; 4]);
        let text = one.token.as_deref().expect("a token");
        for stranger in [&editor, &Client::of(&world, &world.stranger).await, &Client::of(&world, &world.root).await] {
            revoke(&world, stranger, text).await;
            revoke(&world, stranger, world.reader.token.as_deref().expect("a token")).await;
        }
        assert_eq!(statuses(&world, &one).await, [200; 4]);
        let events = async || world.number_behind("SELECT COUNT(*) FROM events WHERE action = 'token.revoke_jwt'").await;
        assert_eq!(events().await, 0);
        revoke(&world, &reader, text).await;
        assert_refused(&world, &one, "it was revoked").await;
        assert_eq!(introspect(&world, &reader, &one).await, json!({"active": false}));
        assert_eq!(statuses(&world, &other).await, [200; 4]);
        assert_eq!(statuses(&world, &world.reader).await, [200; 4]);
        revoke(&world, &reader, text).await;
        assert_eq!(events().await, 1, "what was revoked is not revoked again");
        revoke(&world, &reader, "idg_unknown").await;
    }

    async fn a_client_may_give_itself_up(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.reader).await;
        let bearer = token(&world, &client).await;
        revoke(&world, &client, &client.secret).await;
        assert_refused(&world, &bearer, "the client is gone").await;
        assert_refused(&world, &world.reader, "the client is gone").await;
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM events WHERE action = 'token.revoke'").await, 1);
        let answer = ask(&world, &client, "/oauth/token", &[("grant_type", "client_credentials")]).await;
        assert_eq!(crate::oauth::refusal(&answer), (401, "invalid_client"));
    }

    async fn a_revocation_is_remembered_as_long_as_it_matters(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.reader).await;
        let bearer = token(&world, &client).await;
        revoke(&world, &client, bearer.token.as_deref().expect("a token")).await;
        let count = async || world.number_behind("SELECT COUNT(*) FROM oauth_revocations").await;
        world.clock.advance(TimeDelta::seconds(899));
        assert_eq!((world.app.forget_revocations().await.expect("looked"), count().await), (0, 1));
        world.clock.advance(TimeDelta::hours(2));
        assert_eq!((world.app.forget_revocations().await.expect("looked"), count().await), (1, 0));
    }

    async fn the_bearer_of_a_token_may_ask_with_it(world: World) {
        let world = issuing(world).await;
        let bearer = token(&world, &Client::of(&world, &world.reader).await).await;
        let header = format!("Bearer {}", bearer.token.as_deref().expect("a token"));
        let sent = [("token", bearer.token.as_deref().expect("a token"))];
        let told = crate::oauth::form(&world, "/oauth/introspect", &[("authorization", &header)], &sent).await;
        assert_eq!(told.body["active"], true);
        let done = crate::oauth::form(&world, "/oauth/revoke", &[("authorization", &header)], &sent).await;
        assert_eq!(done.status, 200);
        assert_refused(&world, &bearer, "it gave itself back").await;
        let told = crate::oauth::form(&world, "/oauth/introspect", &[("authorization", &header)], &sent).await;
        assert_eq!(crate::oauth::refusal(&told), (401, "invalid_token"));
    }
}
