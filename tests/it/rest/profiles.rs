//! Profiles: list, search, get, make, change, disable, enable, delete; what is around them.

use super::{done, get, header_of, refusal, refused, send};
use crate::support::mutations::account;
use crate::support::{each, id_of, on_each_database};
use serde_json::{Value, json};

/// The fields of the object of the requirements.
const SEED: [&str; 11] = [
    "id",
    "type",
    "name",
    "email",
    "avatar",
    "organization",
    "teams",
    "metadata",
    "linked_identities",
    "created_at",
    "updated_at",
];

on_each_database! {
    async fn a_profile_is_made_and_looks_as_it_is_asked_for(world: World) {
        let input = json!({"type": "user", "username": "ada", "name": "Ada Lovelace", "email": "ada@example.org",
            "avatar": "https://cdn.example.org/ada.jpg",
            "metadata": {"title": "Principal Engineer", "timezone": "America/Los_Angeles"}, "tags": ["engineering"]});
        let answer = send(&world, &world.editor, ("POST", "/v1/profiles"), &[], Some(input)).await;
        assert_eq!(answer.status, 201, "{:#}", answer.body);
        let ada = id_of(&answer.body);
        assert_eq!(header_of(&answer, "location"), format!("/v1/profiles/{ada}"));
        for slug in ["engineering", "research"] {
            let team = world.team(slug, None).await;
            world.join(&team, &[&ada]).await;
        }
        for (provider, account) in [("github", "ada-lovelace"), ("google", "ada@example.org")] {
            let link = json!({"provider": provider, "external_id": account});
            done(&world, &world.editor, ("POST", &format!("/v1/profiles/{ada}/linked-identities")), link).await;
        }
        let profile = get(&world, &world.reader, &format!("/v1/profiles/{ada}")).await;
        for field in SEED {
            assert!(profile.get(field).is_some(), "no {field}: {profile:#}");
        }
        let expected = json!({"id": ada, "type": "user", "name": "Ada Lovelace", "email": "ada@example.org",
            "avatar": "https://cdn.example.org/ada.jpg", "organization": "acme", "teams": ["engineering", "research"],
            "metadata": {"title": "Principal Engineer", "timezone": "America/Los_Angeles"},
            "linked_identities": [{"provider": "github", "external_id": "ada-lovelace"},
                {"provider": "google", "external_id": "ada@example.org"}],
            "created_at": "2026-01-01T12:00:00Z", "updated_at": "2026-01-01T12:00:00Z"});
        for (field, value) in expected.as_object().expect("an object") {
            assert_eq!(&profile[field], value, "{field}");
        }
    }

    async fn a_list_is_filtered_searched_sorted_and_paged(world: World) {
        for (name, tag) in [("ada", "engineering"), ("bob", "engineering"), ("cleo", "finance")] {
            let input = json!({"username": name, "name": name.to_uppercase(), "tags": [tag], "title": "Analyst",
                "email": format!("{name}@example.org"), "metadata": {"floor": "3"}});
            done(&world, &world.editor, ("POST", "/v1/profiles"), input).await;
        }
        for (query, expected) in [
            ("sort=username", vec!["ada", "bob", "cleo"]),
            ("sort=-username", vec!["cleo", "bob", "ada"]),
            ("field=tag&value=Engineering&sort=username", vec!["ada", "bob"]),
            ("filter[tag]=finance", vec!["cleo"]),
            ("filter[email]=ADA@example.org", vec!["ada"]),
            ("field=email&value=bob@example.org", vec!["bob"]),
            ("field=name&value=Cleo", vec!["cleo"]),
            ("field=title&value=analyst&filter[username]=bob", vec!["bob"]),
            ("filter[type]=bot", vec![]),
            ("filter[status]=disabled", vec![]),
            ("field=type&value=user&sort=name", vec!["ada", "bob", "cleo"]),
        ] {
            let path = format!("/v1/profiles?{query}").replace('[', "%5B").replace(']', "%5D");
            let page = get(&world, &world.reader, &path).await;
            assert_eq!(each(&page["data"], "username"), expected, "{query}");
            assert_eq!(page["page"], json!({"next_cursor": null, "has_more": false}), "{query}");
        }
        let path = "/v1/profiles?field=metadata.floor&value=3&sort=username";
        assert_eq!(each(&get(&world, &world.editor, path).await["data"], "username"), ["ada", "bob", "cleo"]);
        assert_eq!(refused(&world, &world.reader, ("GET", path), None).await, refusal(403, "FORBIDDEN", ""));

        let (mut seen, mut path) = (Vec::new(), "/v1/profiles?page%5Blimit%5D=2&sort=-username".to_owned());
        loop {
            let answer = send(&world, &world.reader, ("GET", &path), &[], None).await;
            seen.extend(each(&answer.body["data"], "username").into_iter().map(str::to_owned));
            let links = header_of(&answer, "link");
            assert!(links.starts_with("</v1/profiles?page%5Blimit%5D=2&sort=-username>; rel=\"first\""), "{links}");
            let next = links.split(", ").find_map(|link| link.strip_suffix("; rel=\"next\"")?.strip_prefix('<')?.strip_suffix('>'));
            assert_eq!(next.is_some(), answer.body["page"]["has_more"] == json!(true));
            match next {
                Some(next) => path = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(seen, ["cleo", "bob", "ada"]);
    }

    async fn a_merge_patch_changes_what_it_names_and_nothing_else(world: World) {
        let input = json!({"username": "ada", "name": "Ada", "title": "Engineer", "email": "ada@example.org",
            "metadata": {"floor": 3, "desk": {"row": "a", "seat": 7}}});
        let path = format!("/v1/profiles/{}", id_of(&done(&world, &world.editor, ("POST", "/v1/profiles"), input).await));
        let changes = json!({"title": null, "metadata": {"floor": null, "desk": {"seat": 8}, "badge": "x"}});
        let changed = done(&world, &world.editor, ("PATCH", &path), changes).await;
        assert_eq!(changed["title"], Value::Null);
        assert_eq!(changed["metadata"], json!({"desk": {"row": "a", "seat": 8}, "badge": "x"}));
        assert_eq!((&changed["name"], &changed["email"]), (&json!("Ada"), &json!("ada@example.org")));
        let changed = done(&world, &world.editor, ("PATCH", &path), json!({"email": "countess@example.org"})).await;
        assert_eq!(changed["email"], "countess@example.org");
        assert_eq!(each(&changed["emails"], "value"), ["countess@example.org"]);
        let changed = done(&world, &world.editor, ("PATCH", &path), json!({"email": null, "metadata": null})).await;
        assert_eq!((&changed["email"], &changed["metadata"]), (&Value::Null, &json!({})));
        let before = world.last_sequence().await;
        let same = done(&world, &world.editor, ("PATCH", &path), json!({"name": "Ada"})).await;
        assert_eq!((&same["version"], world.last_sequence().await), (&changed["version"], before));
    }

    async fn tags_tell_what_has_changed(world: World) {
        let ada = world.user("ada").await;
        let path = format!("/v1/profiles/{ada}");
        let first = send(&world, &world.reader, ("GET", &path), &[], None).await;
        let tag = header_of(&first, "etag");
        let known = send(&world, &world.reader, ("GET", &path), &[("if-none-match", &tag)], None).await;
        assert_eq!((known.status.as_u16(), header_of(&known, "etag")), (304, tag.clone()));
        // Who is in a team is said of the profile, but changes the team.
        let team = world.team("core", None).await;
        world.join(&team, &[&ada]).await;
        let answer = send(&world, &world.reader, ("GET", &path), &[("if-none-match", &tag)], None).await;
        assert_eq!((answer.status.as_u16(), &answer.body["teams"]), (200, &json!(["core"])));
        let change = || Some(json!({"title": "Engineer"}));
        let answer = send(&world, &world.editor, ("PATCH", &path), &[("if-match", &tag)], change()).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        let new = header_of(&answer, "etag");
        let stale = send(&world, &world.editor, ("PATCH", &path), &[("if-match", &tag)], Some(json!({"title": null}))).await;
        assert_eq!((stale.status.as_u16(), &stale.body["code"], &stale.body["field"]), (412, &json!("STALE_VERSION"), &json!("If-Match")));
        let foreign = send(&world, &world.admin, ("DELETE", &path), &[("if-match", "\"other\"")], None).await;
        assert_eq!(foreign.status, 412);
        let malformed = send(&world, &world.admin, ("DELETE", &path), &[("if-match", "7")], None).await;
        assert_eq!((malformed.status.as_u16(), &malformed.body["field"]), (400, &json!("If-Match")));
        let gone = send(&world, &world.admin, ("DELETE", &path), &[("if-match", &new)], None).await;
        assert_eq!(gone.status, 204);
        assert_eq!(refused(&world, &world.reader, ("GET", &path), None).await, refusal(404, "NOT_FOUND", "id"));
    }

    async fn a_request_with_a_key_is_done_once(world: World) {
        let create = async |key: &str, name: &str| {
            send(&world, &world.editor, ("POST", "/v1/profiles"), &[("idempotency-key", key)], Some(json!({"username": name}))).await
        };
        let (first, second) = (create("k-1", "ada").await, create("k-1", "ada").await);
        assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
        assert_eq!(first.body["id"], second.body["id"]);
        let other = create("k-1", "bob").await;
        assert_eq!((other.status.as_u16(), &other.body["code"], &other.body["field"]), (409, &json!("CONFLICT"), &json!("Idempotency-Key")));
        let again = create("k-2", "ada").await;
        assert_eq!((again.status.as_u16(), &again.body["field"]), (409, &json!("username")));
        assert_eq!(get(&world, &world.reader, "/v1/profiles").await["data"].as_array().map(Vec::len), Some(1));
    }

    async fn a_profile_is_barred_and_let_in_again(world: World) {
        let path = format!("/v1/profiles/{}", world.user("ada").await);
        let (disable, enable) = (format!("{path}/disable"), format!("{path}/enable"));
        assert_eq!(refused(&world, &world.admin, ("POST", &disable), Some(json!({}))).await.0, 422);
        let barred = done(&world, &world.admin, ("POST", &disable), json!({"reason": "Leaves."})).await;
        assert_eq!(barred["status"], "disabled");
        let back = send(&world, &world.admin, ("POST", &enable), &[], None).await;
        assert_eq!((back.status.as_u16(), &back.body["status"]), (200, &json!("active")));
        let history = get(&world, &world.admin, &format!("{path}/history")).await;
        assert_eq!(each(&history["data"], "action"), ["profile.enable", "profile.disable", "profile.create"]);
        assert_eq!((&history["data"][1]["reason"], &history["data"][1]["face"]), (&json!("Leaves."), &json!("rest")));
        let page = get(&world, &world.admin, &format!("{path}/history?page%5Blimit%5D=1")).await;
        let next = page["page"]["next_cursor"].as_str().expect("a cursor");
        let page = get(&world, &world.admin, &format!("{path}/history?page%5Blimit%5D=1&page%5Bcursor%5D={next}")).await;
        assert_eq!(each(&page["data"], "action"), ["profile.disable"]);
    }

    async fn what_a_profile_is_in_is_listed(world: World) {
        let ada = world.user("ada").await;
        let (above, below, group) = (world.team("above", None).await, world.team("below", None).await, world.group("all").await);
        world.join(&above, &[&below]).await;
        world.join(&below, &[&ada]).await;
        world.join(&group, &[&ada]).await;
        let path = format!("/v1/profiles/{ada}");
        let direct = get(&world, &world.reader, &format!("{path}/teams")).await;
        assert_eq!(each(&direct["data"], "slug"), ["below"]);
        assert_eq!(direct["data"][0]["membership"]["role"], "member");
        let all = get(&world, &world.reader, &format!("{path}/teams?transitive=true")).await;
        assert_eq!(each(&all["data"], "slug"), ["above", "below"]);
        assert_eq!(each(&get(&world, &world.reader, &format!("{path}/groups")).await["data"], "slug"), ["all"]);
    }

    async fn a_merged_profile_leads_to_the_other(world: World) {
        let (ada, same) = (world.user("ada").await, world.user("same").await);
        world.mutate(&world.admin, "mergeProfiles", json!({"fromId": ada, "intoId": same}), "clientMutationId").await;
        assert_eq!(get(&world, &world.reader, &format!("/v1/profiles/{ada}")).await["id"], json!(same));
    }

    async fn bad_input_is_told_by_field_and_changes_nothing(world: World) {
        let ada = world.user("ada").await;
        let one = format!("/v1/profiles/{ada}");
        account(&world, &ada, "1815").await;
        let before = world.last_sequence().await;
        for (method, path, body, expected) in [
            ("POST", "/v1/profiles", json!({"username": "ada"}), (409, "CONFLICT", "username")),
            ("POST", "/v1/profiles", json!({"username": ""}), (422, "BAD_USER_INPUT", "username")),
            ("POST", "/v1/profiles", json!({}), (422, "BAD_USER_INPUT", "")),
            ("POST", "/v1/profiles", json!({"username": 7}), (422, "BAD_USER_INPUT", "username")),
            ("POST", "/v1/profiles", json!({"username": "bob", "other": 1}), (422, "BAD_USER_INPUT", "other")),
            ("POST", "/v1/profiles", json!({"username": "bob", "type": "cat"}), (422, "BAD_USER_INPUT", "type")),
            ("POST", "/v1/profiles", json!({"username": "bob", "status": "disabled"}), (422, "BAD_USER_INPUT", "status")),
            ("POST", "/v1/profiles", json!({"username": "bob", "email": "nobody"}), (422, "BAD_USER_INPUT", "emails[0].value")),
            ("POST", "/v1/profiles", json!({"username": "bob", "emails": [["a@b.c"]]}), (422, "BAD_USER_INPUT", "emails[0]")),
            ("POST", "/v1/profiles", json!({"username": "bob", "time_zone": "Mars"}), (422, "BAD_USER_INPUT", "time_zone")),
            ("POST", "/v1/profiles", json!({"username": "bob", "metadata": 7}), (422, "BAD_USER_INPUT", "metadata")),
            ("POST", "/v1/profiles", json!({"username": "bob", "organization": "globex"}), (404, "NOT_FOUND", "organization")),
            ("POST", "/v1/profiles", json!(["bob"]), (422, "BAD_USER_INPUT", "")),
            ("PATCH", &one, json!({"username": null}), (422, "BAD_USER_INPUT", "username")),
            ("PATCH", &one, json!({"email": "a@example.org", "emails": []}), (422, "BAD_USER_INPUT", "email")),
            ("PATCH", &one, json!({"id": "usr_x"}), (422, "BAD_USER_INPUT", "id")),
            ("POST", &format!("{one}/disable"), json!({"reason": ""}), (422, "BAD_USER_INPUT", "reason")),
        ] {
            let (status, code, field) = expected;
            let found = refused(&world, &world.admin, (method, path), Some(body.clone())).await;
            assert_eq!(found, refusal(status, code, field), "{method} {path} {body}");
        }
        for (query, field) in [
            ("other=1", "other"), ("sort=age", "sort"), ("field=tag", "value"), ("value=x", "field"), ("field=age&value=1", "field"),
            ("filter%5Bstatus%5D=odd", "filter[status]"), ("page%5Blimit%5D=0", "page[limit]"), ("page%5Blimit%5D=201", "page[limit]"),
            ("page%5Bcursor%5D=x", "page[cursor]"), ("sort=name&sort=name", "sort"), ("field=tag&value=%00", "value"),
            ("field=id&value=grp_x", "value"),
        ] {
            let found = refused(&world, &world.reader, ("GET", &format!("/v1/profiles?{query}")), None).await;
            assert_eq!(found, refusal(422, "BAD_USER_INPUT", field), "{query}");
        }
        let named = refused(&world, &world.root, ("GET", "/v1/profiles"), None).await;
        assert_eq!(named, refusal(422, "BAD_USER_INPUT", "organization"));
        assert_eq!(world.last_sequence().await, before);
    }
}
