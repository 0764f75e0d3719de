//! From whatever is known of somebody to the profile.

use super::{done, get, refusal, refused};
use crate::support::mutations::account;
use crate::support::{id_of, on_each_database};
use serde_json::json;

on_each_database! {
    async fn whatever_is_known_leads_to_the_profile(world: World) {
        let input = json!({"username": "ada", "email": "ada@example.org", "phones": [{"value": "+44 20 7946 0000"}]});
        let ada = id_of(&done(&world, &world.editor, ("POST", "/v1/profiles"), input).await);
        let identity = account(&world, &ada, "1815").await;
        for (query, rule) in [
            (format!("identifier={ada}"), "id"),
            (format!("id={identity}"), "identity_id"),
            ("identifier=github:1815".to_owned(), "account"),
            ("provider=github&external_id=1815".to_owned(), "account"),
            ("email=ADA@example.org".to_owned(), "email"),
            ("username=Ada".to_owned(), "username"),
            ("identifier=ada&organization=acme".to_owned(), "username"),
            ("phone=%2B442079460000".to_owned(), "phone"),
        ] {
            let found = get(&world, &world.reader, &format!("/v1/resolve?{query}")).await;
            assert_eq!((&found["profile"]["id"], &found["rule"]), (&json!(ada), &json!(rule)), "{query}");
        }
        for query in ["email=nobody@example.org", "provider=github&external_id=1815&environment=staging", "identifier="] {
            let found = refused(&world, &world.reader, ("GET", &format!("/v1/resolve?{query}")), None).await;
            assert_eq!(found, refusal(404, "NOT_FOUND", "identifier"), "{query}");
        }
        let theirs = refused(&world, &world.stranger, ("GET", "/v1/resolve?email=ada@example.org"), None).await;
        assert_eq!(theirs, refusal(404, "NOT_FOUND", "identifier"));
        for (query, field) in [
            ("", "identifier"), ("email=a@b.c&username=a", "identifier"), ("provider=github", "external_id"), ("id=x", "id"),
        ] {
            let found = refused(&world, &world.reader, ("GET", &format!("/v1/resolve?{query}")), None).await;
            assert_eq!(found, refusal(422, "BAD_USER_INPUT", field), "{query}");
        }
        let input = json!({"username": "other", "email": "ada@example.org"});
        done(&world, &world.editor, ("POST", "/v1/profiles"), input).await;
        let both = refused(&world, &world.reader, ("GET", "/v1/resolve?email=ada@example.org"), None).await;
        assert_eq!(both, refusal(409, "CONFLICT", "identifier"));
    }
}
