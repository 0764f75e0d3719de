//! Signals of others: verified, taken once, and what comes of them; and what is refused.

use super::{collect, send, sending};
use crate::support::issuer::{Issuer, SigningKey, with};
use crate::support::mutations::as_root;
use crate::support::{Actor, Answer, World, each, on_each_database};
use axum::body::Body;
use axum::http::{Request, header};
use chrono::TimeDelta;
use idgraph::domain::transmitter::transmitter_id;
use idgraph::resolvers::reception::NewTransmitter;
use serde_json::{Value, json};
use uuid::Uuid;

pub const REVOKED: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
pub const RISK: &str = "https://schemas.openid.net/secevent/caep/event-type/risk-level-change";
const DISABLED: &str = "https://schemas.openid.net/secevent/risc/event-type/account-disabled";
const AUDIENCE: &str = "https://idgraph.example.com";

/// Somebody whose signals acme takes.
pub struct Transmitter {
    pub id: Uuid,
    pub issuer: Issuer,
    pub key: SigningKey,
}

impl Transmitter {
    /// One who pushes.
    pub async fn trusted(world: &World) -> Self {
        Self::fetched(world, None).await
    }

    /// One whose signals are fetched there with that token, if it does not push.
    pub async fn fetched(world: &World, polling: Option<(String, String)>) -> Self {
        let key = SigningKey::rsa_one();
        let issuer = Issuer::start(&[key.jwk("one")]).await;
        let new = NewTransmitter {
            issuer: issuer.url.clone(),
            jwks_url: format!("{}/keys", issuer.url),
            audience: AUDIENCE.to_owned(),
            provider: "keycloak".to_owned(),
            environment: "production".to_owned(),
            polling,
        };
        let id = world.app.trust_transmitter(&world.operator(), world.acme, new).await.expect("trust");
        Self { id, issuer, key }
    }

    pub fn header() -> Value {
        json!({"alg": "RS256", "kid": "one", "typ": "secevent+jwt"})
    }

    pub fn claims(&self, world: &World, (jti, event): (&str, &str), subject: &str) -> Value {
        json!({"iss": self.issuer.url, "aud": AUDIENCE, "jti": jti, "iat": world.clock_seconds(), "txn": "7",
            "sub_id": {"format": "iss_sub", "iss": self.issuer.url, "sub": subject},
            "events": {event: {"event_timestamp": world.clock_seconds()}}})
    }

    pub async fn push(&self, world: &World, header: &Value, claims: &Value) -> Answer {
        push(world, &transmitter_id(self.id), &self.key.token(header, claims)).await
    }
}

async fn push(world: &World, id: &str, signal: &str) -> Answer {
    let request = Request::post(format!("/ssf/receive/{id}")).header(header::CONTENT_TYPE, "application/secevent+jwt");
    let nobody: &Actor = &world.nobody;
    world.send(nobody, request.body(Body::from(signal.to_owned())).expect("a request")).await
}

/// The live sessions of an account, and the paths of what its history tells since a sequence number.
pub async fn state(world: &World, identity: &str) -> (usize, Vec<String>) {
    let query = format!(
        r#"{{ node(id: "{identity}") {{ ... on LinkedIdentity {{
            sessions(live: true) {{ totalCount }} history(first: 5) {{ nodes {{ action changes {{ path }} }} }} }} }} }}"#
    );
    let seen = world.query(&world.admin, &query).await["node"].clone();
    let events = seen["history"]["nodes"].as_array().cloned().unwrap_or_default();
    let taken = events.iter().filter(|event| event["action"] == "signal.receive");
    let paths =
        taken.flat_map(|event| each(&event["changes"], "path").into_iter().map(str::to_owned).collect::<Vec<_>>());
    let live = seen["sessions"]["totalCount"].as_u64().expect("a number");
    (usize::try_from(live).expect("few"), paths.collect())
}

/// An account of a new user of acme with a session.
pub async fn account(world: &World, name: &str) -> String {
    let profile = world.user(name).await;
    let identity = world.account(&profile, name).await;
    let session = json!([{"externalId": format!("session-{name}"), "identity": {"id": identity}}]);
    as_root(world, "reportSessions", json!({"organizationId": world.acme, "sessions": session})).await;
    identity
}

on_each_database! {
    async fn a_signal_about_one_session_ends_that_one(world: World) {
        let world = sending(world).await;
        let transmitter = Transmitter::trusted(&world).await;
        let (ada, bob) = (account(&world, "ada").await, account(&world, "bob").await);
        let more = ["phone", "tablet", "laptop"].map(|name| json!({"externalId": name, "identity": {"id": ada}}));
        as_root(&world, "reportSessions", json!({"organizationId": world.acme, "sessions": more})).await;
        let stream = send(&world, &world.admin, ("POST", "/ssf/streams"), Some(json!({}))).await;
        assert_eq!(stream.status, 201, "{:#}", stream.body);
        collect(&world).await;
        let before = world.number_behind("SELECT COUNT(*) FROM deliveries").await;
        // What is not known here, or is of somebody else, leaves nothing but to end all of them.
        for (jti, session, live) in [("1", "phone", 3), ("2", "phone", 3), ("3", "tablet", 2), ("4", "session-bob", 0)] {
            let subject = json!({"format": "complex", "session": {"format": "opaque", "id": session},
                "user": {"format": "iss_sub", "iss": transmitter.issuer.url, "sub": "ada"}});
            let claims = with(transmitter.claims(&world, (jti, REVOKED), "x"), json!({"sub_id": subject}));
            let answer = transmitter.push(&world, &Transmitter::header(), &claims).await;
            assert_eq!(answer.status, 202, "{:#}", answer.body);
            assert_eq!((state(&world, &ada).await.0, state(&world, &bob).await.0), (live, 1), "{session}");
        }
        collect(&world).await;
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM deliveries").await, before, "it is not signalled on");
    }

    async fn a_signal_ends_the_sessions_of_whom_it_is_about(world: World) {
        let world = sending(world).await;
        let transmitter = Transmitter::trusted(&world).await;
        let (ada, bob) = (account(&world, "ada").await, account(&world, "bob").await);
        for (jti, event, live) in [("1", RISK, 1), ("2", REVOKED, 0)] {
            let claims = transmitter.claims(&world, (jti, event), "ada");
            let answer = transmitter.push(&world, &Transmitter::header(), &claims).await;
            assert_eq!(answer.status, 202, "{:#}", answer.body);
            assert_eq!(state(&world, &ada).await.0, live, "{event}");
        }
        let mut paths = state(&world, &ada).await.1;
        paths.sort();
        assert_eq!(paths, ["sessionEpoch", "signals.risk-level-change", "signals.session-revoked"]);
        assert_eq!(state(&world, &bob).await, (1, vec![]));
        // By the e-mail address of the profile, or in the parts of a subject.
        as_root(&world, "updateIdentity", json!({"id": bob, "email": "bob@example.org"})).await;
        let complex = json!({"format": "complex", "tenant": {"format": "opaque", "id": "t"},
            "user": {"format": "iss_sub", "iss": transmitter.issuer.url, "sub": "bob"}});
        let claims = with(transmitter.claims(&world, ("3", DISABLED), "x"), json!({"sub_id": complex}));
        assert_eq!(transmitter.push(&world, &Transmitter::header(), &claims).await.status, 202);
        assert_eq!(state(&world, &bob).await.0, 0);
        // Who is not known is nobody's matter, and the transmitter need not know.
        let claims = transmitter.claims(&world, ("4", REVOKED), "stranger");
        assert_eq!(transmitter.push(&world, &Transmitter::header(), &claims).await.status, 202);
    }

    async fn what_is_not_from_the_transmitter_for_us_and_new_is_refused_and_counted(world: World) {
        let world = sending(world).await;
        let transmitter = Transmitter::trusted(&world).await;
        let ada = account(&world, "ada").await;
        let good = transmitter.claims(&world, ("1", REVOKED), "ada");
        let header = Transmitter::header();
        let before = world.last_sequence().await;
        let two = json!({REVOKED: {}, RISK: {}});
        for (what, header, claims, code) in [
            ("another type", with(header.clone(), json!({"typ": "JWT"})), good.clone(), "invalid_request"),
            ("no type", with(header.clone(), json!({"typ": null})), good.clone(), "invalid_request"),
            ("another key", with(header.clone(), json!({"kid": "two"})), good.clone(), "invalid_key"),
            ("another issuer", header.clone(), with(good.clone(), json!({"iss": "https://evil.example"})), "invalid_issuer"),
            ("another audience", header.clone(), with(good.clone(), json!({"aud": "x"})), "invalid_audience"),
            ("no audience", header.clone(), with(good.clone(), json!({"aud": null})), "invalid_audience"),
            ("no name", header.clone(), with(good.clone(), json!({"jti": null})), "invalid_request"),
            ("the future", header.clone(), with(good.clone(), json!({"iat": world.clock_seconds() + 3600})), "invalid_request"),
            ("the past", header.clone(), with(good.clone(), json!({"iat": world.clock_seconds() - 40 * 86_400})), "invalid_request"),
            ("two events", header.clone(), with(good.clone(), json!({"events": two})), "invalid_request"),
            ("no event", header.clone(), with(good.clone(), json!({"events": {}})), "invalid_request"),
        ] {
            let answer = transmitter.push(&world, &header, &claims).await;
            assert_eq!((answer.status.as_u16(), answer.body["err"].as_str()), (400, Some(code)), "{what}: {:#}", answer.body);
        }
        let forged = SigningKey::rsa_two().token(&header, &good);
        let answer = push(&world, &transmitter_id(transmitter.id), &forged).await;
        assert_eq!((answer.status.as_u16(), answer.body["err"].as_str()), (400, Some("invalid_key")));
        for garbage in ["", "a.b.c", "{}"] {
            assert_eq!(push(&world, &transmitter_id(transmitter.id), garbage).await.body["err"], "invalid_request");
        }
        assert_eq!(world.last_sequence().await, before);
        assert_eq!(state(&world, &ada).await, (1, vec![]));
        let refusals = world.app.store().refusals_of(transmitter.id).await.expect("the refusals");
        let counts: Vec<(&str, i64)> = refusals.iter().map(|refusals| (refusals.fault.name(), refusals.count)).collect();
        assert_eq!(counts, [("audience", 2), ("issuer", 1), ("key", 2), ("request", 10)]);
    }

    async fn the_latest_refusals_are_remembered_one_by_one(world: World) {
        let world = sending(world).await;
        let transmitter = Transmitter::trusted(&world).await;
        let claims = transmitter.claims(&world, ("7", REVOKED), "ada");
        let foreign = with(claims.clone(), json!({"iss": "https://evil.example"}));
        transmitter.push(&world, &Transmitter::header(), &foreign).await;
        world.clock.advance(TimeDelta::seconds(1));
        push(&world, &transmitter_id(transmitter.id), "garbage").await;
        let remembered = async || world.app.store().rejected_signals(transmitter.id).await.expect("the rejections");
        let seen = remembered().await;
        let named: Vec<_> = seen.iter().map(|one| (one.fault.name(), one.jti.as_deref(), one.issuer.as_deref())).collect();
        assert_eq!(named, [("request", None, None), ("issuer", Some("7"), Some("https://evil.example"))]);
        assert_eq!(seen[0].at - seen[1].at, TimeDelta::seconds(1));
        assert_eq!(seen[1].description, "The signal is from another issuer (iss).");
        let id = transmitter_id(transmitter.id);
        let listed = world.program(&["transmitter", "rejections", &id]).await;
        assert!(listed.code == 0 && listed.output.lines().count() == 3 && listed.output.contains("https://evil.example"), "{listed:?}");
        assert_eq!(world.program(&["transmitter", "rejections", "trx_00000000000000000000000000"]).await.code, 1);
        for _ in 0..101 {
            push(&world, &id, "garbage").await;
        }
        let seen = remembered().await;
        assert_eq!((seen.len(), world.number_behind("SELECT COUNT(*) FROM rejected_signals").await), (100, 100));
        assert!(seen.iter().all(|one| one.jti.is_none()), "the oldest are forgotten first");
        world.app.distrust_transmitter(&world.operator(), transmitter.id).await.expect("distrust");
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM rejected_signals").await, 0);
    }

    async fn a_signal_is_taken_once(world: World) {
        let world = sending(world).await;
        let transmitter = Transmitter::trusted(&world).await;
        let ada = account(&world, "ada").await;
        let claims = transmitter.claims(&world, ("1", REVOKED), "ada");
        assert_eq!(transmitter.push(&world, &Transmitter::header(), &claims).await.status, 202);
        let before = world.last_sequence().await;
        world.clock.advance(TimeDelta::days(1));
        let answer = transmitter.push(&world, &Transmitter::header(), &claims).await;
        assert_eq!((answer.status.as_u16(), answer.body["err"].as_str()), (400, Some("invalid_request")));
        assert_eq!(world.last_sequence().await, before);
        assert_eq!(state(&world, &ada).await.0, 0);
        let refusals = world.app.store().refusals_of(transmitter.id).await.expect("the refusals");
        assert_eq!(refusals.iter().map(|refusals| refusals.fault.name()).collect::<Vec<_>>(), ["replayed"]);
        // Whoever is trusted no more is as good as unknown.
        world.app.distrust_transmitter(&world.operator(), transmitter.id).await.expect("distrust");
        let claims = transmitter.claims(&world, ("2", REVOKED), "ada");
        assert_eq!(transmitter.push(&world, &Transmitter::header(), &claims).await.status, 404);
    }

    async fn a_signal_reaches_nobody_of_another_organization_and_goes_no_further(world: World) {
        let world = sending(world).await;
        let transmitter = Transmitter::trusted(&world).await;
        let stream = send(&world, &world.admin, ("POST", "/ssf/streams"), Some(json!({}))).await;
        assert_eq!(stream.status, 201, "{:#}", stream.body);
        account(&world, "ada").await;
        let eve = json!({"username": "eve", "kind": "USER", "emails": [{"value": "eve@example.org"}]});
        world.mutate(&world.stranger, "createProfile", eve, "profile { id }").await;
        collect(&world).await;
        let theirs = world.number_behind("SELECT COUNT(*) FROM events").await;
        let by_mail = json!({"sub_id": {"format": "email", "email": "eve@example.org"}});
        let claims = with(transmitter.claims(&world, ("1", REVOKED), "x"), by_mail);
        assert_eq!(transmitter.push(&world, &Transmitter::header(), &claims).await.status, 202);
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM events").await, theirs);
        // What comes of a signal is not signalled on: two servers that listen to each other would never stop.
        let count = "SELECT COUNT(*) FROM deliveries";
        let before = world.number_behind(count).await;
        let claims = transmitter.claims(&world, ("2", REVOKED), "ada");
        assert_eq!(transmitter.push(&world, &Transmitter::header(), &claims).await.status, 202);
        collect(&world).await;
        assert_eq!(world.number_behind(count).await, before);
    }
}
