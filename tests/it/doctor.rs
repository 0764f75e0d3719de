//! `idgraph doctor` finds what is wrong, says so, and changes nothing.

use crate::support::issuer::{Issuer, SigningKey};
use crate::support::program::{Ran, program, run};
use crate::support::{Database, World, on_each_database};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Every check, in the order of the report.
const CHECKS: [&str; 9] =
    ["configuration", "database", "migrations", "clock", "sequences", "edges", "keys", "containment", "outbox"];

/// What the report says about one check.
#[track_caller]
fn finding<'a>(report: &'a Value, check: &str) -> &'a Value {
    let found = report["checks"].as_array().and_then(|all| all.iter().find(|finding| finding["check"] == check));
    found.unwrap_or_else(|| panic!("no {check} in {report:#}"))
}

/// The checks whose status is that one.
fn with_status<'a>(report: &'a Value, status: &str) -> Vec<&'a str> {
    let all = report["checks"].as_array().expect("checks").iter();
    all.filter(|finding| finding["status"] == status).filter_map(|finding| finding["check"].as_str()).collect()
}

/// Looks the world over, and expects exactly these problems. Returns the report.
async fn problems(world: &World, expected: &[&str]) -> Value {
    let ran = world.program(&["doctor", "--json"]).await;
    let report = ran.json();
    assert_eq!(with_status(&report, "problem"), expected, "{report:#}");
    assert_eq!(ran.code, i32::from(!expected.is_empty()), "{ran:?}");
    report
}

/// A team in a team, with somebody in it.
async fn live(world: &World) -> String {
    let ada = world.user("ada").await;
    let outer = world.team("outer", None).await;
    let inner = world.team("inner", Some(&outer)).await;
    world.join(&inner, &[&ada]).await;
    inner
}

on_each_database! {
    async fn a_sound_installation_has_no_problem(world: World) {
        live(&world).await;
        let report = problems(&world, &[]).await;
        // The events of this world are of a time that is long past, and nobody has carried them out.
        assert_eq!(with_status(&report, "warning"), ["outbox"]);
        assert_eq!(report["status"], "warning");
        assert!(finding(&report, "outbox")["advice"].is_string());
        let all: Vec<&str> = report["checks"].as_array().expect("checks").iter().filter_map(|finding| finding["check"].as_str()).collect();
        assert_eq!(all, CHECKS.iter().copied().chain(["redis", "iam", "networks"]).collect::<Vec<_>>());
        world.tamper("DELETE FROM outbox").await;
        assert_eq!(problems(&world, &[]).await["status"], "ok");

        let Ran { code, output, .. } = world.program(&["doctor"]).await;
        assert_eq!((code, output.lines().count()), (0, CHECKS.len() + 3), "{output}");
        assert!(output.lines().all(|line| line.starts_with("ok  ")), "{output}");
    }

    async fn missing_events_are_found(world: World) {
        live(&world).await;
        // Of acme: nobody else has so many.
        world.tamper("DELETE FROM events WHERE (org_id, seq) = (SELECT org_id, 2 FROM sequences ORDER BY last_seq DESC LIMIT 1)").await;
        let report = problems(&world, &["sequences"]).await;
        let message = finding(&report, "sequences")["message"].as_str().expect("a message");
        assert!(message.contains(&world.acme.to_string()), "{message}");
    }

    async fn orphans_are_found(world: World) {
        let inner = live(&world).await;
        world.tamper("DELETE FROM profiles WHERE username = 'ada'").await;
        let report = problems(&world, &["edges", "keys"]).await;
        assert_eq!(finding(&report, "edges")["message"], "Ends of edges that do not exist: 1.");
        let keys = finding(&report, "keys")["message"].as_str().expect("a message");
        assert!(keys.contains("Keys of nodes") && keys.contains("Events of nodes"), "{keys}");

        world.mutate(&world.admin, "deleteTeam", json!({"id": inner}), "clientMutationId").await;
        problems(&world, &["edges", "keys"]).await;
        world.tamper("INSERT INTO containment SELECT id, id, 1 FROM collectives WHERE slug = 'inner'").await;
        problems(&world, &["edges", "keys", "containment"]).await;
    }

    async fn an_event_of_the_future_is_found(world: World) {
        world.clock.advance(TimeDelta::days(36_500));
        world.user("ada").await;
        let report = problems(&world, &["clock"]).await;
        assert!(finding(&report, "clock")["advice"].as_str().is_some_and(|advice| advice.contains("NTP")));
    }

    async fn a_schema_that_differs_is_found_and_left_alone(world: World) {
        world.app.store().migrate_down(Some(1)).await.expect("a step down");
        let report = problems(&world, &[]).await;
        assert_eq!(with_status(&report, "warning"), ["migrations"]);
        assert_eq!(with_status(&report, "skipped"), &CHECKS[3..]);
        assert_eq!(world.program(&["doctor", "--set", "database.migrate_on_start=false"]).await.code, 1);
        let pending = world.app.store().migration_status().await.expect("a status");
        assert_eq!(pending.iter().filter(|(_, applied)| !applied).count(), 1);

        world.app.store().migrate_up().await.expect("a step up");
        world.tamper("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_tomorrow', 0)").await;
        let report = problems(&world, &["migrations"]).await;
        assert!(finding(&report, "migrations")["message"].as_str().is_some_and(|text| text.contains("m9999_tomorrow")));
    }

    async fn a_redis_that_is_away_is_found(world: World) {
        let ran = world.program(&["doctor", "--json", "--set", "redis.url=redis://:s3cret@127.0.0.1:1"]).await;
        assert_eq!((ran.code, with_status(&ran.json(), "problem")), (1, vec!["redis"]));
        assert!(!ran.output.contains("s3cret") && !ran.complaint.contains("s3cret"), "{ran:?}");
    }

    async fn an_iam_that_is_away_or_has_no_keys_is_found(world: World) {
        let key = SigningKey::p256();
        let issuer = Issuer::start(&[key.jwk("a")]).await;
        let set = format!("iam.issuer={}", issuer.url);
        let more = ["--set", "iam.audience=idgraph", "--set", "iam.organization=acme", "--set", "iam.provider=keycloak"];
        let look = async || world.program(&[&["doctor", "--json", "--set", &set], more.as_slice()].concat()).await.json();
        let report = look().await;
        assert_eq!(finding(&report, "iam")["status"], "ok", "{report:#}");
        issuer.pretend("https://iam.example.org");
        let report = look().await;
        assert_eq!(with_status(&report, "problem"), ["iam"], "{report:#}");
        assert!(finding(&report, "iam")["message"].as_str().is_some_and(|text| text.contains("another issuer")));
        issuer.pretend(&issuer.url);
        issuer.publish(&[]);
        assert_eq!(with_status(&look().await, "problem"), ["iam"]);
    }
}

#[tokio::test]
async fn a_mistake_in_the_configuration_is_found() {
    let ran = run(program(["doctor", "--json", "--set", "graphql.max_depth=0"])).await;
    let report = ran.json();
    assert_eq!((ran.code, with_status(&report, "problem")), (1, vec!["configuration"]));
    assert_eq!(with_status(&report, "skipped").len(), CHECKS.len() + 2);
    assert!(
        finding(&report, "configuration")["message"].as_str().is_some_and(|text| text.contains("graphql.max_depth"))
    );
}

#[tokio::test]
async fn a_database_that_is_not_there_is_found_and_not_made() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("missing.db");
    let ran = run(program(["doctor", "--json", "--database-url", &format!("sqlite://{}", file.display())])).await;
    assert_eq!((ran.code, with_status(&ran.json(), "problem")), (1, vec!["database"]));
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_is_found() {
    let world = World::new(Database::Sqlite).await;
    live(&world).await;
    world.app.close().await;
    world.app.store().clone().close().await.expect("closed");
    let url = world.database_url();
    let file = url.strip_prefix("sqlite://").expect("a file");
    let mut bytes = std::fs::read(file).expect("a database");
    // The header stays, so that it is still a database.
    bytes.iter_mut().skip(8_192).take(40_000).for_each(|byte| *byte = 0xA5);
    std::fs::write(file, bytes).expect("a file");
    let ran = world.program(&["doctor", "--json"]).await;
    let report = ran.json();
    assert_eq!((ran.code, with_status(&report, "problem")), (1, vec!["database"]), "{report:#}");
}
