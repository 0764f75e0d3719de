//! Tens of clients write at once: nothing is lost, nothing is half done, and the history is seamless.
//!
//! `IDGRAPH_TEST_MUTATIONS` says how many mutations are sent in all; the suite is content with a few hundred.

use crate::support::{World, on_each_database};
use axum::http::StatusCode;
use idgraph::domain::profile::ProfileStatus;
use idgraph::domain::{Event, NodeId, NodeKind};
use idgraph::resolvers::RunOptions;
use idgraph::resolvers::command::{CreateProfile, ProfilePatch};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const CLIENTS: usize = 10;
const PROFILES: usize = 30;
const TEAMS: usize = 6;

#[expect(clippy::disallowed_methods, reason = "how long the story is, is for whoever runs it to say")]
fn mutations() -> usize {
    std::env::var("IDGRAPH_TEST_MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(400)
}

struct Cast {
    world: World,
    profiles: Vec<String>,
    teams: Vec<String>,
    /// How often each profile's counter was raised, as far as the clients were told.
    raised: Vec<AtomicUsize>,
}

impl Cast {
    async fn send(&self, mutation: &str, input: Value) -> Option<String> {
        let mut initial = mutation.chars();
        let first = initial.next().map(|c| c.to_ascii_uppercase()).unwrap_or_default();
        let query = format!(
            "mutation($input: {first}{}Input!) {{ {mutation}(input: $input) {{ errors {{ code }} }} }}",
            initial.as_str()
        );
        let answer = self.world.graphql(&self.world.owner, &query, json!({"input": input})).await;
        assert_eq!(answer.status, StatusCode::OK, "{mutation}: {}", answer.body);
        let errors = answer.data()[mutation]["errors"].clone();
        errors[0]["code"].as_str().map(str::to_owned)
    }

    /// Raises a counter by reading it and writing it back, with the version that was read.
    async fn raise(&self, which: usize) {
        let query = "query($id: ID!) { profile(by: {id: $id}) { version metadata } }";
        let read = self.world.graphql(&self.world.owner, query, json!({"id": self.profiles[which]})).await;
        let profile = &read.data()["profile"];
        let count = profile["metadata"]["count"].as_u64().unwrap_or(0);
        let input = json!({"id": self.profiles[which], "expectedVersion": profile["version"], "metadata": {"count": count + 1}});
        match self.send("updateProfile", input).await.as_deref() {
            None => drop(self.raised[which].fetch_add(1, Ordering::SeqCst)),
            Some(code) => assert_eq!(code, "STALE_VERSION"),
        }
    }

    async fn act(&self, client: usize, turn: usize) {
        let dice = (client * 7_919 + turn * 104_729) % 1_000_003;
        let (profile, other, team) = (dice % PROFILES, (dice / 7) % PROFILES, (dice / 3) % TEAMS);
        let (id, team_id) = (&self.profiles[profile], &self.teams[team]);
        let refused = match dice % 8 {
            0..=2 => return self.raise(profile).await,
            3 => self.send("addMembers", json!({"id": team_id, "members": [{"id": id, "role": if dice.is_multiple_of(2) { "LEAD" } else { "MEMBER" }}]})).await,
            4 => self.send("removeMembers", json!({"id": team_id, "memberIds": [id]})).await,
            5 => self.send("setManager", json!({"id": id, "managerId": self.profiles[other]})).await,
            6 => self.send(if dice.is_multiple_of(3) { "disableProfile" } else { "enableProfile" }, json!({"id": id, "reason": "rota"})).await,
            _ => self.send("linkIdentity", json!({"profileId": id, "provider": "github", "accountId": (dice % 40).to_string()})).await,
        };
        assert!(refused.is_none_or(|code| ["CONFLICT", "BAD_USER_INPUT"].contains(&code.as_str())));
    }
}

async fn events(world: &World) -> Vec<Event> {
    let last = world.last_sequence().await;
    let mut events = Vec::new();
    let operator = world.operator();
    let numbers: Vec<i64> = (1..=last).collect();
    for numbers in numbers.chunks(500) {
        let keys: Vec<_> = numbers.iter().map(|seq| (world.acme, *seq)).collect();
        let found = world.app.read(&operator).events(&keys).await.expect("events");
        assert_eq!(found.len(), keys.len(), "the sequence has a gap");
        let ordered: BTreeMap<i64, Event> = found.into_iter().map(|((_, seq), event)| (seq, event)).collect();
        events.extend(ordered.into_values());
    }
    events
}

on_each_database! {
    async fn ten_clients_lose_nothing(world: World) {
        let (mut profiles, mut teams) = (Vec::new(), Vec::new());
        for number in 0..PROFILES {
            profiles.push(world.user(&format!("user-{number}")).await);
        }
        for number in 0..TEAMS {
            teams.push(world.team(&format!("team-{number}"), None).await);
        }
        let raised = (0..PROFILES).map(|_| AtomicUsize::new(0)).collect();
        let cast = Arc::new(Cast { world, profiles, teams, raised });
        let clients = (0..CLIENTS).map(|client| {
            let cast = Arc::clone(&cast);
            tokio::spawn(async move {
                for turn in 0..mutations() / CLIENTS {
                    cast.act(client, turn).await;
                }
            })
        });
        for client in futures::future::join_all(clients).await {
            client.expect("a client went down");
        }
        for (which, id) in cast.profiles.iter().enumerate() {
            let query = format!("{{ profile(by: {{id: \"{id}\"}}) {{ metadata }} }}");
            let count = cast.world.query(&cast.world.owner, &query).await["profile"]["metadata"]["count"].as_u64().unwrap_or(0);
            assert_eq!(usize::try_from(count).ok(), Some(cast.raised[which].load(Ordering::SeqCst)), "an update of {id} was lost");
        }
        let mut last: HashMap<(NodeId, String), Value> = HashMap::new();
        for event in events(&cast.world).await {
            for change in event.changes {
                let place = (event.subject, change.path.clone());
                let before = last.insert(place, change.after).unwrap_or(Value::Null);
                assert_eq!(before, change.before, "event {} does not follow on: {}", event.seq, change.path);
            }
        }
    }

    async fn what_many_add_at_once_is_written_together(world: World) {
        let create = |name: String| {
            let input = json!({"organizationId": world.acme, "kind": "USER", "username": name});
            let query = "mutation($input: CreateProfileInput!) { createProfile(input: $input) { profile { id } errors { code field } } }";
            let world = &world;
            async move { world.graphql(&world.owner, query, json!({"input": input})).await.data()["createProfile"].clone() }
        };
        let operator = world.operator();
        let command = |number: usize| CreateProfile {
            organization: world.acme,
            kind: NodeKind::User,
            username: format!("user{number}"),
            fields: ProfilePatch::default(),
            status: ProfileStatus::Active,
            manager: None,
            owner: None,
        };
        // Those that come while nothing can be written wait for each other, besides those that the lane has taken already.
        let held = world.hold_writers().await;
        let creations = (0..30).map(|number| world.app.run(&operator, command(number), RunOptions::default()));
        let all = async { tokio::join!(futures::future::join_all(creations), held.let_go()).0 };
        let (made, statements) = world.statements(all).await;
        assert!(made.iter().all(Result::is_ok), "{made:?}");
        let inserts = statements.iter().filter(|statement| statement.starts_with("INSERT INTO profiles ")).count();
        assert!(inserts <= 2, "{inserts} statements for 30 profiles");

        // One takes a name that is taken, one a name that another takes beside it, and one cannot be at all.
        let names: Vec<String> = (30..50).map(|number| format!("user{number}")).chain(["user3", "twin", "twin", ""].map(str::to_owned)).collect();
        let made = futures::future::join_all(names.iter().cloned().map(create)).await;
        let refused: Vec<(&str, Option<&str>)> = names.iter().zip(&made).filter(|(_, made)| made["profile"].is_null())
            .map(|(name, made)| (name.as_str(), made["errors"][0]["code"].as_str())).collect();
        assert_eq!(refused, [("user3", Some("CONFLICT")), ("twin", Some("CONFLICT")), ("", Some("BAD_USER_INPUT"))], "{made:?}");
        let told = events(&world).await;
        let numbers: Vec<i64> = told.iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (1..=i64::try_from(numbers.len()).expect("a number")).collect::<Vec<_>>(), "no number is missing");
        assert_eq!(told.iter().filter(|event| event.action == "profile.create").count(), 51);
    }
}
