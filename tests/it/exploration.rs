//! Looking for what nobody has named: who an identifier means, how two nodes are connected, what lies around a node, and
//! what differs between two times.

use crate::support::{World, each, id_of, on_each_database};
use chrono::{SecondsFormat, TimeDelta};
use idgraph::domain::Clock;
use serde_json::{Value, json};

async fn resolved(world: &World, identifier: &str) -> Value {
    let query = format!("{{ resolve(identifier: {identifier}) {{ rule profile {{ username }} }} }}");
    world.query(&world.editor, &query).await["resolve"].clone()
}

async fn path(world: &World, from: &str, to: &str, more: &str) -> Option<Vec<String>> {
    let query = format!(
        "{{ path(from: \"{from}\", to: \"{to}\"{more}) {{ length nodes {{ id }} steps {{ direction nodeId edge {{ kind fromId toId since source }} }} }} }}"
    );
    let found = world.query(&world.reader, &query).await["path"].clone();
    if found.is_null() {
        return None;
    }
    let ids: Vec<String> = each(&found["nodes"], "id").into_iter().map(str::to_owned).collect();
    let steps = found["steps"].as_array().expect("steps");
    assert_eq!(found["length"], steps.len());
    for (step, pair) in steps.iter().zip(ids.windows(2)) {
        let (from, to) = if step["direction"] == "OUT" { (&pair[0], &pair[1]) } else { (&pair[1], &pair[0]) };
        assert_eq!((&step["edge"]["fromId"], &step["edge"]["toId"]), (&json!(from), &json!(to)));
        assert_eq!(step["nodeId"], json!(pair[1]));
    }
    Some(ids)
}

async fn manage(world: &World, report: &str, manager: &str) {
    world.mutate(&world.root, "setManager", json!({"id": report, "managerId": manager}), "clientMutationId").await;
}

on_each_database! {
    async fn whatever_is_known_of_somebody_leads_to_the_profile(world: World) {
        let input = json!({
            "organizationId": world.acme, "kind": "USER", "username": "Ada",
            "emails": [{"value": "ada@example.org"}], "phones": [{"value": "+44 20 7946 0018"}],
            "externalIds": [{"client": "payroll", "value": "0042"}],
        });
        let ada = id_of(&world.mutate(&world.root, "createProfile", input, "profile { id }").await["profile"]);
        let link = json!({"profileId": ada, "provider": "github", "accountId": "1815"});
        let account = id_of(&world.mutate(&world.root, "linkIdentity", link, "identity { id }").await["identity"]);
        let staging = json!({"profileId": ada, "provider": "okta", "environment": "staging", "accountId": "00u1"});
        world.mutate(&world.root, "linkIdentity", staging, "clientMutationId").await;
        for (identifier, rule) in [
            (format!("{{id: \"{ada}\"}}"), "ID"), (format!("{{text: \"{ada}\"}}"), "ID"),
            (format!("{{id: \"{account}\"}}"), "IDENTITY_ID"), (format!("{{text: \" {account} \"}}"), "IDENTITY_ID"),
            ("{identity: {provider: \"github\", accountId: \"1815\"}}".to_owned(), "IDENTITY"),
            ("{text: \"github:1815\"}".to_owned(), "IDENTITY"), ("{text: \"okta/staging:00u1\"}".to_owned(), "IDENTITY"),
            ("{email: \"ADA@example.org\"}".to_owned(), "EMAIL"), ("{text: \"Ada@Example.org\"}".to_owned(), "EMAIL"),
            ("{username: \"aDA\"}".to_owned(), "USERNAME"), ("{text: \"ada\"}".to_owned(), "USERNAME"),
            ("{phone: \"+44 (20) 79460018\"}".to_owned(), "PHONE"), ("{text: \"+442079460018\"}".to_owned(), "PHONE"),
            ("{externalId: {client: \"payroll\", value: \"0042\"}}".to_owned(), "EXTERNAL_ID"),
        ] {
            assert_eq!(resolved(&world, &identifier).await, json!({"rule": rule, "profile": {"username": "Ada"}}), "{identifier}");
        }
        for identifier in ["{text: \"nobody\"}", "{text: \"\"}", "{text: \"github:1\"}", "{email: \"ada\"}", "{identity: {provider: \"okta\", accountId: \"00u1\"}}"] {
            assert_eq!(resolved(&world, identifier).await, Value::Null, "{identifier}");
        }
        let external = "{ resolve(identifier: {externalId: {client: \"payroll\", value: \"0042\"}}) { rule } }";
        assert_eq!(world.graphql(&world.reader, external, json!({})).await.error_code(), Some("FORBIDDEN"));
        let wrong = "{ resolve(identifier: {id: \"team_01jd8s6vq9e0v8k2m4n6p8r0t2\"}) { rule } }";
        assert_eq!(world.graphql(&world.reader, wrong, json!({})).await.error_code(), Some("BAD_USER_INPUT"));
        let two = "{ resolve(identifier: {text: \"a\", email: \"b\"}) { rule } }";
        assert!(world.graphql(&world.reader, two, json!({})).await.body["errors"].is_array());
        let elsewhere = "{ resolve(identifier: {text: \"ada\"}) { rule } }";
        assert_eq!(world.query(&world.stranger, elsewhere).await, json!({"resolve": null}));
    }

    async fn a_shortest_path_is_found_over_any_edges(world: World) {
        let mut chain = vec![world.user("p0").await];
        for number in 1..7 {
            let next = world.user(&format!("p{number}")).await;
            manage(&world, &chain[number - 1], &next).await;
            chain.push(next);
        }
        let all: Vec<String> = chain.clone();
        assert_eq!(path(&world, &all[0], &all[6], "").await, Some(all.clone()));
        assert_eq!(path(&world, &all[6], &all[0], "").await, Some(all.iter().rev().cloned().collect()));
        assert_eq!(path(&world, &all[0], &all[6], ", maxLength: 5").await, None);
        assert_eq!(path(&world, &all[0], &all[6], ", kinds: [MEMBER, LINK]").await, None);
        assert_eq!(path(&world, &all[3], &all[3], "").await, Some(vec![all[3].clone()]));
        let (team, group) = (world.team("core", None).await, world.group("all").await);
        world.join(&team, &[&all[0]]).await;
        world.join(&group, &[&team, &all[6]]).await;
        let short = vec![all[0].clone(), team.clone(), group.clone(), all[6].clone()];
        assert_eq!(path(&world, &all[0], &all[6], "").await, Some(short));
        assert_eq!(path(&world, &all[0], &all[6], ", kinds: [MANAGER]").await, Some(all.clone()));
        let before = world.clock.now().to_rfc3339_opts(SecondsFormat::Micros, true);
        world.clock.advance(TimeDelta::hours(1));
        world.mutate(&world.root, "deleteTeam", json!({"id": team}), "clientMutationId").await;
        assert_eq!(path(&world, &all[0], &all[6], "").await, Some(all.clone()), "what is deleted leads nowhere");
        let then = path(&world, &all[0], &all[6], &format!(", asOf: \"{before}\"")).await;
        assert_eq!(then.map(|ids| ids.len()), Some(4));
    }

    async fn paths_without_end_and_to_nowhere_are_refused(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let ghost = "usr_01jd8s6vq9e0v8k2m4n6p8r0t2";
        assert_eq!(path(&world, &ada, ghost, "").await, None);
        assert_eq!(path(&world, &ada, &bob, "").await, None);
        for query in [
            format!("{{ path(from: \"{ada}\", to: \"{bob}\", maxLength: 17) {{ length }} }}"),
            format!("{{ path(from: \"{ada}\", to: \"tok_01jd8s6vq9e0v8k2m4n6p8r0t2\") {{ length }} }}"),
            format!("{{ neighborhood(id: \"{ada}\", depth: 7) {{ truncated }} }}"),
            format!("{{ neighborhood(id: \"{ada}\", limit: 501) {{ truncated }} }}"),
            "{ neighborhood(id: \"ada\") { truncated } }".to_owned(),
        ] {
            assert_eq!(world.graphql(&world.reader, &query, json!({})).await.error_code(), Some("BAD_USER_INPUT"), "{query}");
        }
        let disguised = ada.replacen("usr_", "bot_", 1);
        assert_eq!(path(&world, &disguised, &disguised, "").await, None, "an id is only right as a whole");
        let query = format!("{{ neighborhood(id: \"{disguised}\") {{ truncated }} }}");
        assert_eq!(world.query(&world.reader, &query).await, json!({"neighborhood": null}));
        let other = json!({"organizationId": world.globex, "kind": "USER", "username": "eve"});
        let eve = id_of(&world.mutate(&world.root, "createProfile", other, "profile { id }").await["profile"]);
        assert_eq!(path(&world, &ada, &eve, "").await, None);
    }

    async fn a_neighborhood_grows_with_its_depth(world: World) {
        let (boss, team) = (world.user("boss").await, world.team("core", None).await);
        let mut people = Vec::new();
        for number in 0..5 {
            let person = world.user(&format!("p{number}")).await;
            manage(&world, &person, &boss).await;
            people.push(person);
        }
        world.join(&team, &[&people[0], &people[1]]).await;
        let look = async |id: &str, more: &str| {
            let query = format!("{{ neighborhood(id: \"{id}\"{more}) {{ truncated nodes {{ id distance node {{ __typename }} }} edges {{ kind from {{ id }} to {{ id }} }} }} }}");
            world.query(&world.reader, &query).await["neighborhood"].clone()
        };
        let size = |found: &Value| (found["nodes"].as_array().map_or(0, Vec::len), found["edges"].as_array().map_or(0, Vec::len), found["truncated"].clone());
        assert_eq!(size(&look(&team, "").await), (3, 2, json!(false)));
        assert_eq!(size(&look(&team, ", depth: 2").await), (4, 4, json!(false)));
        assert_eq!(size(&look(&team, ", depth: 3").await), (7, 7, json!(false)));
        assert_eq!(size(&look(&team, ", depth: 3, kinds: [MEMBER]").await), (3, 2, json!(false)));
        assert_eq!(size(&look(&boss, ", limit: 4").await), (4, 3, json!(true)));
        assert_eq!(size(&look(&boss, ", depth: 0").await), (1, 0, json!(false)));
        let far = look(&team, ", depth: 3").await;
        let distances: Vec<i64> = far["nodes"].as_array().expect("nodes").iter().filter_map(|node| node["distance"].as_i64()).collect();
        assert_eq!(distances, [0, 1, 1, 2, 3, 3, 3]);
        assert!(far["nodes"].as_array().expect("nodes").iter().all(|node| node["node"]["__typename"].is_string()));
        let (_, statements) = world.statements(look(&team, ", depth: 3")).await;
        assert!(statements.len() <= 12, "{} statements for three levels", statements.len());
    }

    async fn a_role_says_over_which_groups_it_comes(world: World) {
        let (ada, role) = (world.user("ada").await, world.role("keys", false).await);
        let (outer, inner, other) = (world.group("outer").await, world.group("inner").await, world.group("other").await);
        world.join(&inner, &[&ada]).await;
        world.join(&outer, &[&inner]).await;
        world.join(&other, &[&ada]).await;
        for principal in [&ada, &outer, &other] {
            world.mutate(&world.root, "grantRole", json!({"roleId": role, "principalId": principal}), "clientMutationId").await;
        }
        let query = format!("{{ node(id: \"{ada}\") {{ ... on User {{ effectiveRoles {{ edges {{ paths {{ nodes {{ id }} steps {{ direction edge {{ kind }} }} }} }} }} }} }} }}");
        let (found, statements) = world.statements(world.query(&world.reader, &query)).await;
        let paths = found["node"]["effectiveRoles"]["edges"][0]["paths"].clone();
        let nodes: Vec<Vec<&str>> = paths.as_array().expect("paths").iter().map(|path| each(&path["nodes"], "id")).collect();
        assert_eq!(nodes[0], [&ada, &role]);
        assert!(nodes.contains(&vec![ada.as_str(), &inner, &outer, &role]) && nodes.contains(&vec![ada.as_str(), &other, &role]), "{nodes:?}");
        assert_eq!(nodes.len(), 3);
        assert!(paths.as_array().expect("paths").iter().all(|path| path["steps"].as_array().is_some_and(|steps| steps.iter().all(|step| step["direction"] == "OUT"))));
        assert!(statements.len() <= 8, "{statements:#?}");
    }

    async fn what_differs_between_two_times_is_told_once(world: World) {
        let (ada, team) = (world.user("ada").await, world.team("core", None).await);
        let start = world.clock.now().to_rfc3339_opts(SecondsFormat::Micros, true);
        for title in ["Intern", "Engineer", "Lead"] {
            world.clock.advance(TimeDelta::hours(1));
            world.mutate(&world.root, "updateProfile", json!({"id": ada, "title": title, "department": title}), "clientMutationId").await;
        }
        world.mutate(&world.root, "updateProfile", json!({"id": ada, "department": null}), "clientMutationId").await;
        let middle = world.clock.now().to_rfc3339_opts(SecondsFormat::Micros, true);
        world.clock.advance(TimeDelta::hours(1));
        world.join(&team, &[&ada]).await;
        let differences = async |arguments: String| {
            let query = format!("{{ node(id: \"{ada}\") {{ ... on User {{ changes({arguments}) {{ subjectId path before after source }} }} }} }}");
            world.query(&world.owner, &query).await["node"]["changes"].clone()
        };
        let title = json!({"subjectId": ada, "path": "title", "before": null, "after": "Lead", "source": "graphql"});
        assert_eq!(differences(format!("after: \"{start}\", until: \"{middle}\"")).await, json!([title]));
        let since = differences(format!("after: \"{middle}\"")).await;
        assert_eq!(since[0]["subjectId"], json!(team));
        assert_eq!(since[0]["path"], format!("members.{ada}"));
        assert_eq!(since.as_array().map(Vec::len), Some(1));
        let backwards = format!("{{ node(id: \"{ada}\") {{ ... on User {{ changes(after: \"{middle}\", until: \"{start}\") {{ path }} }} }} }}");
        assert_eq!(world.graphql(&world.owner, &backwards, json!({})).await.error_code(), Some("BAD_USER_INPUT"));
    }
}
