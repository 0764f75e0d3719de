//! Signals that are fetched: taken, acknowledged when they are, and what comes of a transmitter that is away or does not listen.

use super::reception::{REVOKED, Transmitter, account, state};
use super::sending;
use crate::support::issuer::{Keys, SigningKey};
use crate::support::{World, on_each_database};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use chrono::TimeDelta;
use idgraph::resolvers::reception::NewTransmitter;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::net::TcpListener;

const TOKEN: &str = "s3cret-of-the-transmitter";

/// What somebody keeps until it is fetched, and what it was asked.
#[derive(Default)]
struct Kept {
    signals: BTreeMap<String, String>,
    asked: Vec<(String, Value)>,
    status: u16,
    is_deaf: bool,
}

/// Somebody whose signals are fetched.
struct Keeper {
    kept: Arc<Mutex<Kept>>,
    transmitter: Transmitter,
}

impl Keeper {
    async fn trusted(world: &World) -> Self {
        let kept = Arc::new(Mutex::new(Kept { status: 200, ..Kept::default() }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/poll", listener.local_addr().expect("an address"));
        let routes = Router::new().route("/poll", post(answer)).with_state(Arc::clone(&kept));
        tokio::spawn(async move { axum::serve(listener, routes).await.expect("a server") });
        let transmitter = Transmitter::fetched(world, Some((url, TOKEN.to_owned()))).await;
        Self { kept, transmitter }
    }

    fn with<T>(&self, change: impl FnOnce(&mut Kept) -> T) -> T {
        change(&mut self.kept.lock().expect("what is kept"))
    }

    /// Keeps a signal that ends the sessions of an account, signed by that key.
    fn keep(&self, world: &World, (jti, subject): (&str, &str), key: &SigningKey) {
        let claims = self.transmitter.claims(world, (jti, REVOKED), subject);
        let signal = key.token(&Transmitter::header(), &claims);
        self.with(|kept| kept.signals.insert(jti.to_owned(), signal));
    }

    /// What was asked since the last time.
    fn asked(&self) -> Vec<Value> {
        let asked = self.with(|kept| std::mem::take(&mut kept.asked));
        assert!(asked.iter().all(|(token, _)| token == &format!("Bearer {TOKEN}")), "{asked:?}");
        asked.into_iter().map(|(_, body)| body).collect()
    }

    fn waiting(&self) -> Vec<String> {
        self.with(|kept| kept.signals.keys().cloned().collect())
    }

    /// How it goes: how often it has failed, and why.
    async fn failure(&self, world: &World) -> (u32, Option<String>) {
        let found = world.app.store().transmitter(self.transmitter.id).await.expect("a look").expect("the transmitter");
        let state = found.polling.expect("it is fetched").state;
        (state.failures, state.failure)
    }
}

async fn answer(State(kept): State<Arc<Mutex<Kept>>>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let mut kept = kept.lock().expect("what is kept");
    let asked: Value = serde_json::from_str(&body).expect("JSON");
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    kept.asked.push((token.to_owned(), asked.clone()));
    if kept.status != 200 {
        return (StatusCode::from_u16(kept.status).expect("a status"), TOKEN.to_owned());
    }
    let done = asked["ack"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let refused = asked["setErrs"].as_object().into_iter().flatten().map(|(jti, _)| jti.as_str());
    if !kept.is_deaf {
        let done: Vec<&str> = done.chain(refused).collect();
        kept.signals.retain(|jti, _| !done.contains(&jti.as_str()));
    }
    let most = usize::try_from(asked["maxEvents"].as_u64().unwrap_or_default()).unwrap_or_default();
    let sets: BTreeMap<&String, &String> = kept.signals.iter().take(most).collect();
    (StatusCode::OK, json!({"sets": sets, "moreAvailable": false}).to_string())
}

on_each_database! {
    async fn what_is_fetched_is_taken_and_acknowledged_in_the_next_request(world: World) {
        let world = sending(world).await;
        let keeper = Keeper::trusted(&world).await;
        let (ada, bob) = (account(&world, "ada").await, account(&world, "bob").await);
        keeper.keep(&world, ("1", "ada"), &keeper.transmitter.key);
        keeper.keep(&world, ("2", "bob"), &SigningKey::rsa_two());
        keeper.keep(&world, ("3", "stranger"), &keeper.transmitter.key);
        assert!(world.app.poll_due_transmitter().await.expect("fetched"));
        assert_eq!((state(&world, &ada).await.0, state(&world, &bob).await.0), (0, 1));
        let refused = json!({"2": {"err": "invalid_key", "description": "The signature is not that of the key."}});
        assert_eq!(keeper.asked(), [
            json!({"maxEvents": 50, "returnImmediately": true}),
            json!({"maxEvents": 50, "returnImmediately": true, "ack": ["1", "3"], "setErrs": refused}),
        ]);
        assert_eq!(keeper.waiting(), [""; 0]);
        assert_eq!(keeper.failure(&world).await, (0, None));
        let rejected = world.app.store().rejected_signals(keeper.transmitter.id).await.expect("the rejections");
        assert_eq!(rejected.iter().map(|one| one.jti.as_deref()).collect::<Vec<_>>(), [Some("2")]);
        // It is asked again after a while, and not before.
        assert!(!world.app.poll_due_transmitter().await.expect("nothing"));
        world.clock.advance(TimeDelta::seconds(31));
        assert!(world.app.poll_due_transmitter().await.expect("fetched"));
        assert_eq!(keeper.asked().len(), 1);
    }

    async fn nothing_is_acknowledged_that_was_not_taken(world: World) {
        let world = sending(world).await;
        let keeper = Keeper::trusted(&world).await;
        let ada = account(&world, "ada").await;
        keeper.transmitter.issuer.answer(Keys::Away);
        keeper.keep(&world, ("1", "ada"), &keeper.transmitter.key);
        world.app.poll_due_transmitter().await.expect("a try");
        assert_eq!((keeper.waiting(), state(&world, &ada).await.0), (vec!["1".to_owned()], 1));
        assert_eq!(keeper.asked(), [json!({"maxEvents": 50, "returnImmediately": true})]);
        let (failures, failure) = keeper.failure(&world).await;
        assert!(failures == 1 && failure.is_some_and(|failure| failure.contains("keys")));
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM rejected_signals").await, 0);
        keeper.transmitter.issuer.publish(&[keeper.transmitter.key.jwk("one")]);
        world.clock.advance(TimeDelta::minutes(10));
        keeper.keep(&world, ("1", "ada"), &keeper.transmitter.key);
        world.app.poll_due_transmitter().await.expect("fetched");
        assert_eq!((keeper.waiting().len(), state(&world, &ada).await.0, keeper.failure(&world).await), (0, 0, (0, None)));
        // A server that has died before it could say so is sent the same again: that is no fault of it.
        keeper.keep(&world, ("1", "ada"), &keeper.transmitter.key);
        world.clock.advance(TimeDelta::minutes(1));
        let before = world.last_sequence().await;
        world.app.poll_due_transmitter().await.expect("fetched");
        assert_eq!((keeper.waiting().len(), world.last_sequence().await), (0, before));
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM refused_signals").await, 0);
    }

    async fn who_is_away_or_does_not_listen_is_tried_again_later_and_later(world: World) {
        let world = sending(world).await;
        let keeper = Keeper::trusted(&world).await;
        account(&world, "ada").await;
        keeper.with(|kept| kept.status = 500);
        for (failures, minutes) in [(1, 1), (2, 2), (3, 3)] {
            assert!(world.app.poll_due_transmitter().await.expect("a try"));
            let (count, failure) = keeper.failure(&world).await;
            assert!(count == failures && failure.as_deref().is_some_and(|failure| failure.contains("500")), "{failure:?}");
            assert!(!world.app.poll_due_transmitter().await.expect("not yet"));
            world.clock.advance(TimeDelta::minutes(minutes));
        }
        let listed = world.program(&["transmitter", "list"]).await;
        assert!(listed.output.contains("failed 3 times") && listed.output.contains("/poll"), "{listed:?}");
        assert!(!format!("{listed:?}").contains(TOKEN));
        keeper.with(|kept| (kept.status, kept.is_deaf) = (200, true));
        keeper.keep(&world, ("1", "ada"), &keeper.transmitter.key);
        keeper.asked();
        world.app.poll_due_transmitter().await.expect("a try");
        assert_eq!(keeper.asked().len(), 2);
        assert!(keeper.failure(&world).await.1.is_some_and(|failure| failure.contains("sends again")));
    }

    async fn many_are_fetched_in_one_go(world: World) {
        let world = sending(world).await;
        let keeper = Keeper::trusted(&world).await;
        for number in 0..60 {
            keeper.keep(&world, (&format!("{number:03}"), "stranger"), &keeper.transmitter.key);
        }
        world.app.poll_due_transmitter().await.expect("fetched");
        assert_eq!((keeper.waiting().len(), keeper.asked().len()), (0, 3));
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM received_signals").await, 60);
    }

    async fn signals_are_fetched_from_public_places_only_and_the_token_is_sealed(world: World) {
        let world = crate::oauth::issuing(world).await;
        let trust = async |url: &str, token: &str| {
            let new = NewTransmitter {
                issuer: "https://idp.example.org".to_owned(),
                jwks_url: "https://idp.example.org/keys".to_owned(),
                audience: "x".to_owned(),
                provider: "keycloak".to_owned(),
                environment: "production".to_owned(),
                polling: Some((url.to_owned(), token.to_owned())),
            };
            let trusted = world.app.trust_transmitter(&world.operator(), world.acme, new).await;
            trusted.map_err(|error| error.field.unwrap_or_default())
        };
        for url in ["http://idp.example.org/poll", "https://127.0.0.1/poll", "https://localhost/poll", "https://me:x@idp.example.org/", "poll"] {
            assert_eq!(trust(url, TOKEN).await, Err("poll_url".to_owned()), "{url}");
        }
        for token in ["", "two words", "new\nline"] {
            assert_eq!(trust("https://idp.example.org/poll", token).await, Err("poll_token".to_owned()), "{token:?}");
        }
        let id = trust("https://idp.example.org/poll", TOKEN).await.expect("trusted");
        let found = world.app.store().transmitter(id).await.expect("a look").expect("the transmitter");
        let sealed = found.polling.expect("it is fetched").sealed;
        assert!(!sealed.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes()));
        let history = r#"{ organization(slug: "acme") { history(first: 1) { nodes { action changes { after } } } } }"#;
        let seen = world.query(&world.owner, history).await.to_string();
        assert!(seen.contains("transmitter.trust") && seen.contains("https://idp.example.org/poll") && !seen.contains(TOKEN), "{seen}");
    }

    async fn an_operator_has_signals_fetched(world: World) {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("token");
        std::fs::write(&file, format!("{TOKEN}\n")).expect("a file");
        let file = file.to_str().expect("a path");
        let trust = ["transmitter", "trust", "--organization", "acme", "--issuer", "https://idp.example.org", "--jwks-url",
            "https://idp.example.org/keys", "--audience", "x", "--provider", "keycloak", "--poll-url", "https://idp.example.org/poll"];
        assert_eq!(world.program(&trust).await.code, 2);
        let with_token = [&trust[..], &["--poll-token-file", file]].concat();
        let refused = world.program(&with_token).await;
        assert!(refused.code == 1 && refused.complaint.contains("oauth.key_secret"), "{refused:?}");
        let sealed = [&with_token[..], &["--set", "oauth.key_secret=0123456789abcdef0123456789abcdef"]].concat();
        let trusted = world.program(&sealed).await;
        assert!(trusted.code == 0 && trusted.output.trim().starts_with("trx_"), "{trusted:?}");
        let listed = world.program(&["transmitter", "list"]).await;
        assert!(listed.output.contains("fetched from https://idp.example.org/poll, last at: never"), "{listed:?}");
        assert!(!format!("{trusted:?}{listed:?}").contains(TOKEN));
    }
}
