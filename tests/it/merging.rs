//! Two profiles that are one: nothing is lost when they are merged, and nothing is left of it when that is undone.

use crate::support::mutations::{account, automaton};
use crate::support::{Dice, World, id_of, on_each_database};
use chrono::TimeDelta;
use idgraph::domain::Clock;
use serde_json::{Value, json};

/// All that a profile is and has, except what every change moves on.
const ALL: &str = "id username status statusReason displayName name { given family } emails { value primary } phones { value }
    addresses { locality } avatar locale timeZone title department employeeNumber tags metadata externalIds { client value }
    manager { username } reports { nodes { username } } teams { edges { role functions source node { slug } } }
    groups { edges { role functions source node { slug } } } linkedIdentities { edges { source node { accountId } } }
    roles { edges { source node { slug } } } effectiveRoles { nodes { slug } } owned { nodes { username } }
    owner { ... on User { username } } mergedProfiles { nodes { username status } totalCount }";

/// What there is to see of these profiles, relations in the order of their names.
async fn seen(world: &World, ids: &[String]) -> Value {
    let query = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Profile {{ {ALL} }} }} }}");
    let answer = world.graphql(&world.root, &query, json!({"ids": ids})).await;
    let mut nodes = answer.data()["nodes"].clone();
    sort(&mut nodes);
    nodes
}

/// Edges that were closed and opened again have new places in their lists.
fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(sort);
            if items.iter().all(|item| item.get("node").is_some() || item.get("username").is_some()) {
                items.sort_by_key(ToString::to_string);
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(sort),
        _ => {}
    }
}

async fn create(world: &World, username: &str, more: Value) -> String {
    let mut input = json!({"organizationId": world.acme, "kind": "USER", "username": username});
    for (field, value) in more.as_object().expect("fields") {
        input[field] = value.clone();
    }
    id_of(&world.mutate(&world.root, "createProfile", input, "profile { id }").await["profile"])
}

async fn act(world: &World, mutation: &str, input: Value) {
    world.mutate(&world.root, mutation, input, "clientMutationId").await;
}

async fn merge(world: &World, from: &str, into: &str) -> Value {
    let input = json!({"fromId": from, "intoId": into, "reason": "the same person"});
    world.mutate(&world.admin, "mergeProfiles", input, "mergedId profile { id version }").await
}

async fn unmerge(world: &World, id: &str) {
    let selection = "profile { id } survivor { id }";
    world.mutate(&world.admin, "unmergeProfile", json!({"id": id, "reason": "two after all"}), selection).await;
}

async fn username_of(world: &World, query: &str) -> Value {
    world.query(&world.admin, query).await.pointer("/found/username").cloned().unwrap_or(Value::Null)
}

/// Ada, twice, with relations of every kind on both sides.
async fn two_adas(world: &World) -> (String, String) {
    let old = create(world, "alovelace", json!({
        "emails": [{"value": "ada@old.example", "primary": true}], "phones": [{"value": "+43 1 234"}], "title": "Countess",
        "externalIds": [{"client": "hr", "value": "7"}, {"client": "lab", "value": "9"}], "tags": ["poet"], "metadata": {"a": 1, "b": 1},
    })).await;
    let new = create(
        world,
        "ada",
        json!({
            "emails": [{"value": "ada@new.example", "primary": true}], "name": {"given": "Ada"},
            "externalIds": [{"client": "hr", "value": "8"}], "tags": ["engineer"], "metadata": {"b": 2},
        }),
    )
    .await;
    let (boss, report, twin) = (world.user("boss").await, world.user("report").await, world.user("twin").await);
    act(world, "setManager", json!({"id": old, "managerId": boss})).await;
    act(world, "setManager", json!({"id": report, "managerId": old})).await;
    act(world, "setManager", json!({"id": new, "managerId": old})).await;
    act(world, "setManager", json!({"id": twin, "managerId": new})).await;
    let (core, docs, all) = (world.team("core", None).await, world.team("docs", None).await, world.group("all").await);
    act(world, "addMembers", json!({"id": core, "members": [{"id": old, "role": "LEAD", "functions": ["release"]}, {"id": new, "functions": ["review"]}]})).await;
    world.join(&docs, &[&old]).await;
    world.join(&all, &[&new, &old]).await;
    let (reader, writer) = (world.role("reads", false).await, world.role("writes", false).await);
    for (role, principal) in [(&reader, &old), (&writer, &old), (&writer, &new)] {
        act(world, "grantRole", json!({"roleId": role, "principalId": principal})).await;
    }
    account(world, &old, "1815").await;
    account(world, &new, "1852").await;
    let bot = automaton(world, "BOT", "engine").await;
    act(world, "setOwner", json!({"id": bot, "ownerId": old})).await;
    (old, new)
}

/// Merges random profiles with random relations until one is left, and undoes it step by step.
async fn merge_and_unmerge_at_random(world: &World, seed: u64) {
    let mut dice = Dice(seed);
    let mut people = Vec::new();
    for number in 0..5 {
        let more = json!({"emails": [{"value": format!("p{number}@example.org")}], "tags": [format!("t{}", dice.roll(3))], "title": ([Some("Dr"), None][dice.roll(2)])});
        people.push(create(world, &format!("person-{seed}-{number}"), more).await);
    }
    let teams = [world.team(&format!("one-{seed}"), None).await, world.team(&format!("two-{seed}"), None).await];
    let role = world.role(&format!("any-{seed}"), false).await;
    for _ in 0..30 {
        let (one, other) = (dice.pick(&people).to_owned(), dice.pick(&people).to_owned());
        let input = match dice.roll(3) {
            0 if one != other => ("setManager", json!({"id": one, "managerId": other})),
            1 => ("grantRole", json!({"roleId": role, "principalId": one})),
            _ => (
                "addMembers",
                json!({"id": dice.pick(&teams), "members": [{"id": one, "role": (["LEAD", "MEMBER"][dice.roll(2)])}]}),
            ),
        };
        act(world, input.0, input.1).await;
    }
    let mut pictures = Vec::new();
    let mut alive = people.clone();
    while alive.len() > 1 {
        pictures.push((seen(world, &people).await, String::new()));
        let from = alive.remove(dice.roll(alive.len()));
        merge(world, &from, dice.pick(&alive)).await;
        pictures.last_mut().expect("a picture").1 = from;
    }
    while let Some((picture, merged)) = pictures.pop() {
        unmerge(world, &merged).await;
        let now = seen(world, &people).await;
        assert!(now == picture, "{merged}:\n{now}\n{picture}");
    }
}

on_each_database! {
    async fn a_merged_profile_lives_on_in_the_other(world: World) {
        let (old, new) = two_adas(&world).await;
        let before = world.clock.now();
        world.clock.advance(TimeDelta::seconds(60));
        let merged = merge(&world, &old, &new).await;
        assert_eq!((&merged["mergedId"], &merged["profile"]["id"]), (&json!(old), &json!(new)));
        let ada = seen(&world, std::slice::from_ref(&new)).await[0].clone();
        assert_eq!((&ada["username"], &ada["status"], &ada["title"]), (&json!("ada"), &json!("ACTIVE"), &json!("Countess")));
        assert_eq!(ada["emails"], json!([{"value": "ada@new.example", "primary": true}, {"value": "ada@old.example", "primary": false}]));
        assert_eq!(ada["externalIds"], json!([{"client": "hr", "value": "8"}, {"client": "lab", "value": "9"}]));
        assert_eq!((&ada["tags"], &ada["metadata"]), (&json!(["engineer", "poet"]), &json!({"a": 1, "b": 2})));
        // She does not report to herself.
        assert_eq!((&ada["manager"]["username"], &ada["reports"]["nodes"]), (&json!("boss"), &json!([{"username": "report"}, {"username": "twin"}])));
        let core = ada["teams"]["edges"].as_array().expect("teams").iter().find(|edge| edge["node"]["slug"] == "core");
        assert_eq!(core, Some(&json!({"role": "LEAD", "functions": ["review", "release"], "source": "graphql", "node": {"slug": "core"}})));
        assert_eq!(ada["teams"]["edges"].as_array().map(Vec::len), Some(2));
        assert_eq!(ada["groups"]["edges"].as_array().map(Vec::len), Some(1));
        assert_eq!(ada["linkedIdentities"]["edges"].as_array().map(Vec::len), Some(2));
        assert_eq!(ada["effectiveRoles"]["nodes"].as_array().map(Vec::len), Some(2));
        assert_eq!(ada["owned"]["nodes"], json!([{"username": "engine"}]));
        assert_eq!(ada["mergedProfiles"], json!({"nodes": [{"username": "alovelace", "status": "DELETED"}], "totalCount": 1}));
        let then = before.to_rfc3339();
        let query = format!("{{ profile(by: {{id: \"{new}\"}}, asOf: \"{then}\") {{ title teams {{ totalCount }} mergedProfiles {{ totalCount }} }}
            node(id: \"{old}\", asOf: \"{then}\") {{ id ... on User {{ username teams {{ totalCount }} }} }} }}");
        assert_eq!(world.query(&world.reader, &query).await, json!({
            "profile": {"title": null, "teams": {"totalCount": 1}, "mergedProfiles": {"totalCount": 0}},
            "node": {"id": old, "username": "alovelace", "teams": {"totalCount": 2}},
        }));
    }

    async fn whatever_named_the_merged_profile_leads_to_the_other(world: World) {
        let (old, new) = two_adas(&world).await;
        let account = world.query(&world.reader, &format!("{{ node(id: \"{old}\") {{ ... on User {{ linkedIdentities {{ nodes {{ id }} }} }} }} }}")).await;
        let account = id_of(&account["node"]["linkedIdentities"]["nodes"][0]);
        merge(&world, &old, &new).await;
        let last = world.user("the-last").await;
        for name in ["ada", "the-last"] {
            for query in [
                format!("{{ found: node(id: \"{old}\") {{ ... on User {{ username }} }} }}"),
                format!("{{ found: profile(by: {{id: \"{old}\"}}) {{ username }} }}"),
                "{ found: profile(by: {username: {organization: \"acme\", username: \"ALovelace\"}}) { username } }".to_owned(),
                "{ found: profile(by: {email: \"ada@old.example\"}) { username } }".to_owned(),
                "{ found: profile(by: {identity: {provider: \"github\", accountId: \"1815\"}}) { username } }".to_owned(),
            ] {
                assert_eq!(username_of(&world, &query).await, name, "{query}");
            }
            for (identifier, rule) in [
                (format!("{{id: \"{old}\"}}"), "MERGED"),
                (format!("{{text: \"{old}\"}}"), "MERGED"),
                ("{username: \"alovelace\"}".to_owned(), "MERGED"),
                ("{text: \"alovelace\"}".to_owned(), "MERGED"),
                ("{externalId: {client: \"hr\", value: \"7\"}}".to_owned(), "MERGED"),
                (format!("{{id: \"{account}\"}}"), "IDENTITY_ID"),
                ("{phone: \"+431234\"}".to_owned(), "PHONE"),
                ("{email: \"ada@old.example\"}".to_owned(), "EMAIL"),
            ] {
                let query = format!("{{ resolve(identifier: {identifier}, organization: \"acme\") {{ rule profile {{ username }} }} }}");
                let expected = json!({"resolve": {"rule": rule, "profile": {"username": name}}});
                assert_eq!(world.query(&world.admin, &query).await, expected, "{query}");
            }
            // What is not merged any more is a redirect over two steps.
            if name == "ada" {
                merge(&world, &new, &last).await;
            }
        }
        let disguised = old.replacen("usr_", "bot_", 1);
        let query = format!("{{ found: node(id: \"{disguised}\") {{ ... on Profile {{ username }} }} }}");
        assert_eq!(username_of(&world, &query).await, Value::Null);
        for stranger in [&world.stranger, &world.as_profile(&world.user("other").await).await] {
            let query = format!("{{ node(id: \"{old}\") {{ id }} resolve(identifier: {{username: \"alovelace\"}}) {{ rule }} }}");
            assert_eq!(world.query(stranger, &query).await, json!({"node": null, "resolve": null}), "as {}", stranger.name);
        }
    }

    async fn what_is_merged_and_unmerged_is_what_it_was(world: World) {
        let (old, new) = two_adas(&world).await;
        let ids = [old.clone(), new.clone()];
        let before = seen(&world, &ids).await;
        for round in 0..3 {
            let (from, into) = if round == 1 { (&new, &old) } else { (&old, &new) };
            merge(&world, from, into).await;
            unmerge(&world, from).await;
            assert_eq!(seen(&world, &ids).await, before, "round {round}");
        }
        let query = format!("{{ profile(by: {{id: \"{old}\"}}) {{ history(first: 1) {{ nodes {{ action reason subjectId }} }} }} }}");
        let history = &world.query(&world.admin, &query).await["profile"]["history"]["nodes"][0];
        assert_eq!((&history["action"], &history["reason"]), (&json!("profile.unmerge"), &json!("two after all")));
    }

    async fn merges_of_random_profiles_can_be_undone_one_by_one(world: World) {
        for seed in [7, 11, 23] {
            merge_and_unmerge_at_random(&world, seed).await;
        }
    }

    async fn what_was_changed_since_the_merge_stays(world: World) {
        let (old, new) = two_adas(&world).await;
        merge(&world, &old, &new).await;
        act(&world, "updateProfile", json!({"id": new, "title": "Programmer", "tags": ["poet", "pioneer"]})).await;
        let core = world.query(&world.reader, "{ teams(organization: \"acme\") { nodes { id slug } } }").await;
        let team = |slug: &str| id_of(core["teams"]["nodes"].as_array().expect("teams").iter().find(|team| team["slug"] == slug).expect("a team"));
        act(&world, "removeMembers", json!({"id": team("docs"), "memberIds": [new]})).await;
        act(&world, "setManager", json!({"id": new, "managerId": world.user("chief").await})).await;
        let accounts = world.query(&world.reader, "{ identities(organization: \"acme\") { nodes { id accountId } } }").await;
        let accounts = accounts["identities"]["nodes"].as_array().cloned().expect("accounts");
        let moved = accounts.iter().find(|account| account["accountId"] == "1815").expect("an account");
        act(&world, "unlinkIdentity", json!({"id": moved["id"]})).await;
        unmerge(&world, &old).await;
        let both = seen(&world, &[old, new]).await;
        let ada = both.as_array().expect("two").iter().find(|profile| profile["username"] == "ada").expect("ada");
        let other = both.as_array().expect("two").iter().find(|profile| profile["username"] == "alovelace").expect("the other");
        assert_eq!((&ada["title"], &ada["tags"], &ada["manager"]["username"]), (&json!("Programmer"), &json!(["pioneer"]), &json!("chief")));
        assert_eq!((&other["title"], &other["tags"]), (&json!("Countess"), &json!(["poet"])));
        // The membership of the other was ended for good by the merge alone; the account was unlinked by somebody.
        assert_eq!(other["teams"]["edges"].as_array().map(Vec::len), Some(2));
        assert_eq!(other["linkedIdentities"]["edges"], json!([]));
        assert_eq!(ada["emails"], json!([{"value": "ada@new.example", "primary": true}]));
    }

    async fn merges_that_make_no_sense_are_refused(world: World) {
        let (ada, bob, eve) = (world.user("ada").await, world.user("bob").await, world.user("eve").await);
        let bot = automaton(&world, "BOT", "robot").await;
        let input = json!({"organizationId": world.globex, "kind": "USER", "username": "mallory"});
        let foreign = id_of(&world.mutate(&world.root, "createProfile", input, "profile { id }").await["profile"]);
        let before = world.last_sequence().await;
        for (input, code, field) in [
            (json!({"fromId": ada, "intoId": ada}), "BAD_USER_INPUT", "intoId"),
            (json!({"fromId": bot, "intoId": ada}), "BAD_USER_INPUT", "intoId"),
            (json!({"fromId": ada, "intoId": foreign}), "NOT_FOUND", "intoId"),
            (json!({"fromId": foreign, "intoId": ada}), "NOT_FOUND", "intoId"),
            (json!({"fromId": "usr_x", "intoId": ada}), "BAD_USER_INPUT", "fromId"),
            (json!({"fromId": ada, "intoId": bob, "expectedFromVersion": 7}), "STALE_VERSION", "expectedVersion"),
            (json!({"fromId": ada, "intoId": bob, "expectedIntoVersion": 7}), "STALE_VERSION", "expectedVersion"),
        ] {
            let (refused, at) = world.refused(&world.root, "mergeProfiles", input.clone()).await;
            assert_eq!((refused.as_str(), at.as_str()), (code, field), "{input}");
        }
        assert_eq!(world.refused(&world.root, "unmergeProfile", json!({"id": ada})).await.0, "CONFLICT");
        assert_eq!(world.last_sequence().await, before);
        merge(&world, &ada, &bob).await;
        merge(&world, &bob, &eve).await;
        let before = world.last_sequence().await;
        for (mutation, input) in [
            ("unmergeProfile", json!({"id": ada})),
            ("restoreProfile", json!({"id": ada})),
        ] {
            assert_eq!(world.refused(&world.root, mutation, input).await, ("CONFLICT".to_owned(), "id".to_owned()), "{mutation}");
        }
        for (mutation, input) in [
            ("mergeProfiles", json!({"fromId": ada, "intoId": eve})),
            ("updateProfile", json!({"id": ada, "title": "x"})),
        ] {
            assert_eq!(world.refused(&world.root, mutation, input).await.0, "NOT_FOUND", "{mutation}");
        }
        assert_eq!(world.last_sequence().await, before);
        world.user("bob").await;
        assert_eq!(world.refused(&world.root, "unmergeProfile", json!({"id": bob})).await.0, "CONFLICT", "the name is taken");
    }

    async fn what_two_have_brought_is_not_taken_away_by_one(world: World) {
        let (one, other, into) = (world.user("one").await, world.user("other").await, world.user("into").await);
        let role = world.role("reads", false).await;
        for profile in [&one, &other] {
            act(&world, "grantRole", json!({"roleId": role, "principalId": profile})).await;
            merge(&world, profile, &into).await;
        }
        let before = world.last_sequence().await;
        assert_eq!(world.refused(&world.root, "unmergeProfile", json!({"id": one})).await.0, "CONFLICT");
        assert_eq!(world.last_sequence().await, before);
        for (profile, roles) in [(&other, 1), (&one, 0)] {
            unmerge(&world, profile).await;
            let seen = seen(&world, std::slice::from_ref(&into)).await;
            assert_eq!(seen[0]["roles"]["edges"].as_array().map(Vec::len), Some(roles));
        }
    }

    async fn a_merge_does_not_hand_out_privileged_roles(world: World) {
        let (ada, eve) = (world.user("ada").await, world.user("eve").await);
        let (role, group) = (world.role("superuser", true).await, world.group("root").await);
        for (mutation, undo, input) in [
            ("grantRole", "revokeRole", json!({"roleId": role, "principalId": ada})),
            ("addMembers", "", json!({"id": group, "members": [{"id": ada}]})),
        ] {
            act(&world, mutation, input.clone()).await;
            if undo.is_empty() {
                act(&world, "grantRole", json!({"roleId": role, "principalId": group})).await;
            }
            assert_eq!(world.refused(&world.admin, "mergeProfiles", json!({"fromId": ada, "intoId": eve})).await.0, "FORBIDDEN");
            act(&world, "mergeProfiles", json!({"fromId": ada, "intoId": eve})).await;
            assert_eq!(world.refused(&world.admin, "unmergeProfile", json!({"id": ada})).await.0, "FORBIDDEN");
            act(&world, "unmergeProfile", json!({"id": ada})).await;
            if !undo.is_empty() {
                act(&world, undo, input).await;
            }
        }
    }
}
