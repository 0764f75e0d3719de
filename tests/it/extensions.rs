//! Attributes that an organization declares: who may, what may be, and what values are held to.

use crate::support::program::Ran;
use crate::support::{Actor, World, each, id_of, on_each_database};
use serde_json::{Value, json};

const BADGE: &str = "urn:example:hr:1.0:Badge";

/// An extension of users and of teams and groups with one attribute of each kind that matters.
pub fn badge() -> Value {
    json!({
        "urn": BADGE, "name": "Badge", "description": "What opens doors.", "appliesTo": ["USER", "COLLECTIVE"],
        "attributes": [
            {"name": "number", "type": "STRING", "unique": true},
            {"name": "level", "type": "INTEGER"},
            {"name": "color", "type": "STRING", "canonicalValues": ["red", "blue"]},
            {"name": "doors", "type": "STRING", "multiValued": true},
            {"name": "issued", "type": "DATE_TIME", "immutable": true},
            {"name": "visits", "type": "COMPLEX", "multiValued": true, "subAttributes": [
                {"name": "value", "type": "STRING", "required": true}, {"name": "escorted", "type": "BOOLEAN"}]},
        ],
    })
}

async fn declare(world: &World, actor: &Actor, input: Value) {
    world.mutate(actor, "declareExtension", input, "organization { id }").await;
}

/// What a user has, as its administrator sees it.
async fn values(world: &World, id: &str) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on User { extensions } ... on Group { extensions } } }";
    world.graphql(&world.admin, query, json!({"id": id})).await.data()["node"]["extensions"].clone()
}

async fn give(world: &World, id: &str, values: Value) -> Value {
    world
        .try_mutate(&world.editor, "updateProfile", json!({"id": id, "extensions": values}), "profile { extensions }")
        .await
}

async fn import(world: &World, lines: &[Value]) -> Ran {
    let place = tempfile::tempdir().expect("a directory");
    let file = place.path().join("lines.ndjson");
    std::fs::write(&file, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).expect("a file");
    world.program(&["import", &file.display().to_string()]).await
}

on_each_database! {
    async fn what_is_declared_is_told_and_is_history(world: World) {
        let query = "{ organization(slug: \"acme\") { version extensions { urn name appliesTo withdrawn attributes { name type unique multiValued subAttributes { name required } } }
            history(first: 1) { nodes { action reason changes { path before after } } } } }";
        let before = world.query(&world.reader, "{ organization(slug: \"acme\") { version } }").await["organization"]["version"].clone();
        let mut input = badge();
        input["expectedVersion"] = before.clone();
        input["reason"] = json!("New doors.");
        declare(&world, &world.admin, input.clone()).await;
        let seen = world.query(&world.admin, query).await["organization"].clone();
        let badge = &seen["extensions"][0];
        assert_eq!((&badge["urn"], &badge["appliesTo"], &badge["withdrawn"]), (&json!(BADGE), &json!(["USER", "COLLECTIVE"]), &json!(false)));
        assert_eq!(each(&badge["attributes"], "name"), ["number", "level", "color", "doors", "issued", "visits"]);
        assert_eq!(badge["attributes"][5]["subAttributes"][0], json!({"name": "value", "required": true}));
        let event = &seen["history"]["nodes"][0];
        assert_eq!((&event["action"], &event["reason"]), (&json!("extension.declare"), &json!("New doors.")));
        assert_eq!(event["changes"][0]["path"], format!("extensions.{BADGE}"));
        assert_eq!(world.refused(&world.admin, "declareExtension", input.clone()).await.0, "STALE_VERSION");
        // The same again changes nothing.
        input["expectedVersion"] = seen["version"].clone();
        declare(&world, &world.admin, input).await;
        assert_eq!(world.query(&world.admin, query).await["organization"]["version"], seen["version"]);
        let others = world.query(&world.stranger, "{ organization(slug: \"globex\") { extensions { urn } } }").await;
        assert_eq!(others["organization"]["extensions"], json!([]));
    }

    async fn declarations_that_make_no_sense_are_refused_where_they_make_none(world: World) {
        let with = |field: &str, value: Value| { let mut input = badge(); input[field] = value; input };
        let attributes = |attributes: Value| with("attributes", attributes);
        for (input, field) in [
            (with("urn", json!("badge")), "urn"),
            (with("urn", json!("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")), "urn"),
            (with("urn", json!("URN:IETF:x")), "urn"),
            (with("urn", json!("urn:idgraph:params:scim:schemas:extension:1.0:Group")), "urn"),
            (with("urn", json!(format!("urn:example:{}", "x".repeat(200)))), "urn"),
            (with("urn", json!("urn:example:a\"b")), "urn"),
            (with("name", json!("")), "name"),
            (with("appliesTo", json!([])), "appliesTo"),
            (attributes(json!([])), "attributes"),
            (attributes(json!([{"name": "a", "type": "STRING"}, {"name": "A", "type": "STRING"}])), "attributes[1].name"),
            (attributes(json!([{"name": "a'b", "type": "STRING"}])), "attributes[0].name"),
            (attributes(json!([{"name": "a", "type": "BOOLEAN", "unique": true}])), "attributes[0]"),
            (attributes((0..51).map(|number| json!({"name": format!("a{number}"), "type": "STRING"})).collect()), "attributes"),
        ] {
            let refused = world.refused(&world.admin, "declareExtension", input.clone()).await;
            assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), field.to_owned()), "{input}");
        }
        declare(&world, &world.admin, badge()).await;
        for urn in ["urn:example:hr:1.0:badge", "urn:example:hr:1.0:Badge:level"] {
            assert_eq!(world.refused(&world.admin, "declareExtension", with("urn", json!(urn))).await.0, "CONFLICT", "{urn}");
        }
        let other = attributes(json!([{"name": "level", "type": "STRING"}]));
        assert_eq!(world.refused(&world.admin, "declareExtension", other).await, ("CONFLICT".to_owned(), "attributes.level".to_owned()));
        assert_eq!(world.refused(&world.admin, "withdrawExtension", json!({"urn": "urn:example:other"})).await.0, "NOT_FOUND");
        for number in 1..50 {
            declare(&world, &world.admin, with("urn", json!(format!("urn:example:x{number}")))).await;
        }
        assert_eq!(world.refused(&world.admin, "declareExtension", with("urn", json!("urn:example:more"))).await.1, "urn");
    }

    async fn values_are_held_to_what_was_declared(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        assert_eq!(give(&world, &ada, json!({BADGE: {"level": 1}})).await["errors"][0]["field"], format!("extensions.{BADGE}"), "not yet");
        declare(&world, &world.admin, badge()).await;
        let good = json!({BADGE: {"number": "B-1", "level": 3, "color": "red", "doors": ["north", "south"], "issued": "2026-01-01T08:00:00Z", "visits": [{"value": "x", "escorted": true}]}});
        assert_eq!(give(&world, &ada, good.clone()).await["profile"]["extensions"], good);
        for (bad, name) in [
            (json!({"level": "3"}), "level"), (json!({"level": 3.5}), "level"), (json!({"color": "green"}), "color"),
            (json!({"doors": "north"}), "doors"), (json!({"issued": "yesterday"}), "issued"), (json!({"Level": 3}), "Level"),
            (json!({"visits": [{"escorted": true}]}), "visits[0].value"), (json!({"visits": [{"value": "x", "y": 1}]}), "visits[0].y"),
        ] {
            let payload = give(&world, &bob, json!({BADGE: bad})).await;
            assert_eq!((&payload["errors"][0]["code"], &payload["errors"][0]["field"]), (&json!("BAD_USER_INPUT"), &json!(format!("extensions.{BADGE}:{name}"))), "{bad}");
        }
        let twice = give(&world, &bob, json!({BADGE: {"number": "b-1"}})).await;
        assert_eq!((&twice["errors"][0]["code"], &twice["errors"][0]["field"]), (&json!("CONFLICT"), &json!(format!("extensions.{BADGE}:number"))));
        assert_eq!(values(&world, &bob).await, json!({}));
        let moved = give(&world, &ada, json!({BADGE: {"issued": "2026-02-01T08:00:00Z"}})).await;
        assert_eq!(moved["errors"][0]["field"], format!("extensions.{BADGE}:issued"));
        // Other fields change all the same, and nothing of nothing is nothing.
        world.mutate(&world.editor, "updateProfile", json!({"id": ada, "title": "Countess"}), "profile { title }").await;
        assert_eq!(give(&world, &bob, json!({BADGE: {"level": null, "doors": []}})).await["profile"]["extensions"], json!({}));
        // A bot has no badge; a group has; whoever may not read them does not.
        let bot = json!({"organizationId": world.acme, "kind": "BOT", "username": "r2", "extensions": {BADGE: {"level": 1}}});
        assert_eq!(world.refused(&world.editor, "createProfile", bot).await.1, format!("extensions.{BADGE}"));
        let group = json!({"organizationId": world.acme, "slug": "doors", "extensions": {BADGE: {"number": "G-1"}}});
        let group = id_of(&world.mutate(&world.editor, "createGroup", group, "group { id }").await["group"]);
        assert_eq!(values(&world, &group).await, json!({BADGE: {"number": "G-1"}}));
        let payload = world.try_mutate(&world.editor, "updateGroup", json!({"id": group, "extensions": {BADGE: {"number": "B-1"}}}), "clientMutationId").await;
        assert_eq!(payload["errors"][0]["code"], "CONFLICT");
        let answer = world.graphql(&world.reader, "query($id: ID!) { node(id: $id) { ... on User { extensions } } }", json!({"id": ada})).await;
        assert_eq!(answer.error_code(), Some("FORBIDDEN"));
    }

    async fn what_was_unique_is_so_again_when_somebody_comes_back(world: World) {
        declare(&world, &world.admin, badge()).await;
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        give(&world, &ada, json!({BADGE: {"number": "B-1"}})).await;
        world.mutate(&world.admin, "deleteProfile", json!({"id": ada}), "deletedId").await;
        assert_eq!(give(&world, &bob, json!({BADGE: {"number": "B-1"}})).await["errors"], json!([]));
        assert_eq!(world.refused(&world.admin, "restoreProfile", json!({"id": ada})).await, ("CONFLICT".to_owned(), format!("extensions.{BADGE}:number")));
        give(&world, &bob, json!({})).await;
        world.mutate(&world.admin, "restoreProfile", json!({"id": ada}), "profile { id }").await;
        // Merging moves a value that nobody else has then.
        world.mutate(&world.admin, "mergeProfiles", json!({"fromId": ada, "intoId": bob}), "clientMutationId").await;
        assert_eq!(values(&world, &bob).await, json!({BADGE: {"number": "B-1"}}));
        world.mutate(&world.admin, "unmergeProfile", json!({"id": ada}), "clientMutationId").await;
        assert_eq!((values(&world, &ada).await, values(&world, &bob).await), (json!({BADGE: {"number": "B-1"}}), json!({})));
        // What several have cannot become unique.
        give(&world, &ada, json!({BADGE: {"level": 1}})).await;
        give(&world, &bob, json!({BADGE: {"level": 1}})).await;
        let mut unique = badge();
        unique["attributes"][1]["unique"] = json!(true);
        assert_eq!(world.refused(&world.admin, "declareExtension", unique.clone()).await, ("CONFLICT".to_owned(), "attributes.level".to_owned()));
        give(&world, &bob, json!({BADGE: {"level": 10}})).await;
        declare(&world, &world.admin, unique).await;
    }

    async fn what_is_withdrawn_is_kept_for_those_who_declare_it_again(world: World) {
        declare(&world, &world.admin, badge()).await;
        let ada = world.user("ada").await;
        let all = json!({BADGE: {"number": "B-1", "level": 3}});
        give(&world, &ada, all.clone()).await;
        let then = "2026-01-01T12:30:00Z";
        world.clock.advance(chrono::TimeDelta::hours(1));
        let mut less = badge();
        less["attributes"] = json!([badge()["attributes"][1]]);
        declare(&world, &world.admin, less).await;
        assert_eq!(values(&world, &ada).await, json!({BADGE: {"level": 3}}));
        assert_eq!(give(&world, &ada, json!({BADGE: {"level": 4}})).await["profile"]["extensions"], json!({BADGE: {"level": 4}}));
        assert_eq!(give(&world, &ada, json!({BADGE: {"number": "B-2"}})).await["errors"][0]["code"], "BAD_USER_INPUT");
        world.mutate(&world.admin, "withdrawExtension", json!({"urn": BADGE, "reason": "No more doors."}), "organization { id }").await;
        assert_eq!(values(&world, &ada).await, json!({}));
        assert_eq!(give(&world, &ada, json!({BADGE: {"level": 5}})).await["errors"][0]["field"], format!("extensions.{BADGE}"));
        give(&world, &ada, json!({})).await;
        let seen = world.query(&world.reader, "{ organization(slug: \"acme\") { now: extensions { urn } all: extensions(withdrawn: true) { urn withdrawn attributes { name withdrawn } } } }").await;
        assert_eq!(seen["organization"]["now"], json!([]));
        assert_eq!((&seen["organization"]["all"][0]["withdrawn"], &seen["organization"]["all"][0]["attributes"][0]["name"]), (&json!(true), &json!("level")));
        // The past shows what was shown then.
        let query = format!("{{ profile(by: {{id: \"{ada}\"}}) {{ asOf(time: \"{then}\") {{ extensions }} }} }}");
        assert_eq!(world.query(&world.admin, &query).await["profile"]["asOf"]["extensions"], all);
        declare(&world, &world.admin, badge()).await;
        assert_eq!(values(&world, &ada).await, json!({BADGE: {"number": "B-1", "level": 4}}));
    }

    async fn an_import_brings_declarations_and_rejects_what_does_not_fit_line_by_line(world: World) {
        let declared = |withdrawn: bool| json!({"type": "organization", "slug": "initech", "extensions": {BADGE: {"name": "Badge", "applies_to": ["user", "collective"], "withdrawn": withdrawn,
            "attributes": [{"name": "number", "type": "string", "unique": true}, {"name": "level", "type": "integer"}]}}});
        let user = |name: &str, values: Value| json!({"type": "user", "organization": "initech", "username": name, "extensions": {BADGE: values}});
        let lines = [declared(false), user("ada", json!({"number": "1", "level": 1})), user("bob", json!({"number": "1"})), user("cleo", json!({"level": "x"})), user("dora", json!({"level": 2}))];
        let ran = import(&world, &lines).await;
        assert_eq!((ran.code, ran.output.trim()), (1, "new 3, updated 0, unchanged 0, rejected 2"), "{ran:?}");
        let query = "{ profiles(organization: \"initech\") { nodes { username extensions } } }";
        let seen = world.query(&world.root, query).await;
        assert_eq!(seen["profiles"]["nodes"], json!([{"username": "ada", "extensions": {BADGE: {"number": "1", "level": 1}}}, {"username": "dora", "extensions": {BADGE: {"level": 2}}}]));
        // What is exported comes back as it is, withdrawn declarations and their values too.
        assert_eq!(import(&world, &[declared(true)]).await.code, 0);
        let exported = world.program(&["export"]).await;
        let lines: Vec<Value> = exported.output.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let ours: Vec<Value> = lines.into_iter().filter(|line| line["organization"] == "initech" || line["slug"] == "initech").map(|mut line| {
            let name = if line["type"] == "organization" { "slug" } else { "organization" };
            line[name] = json!("copy");
            line
        }).collect();
        let ran = import(&world, &ours).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        let query = "{ profiles(organization: \"copy\") { nodes { username extensions } } organization(slug: \"copy\") { extensions(withdrawn: true) { withdrawn attributes { name unique } } } }";
        let seen = world.query(&world.root, query).await;
        assert_eq!(seen["profiles"]["nodes"][0]["extensions"], json!({}));
        assert_eq!(seen["organization"]["extensions"], json!([{"withdrawn": true, "attributes": [{"name": "number", "unique": true}, {"name": "level", "unique": false}]}]));
        let mut again = declared(false);
        again["slug"] = json!("copy");
        assert_eq!(import(&world, &[again]).await.code, 0);
        assert_eq!(world.query(&world.root, query).await["profiles"]["nodes"][0]["extensions"], json!({BADGE: {"number": "1", "level": 1}}));
    }
}
