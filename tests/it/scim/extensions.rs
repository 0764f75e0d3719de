//! Attributes that an organization declares, as clients of SCIM meet them.

use super::{ENTERPRISE, USER, get, group, id, ids, patch, post, refused, send, user};
use crate::support::{World, each, on_each_database};
use axum::http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

const BADGE: &str = "urn:example:hr:1.0:Badge";

async fn declare(world: &World) {
    let input = json!({
        "urn": BADGE, "name": "Badge", "appliesTo": ["USER", "COLLECTIVE"],
        "attributes": [
            {"name": "number", "type": "STRING", "unique": true},
            {"name": "code", "type": "STRING", "caseExact": true},
            {"name": "level", "type": "INTEGER"},
            {"name": "weight", "type": "DECIMAL"},
            {"name": "active", "type": "BOOLEAN"},
            {"name": "color", "type": "STRING", "canonicalValues": ["red", "blue", "rosé"]},
            {"name": "doors", "type": "STRING", "multiValued": true},
            {"name": "issued", "type": "DATE_TIME", "immutable": true},
            {"name": "photo", "type": "BINARY", "onRequest": true},
            {"name": "place", "type": "COMPLEX", "subAttributes": [{"name": "house", "type": "STRING"}, {"name": "floor", "type": "INTEGER"}]},
            {"name": "visits", "type": "COMPLEX", "multiValued": true, "subAttributes": [{"name": "value", "type": "STRING"}, {"name": "type", "type": "STRING"}, {"name": "primary", "type": "BOOLEAN"}]},
        ],
    });
    world.mutate(&world.admin, "declareExtension", input, "organization { id }").await;
}

/// Makes a user with a badge.
async fn badged(world: &World, name: &str, badge: Value) -> Value {
    let body = json!({"schemas": [USER, BADGE], "userName": name, BADGE: badge});
    let answer = post(world, &world.admin, "/scim/v2/Users", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body
}

async fn found(world: &World, filter: &str, more: &str) -> Value {
    let filter = utf8_percent_encode(filter, NON_ALPHANUMERIC);
    let answer = get(world, &world.admin, &format!("/scim/v2/Users?filter={filter}{more}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body
}

on_each_database! {
    async fn a_declaration_is_a_schema_of_its_types(world: World) {
        declare(&world).await;
        let schema = get(&world, &world.reader, &format!("/scim/v2/Schemas/{BADGE}")).await.body;
        assert_eq!((&schema["id"], &schema["name"]), (&json!(BADGE), &json!("Badge")));
        let attribute = |name: &str| schema["attributes"].as_array().expect("attributes").iter().find(|attribute| attribute["name"] == name).cloned().expect("an attribute");
        assert_eq!((attribute("number")["uniqueness"].as_str(), attribute("issued")["mutability"].as_str(), attribute("photo")["returned"].as_str()), (Some("server"), Some("immutable"), Some("request")));
        assert_eq!((attribute("issued")["type"].as_str(), attribute("doors")["multiValued"].as_bool()), (Some("dateTime"), Some(true)));
        assert_eq!(each(&attribute("place")["subAttributes"], "name"), ["house", "floor"]);
        let has = async |kind: &str| {
            let of_type = get(&world, &world.reader, &format!("/scim/v2/ResourceTypes/{kind}")).await.body;
            of_type["schemaExtensions"].as_array().is_some_and(|all| all.contains(&json!({"schema": BADGE, "required": false})))
        };
        assert!(has("User").await && has("Group").await && !has("Agent").await);
        // Nobody else has it.
        refused(&get(&world, &world.stranger, &format!("/scim/v2/Schemas/{BADGE}")).await, 404, None);
        let theirs = post(&world, &world.stranger, "/scim/v2/Users", &json!({"schemas": [USER], "userName": "eve", BADGE: {"level": 1}})).await;
        assert!(theirs.body.get(BADGE).is_none(), "{}", theirs.body);
        let filter = utf8_percent_encode("urn:example:hr:1.0:Badge:level eq 1", NON_ALPHANUMERIC).to_string();
        refused(&get(&world, &world.stranger, &format!("/scim/v2/Users?filter={filter}")).await, 400, Some("invalidFilter"));
    }

    async fn values_are_written_read_and_chosen(world: World) {
        declare(&world).await;
        let all = json!({"number": "B-1", "level": 3, "weight": 1.5, "active": true, "color": "red", "doors": ["north"], "issued": "2026-01-01T08:00:00Z", "photo": "YWI=",
            "place": {"house": "A", "floor": 2}, "visits": [{"value": "x", "type": "work", "primary": true}]});
        let ada = badged(&world, "ada", all.clone()).await;
        assert_eq!(ada["schemas"], json!([USER, ENTERPRISE, BADGE]));
        assert_eq!(ada[BADGE], all, "what was written is shown");
        let mut shown = all.clone();
        shown.as_object_mut().expect("an object").remove("photo");
        let path = format!("/scim/v2/Users/{}", id(&ada));
        assert_eq!(get(&world, &world.admin, &path).await.body[BADGE], shown, "a picture is shown on request only");
        for (query, expected) in [
            (format!("attributes={BADGE}:level"), json!({"level": 3})),
            (format!("attributes={}:LEVEL,{BADGE}:photo", BADGE.to_uppercase()), json!({"level": 3, "photo": "YWI="})),
            (format!("attributes={BADGE}:place.floor"), json!({"place": {"floor": 2}})),
            (format!("excludedAttributes={BADGE}"), Value::Null),
        ] {
            let seen = get(&world, &world.admin, &format!("{path}?{query}")).await;
            assert_eq!(seen.body[BADGE], expected, "{query}: {}", seen.body);
        }
        let put = json!({"schemas": [USER, BADGE], "userName": "ada", BADGE: {"level": 4, "issued": "2026-01-01T08:00:00Z"}});
        let answer = send(&world, &world.admin, ("PUT", &path), Some(&put)).await;
        assert_eq!(answer.body[BADGE], json!({"level": 4, "issued": "2026-01-01T08:00:00Z"}), "{}", answer.body);
        let moved = json!({"schemas": [USER, BADGE], "userName": "ada", BADGE: {"issued": "2027-01-01T08:00:00Z"}});
        refused(&send(&world, &world.admin, ("PUT", &path), Some(&moved)).await, 400, Some("mutability"));
        for (bad, scim_type) in [(json!({"level": "x"}), "invalidValue"), (json!({"color": "green"}), "invalidValue"), (json!({"doors": "x"}), "invalidValue")] {
            refused(&post(&world, &world.admin, "/scim/v2/Users", &json!({"schemas": [USER, BADGE], "userName": "bob", BADGE: bad})).await, 400, Some(scim_type));
        }
        badged(&world, "cleo", json!({"number": "B-2"})).await;
        let twice = json!({"schemas": [USER, BADGE], "userName": "dora", BADGE: {"number": "b-2"}});
        refused(&post(&world, &world.admin, "/scim/v2/Users", &twice).await, 409, Some("uniqueness"));
        // GraphQL sees the same.
        let query = format!("{{ profile(by: {{id: \"{}\"}}) {{ extensions }} }}", id(&ada));
        assert_eq!(world.query(&world.admin, &query).await["profile"]["extensions"][BADGE]["level"], 4);
    }

    async fn patches_name_them_in_every_way(world: World) {
        declare(&world).await;
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let patched = async |operations: Value| {
            let answer = patch(&world, &world.admin, &path, operations).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
            answer.body
        };
        let seen = patched(json!([{"op": "add", "path": format!("{BADGE}:level"), "value": 1}, {"op": "add", "path": format!("{BADGE}:doors"), "value": ["north"]}])).await;
        assert_eq!((&seen[BADGE], &seen["schemas"]), (&json!({"level": 1, "doors": ["north"]}), &json!([USER, ENTERPRISE, BADGE])));
        let seen = patched(json!([{"op": "replace", "path": BADGE, "value": {"color": "blue", "level": 2}}])).await;
        assert_eq!((&seen[BADGE]["color"], &seen[BADGE]["level"]), (&json!("blue"), &json!(2)));
        let key = |name: &str| format!("{BADGE}:{name}");
        let mut value = json!({key("number"): "B-7", key("place.house"): "C"});
        value["title"] = json!("Countess");
        let seen = patched(json!([{"op": "Add", "value": value}])).await;
        assert_eq!((&seen[BADGE]["number"], &seen[BADGE]["place"], &seen["title"]), (&json!("B-7"), &json!({"house": "C"}), &json!("Countess")));
        let seen = patched(json!([{"op": "add", "value": {BADGE: {"visits": [{"value": "x", "type": "work"}, {"value": "y", "type": "home"}]}}}])).await;
        assert_eq!(seen[BADGE]["visits"].as_array().map(Vec::len), Some(2));
        let seen = patched(json!([{"op": "replace", "path": format!("{BADGE}:visits[type eq \"work\"].value"), "value": "z"}])).await;
        assert_eq!(seen[BADGE]["visits"][0]["value"], "z");
        // The name alone is enough, if nothing else has it.
        let seen = patched(json!([{"op": "remove", "path": "color"}])).await;
        assert_eq!(seen[BADGE].get("color"), None);
        refused(&patch(&world, &world.admin, &path, json!([{"op": "add", "path": key("other"), "value": 1}])).await, 400, Some("invalidPath"));
        let seen = patched(json!([{"op": "remove", "path": BADGE}])).await;
        assert_eq!((seen.get(BADGE), &seen["schemas"]), (None, &json!([USER, ENTERPRISE])));
        let everybody = group(&world, "Everybody", &[]).await;
        let answer = patch(&world, &world.admin, &format!("/scim/v2/Groups/{}", id(&everybody)), json!([{"op": "add", "path": key("level"), "value": 9}])).await;
        assert_eq!(answer.body[BADGE]["level"], 9, "{}", answer.body);
    }

    async fn filters_and_orders_say_what_they_mean(world: World) {
        declare(&world).await;
        let users = [
            badged(&world, "ada", json!({"number": "B-1", "code": "Ax", "level": 3, "weight": 1.5, "active": true, "color": "red", "doors": ["north", "south"], "issued": "2026-01-01T08:00:00Z", "place": {"house": "A", "floor": 2}, "visits": [{"value": "x", "type": "work"}]})).await,
            badged(&world, "bob", json!({"number": "B-2", "code": "ax", "level": 10, "active": false, "color": "ROSÉ", "doors": ["west"], "issued": "2026-01-01T09:30:00+02:00", "place": {"floor": 5}, "visits": [{"value": "y", "type": "home"}, {"value": "x", "type": "home"}]})).await,
            user(&world, "cleo").await,
        ];
        let of = |names: &[usize]| { let mut ids: Vec<String> = names.iter().map(|index| id(&users[*index]).to_owned()).collect(); ids.sort(); ids };
        for (filter, expected) in [
            ("number eq \"b-1\"", &[0][..]), ("number ne \"b-1\"", &[1, 2]), ("number sw \"B-\"", &[0, 1]), ("number pr", &[0, 1]), ("not (number pr)", &[2]),
            ("code eq \"Ax\"", &[0]), ("code eq \"ax\"", &[1]), ("code eq \"AX\"", &[]),
            ("level eq 3", &[0]), ("level gt 3", &[1]), ("level ge 3", &[0, 1]), ("level lt 10", &[0]), ("weight le 1.5", &[0]), ("weight eq 1.5", &[0]),
            ("active eq true", &[0]), ("active eq false", &[1]),
            ("color eq \"RED\"", &[0]), ("color eq \"rosé\"", &[1]),
            ("doors eq \"North\"", &[0]), ("doors co \"est\"", &[1]), ("doors pr", &[0, 1]),
            ("issued eq \"2026-01-01T07:30:00Z\"", &[1]), ("issued gt \"2026-01-01T07:30:00Z\"", &[0]),
            ("place.house eq \"a\"", &[0]), ("place.floor gt 1", &[0, 1]), ("place pr", &[0, 1]),
            ("visits.value eq \"x\"", &[0, 1]), ("visits[value eq \"x\" and type eq \"work\"]", &[0]), ("visits[type eq \"home\" and value eq \"x\"]", &[1]),
        ] {
            let qualified = filter.strip_prefix("not (").map_or_else(|| format!("{BADGE}:{filter}"), |rest| format!("not ({BADGE}:{rest}"));
            assert_eq!(ids(&found(&world, &qualified, "").await), of(expected), "{qualified}");
        }
        let both = format!("{BADGE}:level ge 3 and (userName sw \"b\" or {BADGE}:doors eq \"north\")");
        assert_eq!(ids(&found(&world, &both, "").await), of(&[0, 1]));
        let schemas = format!("schemas eq \"{BADGE}\"");
        assert_eq!(ids(&found(&world, &schemas, "").await), of(&[0, 1]));
        for filter in ["other eq 1", "level eq \"x\"", "active gt true", "place.other pr"] {
            let filter = utf8_percent_encode(&format!("{BADGE}:{filter}"), NON_ALPHANUMERIC).to_string();
            refused(&get(&world, &world.admin, &format!("/scim/v2/Users?filter={filter}")).await, 400, Some("invalidFilter"));
        }
        for (sort, order, expected) in [("level", "ascending", [0, 1, 2]), ("level", "descending", [2, 1, 0]), ("number", "descending", [2, 1, 0]), ("doors", "ascending", [0, 1, 2]), ("place.floor", "ascending", [0, 1, 2])] {
            let list = get(&world, &world.admin, &format!("/scim/v2/Users?sortBy={BADGE}:{sort}&sortOrder={order}")).await.body;
            let seen: Vec<&str> = list["Resources"].as_array().expect("a list").iter().map(id).collect();
            let expected: Vec<&str> = expected.iter().map(|index| id(&users[*index])).collect();
            assert_eq!(seen, expected, "{sort} {order}");
        }
    }

    async fn what_is_withdrawn_is_no_attribute_any_more(world: World) {
        declare(&world).await;
        let ada = badged(&world, "ada", json!({"level": 3})).await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        world.mutate(&world.admin, "withdrawExtension", json!({"urn": BADGE}), "organization { id }").await;
        let seen = get(&world, &world.admin, &path).await.body;
        assert_eq!((seen.get(BADGE), &seen["schemas"]), (None, &json!([USER, ENTERPRISE])));
        let filter = utf8_percent_encode(&format!("{BADGE}:level eq 3"), NON_ALPHANUMERIC).to_string();
        refused(&get(&world, &world.admin, &format!("/scim/v2/Users?filter={filter}")).await, 400, Some("invalidFilter"));
        refused(&get(&world, &world.admin, &format!("/scim/v2/Schemas/{BADGE}")).await, 404, None);
        // A client that writes everything it has seen takes nothing away.
        let put = json!({"schemas": [USER], "userName": "ada", "title": "Countess"});
        assert_eq!(send(&world, &world.admin, ("PUT", &path), Some(&put)).await.status, StatusCode::OK);
        declare(&world).await;
        assert_eq!(get(&world, &world.admin, &path).await.body[BADGE], json!({"level": 3}));
    }

    async fn a_request_that_finds_nothing_changed_costs_no_statement_for_them(world: World) {
        declare(&world).await;
        let ada = badged(&world, "ada", json!({"level": 3})).await;
        let path = format!("/scim/v2/Users/{}?attributes={BADGE}:level", id(&ada));
        assert_eq!(get(&world, &world.admin, &path).await.body[BADGE]["level"], 3);
        let (seen, statements) = world.statements_as_they_are(get(&world, &world.admin, &path)).await;
        assert_eq!(seen.body[BADGE]["level"], 3);
        assert_eq!(statements, Vec::<String>::new());
        let (_, schemas) = world.statements_as_they_are(get(&world, &world.admin, "/scim/v2/Schemas")).await;
        assert_eq!(schemas, Vec::<String>::new());
    }
}
