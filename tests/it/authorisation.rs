//! Who may do what: every root of the schema, asked by everybody.

use self::Outcome::{Done, Forbidden, NotFound, Null, Unauthenticated};
use crate::support::matrix::{self, ACTORS, actor};
use crate::support::mutations::{account, as_root, automaton, call, prepare, roots, tidy};
use crate::support::socket::{Client, Heard};
use crate::support::{Answer, id_of, on_each_database};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How a request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It is done, or something of acme is seen.
    Done,
    /// There is no error, and nothing of acme is seen.
    Null,
    Unauthenticated,
    NotFound,
    Forbidden,
}

/// How each root of reading is asked. `$self` is the profile that asks as `self`, `$session` a session of it, `$alert` an alert
/// about it, and `$webhook` a webhook; everything of acme is called so.
const QUERIES: &[(&str, &str)] = &[
    ("_entities", r#"_entities(representations: [{__typename: "User", id: "$self"}]) { ... on User { username } }"#),
    ("_service", "_service { sdl }"),
    ("alert", r#"alert(id: "$alert") { externalId }"#),
    ("alerts", r#"alerts(organization: "acme") { nodes { externalId } }"#),
    ("groups", r#"groups(organization: "acme") { nodes { slug } }"#),
    ("identities", r#"identities(organization: "acme") { nodes { accountId } }"#),
    ("neighborhood", r#"neighborhood(id: "$self") { nodes { node { ... on User { username } } } }"#),
    ("node", r#"node(id: "$self") { ... on User { username } }"#),
    ("nodes", r#"nodes(ids: ["$self"]) { ... on User { username } }"#),
    ("organization", r#"organization(slug: "acme") { slug }"#),
    ("organizations", "organizations { nodes { slug } }"),
    ("path", r#"path(from: "$self", to: "$self") { nodes { ... on User { username } } }"#),
    ("profile", r#"profile(by: {id: "$self"}) { username }"#),
    ("profiles", r#"profiles(organization: "acme") { nodes { username } }"#),
    ("resolve", r#"resolve(identifier: {id: "$self"}) { profile { username } }"#),
    ("riskPolicies", r#"riskPolicies(organization: "acme") { name }"#),
    ("roles", r#"roles(organization: "acme") { nodes { slug } }"#),
    ("session", r#"session(id: "$session") { externalId }"#),
    ("search", r#"search(text: "acme") { nodes { ... on User { username } } }"#),
    ("threatFeeds", r#"threatFeeds(organization: "acme") { name }"#),
    ("teams", r#"teams(organization: "acme") { nodes { slug } }"#),
    ("viewer", "viewer { organization { slug } }"),
    ("webhook", r#"webhook(id: "$webhook") { description }"#),
    ("webhookDeliveries", r#"webhookDeliveries(id: "$webhook") { nodes { event } }"#),
    ("webhooks", r#"webhooks(organization: "acme") { description }"#),
];

/// How each root of following is asked, from the first event on.
const SUBSCRIPTIONS: &[(&str, &str)] = &[(
    "changes",
    r#"changes(organization: "acme", after: "beginning") { event { subject { ... on Organization { slug } ... on User { username } } } }"#,
)];

/// What is for the eyes of few, where a profile and what is around it are read.
const PRIVATE: [&str; 8] = [
    "/profile/addresses",
    "/profile/changes",
    "/profile/externalIds",
    "/profile/history",
    "/profile/linkedIdentities/nodes/0/mfaState",
    "/profile/provenance",
    "/profile/statusReason",
    "/profile/teams/edges/0/event",
];

/// What is expected of each root of a section, for each of the actors.
fn expected(section: &str) -> BTreeMap<String, Vec<Outcome>> {
    let outcome = |cell: &String| match cell.as_str() {
        "yes" => Done,
        "nothing" => Null,
        "UNAUTHENTICATED" => Unauthenticated,
        "NOT_FOUND" => NotFound,
        "FORBIDDEN" => Forbidden,
        other => panic!("an outcome that nobody knows: {other}"),
    };
    let rows = matrix::expected(section, "Root");
    rows.into_iter().map(|(root, cells)| (root, cells.iter().map(outcome).collect())).collect()
}

fn outcome(code: Option<&str>, seen: bool) -> Outcome {
    match code {
        None if seen => Done,
        None => Null,
        Some("UNAUTHENTICATED") => Unauthenticated,
        Some("NOT_FOUND") => NotFound,
        Some("FORBIDDEN") => Forbidden,
        Some(other) => panic!("an error that nobody expects: {other}"),
    }
}

/// The errors of an answer: where, as a JSON pointer into the data, and which.
fn faults(answer: &Answer) -> BTreeMap<String, String> {
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    let pointer = |path: &Value| {
        let steps = path.as_array().cloned().unwrap_or_default();
        steps.iter().map(|step| format!("/{}", step.to_string().replace('"', ""))).collect::<String>()
    };
    let code = |error: &Value| error["extensions"]["code"].as_str().unwrap_or_default().to_owned();
    errors.iter().map(|error| (pointer(&error["path"]), code(error))).collect()
}

#[tokio::test]
async fn the_golden_file_is_about_every_root_of_the_schema_and_everybody() {
    for (section, root) in
        [("Queries", "queryType"), ("Mutations", "mutationType"), ("Subscriptions", "subscriptionType")]
    {
        matrix::assert_complete((section, "Root"), &roots(root).await);
    }
    let named = |list: &[(&str, &str)]| list.iter().map(|(name, _)| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(named(QUERIES), roots("queryType").await);
    assert_eq!(named(SUBSCRIPTIONS), roots("subscriptionType").await);
}

on_each_database! {
    async fn every_root_of_reading_shows_each_viewer_what_it_may_see(world: World) {
        // Webhooks have keys that are kept under a secret.
        let world = crate::oauth::issuing(world).await;
        let input = json!({"organizationId": world.acme, "url": "https://receiver.example.org/", "description": "acme-webhook"});
        let made = world.mutate(&world.root, "createWebhook", input, "webhook { id }").await;
        let webhook = id_of(&made["webhook"]);
        let own = world.user("acme-ada").await;
        world.team("acme-team", None).await;
        world.group("acme-group").await;
        world.role("acme-role", false).await;
        let identity = account(&world, &own, "acme-account").await;
        let session = json!([{"externalId": "acme-session", "identity": {"id": identity}}]);
        let input = json!({"organizationId": world.acme, "sessions": session});
        let session = world.mutate(&world.root, "reportSessions", input, "reports { id }").await["reports"][0]["id"].clone();
        let session = session.as_str().expect("an id");
        while world.app.collect_deliveries().await.expect("collected") {}
        let feed = json!({"organizationId": world.acme, "name": "acme-feed", "url": "https://feeds.example/", "confidence": 50});
        as_root(&world, "addThreatFeed", feed).await;
        let policy = json!({"organizationId": world.acme, "name": "acme-policy", "level": "HIGH", "actions": ["NOTIFY"]});
        as_root(&world, "createRiskPolicy", policy).await;
        let alert = json!([{"source": "siem", "externalId": "acme-alert", "kind": "malware", "severity": "LOW", "identity": {"id": identity}}]);
        let input = json!({"organizationId": world.acme, "alerts": alert});
        let alert = world.mutate(&world.root, "reportAlerts", input, "reports { id }").await["reports"][0]["id"].clone();
        let alert = alert.as_str().expect("an id");
        let expected = expected("Queries");
        for (column, name) in ACTORS.into_iter().enumerate() {
            let who = actor(&world, name, &own).await;
            for (root, field) in QUERIES {
                let expected = &expected[*root];
                let field = field.replace("$self", &own).replace("$session", session).replace("$alert", alert);
                let query = format!("{{ {} }}", field.replace("$webhook", &webhook));
                let answer = world.graphql(&who, &query, json!({})).await;
                let seen = answer.body["data"].to_string().contains("acme");
                assert_eq!(outcome(answer.error_code(), seen), expected[column], "{root} as {name}: {:#}", answer.body);
                assert!(seen == (expected[column] == Done), "{root} as {name}: {:#}", answer.body);
            }
        }
    }

    async fn every_root_of_following_tells_each_viewer_what_it_may_hear(world: World) {
        let own = world.user("acme-ada").await;
        let server = world.serve(&[]).await;
        let expected = expected("Subscriptions");
        for (column, name) in ACTORS.into_iter().enumerate() {
            let mut client = Client::open(&server, &actor(&world, name, &own).await).await;
            for (root, field) in SUBSCRIPTIONS {
                let expected = &expected[*root];
                client.subscribe(root, &format!("subscription {{ {field} }}"), json!({})).await;
                let Heard::Message(message) = client.hear().await else { panic!("{root} as {name} is closed") };
                let code = message["payload"][0]["extensions"]["code"].as_str();
                let seen = message["payload"]["data"].to_string().contains("acme");
                assert_eq!(outcome(code, seen), expected[column], "{root} as {name}: {message:#}");
            }
        }
    }

    async fn every_mutation_is_for_those_who_may_and_changes_nothing_for_others(world: World) {
        let world = crate::oauth::issuing(world).await;
        for (mutation, expected) in &expected("Mutations") {
            for (column, name) in ACTORS.into_iter().enumerate() {
                let tag = format!("{mutation}-{name}").to_lowercase();
                let own = world.user(&tag).await;
                let who = actor(&world, name, &own).await;
                let input = prepare(&world, mutation, &tag, &own).await;
                let input = input.unwrap_or_else(|| panic!("no input for {mutation}"));
                let before = world.last_sequence().await;
                let answer = call(&world, &who, mutation, &input).await;
                let after = world.last_sequence().await;
                let code = answer.body["data"][mutation]["errors"][0]["code"].as_str();
                let outcome = outcome(answer.error_code().or(code), true);
                assert_eq!(outcome, expected[column], "{mutation} as {name}: {:#}", answer.body);
                let is_told = outcome == Done && !["recordAccess", "reportSessions"].contains(&mutation.as_str());
                assert_eq!(after > before, is_told, "{mutation} as {name}: from {before} to {after}");
                tidy(&world, mutation).await;
            }
        }
    }

    async fn a_profile_changes_some_fields_of_its_own_and_of_nobody_else(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let me = world.as_profile(&ada).await;
        let input = json!({"id": ada, "locale": "pt-BR", "name": {"display": "Ada L."}});
        let seen = world.mutate(&me, "updateProfile", input, "profile { displayName locale }").await;
        assert_eq!(seen["profile"], json!({"displayName": "Ada L.", "locale": "pt-BR"}));
        let before = world.last_sequence().await;
        let (code, field) = world.refused(&me, "updateProfile", json!({"id": ada, "department": "R&D"})).await;
        assert_eq!((code.as_str(), field.as_str()), ("FORBIDDEN", "department"));
        let (code, field) = world.refused(&me, "updateProfile", json!({"id": bob, "locale": "pt-BR"})).await;
        assert_eq!((code.as_str(), field.as_str()), ("NOT_FOUND", "id"));
        assert_eq!(world.last_sequence().await, before);
    }

    async fn a_private_field_is_refused_alone(world: World) {
        let input = json!({"organizationId": world.acme, "kind": "USER", "username": "ada",
            "addresses": [{"locality": "Vienna"}], "externalIds": [{"client": "payroll", "value": "7"}]});
        let ada = id_of(&world.mutate(&world.root, "createProfile", input, "profile { id }").await["profile"]);
        as_root(&world, "suspendProfile", json!({"id": ada, "reason": "away"})).await;
        as_root(&world, "enableProfile", json!({"id": ada, "reason": "back"})).await;
        account(&world, &ada, "1815").await;
        let team = world.team("core", None).await;
        world.join(&team, &[&ada]).await;
        let query = format!(r#"{{ profile(by: {{id: "{ada}"}}) {{
            username addresses {{ locality }} statusReason externalIds {{ value }} history {{ totalCount }} provenance {{ field }} changes(after: "2026-01-01T00:00:00Z") {{ path }}
            linkedIdentities {{ nodes {{ accountId mfaState }} }}
            teams {{ edges {{ event {{ id }} node {{ slug }} }} }}
        }} }}"#);
        let own = world.as_profile(&ada).await;
        let [changes, history, mfa, provenance, event] = [PRIVATE[1], PRIVATE[3], PRIVATE[4], PRIVATE[5], PRIVATE[7]];
        for (who, refused) in [
            (&world.reader, PRIVATE.to_vec()),
            (&world.editor, vec![changes, history, provenance, event]),
            (&world.admin, vec![]),
            (&world.owner, vec![]),
            // Identities and edges are not its own profile.
            (&own, vec![mfa, event]),
        ] {
            let answer = world.graphql(who, &query, json!({})).await;
            let expected: BTreeMap<String, String> = refused.iter().map(|at| ((*at).to_owned(), "FORBIDDEN".to_owned())).collect();
            assert_eq!(faults(&answer), expected, "as {}", who.name);
            let data = &answer.body["data"];
            for place in PRIVATE {
                let value = data.pointer(place).unwrap_or_else(|| panic!("no {place} as {}: {data:#}", who.name));
                assert_eq!(value.is_null(), refused.contains(&place), "{place} as {}: {data:#}", who.name);
            }
            let around = [&data["profile"]["username"], &data["profile"]["linkedIdentities"]["nodes"][0]["accountId"],
                &data["profile"]["teams"]["edges"][0]["node"]["slug"]];
            assert_eq!(around, [&json!("ada"), &json!("1815"), &json!("core")], "as {}", who.name);
        }
    }

    async fn a_tenant_never_sees_another(world: World) {
        let input = json!({"organizationId": world.acme, "kind": "USER", "username": "ada", "emails": [{"value": "ada@example.org"}]});
        let ada = id_of(&world.mutate(&world.root, "createProfile", input, "profile { id }").await["profile"]);
        let profiles = [ada.clone(), automaton(&world, "SERVICE_ACCOUNT", "ada-service").await, automaton(&world, "BOT", "ada-bot").await];
        let mut ids = profiles.to_vec();
        ids.push(world.acme.node().to_string());
        ids.push(world.team("ada-team", None).await);
        ids.push(world.group("ada-group").await);
        ids.push(world.role("ada-role", false).await);
        ids.push(account(&world, &ada, "ada-account").await);
        for (who, seen) in [(&world.reader, true), (&world.stranger, false)] {
            for id in &ids {
                let answer = world.graphql(who, "query($id: ID!) { node(id: $id) { id } }", json!({"id": id})).await;
                assert_eq!(!answer.data()["node"].is_null(), seen, "{id} as {}", who.name);
            }
            let answer = world.graphql(who, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({"ids": ids})).await;
            let nodes = answer.data()["nodes"].as_array().cloned().unwrap_or_default();
            assert_eq!(nodes.len(), ids.len());
            assert!(nodes.iter().all(|node| node.is_null() != seen), "as {}: {nodes:?}", who.name);
            let mut keys: Vec<Value> = profiles.iter().map(|id| json!({"id": id})).collect();
            keys.push(json!({"username": {"organization": "acme", "username": "ada"}}));
            keys.push(json!({"email": "ada@example.org"}));
            keys.push(json!({"identity": {"provider": "github", "accountId": "ada-account"}}));
            for by in keys {
                let answer = world.graphql(who, "query($by: ProfileKey!) { profile(by: $by) { id } }", json!({"by": by})).await;
                assert_eq!(!answer.data()["profile"].is_null(), seen, "{by} as {}", who.name);
            }
            let found = world.query(who, r#"{ search(text: "ada") { totalCount nodes { id } } }"#).await;
            assert_eq!(found["search"]["totalCount"] != 0, seen, "as {}: {found}", who.name);
            assert_eq!(found["search"]["nodes"] != json!([]), seen, "as {}: {found}", who.name);
        }
    }

    async fn nothing_of_one_tenant_becomes_part_of_another(world: World) {
        let (ada, team, group) = (world.user("ada").await, world.team("core", None).await, world.group("all").await);
        let make = async |mutation: &str, noun: &str, input: Value| {
            id_of(&world.mutate(&world.stranger, mutation, input, &format!("{noun} {{ id }}")).await[noun])
        };
        let theirs = make("createProfile", "profile", json!({"kind": "USER", "username": "eve"})).await;
        let their_bot = make("createProfile", "profile", json!({"kind": "BOT", "username": "robot"})).await;
        let their_team = make("createTeam", "team", json!({"slug": "core"})).await;
        let their_group = make("createGroup", "group", json!({"slug": "all"})).await;
        let their_role = make("createRole", "role", json!({"slug": "any"})).await;
        let before = world.last_sequence().await;
        for (mutation, input, field) in [
            ("createTeam", json!({"slug": "sub", "parentId": team}), "parentId"),
            ("createProfile", json!({"kind": "USER", "username": "mallory", "managerId": ada}), "managerId"),
            ("setTeamParent", json!({"id": their_team, "parentId": team}), "parentId"),
            ("setGroupParent", json!({"id": their_group, "parentId": group}), "parentId"),
            ("addMembers", json!({"id": their_team, "members": [{"id": ada}]}), "members[0].id"),
            ("setMembers", json!({"id": their_group, "members": [{"id": team}]}), "members[0].id"),
            ("setManager", json!({"id": theirs, "managerId": ada}), "managerId"),
            ("setOwner", json!({"id": their_bot, "ownerId": team}), "ownerId"),
            ("grantRole", json!({"roleId": their_role, "principalId": ada}), "principalId"),
        ] {
            let refusal = world.refused(&world.stranger, mutation, input).await;
            assert_eq!(refusal, ("NOT_FOUND".to_owned(), field.to_owned()), "{mutation}");
        }
        assert_eq!(world.last_sequence().await, before);
    }

    async fn only_an_owner_decides_who_has_a_privileged_role(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let (root, role) = (world.group("root").await, world.role("superuser", true).await);
        let (below, inside, loose) = (world.group("below").await, world.team("inside", None).await, world.group("loose").await);
        as_root(&world, "grantRole", json!({"roleId": role, "principalId": root})).await;
        as_root(&world, "setGroupParent", json!({"id": below, "parentId": root})).await;
        world.join(&below, &[&inside, &bob]).await;
        let mut attempts = vec![
            ("grantRole", json!({"roleId": role, "principalId": ada})),
            ("revokeRole", json!({"roleId": role, "principalId": root})),
            ("updateRole", json!({"id": role, "privileged": false})),
            ("createRole", json!({"slug": "another", "privileged": true})),
            ("createGroup", json!({"slug": "new", "parentId": below})),
            ("setGroupParent", json!({"id": loose, "parentId": root})),
            ("setGroupParent", json!({"id": loose, "parentId": below})),
            ("setGroupParent", json!({"id": below, "parentId": null})),
            ("setGroupParent", json!({"id": below, "parentId": loose})),
            ("removeMembers", json!({"id": below, "memberIds": [bob]})),
            ("setMembers", json!({"id": below, "members": []})),
        ];
        for collective in [&root, &below, &inside] {
            attempts.push(("addMembers", json!({"id": collective, "members": [{"id": ada}]})));
        }
        let before = world.last_sequence().await;
        for who in [&world.editor, &world.admin] {
            for (mutation, input) in &attempts {
                let (code, _) = world.refused(who, mutation, input.clone()).await;
                assert_eq!(code, "FORBIDDEN", "{mutation} {input} as {}", who.name);
            }
        }
        assert_eq!(world.last_sequence().await, before);
        for (mutation, input) in [
            ("addMembers", json!({"id": below, "members": [{"id": ada}]})),
            ("removeMembers", json!({"id": below, "memberIds": [bob]})),
            ("setGroupParent", json!({"id": loose, "parentId": below})),
            ("setGroupParent", json!({"id": loose, "parentId": null})),
            ("setGroupParent", json!({"id": below, "parentId": null})),
            ("grantRole", json!({"roleId": role, "principalId": ada})),
        ] {
            world.mutate(&world.owner, mutation, input, "clientMutationId").await;
        }
        // Where nothing privileged is conferred any more, an editor decides again.
        let input = json!({"id": below, "members": [{"id": bob}]});
        world.mutate(&world.editor, "addMembers", input, "clientMutationId").await;
    }
}
