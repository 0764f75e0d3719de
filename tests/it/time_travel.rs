//! The graph as it was: whatever has happened since, a question as of a time is answered as it was at that time.

use crate::support::{Dice, World, id_of, on_each_database};
use chrono::{DateTime, TimeDelta, Utc};
use idgraph::domain::Clock;
use serde_json::{Value, json};

/// Everything that can be reached from an organization, over every relation of the schema, each way.
const EVERYTHING: &str = "{
    name description version updatedAt
    profiles(first: 50, orderBy: {field: DISPLAY_NAME}) { totalCount nodes { ...profile } }
    engineers: profiles(first: 50, filter: {tag: {eq: \"engineer\"}}) { totalCount nodes { username } }
    active: profiles(first: 50, filter: {status: {eq: ACTIVE}, not: {tag: {eq: \"engineer\"}}}) { nodes { username } }
    teams(first: 50, filter: {isRoot: true}) { nodes { slug } totalCount }
    allTeams: teams(first: 50, orderBy: {field: NAME}) { nodes { ...collective parent { slug } ancestors { slug } children { nodes { slug } } descendants { nodes { slug } totalCount } owned { nodes { username } } } }
    groups(first: 50) { nodes { ...collective roles { nodes { slug } } } }
    roles(first: 50) { nodes { slug privileged profiles { nodes { username } totalCount } groups { nodes { slug } } effectiveProfiles { nodes { username } totalCount } } }
    identities(first: 50) { totalCount nodes { accountId username profile { username } } }
  }
  fragment profile on Profile {
    id username displayName title status tags version updatedAt email
    manager { username } reports { nodes { username } totalCount }
    teams { edges { role functions since node { slug } } totalCount } groups { nodes { slug } }
    effectiveTeams { nodes { slug } totalCount } effectiveGroups { nodes { slug } }
    linkedIdentities { nodes { accountId } totalCount } roles { nodes { slug } }
    effectiveRoles { edges { direct via { slug } node { slug } } totalCount }
    owner { ... on User { username } ... on Team { slug } } owned { nodes { username } }
    history(first: 3) { totalCount nodes { sequence action } }
  }
  fragment collective on Collective {
    id slug name version members { totalCount edges { role functions node { username } } }
    memberCollectives { nodes { slug } } effectiveMembers { totalCount nodes { username } } teams { nodes { slug } } groups { nodes { slug } }
  }";

/// What there is of acme; as of a time if one is given.
async fn picture(world: &World, as_of: Option<DateTime<Utc>>) -> Value {
    let argument = as_of.map(|at| format!(", asOf: \"{}\"", text(at))).unwrap_or_default();
    let search = format!(
        "search(text: \"per\", first: 50{argument}) {{ totalCount edges {{ exactWords node {{ id }} }} }}
        node(id: \"{}\"{argument}) {{ id ... on Organization {{ name }} }}",
        world.acme
    );
    let query = format!("{{ {search} organization(slug: \"acme\"{argument}) {EVERYTHING}").replacen(
        "  }\n  fragment",
        "  } }\n  fragment",
        1,
    );
    world.query(&world.owner, &query).await
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

struct Cast {
    people: Vec<String>,
    bots: Vec<String>,
    teams: Vec<String>,
    groups: Vec<String>,
    roles: Vec<String>,
}

async fn cast(world: &World) -> Cast {
    let mut cast = Cast { people: vec![], bots: vec![], teams: vec![], groups: vec![], roles: vec![] };
    for number in 0..4 {
        cast.people.push(world.user(&format!("person-{number}")).await);
        cast.teams.push(world.team(&format!("team-{number}"), None).await);
        cast.groups.push(world.group(&format!("group-{number}")).await);
    }
    for number in 0..2 {
        let input = json!({"organizationId": world.acme, "kind": "BOT", "username": format!("bot-{number}")});
        cast.bots.push(id_of(&world.mutate(&world.root, "createProfile", input, "profile { id }").await["profile"]));
        cast.roles.push(world.role(&format!("role-{number}"), false).await);
    }
    cast
}

/// Some change, which may be refused.
fn change(dice: &mut Dice, cast: &Cast, step: usize) -> (&'static str, Value) {
    let (person, other) = (dice.pick(&cast.people).to_owned(), dice.pick(&cast.people).to_owned());
    let (team, above) = (dice.pick(&cast.teams).to_owned(), dice.pick(&cast.teams).to_owned());
    let (group, inner) = (dice.pick(&cast.groups).to_owned(), dice.pick(&cast.groups).to_owned());
    let (role, bot) = (dice.pick(&cast.roles).to_owned(), dice.pick(&cast.bots).to_owned());
    let account = format!("account-{}", dice.roll(4));
    let functions = if dice.roll(2) == 0 { json!(["reviewer"]) } else { json!([]) };
    match dice.roll(22) {
        0 => ("updateProfile", json!({"id": person, "title": format!("Title {step}"), "tags": ["engineer"]})),
        1 => ("updateProfile", json!({"id": person, "tags": [], "name": {"display": format!("Person {step}")}})),
        2 => ("disableProfile", json!({"id": person, "reason": "away"})),
        3 => ("enableProfile", json!({"id": person, "reason": "back"})),
        4 => ("deleteProfile", json!({"id": person})),
        5 => ("restoreProfile", json!({"id": person})),
        6 => ("setManager", json!({"id": person, "managerId": if dice.roll(3) == 0 { None } else { Some(other) }})),
        7 => ("setTeamParent", json!({"id": team, "parentId": if dice.roll(3) == 0 { None } else { Some(above) }})),
        8 | 9 => {
            ("addMembers", json!({"id": team, "members": [{"id": person, "role": "LEAD", "functions": functions}]}))
        }
        10 => ("removeMembers", json!({"id": team, "memberIds": [person]})),
        11 => ("addMembers", json!({"id": group, "members": [{"id": inner}, {"id": team}]})),
        12 => ("removeMembers", json!({"id": group, "memberIds": [inner, team]})),
        13 => ("addMembers", json!({"id": group, "members": [{"id": person}]})),
        14 => ("deleteGroup", json!({"id": group})),
        15 => ("restoreGroup", json!({"id": group})),
        16 => (
            "linkIdentity",
            json!({"profileId": person, "provider": "github", "accountId": account, "username": format!("name-{step}")}),
        ),
        17 => ("grantRole", json!({"roleId": role, "principalId": if dice.roll(2) == 0 { person } else { group }})),
        18 => ("revokeRole", json!({"roleId": role, "principalId": if dice.roll(2) == 0 { person } else { group }})),
        19 => ("setOwner", json!({"id": bot, "ownerId": if dice.roll(2) == 0 { person } else { team }})),
        20 => ("deleteTeam", json!({"id": team})),
        _ => ("restoreTeam", json!({"id": team})),
    }
}

on_each_database! {
    async fn every_moment_of_a_history_can_be_read_again(world: World) {
        let cast = cast(&world).await;
        let (mut dice, mut album) = (Dice(11), Vec::new());
        let mut done = 0;
        for step in 0..90 {
            world.clock.advance(TimeDelta::milliseconds(7));
            let (mutation, input) = change(&mut dice, &cast, step);
            let payload = world.try_mutate(&world.root, mutation, input, "clientMutationId").await;
            done += usize::from(payload["errors"] == json!([]));
            if step % 3 == 0 {
                album.push((world.clock.now(), picture(&world, None).await));
            }
        }
        assert!(done > 40, "only {done} changes were made");
        assert_eq!(picture(&world, Some(world.clock.now())).await, picture(&world, None).await, "as of now is now");
        world.clock.advance(TimeDelta::seconds(1));
        for (at, then) in &album {
            assert_eq!(&picture(&world, Some(*at)).await, then, "as of {at}");
        }
    }

    async fn a_node_can_be_compared_with_what_it_was(world: World) {
        let (ada, team) = (world.user("ada").await, world.team("core", None).await);
        world.join(&team, &[&ada]).await;
        let before = text(world.clock.now());
        world.clock.advance(TimeDelta::hours(1));
        world.mutate(&world.root, "updateProfile", json!({"id": ada, "title": "Countess"}), "clientMutationId").await;
        world.mutate(&world.root, "removeMembers", json!({"id": team, "memberIds": [ada]}), "clientMutationId").await;
        let query = format!(
            "{{ profile(by: {{id: \"{ada}\"}}) {{ title teams {{ totalCount }} asOf(time: \"{before}\") {{ title teams {{ nodes {{ slug asOf(time: \"{before}\") {{ name }} }} }} }} }} }}"
        );
        let found = world.query(&world.reader, &query).await["profile"].clone();
        assert_eq!(found["title"], "Countess");
        assert_eq!(found["teams"]["totalCount"], 0);
        assert_eq!(found["asOf"], json!({"title": null, "teams": {"nodes": [{"slug": "core", "asOf": {"name": "core"}}]}}));
    }

    async fn before_it_was_created_a_node_was_not_there(world: World) {
        let before = text(world.clock.now());
        world.clock.advance(TimeDelta::hours(1));
        let ada = world.user("ada").await;
        let query = format!("{{ node(id: \"{ada}\", asOf: \"{before}\") {{ id }} profile(by: {{email: \"x@y.example\"}}, asOf: \"{before}\") {{ id }} nodes(ids: [\"{ada}\"], asOf: \"{before}\") {{ id }} }}");
        assert_eq!(world.query(&world.reader, &query).await, json!({"node": null, "profile": null, "nodes": [null]}));
    }

    async fn times_without_a_past_are_refused(world: World) {
        let now = world.clock.now();
        for (at, word) in [(now + TimeDelta::microseconds(1), "has not come"), (now - TimeDelta::microseconds(1), "Nothing was recorded before")] {
            let query = format!("{{ organization(slug: \"acme\", asOf: \"{}\") {{ name }} }}", text(at));
            let answer = world.graphql(&world.reader, &query, json!({})).await;
            assert_eq!(answer.error_code(), Some("BAD_USER_INPUT"), "{}", answer.body);
            assert_eq!(answer.body["errors"][0]["extensions"]["field"], "asOf");
            assert!(answer.body["errors"][0]["message"].as_str().is_some_and(|message| message.contains(word)));
        }
        let query = "{ organization(slug: \"acme\", asOf: \"yesterday\") { name } }";
        assert!(world.graphql(&world.reader, query, json!({})).await.body["errors"][0]["message"].is_string());
    }

    async fn the_past_of_others_is_as_hidden_as_their_present(world: World) {
        let ada = world.user("ada").await;
        world.clock.advance(TimeDelta::hours(1));
        let at = text(world.clock.now());
        let query = format!("{{ node(id: \"{ada}\", asOf: \"{at}\") {{ id }} organization(slug: \"acme\", asOf: \"{at}\") {{ id }} search(text: \"ada\", asOf: \"{at}\") {{ nodes {{ id }} }} }}");
        assert_eq!(world.query(&world.stranger, &query).await, json!({"node": null, "organization": null, "search": {"nodes": []}}));
        let answer = world.graphql(&world.nobody, &query, json!({})).await;
        assert_eq!(answer.error_code(), Some("UNAUTHENTICATED"));
    }

    async fn a_clock_that_is_set_back_does_not_tear_the_past(world: World) {
        let ada = world.user("ada").await;
        world.clock.advance(TimeDelta::hours(-5));
        world.mutate(&world.root, "updateProfile", json!({"id": ada, "title": "Countess"}), "clientMutationId").await;
        world.clock.advance(TimeDelta::hours(6));
        let events = world.query(&world.owner, &format!("{{ node(id: \"{ada}\") {{ ... on User {{ history {{ nodes {{ occurredAt }} }} }} }} }}")).await;
        let times: Vec<String> = events["node"]["history"]["nodes"].as_array().expect("events").iter().map(|event| event["occurredAt"].to_string()).collect();
        assert!(times.is_sorted_by(|later, earlier| later >= earlier), "{times:?}");
    }

    async fn the_past_takes_no_more_statements_than_the_present(world: World) {
        let cast = cast(&world).await;
        for team in &cast.teams {
            world.join(team, &cast.people.iter().map(String::as_str).collect::<Vec<_>>()).await;
        }
        let query = |argument: &str| format!("{{ organization(slug: \"acme\"{argument}) {{ teams {{ nodes {{ members {{ nodes {{ manager {{ id }} linkedIdentities {{ nodes {{ id }} }} }} }} effectiveMembers {{ nodes {{ id }} }} }} }} }} }}");
        // The first request also looks the token up.
        world.query(&world.reader, &query("")).await;
        let (_, present) = world.statements(world.query(&world.reader, &query(""))).await;
        let at = format!(", asOf: \"{}\"", text(world.clock.now()));
        let (_, past) = world.statements(world.query(&world.reader, &query(&at))).await;
        // One more, for when the past begins.
        assert_eq!(past.len(), present.len() + 1, "{past:#?}");
    }
}
