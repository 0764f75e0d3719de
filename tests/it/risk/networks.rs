//! What is known of addresses counts, and is kept with what was reported.

use super::{CHROME, FIREFOX, identity, report, risk, sign_in};
use crate::rest::done;
use crate::support::mmdb::write;
use crate::support::program::{program, run};
use crate::support::{World, on_each_database};
use idgraph::domain::risk::{Entry, State};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

/// Databases as publishers make them: of countries, of networks, of anonymisers.
fn databases(folder: &Path) -> [std::path::PathBuf; 3] {
    let country = |code: &str| json!({"country_code": code});
    let countries = write(
        folder,
        "country.mmdb",
        &[
            ("192.0.2.0/24", json!({"country": {"iso_code": "AT", "names": {"en": "Austria"}}})),
            ("203.0.113.0/24", country("NG")),
            ("2001:db8::/32", country("JP")),
        ],
    );
    let network =
        |number: u32, name: &str| json!({"autonomous_system_number": number, "autonomous_system_organization": name});
    let networks = write(
        folder,
        "asn.mmdb",
        &[
            ("192.0.2.0/24", network(64_500, "Example Access")),
            ("203.0.113.0/24", network(64_501, "Example Hosting")),
            ("198.51.100.0/24", network(64_502, "Example Transit")),
        ],
    );
    let anonymisers = write(
        folder,
        "anonymous.mmdb",
        &[("203.0.113.64/26", json!({"is_anonymous": true, "is_hosting_provider": true, "is_tor_exit_node": true}))],
    );
    [countries, networks, anonymisers]
}

async fn knowing(world: World, folder: &TempDir) -> World {
    let files = databases(folder.path());
    world.knowing_networks(&files.each_ref().map(std::path::PathBuf::as_path)).await
}

/// A sign-in of which the reporter does not know the country.
fn from(identity: &str, at: &str, address: &str, agent: &str) -> Value {
    let mut record = sign_in(identity, at, (address, "", agent));
    record.as_object_mut().expect("an object").remove("country");
    record
}

fn mornings(identity: &str) -> Vec<Value> {
    (20..28).map(|day| from(identity, &format!("2025-12-{day}T09:00:00Z"), "192.0.2.1", FIREFOX)).collect()
}

/// Where the records of an account came from, the latest first.
async fn whereabouts(world: &World, identity: &str) -> Vec<Value> {
    let query = format!(
        r#"{{ node(id: "{identity}") {{ ... on LinkedIdentity {{ accessRecords {{ nodes {{ whereabouts {{ address country
            network {{ country number operator latitude radiusKilometres hosting anonymiser }} }} }} }} lastLogin {{ country }} }} }} }}"#
    );
    let seen = world.query(&world.admin, &query).await;
    let records = seen["node"]["accessRecords"]["nodes"].as_array().expect("records");
    records.iter().map(|record| record["whereabouts"].clone()).collect()
}

/// How much evidence there is of a signal.
async fn evidence(world: &World, signal: &str) -> i64 {
    world.number_behind(&format!("SELECT COUNT(*) FROM risk_evidence WHERE signal = '{signal}'")).await
}

/// What the log of the only account says, assessed again, and what is stored.
async fn replayed(world: &World) -> (State, State) {
    let log = world
        .text_behind(
            "SELECT group_concat(CAST(entry AS TEXT), char(10)) FROM (SELECT entry FROM risk_log ORDER BY arrival)",
            "SELECT string_agg(convert_from(entry, 'UTF8'), chr(10) ORDER BY arrival) FROM risk_log",
        )
        .await;
    let stored = world
        .text_behind(
            "SELECT CAST(state AS TEXT) FROM risk_states",
            "SELECT convert_from(state, 'UTF8') FROM risk_states",
        )
        .await;
    let mut state = State::new();
    for line in log.lines() {
        let Entry::Event { observation, context } = serde_json::from_str(line).expect("an entry") else {
            panic!("nobody has decided about anything: {line}");
        };
        drop(risk_model::assess(&idgraph::resolvers::risk::MODEL, &mut state, &observation, &context));
    }
    (state, serde_json::from_str(&stored).expect("a state"))
}

on_each_database! {
    async fn what_the_reporter_did_not_say_is_looked_up_and_kept(world: World) {
        let folder = TempDir::new().expect("a folder");
        let world = knowing(world, &folder).await;
        let ada = identity(&world, "ada").await;
        report(&world, &mornings(&ada)).await;
        assert_eq!(risk(&world, &ada).await.0, 0);
        report(&world, &[from(&ada, "2026-01-01T09:00:00Z", "192.0.2.1", FIREFOX), from(&ada, "2026-01-01T11:30:00Z", "203.0.113.70", CHROME)]).await;
        let seen = whereabouts(&world, &ada).await;
        assert_eq!(seen[0], json!({"address": "203.0.113.70", "country": "NG", "network": {"country": "NG", "number": 64_501,
            "operator": "Example Hosting", "latitude": 9.33, "radiusKilometres": 732, "hosting": true, "anonymiser": true}}));
        assert_eq!((&seen[1]["country"], &seen[1]["network"]["hosting"]), (&json!("AT"), &json!(false)));
        // From Austria to Nigeria in two hours and a half, through Tor, in a data centre.
        for signal in ["impossible_travel", "anonymiser", "hosting_network", "unfamiliar_sign_in"] {
            assert_eq!(evidence(&world, signal).await, 1, "{signal}");
        }
        assert_eq!(risk(&world, &ada).await.1, "critical");

        // What is known of the address from now on changes nothing of what was.
        let before = (risk(&world, &ada).await, seen);
        write(folder.path(), "country.mmdb", &[("203.0.113.0/24", json!({"country_code": "AT"}))]);
        world.app.refresh_networks().await;
        report(&world, &[from(&ada, "2026-01-01T11:31:00Z", "203.0.113.1", FIREFOX)]).await;
        assert_eq!(whereabouts(&world, &ada).await[0]["country"], "AT");
        assert_eq!(whereabouts(&world, &ada).await[1..], before.1[..]);
        let (again, stored) = replayed(&world).await;
        assert_eq!(again, stored);
    }

    async fn what_was_reported_goes_before_what_is_known(world: World) {
        let folder = TempDir::new().expect("a folder");
        let world = knowing(world, &folder).await;
        let ada = identity(&world, "ada").await;
        report(&world, &[sign_in(&ada, "2026-01-01T09:00:00Z", ("203.0.113.1", "AT", FIREFOX))]).await;
        let seen = whereabouts(&world, &ada).await;
        // The address is where the reporter says, in the middle of Austria.
        assert_eq!((&seen[0]["country"], &seen[0]["network"]["country"], &seen[0]["network"]["latitude"]), (&json!("AT"), &json!("NG"), &json!(47.69)));
        report(&world, &[from(&ada, "2026-01-01T09:01:00Z", "2001:db8::1", FIREFOX), from(&ada, "2026-01-01T09:02:00Z", "10.0.0.1", FIREFOX),
            from(&ada, "2026-01-01T09:03:00Z", "198.51.100.1", FIREFOX), from(&ada, "2026-01-01T09:04:00Z", "::ffff:192.0.2.7", FIREFOX)]).await;
        let seen = whereabouts(&world, &ada).await;
        assert_eq!((&seen[0]["country"], &seen[0]["network"]["number"]), (&json!("AT"), &json!(64_500)));
        assert_eq!((&seen[1]["country"], &seen[1]["network"]["number"], &seen[1]["network"]["latitude"]), (&Value::Null, &json!(64_502), &Value::Null));
        assert_eq!((&seen[2]["country"], &seen[2]["network"]), (&Value::Null, &Value::Null));
        assert_eq!(seen[3]["country"], "JP");
    }

    async fn a_session_is_known_to_be_where_its_address_is(world: World) {
        let folder = TempDir::new().expect("a folder");
        let world = knowing(world, &folder).await;
        let ada = identity(&world, "ada").await;
        report(&world, &mornings(&ada)).await;
        let session = |address: &str| json!({"external_id": "s-1", "identity": {"id": ada}, "ip": address, "user_agent": FIREFOX,
            "started_at": "2026-01-01T08:00:00Z"});
        let mut first = session("192.0.2.1");
        first["country"] = json!("AT");
        let sent = [first, session("203.0.113.9"), session("203.0.113.9")];
        let mut statuses = Vec::new();
        for session in sent {
            let taken = done(&world, &world.editor, ("POST", "/v1/sessions"), session).await;
            statuses.push(taken["data"][0]["status"].clone());
        }
        assert_eq!(statuses, ["recorded", "updated", "known"]);
        let query = format!(r#"{{ node(id: "{ada}") {{ ... on LinkedIdentity {{ sessions {{ nodes {{ whereabouts {{ country network {{ number }} }} }} }} }} }} }}"#);
        let seen = world.query(&world.admin, &query).await;
        assert_eq!(seen["node"]["sessions"]["nodes"][0]["whereabouts"], json!({"country": "NG", "network": {"number": 64_501}}));
        assert_eq!(evidence(&world, "session_context").await, 1);
    }

    async fn a_file_that_is_replaced_by_garbage_leaves_what_was_known(world: World) {
        let folder = TempDir::new().expect("a folder");
        let world = knowing(world, &folder).await;
        let ada = identity(&world, "ada").await;
        std::fs::write(folder.path().join("country.mmdb"), "garbage").expect("a file");
        std::fs::remove_file(folder.path().join("asn.mmdb")).expect("a file");
        world.app.refresh_networks().await;
        report(&world, &[from(&ada, "2026-01-01T09:00:00Z", "203.0.113.1", FIREFOX)]).await;
        let seen = whereabouts(&world, &ada).await;
        assert_eq!((&seen[0]["country"], &seen[0]["network"]["number"]), (&json!("NG"), &json!(64_501)));
    }

    async fn a_batch_is_looked_up_without_statements(world: World) {
        let folder = TempDir::new().expect("a folder");
        let world = knowing(world, &folder).await;
        let ada = identity(&world, "ada").await;
        let records = |hour: u8, count: u8| -> Vec<Value> {
            (0..count).map(|index| from(&ada, &format!("2026-01-01T0{hour}:{index:02}:00Z"), "192.0.2.1", FIREFOX)).collect()
        };
        report(&world, &records(1, 2)).await;
        let (_, few) = world.statements(report(&world, &records(2, 2))).await;
        let (_, many) = world.statements(report(&world, &records(3, 40))).await;
        assert_eq!(few.len(), many.len(), "{many:#?}");
    }
}

#[tokio::test]
async fn a_server_does_not_start_without_what_it_is_to_look_addresses_up_in() {
    let folder = TempDir::new().expect("a folder");
    let garbage = folder.path().join("garbage.mmdb");
    std::fs::write(&garbage, "no database").expect("a file");
    for (path, reason) in
        [("/nowhere/at.mmdb", "cannot be read"), (garbage.to_str().expect("a path"), "is no database")]
    {
        let database = format!("sqlite://{}?mode=rwc", folder.path().join("directory.db").display());
        let setting = format!("risk.address_databases={path}");
        let ran =
            run(program(["serve", "--listen", "127.0.0.1:0", "--database-url", &database, "--set", &setting])).await;
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.complaint.contains("risk.address_databases")
                && ran.complaint.contains(path)
                && ran.complaint.contains(reason),
            "{ran:?}"
        );
    }
}
