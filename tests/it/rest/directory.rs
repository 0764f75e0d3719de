//! Organizations, teams and groups: make, change, hang below one another, delete; who is in them.

use super::{done, get, header_of, refusal, refused, send};
use crate::support::{each, id_of, on_each_database};
use serde_json::{Value, json};

on_each_database! {
    async fn teams_and_groups_live_as_they_should(world: World) {
        for (noun, kind) in [("teams", "team"), ("groups", "group")] {
            let all = format!("/v1/{noun}");
            let input = json!({"slug": "core", "name": "The Core", "metadata": {"floor": {"a": 1, "b": 2}}, "category": "guild"});
            let answer = send(&world, &world.editor, ("POST", &all), &[], Some(input)).await;
            assert_eq!(answer.status, 201, "{:#}", answer.body);
            let core = id_of(&answer.body);
            let one = format!("{all}/{core}");
            assert_eq!(header_of(&answer, "location"), one);
            assert_eq!((&answer.body["type"], &answer.body["organization"], &answer.body["parent_id"]), (&json!(kind), &json!("acme"), &Value::Null));
            let below = id_of(&done(&world, &world.editor, ("POST", &all), json!({"slug": "below", "parent_id": core})).await);
            let changed = done(&world, &world.editor, ("PATCH", &one), json!({"description": "What matters.", "metadata": {"floor": {"a": null}}})).await;
            assert_eq!((&changed["description"], &changed["metadata"]), (&json!("What matters."), &json!({"floor": {"b": 2}})));
            assert_eq!(each(&get(&world, &world.reader, &format!("{one}/children")).await["data"], "slug"), ["below"]);
            let above = get(&world, &world.reader, &format!("{all}/{below}/ancestors")).await;
            assert_eq!(each(&above, "slug"), ["core"]);
            let roots = get(&world, &world.reader, &format!("{all}?filter%5Broot%5D=true")).await;
            assert_eq!(each(&roots["data"], "slug"), ["core"]);
            let named = get(&world, &world.reader, &format!("{all}?filter%5Bname%5D=the%20c&sort=-name")).await;
            assert_eq!(each(&named["data"], "slug"), ["core"]);
            let cycle = refused(&world, &world.editor, ("PUT", &format!("{one}/parent")), Some(json!({"parent_id": below}))).await;
            assert_eq!(cycle, refusal(409, "CONFLICT", "parent_id"));
            let silent = refused(&world, &world.editor, ("PUT", &format!("{all}/{below}/parent")), Some(json!({}))).await;
            assert_eq!(silent, refusal(422, "BAD_USER_INPUT", ""));
            let loose = done(&world, &world.editor, ("PUT", &format!("{all}/{below}/parent")), json!({"parent_id": null})).await;
            assert_eq!(loose["parent_id"], Value::Null);
            assert_eq!(send(&world, &world.admin, ("DELETE", &one), &[], None).await.status, 204);
            assert_eq!(refused(&world, &world.reader, ("GET", &one), None).await, refusal(404, "NOT_FOUND", "id"));
            let other = if kind == "team" { "groups" } else { "teams" };
            let wrong = refused(&world, &world.reader, ("GET", &format!("/v1/{other}/{below}")), None).await;
            assert_eq!(wrong, refusal(404, "NOT_FOUND", "id"));
            let history = get(&world, &world.admin, &format!("{all}/{below}/history")).await;
            assert_eq!(each(&history["data"], "action").len(), 2);
        }
    }

    async fn members_come_and_go(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let (group, inner) = (world.group("all").await, world.team("inner", None).await);
        world.join(&inner, &[&bob]).await;
        let path = format!("/v1/groups/{group}/members");
        let input = json!({"members": [{"id": ada, "role": "lead", "functions": ["release"]}, {"id": inner}]});
        assert_eq!(done(&world, &world.editor, ("POST", &path), input).await, json!({"added": [ada, inner], "updated": []}));
        let page = get(&world, &world.reader, &path).await;
        assert_eq!(each(&page["data"], "username"), ["ada"]);
        assert_eq!(page["data"][0]["membership"]["role"], "lead");
        assert_eq!(page["data"][0]["membership"]["functions"], json!(["release"]));
        let all = get(&world, &world.reader, &format!("{path}?transitive=true")).await;
        assert_eq!(each(&all["data"], "username"), ["ada", "bob"]);
        let inside = get(&world, &world.reader, &format!("/v1/groups/{group}/member-collectives")).await;
        assert_eq!(each(&inside["data"], "slug"), ["inner"]);
        let changed = done(&world, &world.editor, ("POST", &path), json!({"members": [{"id": ada}]})).await;
        assert_eq!(changed, json!({"added": [], "updated": [ada]}));
        for (input, field) in [
            (json!({"members": [{"id": "x"}]}), "members[0].id"),
            (json!({"members": [{"id": ada}, {"id": ada}]}), "members[1].id"),
            (json!({"members": [{"id": ada, "functions": [""]}]}), "members[0].functions[0]"),
            (json!({"members": [{"id": ada, "role": "king"}]}), "members[0]"),
        ] {
            let found = refused(&world, &world.editor, ("POST", &path), Some(input.clone())).await;
            assert_eq!(found, refusal(422, "BAD_USER_INPUT", field), "{input}");
        }
        let one = format!("{path}/{ada}");
        assert_eq!(send(&world, &world.editor, ("DELETE", &one), &[], None).await.status, 204);
        assert_eq!(send(&world, &world.editor, ("DELETE", &one), &[], None).await.status, 204);
        assert_eq!(get(&world, &world.reader, &path).await["data"], json!([]));
        let nobody = refused(&world, &world.editor, ("DELETE", &format!("{path}/x")), None).await;
        assert_eq!(nobody, refusal(404, "NOT_FOUND", "member_id"));
    }

    async fn organizations_are_made_changed_and_hung_below_one_another(world: World) {
        let answer = send(&world, &world.root, ("POST", "/v1/organizations"), &[], Some(json!({"slug": "umbrella"}))).await;
        assert_eq!((answer.status.as_u16(), &answer.body["name"]), (201, &json!("umbrella")));
        let umbrella = id_of(&answer.body);
        let hung = done(&world, &world.root, ("PUT", "/v1/organizations/acme/parent"), json!({"parent_id": umbrella})).await;
        assert_eq!(hung["parent_id"], json!(umbrella));
        // Those of acme do not see what lies above it.
        assert_eq!(get(&world, &world.reader, "/v1/organizations/acme").await["parent_id"], Value::Null);
        let below = get(&world, &world.root, "/v1/organizations/umbrella/children").await;
        assert_eq!(each(&below["data"], "slug"), ["acme"]);
        assert_eq!(each(&get(&world, &world.root, "/v1/organizations/acme/ancestors").await, "slug"), ["umbrella"]);
        let changed = done(&world, &world.admin, ("PATCH", "/v1/organizations/acme"), json!({"description": "Makers."})).await;
        assert_eq!(changed["description"], "Makers.");
        assert_eq!(each(&get(&world, &world.reader, "/v1/organizations").await["data"], "slug"), ["acme"]);
        let all = get(&world, &world.root, "/v1/organizations?sort=name").await;
        assert_eq!(each(&all["data"], "slug"), ["acme", "globex", "umbrella"]);
        world.user("ada").await;
        let members = get(&world, &world.reader, "/v1/organizations/acme/members").await;
        assert_eq!(each(&members["data"], "username"), ["ada"]);
        let id = format!("/v1/organizations/{umbrella}");
        assert_eq!(send(&world, &world.root, ("DELETE", &id), &[], None).await.status, 204);
        assert_eq!(refused(&world, &world.root, ("GET", "/v1/organizations/umbrella"), None).await.0, 404);
        let taken = refused(&world, &world.root, ("POST", "/v1/organizations"), Some(json!({"slug": "ACME"}))).await;
        assert_eq!(taken, refusal(409, "CONFLICT", "slug"));
    }
}
