//! A front end traverses the directory.

use crate::support::{each, id_of, on_each_database};
use serde_json::json;

on_each_database! {
    async fn every_node_leads_to_its_neighbours_and_back(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let core = world.team("core", None).await;
        let parsers = world.team("parsers", Some(&core)).await;
        world.join(&parsers, &[&ada]).await;
        world.join(&core, &[&bob]).await;
        world.mutate(&world.editor, "setManager", json!({"id": ada, "managerId": bob}), "clientMutationId").await;
        let link = json!({"profileId": ada, "provider": "github", "accountId": "1815", "username": "ada-l"});
        let identity = id_of(&world.mutate(&world.editor, "linkIdentity", link, "identity { id }").await["identity"]);

        let seen = world.query(&world.reader, &format!(r#"{{
            profile(by: {{id: "{ada}"}}) {{
                __typename organization {{ slug }} manager {{ username reports {{ nodes {{ username }} }} }}
                teams {{ edges {{ role since source node {{ slug parent {{ slug children {{ nodes {{ slug }} }} }}
                    ancestors {{ slug }} members {{ nodes {{ username }} }} }} }} }}
                effectiveTeams {{ nodes {{ slug }} totalCount }}
                linkedIdentities {{ nodes {{ provider accountId profile {{ username }} }} totalCount }}
            }}
            core: node(id: "{core}") {{ ... on Team {{ effectiveMembers {{ nodes {{ username }} totalCount }} descendants {{ nodes {{ slug }} }} }} }}
            identity: node(id: "{identity}") {{ ... on LinkedIdentity {{ provider environment profile {{ username }} }} }}
        }}"#)).await;
        let profile = &seen["profile"];
        assert_eq!(profile["__typename"], "User");
        assert_eq!(profile["organization"]["slug"], "acme");
        assert_eq!(profile["manager"]["username"], "bob");
        assert_eq!(each(&profile["manager"]["reports"]["nodes"], "username"), ["ada"]);
        let membership = &profile["teams"]["edges"][0];
        assert_eq!((&membership["role"], &membership["source"]), (&json!("MEMBER"), &json!("graphql")));
        assert_eq!(membership["since"], "2026-01-01T12:00:00+00:00");
        assert_eq!(membership["node"]["parent"]["slug"], "core");
        assert_eq!(each(&membership["node"]["ancestors"], "slug"), ["core"]);
        assert_eq!(each(&membership["node"]["members"]["nodes"], "username"), ["ada"]);
        assert_eq!(each(&profile["effectiveTeams"]["nodes"], "slug"), ["core", "parsers"]);
        assert_eq!(profile["effectiveTeams"]["totalCount"], 2);
        assert_eq!(profile["linkedIdentities"]["nodes"][0]["profile"]["username"], "ada");
        assert_eq!(each(&seen["core"]["effectiveMembers"]["nodes"], "username"), ["ada", "bob"]);
        assert_eq!(seen["core"]["effectiveMembers"]["totalCount"], 2);
        assert_eq!(each(&seen["core"]["descendants"]["nodes"], "slug"), ["parsers"]);
        assert_eq!(seen["identity"]["profile"]["username"], "ada");
    }

    async fn a_list_is_walked_in_pages_both_ways_in_every_order(world: World) {
        for number in 0..23 {
            world.user(&format!("user-{number:02}")).await;
        }
        for order in ["CREATED_AT", "UPDATED_AT", "DISPLAY_NAME", "USERNAME"] {
            for direction in ["ASC", "DESC"] {
                for (size, start, cursor, more) in
                    [("first", "after", "endCursor", "hasNextPage"), ("last", "before", "startCursor", "hasPreviousPage")]
                {
                    let mut seen: Vec<String> = Vec::new();
                    let mut place = json!(null);
                    loop {
                        let page = world.graphql(&world.reader, &format!(
                            "query($place: String) {{ profiles(orderBy: {{field: {order}, direction: {direction}}}, {size}: 5, {start}: $place) {{
                                nodes {{ username }} totalCount pageInfo {{ {cursor} {more} }} }} }}"), json!({"place": place})).await;
                        let page = &page.data()["profiles"];
                        assert_eq!(page["totalCount"], 23);
                        let mut names: Vec<String> = each(&page["nodes"], "username").into_iter().map(str::to_owned).collect();
                        if size == "last" {
                            names.append(&mut seen);
                            seen = names;
                        } else {
                            seen.append(&mut names);
                        }
                        if page["pageInfo"][more] == false {
                            break;
                        }
                        place = page["pageInfo"][cursor].clone();
                    }
                    let mut expected: Vec<String> = (0..23).map(|number| format!("user-{number:02}")).collect();
                    if direction == "DESC" {
                        expected.reverse();
                    }
                    assert_eq!(seen, expected, "{order} {direction} by {size}");
                }
            }
        }
    }

    async fn members_are_walked_in_pages_both_ways(world: World) {
        let team = world.team("crowd", None).await;
        let mut ids = Vec::new();
        for number in 0..12 {
            ids.push(world.user(&format!("user-{number:02}")).await);
        }
        let members: Vec<&str> = ids.iter().map(String::as_str).collect();
        world.join(&team, &members).await;
        let walk = async |size: &str, start: &str, cursor: &str| {
            let mut seen: Vec<String> = Vec::new();
            let mut place = json!(null);
            loop {
                let query = format!("query($id: ID!, $place: String) {{ node(id: $id) {{ ... on Team {{
                    members({size}: 5, {start}: $place) {{ nodes {{ username }} pageInfo {{ {cursor} }} }} }} }} }}");
                let page = world.graphql(&world.reader, &query, json!({"id": team, "place": place})).await.data()["node"]["members"].clone();
                let mut names: Vec<String> = each(&page["nodes"], "username").into_iter().map(str::to_owned).collect();
                if names.is_empty() {
                    return seen;
                }
                if size == "last" {
                    names.append(&mut seen);
                    seen = names;
                } else {
                    seen.append(&mut names);
                }
                place = page["pageInfo"][cursor].clone();
            }
        };
        let expected: Vec<String> = (0..12).map(|number| format!("user-{number:02}")).collect();
        assert_eq!(walk("first", "after", "endCursor").await, expected);
        assert_eq!(walk("last", "before", "startCursor").await, expected);
    }

    async fn a_nested_read_takes_one_statement_for_each_relation(world: World) {
        let root = world.team("root", None).await;
        for team in 0..7 {
            let team_id = world.team(&format!("team-{team}"), Some(&root)).await;
            for member in 0..5 {
                let id = world.user(&format!("user-{team}-{member}")).await;
                world.join(&team_id, &[&id]).await;
                let link = json!({"profileId": id, "provider": "github", "accountId": format!("{team}{member}")});
                world.mutate(&world.editor, "linkIdentity", link, "clientMutationId").await;
            }
        }
        // Each relation is marked with the number of statements that it may take.
        // Somebody who has been seen lately costs nothing.
        world.query(&world.reader, "{ viewer { name } }").await;
        for page in [2, 25] {
            let query = format!(r#"{{ organization(slug: "acme") {{
                teams(first: {page}) {{ nodes {{ slug
                    parent {{ slug }}
                    members(first: {page}) {{ nodes {{ username
                        manager {{ username }}
                        linkedIdentities(first: {page}) {{ nodes {{ provider profile {{ username }} }} }}
                        teams(first: {page}) {{ nodes {{ slug }} }}
                    }} }}
                }} }}
            }} }}"#);
            let (_, statements) = world.statements(world.query(&world.reader, &query)).await;
            // The organization, teams, parent, members, manager, linkedIdentities, profile, teams of a profile.
            assert_eq!(statements.len(), 8, "with pages of {page}: {statements:#?}");
        }
    }

    async fn filters_find_what_they_say(world: World) {
        for (username, title, tag) in [("ada", "Engineer", "math"), ("alan", "Engineer", "logic"), ("Éva", "Designer", "math")] {
            let input = json!({"kind": "USER", "username": username, "title": title, "tags": [tag, "all"],
                "emails": [{"value": format!("{}@example.org", if username == "Éva" { "eva" } else { username })}]});
            world.mutate(&world.editor, "createProfile", input, "clientMutationId").await;
        }
        world.mutate(&world.editor, "createProfile", json!({"kind": "BOT", "username": "robot", "status": "STAGED"}), "clientMutationId").await;
        for (filter, expected) in [
            (json!({"kind": {"eq": "BOT"}}), vec!["robot"]),
            (json!({"status": {"in": ["STAGED", "DISABLED"]}}), vec!["robot"]),
            (json!({"username": {"prefix": "A"}}), vec!["ada", "alan"]),
            (json!({"username": {"eq": "ADA"}}), vec!["ada"]),
            (json!({"displayName": {"prefix": "eva"}}), vec!["Éva"]),
            (json!({"title": {"eq": "engineer"}, "tag": {"eq": "math"}}), vec!["ada"]),
            (json!({"or": [{"tag": {"eq": "logic"}}, {"email": {"eq": "EVA@example.org"}}]}), vec!["alan", "Éva"]),
            (json!({"not": {"tag": {"eq": "all"}}}), vec!["robot"]),
            (json!({"and": [], "or": []}), vec![]),
            (json!({"createdAt": {"after": "2027-01-01T00:00:00Z"}}), vec![]),
            (json!({"username": {"eq": "nul\u{0}byte"}}), vec![]),
        ] {
            let answer = world.graphql(&world.reader, "query($filter: ProfileFilter) { profiles(filter: $filter) { nodes { username } totalCount } }",
                json!({"filter": filter})).await;
            let found = &answer.data()["profiles"];
            assert_eq!(each(&found["nodes"], "username"), expected, "{filter}");
            assert_eq!(found["totalCount"], expected.len(), "{filter}");
        }
    }

    async fn search_finds_beginnings_of_words_without_case_and_accents(world: World) {
        world.team("search-engineering", None).await;
        let input = json!({"kind": "USER", "username": "zoe", "name": {"given": "Zoë", "family": "Engström"}});
        world.mutate(&world.editor, "createProfile", input, "clientMutationId").await;
        world.user("engelbert").await;
        let search = async |text: &str, kinds: &str| {
            let query = format!("query($text: String!) {{ search(text: $text{kinds}) {{ totalCount edges {{ exactWords
                node {{ __typename ... on User {{ username }} ... on Team {{ slug }} }} }} }} }}");
            let found = world.graphql(&world.reader, &query, json!({"text": text})).await.data()["search"].clone();
            let edges = found["edges"].as_array().cloned().unwrap_or_default();
            let name = |edge: &serde_json::Value| edge["node"]["username"].as_str().or(edge["node"]["slug"].as_str()).unwrap_or_default().to_owned();
            assert_eq!(found["totalCount"], edges.len());
            edges.iter().map(name).collect::<Vec<String>>()
        };
        assert_eq!(search("ENG", "").await, ["search-engineering", "zoe", "engelbert"]);
        assert_eq!(search("zoe engstrom", "").await, ["zoe"]);
        assert_eq!(search("engstrom zo", ", kinds: [USER]").await, ["zoe"]);
        assert_eq!(search("eng", ", kinds: [TEAM]").await, ["search-engineering"]);
        assert!(search("---", "").await.is_empty());
        for misspelled in ["zoe engstorm", "engsrom", "engstromm zoe", "enhstrom", "Ëngztrom"] {
            assert_eq!(search(misspelled, "").await, ["zoe"], "{misspelled}");
        }
        assert_eq!(search("searxh enginxering", "").await, ["search-engineering"]);
        assert_eq!(search("engelbret", ", kinds: [USER]").await, ["engelbert"]);
        for unlike in ["zeo", "angstrom", "egnsrtmo", "engstrom searxh", "engsrom", "xyzzy"] {
            let kinds = if unlike == "engsrom" { ", kinds: [TEAM]" } else { "" };
            assert!(search(unlike, kinds).await.is_empty(), "{unlike}");
        }
    }

    async fn pages_of_misspelled_words_follow_one_another(world: World) {
        for number in 0..5 {
            world.user(&format!("lovelace.{number}")).await;
        }
        let (mut found, mut after) = (Vec::new(), String::new());
        for _ in 0..3 {
            let query = format!("{{ search(text: \"lovlace\", first: 2{after}) {{ nodes {{ ... on User {{ username }} }} pageInfo {{ endCursor hasNextPage }} totalCount }} }}");
            let page = world.query(&world.reader, &query).await["search"].clone();
            assert_eq!(page["totalCount"], 5);
            found.extend(each(&page["nodes"], "username").into_iter().map(str::to_owned));
            after = format!(", after: {}", page["pageInfo"]["endCursor"]);
            assert_eq!(page["pageInfo"]["hasNextPage"], found.len() < 5);
        }
        assert_eq!(found, (0..5).map(|number| format!("lovelace.{number}")).collect::<Vec<_>>());
        assert_eq!(world.query(&world.stranger, "{ search(text: \"lovlace\") { totalCount } }").await["search"]["totalCount"], 0);
    }

    async fn a_profile_is_found_by_whatever_identifies_it(world: World) {
        let input = json!({"kind": "USER", "username": "Ada", "emails": [{"value": "Ada@Example.org"}]});
        let ada = id_of(&world.mutate(&world.editor, "createProfile", input, "profile { id }").await["profile"]);
        let link = json!({"profileId": ada, "provider": "github", "accountId": "1815"});
        world.mutate(&world.editor, "linkIdentity", link, "clientMutationId").await;
        for by in [
            json!({"id": ada}),
            json!({"username": {"organization": "ACME", "username": "aDA"}}),
            json!({"email": "ada@example.ORG"}),
            json!({"identity": {"provider": "github", "accountId": "1815"}}),
        ] {
            let query = "query($by: ProfileKey!) { profile(by: $by) { id } }";
            let found = world.graphql(&world.reader, query, json!({"by": by})).await;
            assert_eq!(found.data()["profile"]["id"], json!(ada), "{by}");
            let unseen = world.graphql(&world.stranger, query, json!({"by": by})).await;
            assert!(unseen.data()["profile"].is_null(), "{by} was seen from another tenant");
        }
    }

    async fn roles_reach_through_groups_and_say_how(world: World) {
        let ada = world.user("ada").await;
        let (team, inner, outer) = (world.team("core", None).await, world.group("inner").await, world.group("outer").await);
        world.join(&team, &[&ada]).await;
        world.join(&inner, &[&team]).await;
        world.join(&outer, &[&inner]).await;
        let (direct, far) = (world.role("direct", false).await, world.role("far", false).await);
        for (role, principal) in [(&direct, &ada), (&far, &outer)] {
            world.mutate(&world.admin, "grantRole", json!({"roleId": role, "principalId": principal}), "clientMutationId").await;
        }
        let seen = world.query(&world.reader, &format!(r#"{{
            profile(by: {{id: "{ada}"}}) {{ roles {{ nodes {{ slug }} }} effectiveRoles {{ totalCount edges {{ direct via {{ slug }} node {{ slug }} }} }} effectiveGroups {{ nodes {{ slug }} }} }}
            node(id: "{far}") {{ ... on Role {{ profiles {{ totalCount }} groups {{ nodes {{ slug }} }} effectiveProfiles {{ nodes {{ username }} }} }} }}
        }}"#)).await;
        assert_eq!(each(&seen["profile"]["roles"]["nodes"], "slug"), ["direct"]);
        assert_eq!(seen["profile"]["effectiveRoles"], json!({"totalCount": 2, "edges": [
            {"direct": true, "via": [], "node": {"slug": "direct"}},
            {"direct": false, "via": [{"slug": "outer"}], "node": {"slug": "far"}},
        ]}));
        assert_eq!(each(&seen["profile"]["effectiveGroups"]["nodes"], "slug"), ["inner", "outer"]);
        assert_eq!(seen["node"]["profiles"]["totalCount"], 0);
        assert_eq!(each(&seen["node"]["groups"]["nodes"], "slug"), ["outer"]);
        assert_eq!(each(&seen["node"]["effectiveProfiles"]["nodes"], "username"), ["ada"]);
    }
}
