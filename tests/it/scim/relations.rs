//! Filters over related resources: what the database finds is what a look at every resource would find.

use super::{ENTERPRISE, GROUP, USER, get, group, id, ids, post, user};
use crate::support::{World, on_each_database};
use axum::http::StatusCode;
use idgraph::scim::registry::{Kind, Registry};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

const OPERATORS: [&str; 9] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

async fn made(world: &World, path: &str, body: Value) -> Value {
    let answer = post(world, &world.admin, path, &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body
}

/// Requires of each filter that the list has what the evaluator finds among all resources, shown with these attributes.
async fn agree(world: &World, kind: Kind, attributes: &str, filters: Vec<String>) {
    let path = format!("/scim/v2/{}", kind.endpoint());
    let all = get(world, &world.admin, &format!("{path}?attributes={}", encoded(attributes))).await.body;
    let all = all["Resources"].as_array().expect("a list").clone();
    let of_type = Registry::common().get(kind).clone();
    for filter in filters {
        let bound =
            scim_protocol::filter::parse_filter(&filter).and_then(|filter| of_type.bind(&filter)).expect("a filter");
        let mut expected: Vec<String> = all
            .iter()
            .filter(|resource| bound.matches(resource.as_object().expect("an object")))
            .map(|resource| id(resource).to_owned())
            .collect();
        expected.sort();
        let answer = get(world, &world.admin, &format!("{path}?filter={}", encoded(&filter))).await;
        assert_eq!(answer.status, StatusCode::OK, "{filter}: {}", answer.body);
        assert_eq!(ids(&answer.body), expected, "{filter}");
        assert_eq!(answer.body["totalResults"], expected.len(), "{filter}");
    }
}

/// Every comparison of these paths with these values, the presence of each, and the denial of it.
fn comparisons(paths: &[&str], values: &[&str]) -> Vec<String> {
    let mut filters = Vec::new();
    for path in paths {
        filters.extend([format!("{path} pr"), format!("not ({path} pr)"), format!("{path} eq null")]);
        for value in values {
            let value = serde_json::to_string(value).expect("a text");
            filters.extend(OPERATORS.iter().map(|operator| format!("{path} {operator} {value}")));
            filters.push(format!("not ({path} eq {value})"));
        }
    }
    filters
}

on_each_database! {
    async fn users_are_found_by_their_groups(world: World) {
        let (ada, grace) = (user(&world, "ada").await, user(&world, "grace").await);
        user(&world, "nobody").await;
        let inner = group(&world, "Größe", &[id(&ada)]).await;
        let outer = group(&world, "Outer \"1\"", &[id(&inner), id(&grace)]).await;
        let both = group(&world, "Both", &[id(&inner), id(&ada)]).await;
        let own = "urn:idgraph:params:scim:schemas:extension:1.0:Group";
        made(&world, "/scim/v2/Groups", json!({"schemas": [GROUP, own], "displayName": "Crew", own: {"kind": "team"}, "members": [{"value": id(&grace)}]})).await;
        let place = outer["meta"]["location"].as_str().expect("a location");
        let values = [id(&inner), id(&outer), place, "Outer \"1\"", "GRÖẞE", "größe", "crew", "direct", "INDIRECT", "both", "", "x"];
        let mut filters = comparisons(&["groups", "groups.value", "groups.display", "groups.type", "groups.$ref"], &values);
        filters.extend([
            format!("groups[value eq \"{}\" and type eq \"direct\"]", id(&both)),
            format!("groups[value eq \"{}\" and type eq \"indirect\"]", id(&both)),
            format!("groups[value eq \"{}\" or display sw \"Cr\"]", id(&outer)),
            "groups[display eq \"outer \\\"1\\\"\" and type eq \"indirect\"]".to_owned(),
            "groups[not (type eq \"direct\")]".to_owned(),
            "groups[type ne \"direct\" and display pr]".to_owned(),
            "groups[display co \"ö\" and type eq \"direct\"]".to_owned(),
            "not (groups[type eq \"indirect\"]) and userName sw \"g\"".to_owned(),
        ]);
        agree(&world, Kind::User, "userName,groups", filters).await;
    }

    async fn users_are_found_by_their_managers(world: World) {
        let ada = made(&world, "/scim/v2/Users", json!({"schemas": [USER], "userName": "ada", "name": {"givenName": "Ada", "familyName": "Lovelace"}})).await;
        let grace = made(&world, "/scim/v2/Users", json!({"schemas": [USER], "userName": "grace", "displayName": "Grände"})).await;
        let kay = made(&world, "/scim/v2/Users", json!({"schemas": [USER], "userName": "kay", "name": {"familyName": "Kay"}})).await;
        let plain = user(&world, "plain").await;
        for (name, manager) in [("a", &ada), ("b", &grace), ("c", &kay), ("d", &plain)] {
            made(&world, "/scim/v2/Users", json!({"schemas": [USER, ENTERPRISE], "userName": name, ENTERPRISE: {"manager": {"value": id(manager)}}})).await;
        }
        let path = |part: &str| format!("{ENTERPRISE}:manager{part}");
        let (value, name, place, whole) = (path(".value"), path(".displayName"), path(".$ref"), path(""));
        let values = [id(&ada), ada["meta"]["location"].as_str().expect("a location"), "ada lovelace", "GRÄNDE", "Kay", "plain", "a", ""];
        let mut filters = comparisons(&[&whole, &value, &name, &place], &values);
        filters.push(format!("{whole}[displayName sw \"Ada\" and value eq \"{}\"]", id(&ada)));
        agree(&world, Kind::User, &[value, name, place].join(","), filters).await;
        // The URN may be left out.
        let found = get(&world, &world.admin, &format!("/scim/v2/Users?filter={}", encoded("manager.displayName eq \"kay\""))).await.body;
        assert_eq!(found["Resources"][0]["userName"], "c", "{found}");
    }

    async fn groups_are_found_by_their_members(world: World) {
        let ada = made(&world, "/scim/v2/Users", json!({"schemas": [USER], "userName": "ada", "displayName": "Ada L."})).await;
        let agent = made(&world, "/scim/v2/Agents", json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Agent"], "name": "runner"})).await;
        let inner = group(&world, "Inner", &[id(&ada)]).await;
        group(&world, "Outer", &[id(&inner), id(&agent)]).await;
        group(&world, "Empty", &[]).await;
        let place = inner["meta"]["location"].as_str().expect("a location");
        let values = [id(&ada), id(&inner), place, "User", "agent", "Group", "ada l.", "INNER", "runner", "", "ö"];
        let mut filters = comparisons(&["members", "members.value", "members.type", "members.display", "members.$ref"], &values);
        filters.extend([
            format!("members[value eq \"{}\"]", id(&ada)),
            format!("members[value eq \"{}\" and type eq \"User\"]", id(&ada)),
            format!("members[value eq \"{}\" and type eq \"Group\"]", id(&ada)),
            "members[type eq \"Agent\" or display sw \"in\"]".to_owned(),
            "members[not (type eq \"User\")]".to_owned(),
        ]);
        agree(&world, Kind::Group, "members.value,members.type,members.display,members.$ref", filters).await;
    }

    async fn agents_are_found_by_their_owners(world: World) {
        let ada = user(&world, "ada").await;
        let crew = group(&world, "Crew", &[]).await;
        let new = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Agent"], "name": "runner"});
        let agent = made(&world, "/scim/v2/Agents", new.clone()).await;
        for name in ["walker", "idler"] {
            let mut body = new.clone();
            body["name"] = json!(name);
            made(&world, "/scim/v2/Agents", body).await;
        }
        world.mutate(&world.admin, "setOwner", json!({"id": id(&agent), "ownerId": id(&ada)}), "clientMutationId").await;
        let place = ada["meta"]["location"].as_str().expect("a location");
        let values = [id(&ada), id(&crew), place, "ADA", "crew", "a"];
        let mut filters = comparisons(&["owners", "owners.value", "owners.display", "owners.$ref"], &values);
        filters.push(format!("owners[value eq \"{}\" and display sw \"a\"]", id(&ada)));
        agree(&world, Kind::Agent, "owners", filters).await;
    }

    async fn a_filter_over_relations_is_one_statement_of_a_list(world: World) {
        let ada = user(&world, "ada").await;
        let crew = group(&world, "Crew", &[id(&ada)]).await;
        for (path, filter) in [
            ("Users?attributes=userName", format!("groups.value eq \"{}\"", id(&crew))),
            ("Users?attributes=userName", "groups[display eq \"crew\" and type eq \"direct\"]".to_owned()),
            ("Users?attributes=userName", "not (manager.displayName co \"x\") and groups.display sw \"c\"".to_owned()),
            ("Groups?attributes=displayName", format!("members[value eq \"{}\" and type eq \"User\"]", id(&ada))),
            ("Groups?attributes=displayName", "members.display eq \"ada\"".to_owned()),
        ] {
            let url = format!("/scim/v2/{path}&filter={}", encoded(&filter));
            let (answer, statements) = world.statements(get(&world, &world.admin, &url)).await;
            assert_eq!(answer.body["totalResults"], 1, "{filter}: {}", answer.body);
            let about: Vec<&String> = statements.iter().filter(|sql| sql.contains("edges")).collect();
            assert_eq!(about.len(), 2, "{filter}: one count and one page: {statements:#?}");
        }
    }
}
