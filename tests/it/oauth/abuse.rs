//! Tokens that somebody makes up, or changes.

use super::{Client, ISSUER, ask, assert_refused, introspect, issuing, part, token};
use crate::support::issuer::{SigningKey, bearer, with};
use crate::support::on_each_database;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

on_each_database! {
    async fn a_token_that_is_not_ours_is_refused(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.owner).await;
        let good = token(&world, &client).await;
        let (header, claims) = (part(&good, 0), part(&good, 1));
        let text = good.token.clone().expect("a token");
        let pieces: Vec<&str> = text.split('.').collect();
        let keys = world.get(&world.nobody, "/.well-known/jwks.json").await.body;
        let public = URL_SAFE_NO_PAD.decode(keys["keys"][0]["x"].as_str().expect("a number")).expect("base64");
        let other = SigningKey::p256();
        let hmac_of = |message: &str, key: &[u8]| {
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes());
            format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
        };
        let shared = with(header.clone(), json!({"alg": "HS256"}));
        let message = format!("{}.{}", encode(&shared), pieces[1]);
        let unsigned = with(header.clone(), json!({"alg": "none"}));
        let stronger = with(claims.clone(), json!({"scope": "directory:read directory:write history:read more"}));
        let forged = [
            ("no signature", format!("{}.{}.", encode(&unsigned), pieces[1])),
            ("no algorithm with the signature", format!("{}.{}.{}", encode(&unsigned), pieces[1], pieces[2])),
            ("the public key as a shared secret", hmac_of(&message, &public)),
            ("the whole public key as a shared secret", hmac_of(&message, keys["keys"][0].to_string().as_bytes())),
            ("another key", other.token(&header, &claims)),
            ("another key of another name", other.token(&with(header.clone(), json!({"kid": "key_01h455vb4pex5vsknk084sn02q"})), &claims)),
            ("no key", other.token(&with(header.clone(), json!({"kid": null})), &claims)),
            ("other claims", format!("{}.{}.{}", pieces[0], encode(&stronger), pieces[2])),
            ("another header", format!("{}.{}.{}", encode(&with(header.clone(), json!({"x": 1}))), pieces[1], pieces[2])),
            ("a signature cut short", text.get(..text.len() - 8).expect("a signature").to_owned()),
            ("something behind", format!("{text}.x")),
            ("a space within", format!("{} {}", pieces[0], pieces[1])),
            ("nothing", "..".to_owned()),
        ];
        for (why, token) in forged {
            let token = bearer(token);
            assert_refused(&world, &token, why).await;
            assert_eq!(introspect(&world, &client, &token).await, json!({"active": false}), "{why}");
        }
        assert_eq!(crate::oauth::statuses(&world, &good).await, [200; 4]);
    }

    async fn a_token_that_our_key_has_signed_for_others_is_refused(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.owner).await;
        let good = token(&world, &client).await;
        // The same database, and so the same keys, served under another name and for somebody else.
        let world = crate::oauth::issuing_with(world, &[("oauth.issuer", "https://other.example.org"), ("oauth.audience", ISSUER)]).await;
        assert_refused(&world, &good, "another issuer").await;
        let world = crate::oauth::issuing_with(world, &[("oauth.audience", "https://files.example.org")]).await;
        assert_refused(&world, &good, "another audience").await;
        let for_files = token(&world, &client).await;
        assert_eq!(part(&for_files, 1)["aud"], json!(["https://files.example.org", client.id]));
        let world = issuing(world).await;
        assert_refused(&world, &for_files, "another audience").await;
        assert_eq!(crate::oauth::statuses(&world, &good).await, [200; 4]);
    }

    async fn a_token_of_the_future_is_refused_until_then(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.owner).await;
        world.clock.advance(chrono::TimeDelta::seconds(60));
        let good = token(&world, &client).await;
        world.clock.advance(chrono::TimeDelta::seconds(-30));
        assert_refused(&world, &good, "it is not valid yet").await;
        world.clock.advance(chrono::TimeDelta::seconds(30));
        assert_eq!(crate::oauth::statuses(&world, &good).await, [200; 4]);
    }

    async fn no_input_is_too_odd(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.owner).await;
        let long = "a".repeat(30_000);
        for odd in ["\u{0}", "idg_", "ey", "e.e.e", "....", "\u{1f980}", "{}", "tok_", long.as_str()] {
            for path in ["/oauth/introspect", "/oauth/revoke"] {
                let answer = ask(&world, &client, path, &[("token", odd), ("token_type_hint", odd)]).await;
                assert_eq!(answer.status, 200, "{path}");
            }
        }
        for path in ["/oauth/introspect", "/oauth/revoke"] {
            assert_eq!(crate::oauth::refusal(&ask(&world, &client, path, &[]).await), (400, "invalid_request"));
        }
    }
}
