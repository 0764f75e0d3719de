//! Tokens of an external IAM: which are genuine, and where the keys come from.

use crate::support::issuer::{Issuer, Keys, SigningKey, bearer, with};
use crate::support::{Actor, World, on_each_database};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::time::Duration;

/// How long something that happens in the background may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Every token of these stories is good for everybody.
const ANYBODY: [(&str, &str); 3] = [("profile", "none"), ("profile_required", "false"), ("default_role", "reader")];

async fn status(world: &World, actor: &Actor) -> StatusCode {
    world.graphql(actor, "{ viewer { name } }", json!({})).await.status
}

/// A header of a token that is signed by RSA.
fn rs256(key: &str) -> Value {
    json!({"alg": "RS256", "typ": "JWT", "kid": key})
}

/// Waits until the answer has that status.
async fn until(world: &World, actor: &Actor, expected: StatusCode) {
    let seen = async {
        while status(world, actor).await != expected {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("the answer never had the status {expected}"));
}

/// Waits until the issuer has been asked so often.
async fn until_asked(issuer: &Issuer, times: usize) {
    let asked = async {
        while issuer.requests() < times {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.expect("the issuer is asked");
}

/// A token of parts that are no JSON, or have no signature.
fn raw(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    format!("{}.{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()), encode(signature))
}

/// A token that is signed with a shared secret, as if it were that of the key.
fn hs256(secret: &[u8], claims: &Value) -> String {
    let header = json!({"alg": "HS256", "typ": "JWT", "kid": "a"});
    let message = raw(&header, claims, b"");
    let message = message.trim_end_matches('.');
    let tag = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret), message.as_bytes());
    raw(&header, claims, tag.as_ref())
}

/// Shows a token that has to be refused.
async fn refused(world: &World, what: &str, token: String) {
    let answer = world.graphql(&bearer(token), "{ viewer { name } }", json!({})).await;
    let told = (answer.status, answer.error_code());
    assert_eq!(told, (StatusCode::UNAUTHORIZED, Some("UNAUTHENTICATED")), "{what}: {}", answer.body);
    assert_eq!(answer.headers["www-authenticate"], r#"Bearer error="invalid_token""#, "{what}");
}

on_each_database! {
    async fn tokens_of_every_usual_algorithm_are_accepted(world: World) {
        let (rsa, p256, ed25519) = (SigningKey::rsa_one(), SigningKey::p256(), SigningKey::ed25519());
        let issuer = Issuer::start(&[rsa.jwk("a"), p256.jwk("b"), ed25519.jwk("c")]).await;
        let world = world.trusting(&issuer, &ANYBODY).await;
        let claims = issuer.claims(&world, "ada");
        for (key, header) in [
            (&rsa, json!({"alg": "RS256", "kid": "a"})),
            (&rsa, json!({"alg": "PS256", "kid": "a", "typ": "JWT"})),
            (&p256, json!({"alg": "ES256", "kid": "b", "typ": "at+jwt"})),
            (&ed25519, json!({"alg": "EdDSA", "kid": "c", "typ": "application/at+JWT"})),
            // Of one key it is clear that it is meant.
            (&ed25519, json!({"alg": "EdDSA"})),
        ] {
            let seen = world.query(&bearer(key.token(&header, &claims)), "{ viewer { name role } }").await;
            assert_eq!(seen["viewer"], json!({"name": "iam:ada", "role": "READER"}), "{header}");
        }
        assert_eq!(issuer.requests(), 1, "keys are kept");
        let only = [ANYBODY[0], ANYBODY[1], ANYBODY[2], ("algorithms", "ES256")];
        let world = world.trusting(&issuer, &only).await;
        assert_eq!(status(&world, &bearer(rsa.token(&rs256("a"), &claims))).await, StatusCode::UNAUTHORIZED);
        let header = json!({"alg": "ES256", "kid": "b"});
        assert_eq!(status(&world, &bearer(p256.token(&header, &claims))).await, StatusCode::OK);
    }

    async fn what_is_for_others_or_of_another_time_is_refused(world: World) {
        let key = SigningKey::rsa_one();
        let issuer = Issuer::start(&[key.jwk("a")]).await;
        let world = world.trusting(&issuer, &ANYBODY).await;
        let (claims, now) = (issuer.claims(&world, "ada"), world.clock_seconds());
        for (what, changes) in [
            ("another audience", json!({"aud": "billing"})),
            ("other audiences", json!({"aud": ["billing", "wiki"]})),
            ("no audience", json!({"aud": null})),
            ("an audience that is no text", json!({"aud": {"idgraph": true}})),
            ("another issuer", json!({"iss": "https://iam.example.org"})),
            ("an issuer that only begins alike", json!({"iss": format!("{}/", issuer.url)})),
            ("no issuer", json!({"iss": null})),
            ("expired", json!({"exp": now - 60})),
            ("no expiry", json!({"exp": null})),
            ("an expiry that is no number", json!({"exp": "never"})),
            ("an expiry beyond reckoning", json!({"exp": 1e300})),
            ("an expiry before all time", json!({"exp": i64::MIN})),
            ("not yet valid", json!({"nbf": now + 61})),
            ("made in the future", json!({"iat": now + 61})),
            ("no subject", json!({"sub": null})),
            ("a subject of two lines", json!({"sub": "ada\n\u{0}"})),
            ("a subject without end", json!({"sub": "a".repeat(300)})),
            ("too much", json!({"groups": "x".repeat(20_000)})),
        ] {
            refused(&world, what, key.token(&rs256("a"), &with(claims.clone(), changes))).await;
        }
        assert_eq!(status(&world, &bearer(key.token(&rs256("a"), &claims))).await, StatusCode::OK);
    }

    async fn what_is_forged_is_refused(world: World) {
        let (key, other) = (SigningKey::rsa_one(), SigningKey::rsa_two());
        let public = key.jwk("a");
        let issuer = Issuer::start(std::slice::from_ref(&public)).await;
        let world = world.trusting(&issuer, &ANYBODY).await;
        let (header, claims) = (rs256("a"), issuer.claims(&world, "ada"));
        let good = key.token(&header, &claims);
        let headed = |changes: Value| key.token(&with(header.clone(), changes), &claims);
        let parts: Vec<&str> = good.split('.').collect();
        let elevated = URL_SAFE_NO_PAD.encode(with(claims.clone(), json!({"sub": "root"})).to_string());
        let modulus = URL_SAFE_NO_PAD.decode(public["n"].as_str().expect("a modulus")).expect("a modulus");
        for (what, token) in [
            ("no algorithm", raw(&json!({"alg": "none"}), &claims, b"")),
            ("no algorithm, in capitals", raw(&json!({"alg": "None", "kid": "a"}), &claims, b"")),
            ("the modulus as a shared secret", hs256(&modulus, &claims)),
            ("the key as a shared secret", hs256(public.to_string().as_bytes(), &claims)),
            ("signed by somebody else", other.token(&header, &claims)),
            ("another algorithm of the key's type", headed(json!({"alg": "RS512"}))),
            ("an algorithm of another type", headed(json!({"alg": "ES256"}))),
            ("another signature", format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode([0; 256]))),
            ("no signature", format!("{}.{}.", parts[0], parts[1])),
            ("other claims", format!("{}.{elevated}.{}", parts[0], parts[2])),
            ("an unknown key", headed(json!({"kid": "z"}))),
            ("its own key", other.token(&with(header.clone(), json!({"kid": null, "jwk": other.jwk("a")})), &claims)),
            ("a place for its key", other.token(&with(header.clone(), json!({"jku": "http://127.0.0.1:1/"})), &claims)),
            ("something critical", headed(json!({"crit": ["b64"], "b64": false}))),
            ("another type", headed(json!({"typ": "logout+jwt"}))),
            ("two parts", format!("{}.{}", parts[0], parts[1])),
            ("four parts", format!("{good}.{}", parts[2])),
            ("five parts", format!("{good}.a.b")),
            ("no JSON", "e30.e30.e30".to_owned()),
            ("dots", "..".to_owned()),
            ("claims that are no object", raw(&header, &json!([1]), b"x")),
        ] {
            refused(&world, what, token).await;
        }
        assert_eq!(status(&world, &bearer(good)).await, StatusCode::OK);
        assert_eq!(status(&world, &world.reader).await, StatusCode::OK, "API tokens work as ever");
    }

    async fn who_forges_learns_nothing_and_who_is_late_is_told(world: World) {
        let (key, other) = (SigningKey::rsa_one(), SigningKey::rsa_two());
        let issuer = Issuer::start(&[key.jwk("a")]).await;
        let world = world.trusting(&issuer, &ANYBODY).await;
        let claims = issuer.claims(&world, "ada");
        let late = with(claims.clone(), json!({"exp": world.clock_seconds() - 1_000}));
        let told = async |token: String| {
            let answer = world.graphql(&bearer(token), "{ viewer { name } }", json!({})).await;
            answer.body["errors"][0]["message"].as_str().expect("a message").to_owned()
        };
        let forged = told(other.token(&rs256("a"), &claims)).await;
        assert_eq!(told(other.token(&rs256("a"), &late)).await, forged);
        assert_eq!(told(other.token(&rs256("z"), &claims)).await, forged);
        assert!(told(key.token(&rs256("a"), &late)).await.contains("expired"));
        let elsewhere = with(claims, json!({"aud": "billing"}));
        let message = told(key.token(&rs256("a"), &elsewhere)).await;
        assert!(message.contains("not meant for this server") && !message.contains("billing"), "{message}");
    }

    async fn clocks_may_differ_by_the_skew_and_no_more(world: World) {
        let key = SigningKey::p256();
        let issuer = Issuer::start(&[key.jwk("a")]).await;
        let world = world.trusting(&issuer, &ANYBODY).await;
        let header = json!({"alg": "ES256", "kid": "a"});
        let now = world.clock_seconds();
        let of = |changes: Value| bearer(key.token(&header, &with(issuer.claims(&world, "ada"), changes)));
        for changes in [json!({"exp": now - 59}), json!({"nbf": now + 60}), json!({"iat": 0.5})] {
            assert_eq!(status(&world, &of(changes.clone())).await, StatusCode::OK, "{changes}");
        }
        // A token that was accepted is no longer once its time is over, skew included.
        let actor = of(json!({"exp": now + 10}));
        world.clock.advance(TimeDelta::milliseconds(69_999));
        assert_eq!(status(&world, &actor).await, StatusCode::OK);
        world.clock.advance(TimeDelta::milliseconds(1));
        assert_eq!(status(&world, &actor).await, StatusCode::UNAUTHORIZED);
    }

    async fn new_keys_are_found_and_old_ones_forgotten(world: World) {
        let (old, new) = (SigningKey::rsa_one(), SigningKey::rsa_two());
        let issuer = Issuer::start(&[old.jwk("old")]).await;
        let world = world.trusting(&issuer, &ANYBODY).await;
        let claims = with(issuer.claims(&world, "ada"), json!({"exp": world.clock_seconds() + 86_400}));
        let (before, after) = (bearer(old.token(&rs256("old"), &claims)), bearer(new.token(&rs256("new"), &claims)));
        assert_eq!(status(&world, &before).await, StatusCode::OK);
        issuer.publish(&[old.jwk("old"), new.jwk("new")]);
        assert_eq!(status(&world, &after).await, StatusCode::UNAUTHORIZED, "the keys have only just been fetched");
        world.clock.advance(TimeDelta::seconds(10));
        assert_eq!(status(&world, &after).await, StatusCode::OK);
        assert_eq!(status(&world, &before).await, StatusCode::OK);
        issuer.publish(&[new.jwk("new")]);
        world.clock.advance(TimeDelta::seconds(300));
        until(&world, &before, StatusCode::UNAUTHORIZED).await;
        assert_eq!(status(&world, &after).await, StatusCode::OK);
        // Where nobody has come for long, the first who does is not let in by a key of before.
        issuer.publish(&[old.jwk("old")]);
        world.clock.advance(TimeDelta::seconds(600));
        assert_eq!(status(&world, &after).await, StatusCode::UNAUTHORIZED);
        assert_eq!(status(&world, &before).await, StatusCode::OK);
    }

    async fn a_flood_of_forged_keys_is_no_flood_of_requests(world: World) {
        let key = SigningKey::p256();
        let issuer = Issuer::start(&[key.jwk("a")]).await;
        let world = world.trusting(&issuer, &ANYBODY).await;
        let claims = issuer.claims(&world, "ada");
        let forged = |id: usize| bearer(key.token(&json!({"alg": "ES256", "kid": format!("forged-{id}")}), &claims));
        let all: Vec<Actor> = (0..100).map(forged).collect();
        let answers = futures::future::join_all(all.iter().map(|actor| status(&world, actor))).await;
        assert!(answers.iter().all(|status| *status == StatusCode::UNAUTHORIZED), "{answers:?}");
        assert_eq!(issuer.requests(), 1);
        world.clock.advance(TimeDelta::seconds(10));
        futures::future::join_all(all.iter().map(|actor| status(&world, actor))).await;
        assert_eq!(issuer.requests(), 2);
        assert_eq!(status(&world, &bearer(key.token(&json!({"alg": "ES256", "kid": "a"}), &claims))).await, StatusCode::OK);
    }

    async fn known_keys_outlast_an_outage_up_to_an_age(world: World) {
        let (key, new) = (SigningKey::rsa_one(), SigningKey::rsa_two());
        let issuer = Issuer::start(&[key.jwk("a")]).await;
        let limit = [ANYBODY[0], ANYBODY[1], ANYBODY[2], ("keys_max_age_seconds", "1000")];
        let world = world.trusting(&issuer, &limit).await;
        let of = |key: &SigningKey, id: &str| {
            let claims = with(issuer.claims(&world, "ada"), json!({"exp": world.clock_seconds() + 86_400}));
            bearer(key.token(&rs256(id), &claims))
        };
        let actor = of(&key, "a");
        assert_eq!(status(&world, &actor).await, StatusCode::OK);
        issuer.answer(Keys::Away);
        world.clock.advance(TimeDelta::seconds(999));
        assert_eq!(status(&world, &actor).await, StatusCode::OK);
        assert_eq!(status(&world, &of(&key, "a")).await, StatusCode::OK, "a token that was not seen before");
        assert_eq!(status(&world, &of(&new, "b")).await, StatusCode::UNAUTHORIZED);
        world.clock.advance(TimeDelta::seconds(1));
        let answer = world.graphql(&actor, "{ viewer { name } }", json!({})).await;
        let told = (answer.status, answer.error_code());
        assert_eq!(told, (StatusCode::SERVICE_UNAVAILABLE, Some("UNAVAILABLE")));
        assert_eq!(status(&world, &world.reader).await, StatusCode::OK, "API tokens work as ever");
        // It comes back with other keys.
        issuer.publish(&[new.jwk("b")]);
        world.clock.advance(TimeDelta::seconds(120));
        assert_eq!(status(&world, &of(&new, "b")).await, StatusCode::OK);
        assert_eq!(status(&world, &actor).await, StatusCode::UNAUTHORIZED, "its key is gone");
    }

    async fn an_issuer_that_is_away_is_asked_less_and_less_often(world: World) {
        let key = SigningKey::p256();
        let issuer = Issuer::start(&[]).await;
        issuer.answer(Keys::Away);
        let world = world.trusting(&issuer, &ANYBODY).await;
        let actor = |world: &World| bearer(key.token(&json!({"alg": "ES256", "kid": "a"}), &issuer.claims(world, "ada")));
        let mut asked = Vec::new();
        for _ in 0..12 {
            assert_eq!(status(&world, &actor(&world)).await, StatusCode::SERVICE_UNAVAILABLE);
            asked.push(issuer.requests());
            world.clock.advance(TimeDelta::seconds(10));
        }
        assert_eq!(asked, [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4]);
        issuer.publish(&[key.jwk("a")]);
        world.clock.advance(TimeDelta::seconds(60));
        assert_eq!(status(&world, &actor(&world)).await, StatusCode::OK);
    }

    async fn garbage_among_keys_is_passed_over(world: World) {
        let key = SigningKey::p256();
        let garbage = [
            json!(null), json!(7), json!("key"), json!([]), json!({}),
            json!({"kty": "oct", "kid": "a", "k": "c2VjcmV0"}),
            json!({"kty": "RSA", "kid": "a", "n": "!!", "e": "AQAB"}),
            json!({"kty": "RSA", "kid": "short", "n": "AQAB", "e": "AQAB"}),
            json!({"kty": "EC", "crv": "P-521", "kid": "a", "x": "AA", "y": "AA"}),
            json!({"kty": "EC", "crv": "P-256", "kid": "broken", "x": "AA", "y": "AA"}),
            json!({"kty": "future", "kid": "a"}),
            with(key.jwk("encrypts"), json!({"use": "enc"})),
            with(key.jwk("signs"), json!({"key_ops": ["sign"]})),
        ];
        let issuer = Issuer::start(&garbage.iter().cloned().chain([key.jwk("a")]).collect::<Vec<_>>()).await;
        let world = world.trusting(&issuer, &ANYBODY).await;
        let claims = issuer.claims(&world, "ada");
        let of = |id: &str| bearer(key.token(&json!({"alg": "ES256", "kid": id}), &claims));
        assert_eq!(status(&world, &of("a")).await, StatusCode::OK);
        for id in ["broken", "encrypts", "signs", "short"] {
            assert_eq!(status(&world, &of(id)).await, StatusCode::UNAUTHORIZED, "{id}");
        }
        let fill = format!("{{\"keys\": [], \"fill\": \"{}\"}}", "x".repeat(600_000));
        for (round, document) in ["", "<html>", "[]", "{\"keys\": 1}", "{\"keys\": []}", &fill].into_iter().enumerate() {
            issuer.answer(Keys::Document(document.to_owned()));
            world.clock.advance(TimeDelta::seconds(if round == 0 { 10 } else { 60 }));
            let before = issuer.requests();
            assert_eq!(status(&world, &of("new")).await, StatusCode::UNAUTHORIZED);
            until_asked(&issuer, before + 1).await;
            // The time of the token is over before that of the keys is.
            let fresh = key.token(&json!({"alg": "ES256", "kid": "a"}), &issuer.claims(&world, "ada"));
            assert_eq!(status(&world, &bearer(fresh)).await, StatusCode::OK, "round {round}");
        }
    }

    async fn keys_come_from_the_issuer_itself(world: World) {
        let key = SigningKey::p256();
        let issuer = Issuer::start(&[key.jwk("a")]).await;
        let actor = |world: &World| bearer(key.token(&json!({"alg": "ES256", "kid": "a"}), &issuer.claims(world, "ada")));
        issuer.pretend("https://iam.example.org");
        let world = world.trusting(&issuer, &ANYBODY).await;
        assert_eq!(status(&world, &actor(&world)).await, StatusCode::SERVICE_UNAVAILABLE);
        // Who says where the keys are does not need to ask.
        let place = format!("{}/keys", issuer.url);
        let world = world.trusting(&issuer, &[ANYBODY[0], ANYBODY[1], ANYBODY[2], ("jwks_url", &place)]).await;
        assert_eq!(status(&world, &actor(&world)).await, StatusCode::OK);
        // No redirect is followed, and nobody listens at this port.
        issuer.pretend(&issuer.url);
        issuer.answer(Keys::Moved);
        let world = world.trusting(&issuer, &ANYBODY).await;
        assert_eq!(status(&world, &actor(&world)).await, StatusCode::SERVICE_UNAVAILABLE);
        let nowhere = [ANYBODY[0], ANYBODY[1], ANYBODY[2], ("jwks_url", "http://127.0.0.1:1/keys")];
        let world = world.trusting(&issuer, &nowhere).await;
        assert_eq!(status(&world, &actor(&world)).await, StatusCode::SERVICE_UNAVAILABLE);
    }

    async fn without_an_issuer_there_are_api_tokens_only(world: World) {
        let key = SigningKey::p256();
        let issuer = Issuer::start(&[key.jwk("a")]).await;
        let token = key.token(&json!({"alg": "ES256", "kid": "a"}), &issuer.claims(&world, "ada"));
        assert_eq!(status(&world, &bearer(token)).await, StatusCode::UNAUTHORIZED);
        assert_eq!(issuer.requests(), 0);
    }
}
