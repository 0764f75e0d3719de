//! What is never logged: secrets, tokens, passwords, whatever the level.

use super::{Client, ask, issuing_with, token};
use crate::support::{Database, World};
use serde_json::json;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

/// Keeps whatever is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// On one thread, so that everything that the server does is heard.
#[tokio::test(flavor = "current_thread")]
async fn nothing_that_is_secret_is_logged() {
    const PASSWORD: &str = "correct horse battery staple";
    const NEW: &str = "another horse battery staple";
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_ansi(false)
        .with_span_events(FmtSpan::FULL)
        .with_max_level(tracing::Level::TRACE)
        .finish();
    // While there is one subscriber only, a thread that comes first to a place in the code decides for all whether anybody
    // listens there; and the threads of other tests have none.
    let _another = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let _listening = tracing::subscriber::set_default(subscriber);
    let world = issuing_with(World::new(Database::Sqlite).await, &[("oauth.password_grant", "true")]).await;
    let client = Client::of(&world, &world.editor).await;
    let ada = world.user("ada").await;
    world.mutate(&world.root, "setPassword", json!({"id": ada, "password": PASSWORD}), "profile { id }").await;
    let mut secrets = vec![PASSWORD.to_owned(), "a wrong password".to_owned(), client.secret.clone(), client.basic()];
    secrets.push("0123456789abcdef0123456789abcdef".to_owned());
    for password in [PASSWORD, "a wrong password"] {
        let fields = [("grant_type", "password"), ("username", "ada"), ("password", password)];
        let answer = ask(&world, &client, "/oauth/token", &fields).await;
        secrets.extend(answer.body["access_token"].as_str().map(str::to_owned));
    }
    let bearer = token(&world, &client).await;
    secrets.extend(bearer.token.clone());
    for path in ["/oauth/introspect", "/oauth/userinfo", "/oauth/revoke"] {
        for secret in secrets.clone() {
            ask(&world, &client, path, &[("token", &secret), ("access_token", &secret)]).await;
        }
    }
    for path in ["/v1/profiles?organization=acme", "/v1/profiles/none", "/oauth/userinfo", "/scim/v2/Users"] {
        world.get(&bearer, path).await;
        world.get(&world.editor, path).await;
    }
    world.post(&bearer, "/v1/profiles", "application/json", json!({"username": "eve"}).to_string()).await;
    // What SDKs of IAMs send, and some of them send secrets in the query.
    let credential = format!("clientId={}&clientSecret={}", client.id, client.secret);
    for path in ["/api/get-users?owner=acme", "/api/get-account?", "/api/nothing?", "/v1/iam/users?owner=acme"] {
        world.get(&world.nobody, &format!("{path}&{credential}")).await;
        world.get(&world.nobody, &format!("{path}&{credential}wrong")).await;
    }
    let set = json!({"userOwner": "acme", "userName": "ada", "oldPassword": PASSWORD, "newPassword": NEW}).to_string();
    let try_it = json!({"owner": "acme", "name": "ada", "password": NEW}).to_string();
    for (path, body) in [("/api/set-password", set), ("/api/check-user-password?id=acme/ada", try_it)] {
        for actor in [&world.editor, &world.admin] {
            world.post(actor, path, "application/json", body.clone()).await;
        }
    }
    secrets.push(NEW.to_owned());
    let logged = String::from_utf8(log.0.lock().expect("the log").clone()).expect("UTF-8");
    assert!(
        logged.contains("/oauth/token") && logged.contains("/api/set-password") && logged.contains("TRACE"),
        "nothing was heard"
    );
    for secret in &secrets {
        let place = logged.lines().find(|line| line.contains(secret.as_str()));
        assert!(place.is_none(), "{place:?}");
        // Nor the part of a token that makes it one.
        if let Some((_, signature)) = secret.rsplit_once('.') {
            assert!(!logged.contains(signature));
        }
    }
}
