//! What accounts do: sessions and access records that the IAM reports, and actions that end them.

use crate::support::mutations::account;
use crate::support::{Actor, World, each, id_of, on_each_database};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// A session of an account, as the IAM reports it.
fn session(name: &str, identity: &str) -> Value {
    json!({
        "externalId": name, "identity": {"id": identity}, "startedAt": "2026-01-01T11:00:00Z",
        "whereabouts": {"address": "192.0.2.7", "country": "AT", "device": "laptop-7", "userAgent": "Firefox/140", "application": "wiki"},
    })
}

/// A sign-in with an account that went well.
fn sign_in(event: &str, identity: &str, at: &str, address: &str) -> Value {
    json!({
        "eventId": event, "identity": {"id": identity}, "kind": "SIGN_IN", "method": "password", "occurredAt": at,
        "whereabouts": {"address": address, "country": "AT"},
    })
}

async fn report(world: &World, actor: &Actor, sessions: Value) -> Value {
    let selection = "reports { status id rejection { code field } }";
    world.mutate(actor, "reportSessions", json!({"sessions": sessions}), selection).await["reports"].clone()
}

async fn record(world: &World, actor: &Actor, records: Value) -> Value {
    let selection = "reports { status id rejection { code field } }";
    world.mutate(actor, "recordAccess", json!({"records": records}), selection).await["reports"].clone()
}

async fn seen(world: &World, actor: &Actor, identity: &str, selection: &str) -> Value {
    let query = format!(r#"{{ node(id: "{identity}") {{ ... on LinkedIdentity {{ {selection} }} }} }}"#);
    world.query(actor, &query).await["node"].clone()
}

/// Ada of acme, with an account at GitHub.
async fn ada(world: &World) -> (String, String) {
    let ada = world.user("ada").await;
    let identity = account(world, &ada, "ada").await;
    (ada, identity)
}

/// Whether a credential is of use.
async fn is_let_in(world: &World, actor: &Actor) -> bool {
    let answer = world.graphql(actor, "{ viewer { role } }", json!({})).await;
    answer.error_code() != Some("UNAUTHENTICATED") && answer.status != 401
}

on_each_database! {
    async fn a_session_is_reported_from_its_beginning_to_its_end(world: World) {
        let (_, identity) = ada(&world).await;
        let begun = report(&world, &world.editor, json!([session("s-1", &identity)])).await;
        assert_eq!(begun[0]["status"], "RECORDED");
        let again = report(&world, &world.editor, json!([session("s-1", &identity)])).await;
        assert_eq!((&again[0]["status"], &again[0]["id"]), (&json!("KNOWN"), &begun[0]["id"]));

        let mut used = session("s-1", &identity);
        used["lastSeenAt"] = json!("2026-01-01T11:30:00Z");
        assert_eq!(report(&world, &world.editor, json!([used])).await[0]["status"], "UPDATED");
        let selection = "sessions { totalCount nodes { id externalId startedAt lastSeenAt endedAt endReason live
            whereabouts { address country device userAgent application } } }";
        let all = seen(&world, &world.admin, &identity, selection).await;
        assert_eq!(all["sessions"], json!({"totalCount": 1, "nodes": [{
            "id": begun[0]["id"], "externalId": "s-1", "startedAt": "2026-01-01T11:00:00+00:00",
            "lastSeenAt": "2026-01-01T11:30:00+00:00", "endedAt": null, "endReason": null, "live": true,
            "whereabouts": {"address": "192.0.2.7", "country": "AT", "device": "laptop-7", "userAgent": "Firefox/140", "application": "wiki"},
        }]}));

        let mut ended = session("s-1", &identity);
        ended["endedAt"] = json!("2026-01-01T11:45:00Z");
        assert_eq!(report(&world, &world.editor, json!([ended])).await[0]["status"], "UPDATED");
        let mut late = session("s-1", &identity);
        late["lastSeenAt"] = json!("2026-01-01T11:40:00Z");
        report(&world, &world.editor, json!([late])).await;
        let selection = "sessions { nodes { endedAt endReason live lastSeenAt } } live: sessions(live: true) { totalCount }
            accessRecords { nodes { kind occurredAt session { externalId } reportedBy source } }";
        let all = seen(&world, &world.admin, &identity, selection).await;
        assert_eq!(all["sessions"]["nodes"][0], json!({
            "endedAt": "2026-01-01T11:45:00+00:00", "endReason": "SIGNED_OUT", "live": false, "lastSeenAt": "2026-01-01T11:45:00+00:00",
        }));
        assert_eq!(all["live"]["totalCount"], 0);
        let told = |kind: &str, at: &str| json!({
            "kind": kind, "occurredAt": at, "session": {"externalId": "s-1"}, "reportedBy": "editor", "source": "graphql",
        });
        assert_eq!(all["accessRecords"]["nodes"], json!([
            told("SESSION_END", "2026-01-01T11:45:00+00:00"), told("SESSION_START", "2026-01-01T11:00:00+00:00"),
        ]));
    }

    async fn the_last_sign_in_follows_from_the_records_in_whatever_order_they_come(world: World) {
        let (_, identity) = ada(&world).await;
        let last_login = "lastLogin { at address country }";
        assert_eq!(seen(&world, &world.editor, &identity, last_login).await["lastLogin"], Value::Null);
        let mut failed = sign_in("e-3", &identity, "2026-01-01T11:59:00Z", "203.0.113.9");
        failed["outcome"] = json!("FAILURE");
        let batch = json!([
            sign_in("e-2", &identity, "2026-01-01T11:00:00Z", "2001:db8::1"),
            sign_in("e-1", &identity, "2026-01-01T10:00:00Z", "192.0.2.1"),
            failed,
            sign_in("e-2", &identity, "2026-01-01T11:30:00Z", "192.0.2.2"),
        ]);
        let reports = record(&world, &world.editor, batch.clone()).await;
        assert_eq!(each(&reports, "status"), ["RECORDED", "RECORDED", "RECORDED", "KNOWN"]);
        assert_eq!(reports[0]["id"], reports[3]["id"]);
        assert_eq!(each(&record(&world, &world.editor, batch).await, "status"), ["KNOWN"; 4]);
        record(&world, &world.editor, json!([sign_in("e-0", &identity, "2026-01-01T09:00:00Z", "192.0.2.3")])).await;
        let login = json!({"at": "2026-01-01T11:00:00+00:00", "address": "2001:db8::1", "country": "AT"});
        assert_eq!(seen(&world, &world.editor, &identity, last_login).await["lastLogin"], login);

        let page = "accessRecords(first: 2, filter: {kind: SIGN_IN, outcome: SUCCESS}) { totalCount nodes { eventId } pageInfo { endCursor hasNextPage } }";
        let first = seen(&world, &world.admin, &identity, page).await["accessRecords"].clone();
        assert_eq!((each(&first["nodes"], "eventId"), &first["totalCount"]), (vec!["e-2", "e-1"], &json!(3)));
        let after = first["pageInfo"]["endCursor"].as_str().expect("a cursor").to_owned();
        let rest = format!(r#"accessRecords(after: "{after}", filter: {{kind: SIGN_IN, outcome: SUCCESS}}) {{ nodes {{ eventId }} }}"#);
        assert_eq!(each(&seen(&world, &world.admin, &identity, &rest).await["accessRecords"]["nodes"], "eventId"), ["e-0"]);
    }

    async fn what_cannot_be_taken_is_rejected_and_the_rest_is_taken(world: World) {
        let (_, identity) = ada(&world).await;
        let foreign = {
            let input = json!({"organizationId": world.globex, "kind": "USER", "username": "eve"});
            let eve = id_of(&world.mutate(&world.root, "createProfile", input, "profile { id }").await["profile"]);
            account(&world, &eve, "eve").await
        };
        let mut at_provider = sign_in("ok", &identity, "2026-01-01T11:00:00Z", "192.0.2.1");
        at_provider["identity"] = json!({"account": {"provider": "github", "accountId": "ada"}});
        let mut long = sign_in("long", &identity, "2026-01-01T11:00:00Z", "192.0.2.1");
        long["details"] = json!({"text": "x".repeat(9_000)});
        let mut session_of_nobody = sign_in("s", &identity, "2026-01-01T11:00:00Z", "192.0.2.1");
        session_of_nobody["session"] = json!({"externalId": "none"});
        let reports = record(&world, &world.editor, json!([
            at_provider,
            sign_in("foreign", &foreign, "2026-01-01T11:00:00Z", "192.0.2.1"),
            sign_in("future", &identity, "2026-01-01T12:06:00Z", "192.0.2.1"),
            sign_in("", &identity, "2026-01-01T11:00:00Z", "192.0.2.1"),
            sign_in("nul\u{0}", &identity, "2026-01-01T11:00:00Z", "192.0.2.1"),
            long,
            session_of_nobody,
        ])).await;
        let field = |index: usize| (reports[index]["status"].as_str(), reports[index]["rejection"]["code"].as_str(), reports[index]["rejection"]["field"].as_str());
        assert_eq!(field(0), (Some("RECORDED"), None, None));
        assert_eq!(field(1), (Some("REJECTED"), Some("NOT_FOUND"), Some("identity")));
        assert_eq!(field(2), (Some("REJECTED"), Some("BAD_USER_INPUT"), Some("occurredAt")));
        assert_eq!(field(3), (Some("REJECTED"), Some("BAD_USER_INPUT"), Some("eventId")));
        assert_eq!(field(4), (Some("REJECTED"), Some("BAD_USER_INPUT"), Some("eventId")));
        assert_eq!(field(5), (Some("REJECTED"), Some("BAD_USER_INPUT"), Some("details")));
        assert_eq!(field(6), (Some("REJECTED"), Some("NOT_FOUND"), Some("session")));
        let count = seen(&world, &world.admin, &identity, "accessRecords { totalCount }").await;
        assert_eq!(count["accessRecords"]["totalCount"], 1);

        for (sessions, field) in [(json!([]), "sessions"), (json!(vec![session("s", &identity); 1_001]), "sessions")] {
            assert_eq!(world.refused(&world.editor, "reportSessions", json!({"sessions": sessions})).await, ("BAD_USER_INPUT".to_owned(), field.to_owned()));
        }
        let mut nowhere = session("s", &identity);
        nowhere["whereabouts"]["address"] = json!("999.1.1.1");
        let refused = world.refused(&world.editor, "reportSessions", json!({"sessions": [nowhere]})).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "sessions[0].whereabouts.address".to_owned()));
        let mut backwards = session("s", &identity);
        backwards["endedAt"] = json!("2026-01-01T10:00:00Z");
        assert_eq!(report(&world, &world.editor, json!([backwards])).await[0]["rejection"], json!({"code": "BAD_USER_INPUT", "field": "endedAt"}));
    }

    async fn a_session_stays_with_its_account(world: World) {
        let (_, identity) = ada(&world).await;
        let bob = world.user("bob").await;
        let other = account(&world, &bob, "bob").await;
        report(&world, &world.editor, json!([session("s-1", &identity)])).await;
        let moved = report(&world, &world.editor, json!([session("s-1", &other)])).await;
        assert_eq!(moved[0]["rejection"], json!({"code": "CONFLICT", "field": "identity"}));
        let mut record_of_other = sign_in("e", &other, "2026-01-01T11:00:00Z", "192.0.2.1");
        record_of_other["session"] = json!({"externalId": "s-1"});
        assert_eq!(record(&world, &world.editor, json!([record_of_other])).await[0]["rejection"]["field"], "session");
    }

    async fn only_those_who_manage_and_the_owner_see_what_an_account_does(world: World) {
        let (ada, identity) = ada(&world).await;
        let bob = world.user("bob").await;
        let begun = report(&world, &world.editor, json!([session("s-1", &identity)])).await;
        let id = begun[0]["id"].as_str().expect("an id").to_owned();
        let of_ada = format!(r#"{{ profile(by: {{id: "{ada}"}}) {{ linkedIdentities {{ nodes {{
            sessions {{ totalCount }} accessRecords {{ totalCount }} actions {{ totalCount }} lastLogin {{ at }} passwordResetSince
        }} }} }} }}"#);
        let (herself, somebody) = (world.as_profile(&ada).await, world.as_profile(&bob).await);
        for (actor, refused) in [(&world.admin, 0), (&herself, 0), (&world.editor, 3), (&world.reader, 5)] {
            let answer = world.graphql(actor, &of_ada, json!({})).await;
            let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
            assert_eq!(errors.len(), refused, "{}: {:#}", actor.name, answer.body);
            assert!(errors.iter().all(|error| error["extensions"]["code"] == "FORBIDDEN"));
        }
        let session = format!(r#"{{ session(id: "{id}") {{ externalId }} }}"#);
        for actor in [&world.admin, &herself] {
            assert_eq!(world.query(actor, &session).await["session"]["externalId"], "s-1", "{}", actor.name);
        }
        assert_eq!(world.query(&world.stranger, &session).await["session"], Value::Null);
        assert_eq!(world.graphql(&world.reader, &session, json!({})).await.error_code(), Some("FORBIDDEN"));
        assert_eq!(world.graphql(&somebody, &session, json!({})).await.error_code(), Some("FORBIDDEN"));

        let input = json!({"sessions": [crate::activity::session("s-2", &identity)]});
        assert_eq!(world.refused(&world.reader, "reportSessions", input.clone()).await.0, "FORBIDDEN");
        let theirs = world.mutate(&world.stranger, "reportSessions", input, "reports { rejection { code } }").await;
        assert_eq!(theirs["reports"][0]["rejection"]["code"], "NOT_FOUND");
    }

    async fn after_a_revocation_the_very_next_request_is_refused(world: World) {
        let (ada, identity) = ada(&world).await;
        let own = world.as_profile(&ada).await;
        assert!(is_let_in(&world, &own).await);
        report(&world, &world.editor, json!([session("s-1", &identity), session("s-2", &identity)])).await;
        world.clock.advance(TimeDelta::milliseconds(10));

        let selection = "action { id kind status reason takenBy receipts { target status count } } identity { version }";
        let input = json!({"id": identity, "reason": "Lost laptop.", "clientMutationId": "r-1"});
        let revoked = world.mutate(&world.admin, "revokeSessions", input.clone(), selection).await;
        assert_eq!(revoked["action"]["receipts"], json!([
            {"target": "idgraph:sessions", "status": "CONFIRMED", "count": 2},
            {"target": "idgraph:tokens", "status": "CONFIRMED", "count": 1},
            {"target": "github", "status": "UNSUPPORTED", "count": null},
        ]));
        assert_eq!((&revoked["action"]["kind"], &revoked["action"]["takenBy"]), (&json!("REVOKE_SESSIONS"), &json!("admin")));
        // No clock has moved.
        assert!(!is_let_in(&world, &own).await);
        assert_eq!(world.mutate(&world.admin, "revokeSessions", input, selection).await, revoked, "done once");

        let after = seen(&world, &world.admin, &identity, "sessions { nodes { endReason live } } history(first: 1) { nodes {
            action reason changes { path before after } } } actions { nodes { id } }").await;
        assert_eq!(after["sessions"]["nodes"], json!([{"endReason": "REVOKED", "live": false}, {"endReason": "REVOKED", "live": false}]));
        assert_eq!(after["history"]["nodes"][0], json!({
            "action": "identity.revoke_sessions", "reason": "Lost laptop.",
            "changes": [{"path": "sessionEpoch", "before": null, "after": 1}],
        }));
        assert_eq!(after["actions"]["nodes"], json!([{"id": revoked["action"]["id"]}]));
        // What is made afterwards is good.
        assert!(is_let_in(&world, &world.as_profile(&ada).await).await);
    }

    async fn everybody_may_end_their_own_sessions_and_no_others(world: World) {
        let (ada, identity) = ada(&world).await;
        let bob = world.user("bob").await;
        let other = account(&world, &bob, "bob").await;
        let begun = report(&world, &world.editor, json!([session("s-1", &identity), session("s-2", &identity)])).await;
        let herself = world.as_profile(&ada).await;
        let end = |id: &Value| json!({"identityId": identity, "id": id});
        let ended = world.mutate(&herself, "endSession", end(&begun[0]["id"]), "session { live endReason }").await;
        assert_eq!(ended["session"], json!({"live": false, "endReason": "REVOKED"}));
        let live = seen(&world, &world.admin, &identity, "sessions(live: true) { nodes { externalId } }").await;
        assert_eq!(each(&live["sessions"]["nodes"], "externalId"), ["s-2"]);
        assert_eq!(world.refused(&herself, "revokeSessions", json!({"id": other})).await.0, "NOT_FOUND");
        assert_eq!(world.refused(&world.editor, "endSession", end(&begun[1]["id"])).await.0, "FORBIDDEN");
        assert_eq!(world.refused(&world.admin, "endSession", json!({"identityId": other, "id": begun[1]["id"]})).await.0, "NOT_FOUND");
        assert_eq!(world.refused(&herself, "forcePasswordReset", json!({"id": identity})).await.0, "FORBIDDEN");
        world.mutate(&herself, "revokeSessions", json!({"id": identity}), "action { status }").await;
        assert!(!is_let_in(&world, &herself).await);
    }

    async fn whoever_is_barred_is_signed_in_nowhere(world: World) {
        let (ada, identity) = ada(&world).await;
        let own = world.as_profile(&ada).await;
        report(&world, &world.editor, json!([session("s-1", &identity)])).await;
        world.clock.advance(TimeDelta::milliseconds(10));
        let selection = "action { receipts { target count } } identity { status profile { status statusReason } }";
        let disabled = world.mutate(&world.admin, "disableIdentity", json!({"id": identity, "reason": "Left."}), selection).await;
        assert_eq!(disabled["identity"], json!({"status": "DISABLED", "profile": {"status": "DISABLED", "statusReason": "Left."}}));
        assert_eq!(disabled["action"]["receipts"][1], json!({"target": "idgraph:sessions", "count": 1}));
        let sessions = seen(&world, &world.admin, &identity, "sessions { nodes { endReason } }").await;
        assert_eq!(each(&sessions["sessions"]["nodes"], "endReason"), ["DISABLED"]);
        assert!(!is_let_in(&world, &own).await);

        let enabled = world.mutate(&world.admin, "enableIdentity", json!({"id": identity}), selection).await;
        assert_eq!(enabled["identity"]["profile"]["status"], "ACTIVE");

        report(&world, &world.editor, json!([session("s-2", &identity)])).await;
        world.mutate(&world.admin, "deleteProfile", json!({"id": ada}), "deletedId").await;
        let sessions = seen(&world, &world.admin, &identity, "sessions(live: true) { totalCount }").await;
        assert_eq!(sessions["sessions"]["totalCount"], 0);
    }

    async fn a_new_password_is_forced_until_it_is_set(world: World) {
        let ada = world.user("ada").await;
        world.mutate(&world.admin, "setPassword", json!({"id": ada, "password": "correct horse battery"}), "clientMutationId").await;
        let query = format!(r#"{{ profile(by: {{id: "{ada}"}}) {{ linkedIdentities {{ nodes {{ id provider accountId username passwordResetSince }} }} }} }}"#);
        let own = world.query(&world.admin, &query).await["profile"]["linkedIdentities"]["nodes"][0].clone();
        assert_eq!((&own["provider"], &own["accountId"], &own["username"]), (&json!("local"), &json!(ada), &json!("ada")));
        let identity = id_of(&own);
        let forced = world.mutate(&world.admin, "forcePasswordReset", json!({"id": identity}), "action { status receipts { target status } }").await;
        assert_eq!(forced["action"], json!({"status": "CONFIRMED", "receipts": [{"target": "idgraph:password", "status": "CONFIRMED"}]}));
        let since = "passwordResetSince";
        assert_eq!(seen(&world, &world.admin, &identity, since).await[since], "2026-01-01T12:00:00+00:00");
        world.mutate(&world.admin, "setPassword", json!({"id": ada, "password": "another horse battery"}), "clientMutationId").await;
        assert_eq!(seen(&world, &world.admin, &identity, since).await[since], Value::Null);
        let history = seen(&world, &world.admin, &identity, "history { nodes { action } }").await;
        assert_eq!(each(&history["history"]["nodes"], "action"), ["profile.set_password", "identity.force_password_reset", "identity.link"]);

        let (_, elsewhere) = { let bob = world.user("bob").await; (bob.clone(), account(&world, &bob, "bob").await) };
        let forced = world.mutate(&world.admin, "forcePasswordReset", json!({"id": elsewhere}), "action { status receipts { target status } }").await;
        assert_eq!(forced["action"], json!({"status": "UNSUPPORTED", "receipts": [{"target": "github", "status": "UNSUPPORTED"}]}));
    }

    async fn what_accounts_do_lets_go_of_nothing_that_is_kept_of_the_directory(world: World) {
        let (ada, identity) = ada(&world).await;
        let query = format!(r#"{{ profile(by: {{id: "{ada}"}}) {{ username }} node(id: "{identity}") {{ ... on LinkedIdentity {{ lastLogin {{ at }} }} }} }}"#);
        world.query(&world.admin, &query).await;
        let (_, none) = world.statements_as_they_are(world.query(&world.admin, &query)).await;
        assert_eq!(none.len(), 0, "{none:#?}");
        record(&world, &world.editor, json!([sign_in("e-1", &identity, "2026-01-01T11:00:00Z", "192.0.2.1")])).await;
        let (told, one) = world.statements_as_they_are(world.query(&world.admin, &query)).await;
        assert_eq!(one.len(), 1, "{one:#?}");
        assert_eq!(told["node"]["lastLogin"]["at"], "2026-01-01T11:00:00+00:00");
    }

    async fn sessions_and_records_are_read_as_they_were(world: World) {
        let (_, identity) = ada(&world).await;
        report(&world, &world.editor, json!([session("s-1", &identity)])).await;
        record(&world, &world.editor, json!([sign_in("e-1", &identity, "2026-01-01T11:00:00Z", "192.0.2.1")])).await;
        world.clock.advance(TimeDelta::minutes(10));
        world.mutate(&world.admin, "revokeSessions", json!({"id": identity}), "clientMutationId").await;
        record(&world, &world.editor, json!([sign_in("e-2", &identity, "2026-01-01T12:09:00Z", "192.0.2.2")])).await;
        let then = r#"asOf(time: "2026-01-01T12:05:00Z") { lastLogin { address } sessions(live: true) { nodes { externalId endedAt live } }
            accessRecords(filter: {kind: SIGN_IN}) { nodes { eventId } } actions { totalCount } }"#;
        let then = seen(&world, &world.admin, &identity, then).await["asOf"].clone();
        assert_eq!(then, json!({
            "lastLogin": {"address": "192.0.2.1"}, "sessions": {"nodes": [{"externalId": "s-1", "endedAt": null, "live": true}]},
            "accessRecords": {"nodes": [{"eventId": "e-1"}]}, "actions": {"totalCount": 0},
        }));
    }
}
