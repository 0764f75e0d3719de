//! A front end changes the directory.

use crate::support::{each, id_of, on_each_database};
use serde_json::{Value, json};

const PROFILE: &str = "profile { id version title username status metadata emails { value type primary } name { given family } manager { username } owner { __typename ... on Team { slug } } }";

on_each_database! {
    async fn a_field_left_out_stays_and_null_clears_it(world: World) {
        let input = json!({"kind": "USER", "username": "ada", "title": "Engineer", "name": {"given": "Ada", "family": "Byron"},
            "emails": [{"value": "ada@example.org", "type": "work", "primary": true}], "metadata": {"floor": 3}});
        let ada = id_of(&world.mutate(&world.editor, "createProfile", input, PROFILE).await["profile"]);
        let input = json!({"id": ada, "title": null, "name": {"family": "Lovelace"}});
        let profile = world.mutate(&world.editor, "updateProfile", input, PROFILE).await["profile"].clone();
        assert_eq!(profile["title"], Value::Null);
        assert_eq!(profile["name"], json!({"given": "Ada", "family": "Lovelace"}));
        assert_eq!(profile["emails"], json!([{"value": "ada@example.org", "type": "work", "primary": true}]));
        assert_eq!(profile["metadata"], json!({"floor": 3}));
        assert_eq!(profile["version"], 2);
    }

    async fn a_change_that_changes_nothing_writes_nothing(world: World) {
        let ada = world.user("ada").await;
        let team = world.team("core", None).await;
        world.join(&team, &[&ada]).await;
        world.mutate(&world.editor, "setManager", json!({"id": ada, "managerId": null}), "clientMutationId").await;
        let before = world.last_sequence().await;
        world.mutate(&world.editor, "updateProfile", json!({"id": ada, "username": "ada", "tags": []}), "clientMutationId").await;
        world.join(&team, &[&ada]).await;
        world.mutate(&world.editor, "setMembers", json!({"id": team, "members": [{"id": ada}]}), "clientMutationId").await;
        world.mutate(&world.editor, "setTeamParent", json!({"id": team, "parentId": null}), "clientMutationId").await;
        world.mutate(&world.admin, "enableProfile", json!({"id": ada, "reason": "again"}), "clientMutationId").await;
        assert_eq!(world.last_sequence().await, before);
    }

    async fn the_same_client_mutation_id_twice_is_done_once_and_answered_alike(world: World) {
        let input = json!({"kind": "USER", "username": "ada", "clientMutationId": "first"});
        let first = world.mutate(&world.editor, "createProfile", input.clone(), "clientMutationId profile { id }").await;
        let before = world.last_sequence().await;
        let second = world.mutate(&world.editor, "createProfile", input, "clientMutationId profile { id }").await;
        assert_eq!(first, second);
        assert_eq!(first["clientMutationId"], "first");
        assert_eq!(world.last_sequence().await, before);
        let other = json!({"kind": "USER", "username": "bob", "clientMutationId": "first"});
        let refused = world.refused(&world.editor, "createProfile", other.clone()).await;
        assert_eq!(refused, ("CONFLICT".to_owned(), "clientMutationId".to_owned()));
        // The ids of one client are nothing to another.
        world.mutate(&world.admin, "createProfile", other, "clientMutationId").await;
    }

    async fn history_tells_what_changed_and_where_values_come_from(world: World) {
        let input = json!({"kind": "USER", "username": "ada", "title": "Analyst"});
        let ada = id_of(&world.mutate(&world.editor, "createProfile", input, "profile { id }").await["profile"]);
        world.mutate(&world.editor, "updateProfile", json!({"id": ada, "title": "Engineer"}), "clientMutationId").await;
        world.mutate(&world.admin, "disableProfile", json!({"id": ada, "reason": "left"}), "clientMutationId").await;
        let seen = world.query(&world.admin, &format!(r#"{{ profile(by: {{id: "{ada}"}}) {{
            statusReason history {{ totalCount nodes {{ action reason face actor {{ name }} subjectVersion
                changes {{ path before after source }} }} }} provenance {{ field source event {{ action }} }} }} }}"#)).await;
        let profile = &seen["profile"];
        assert_eq!(profile["statusReason"], "left");
        assert_eq!(profile["history"]["totalCount"], 3);
        let events = &profile["history"]["nodes"];
        assert_eq!(each(events, "action"), ["profile.disable", "profile.update", "profile.create"]);
        assert_eq!((&events[0]["reason"], &events[0]["actor"]["name"]), (&json!("left"), &json!("admin")));
        assert_eq!(events[1]["changes"], json!([{"path": "title", "before": "Analyst", "after": "Engineer", "source": "graphql"}]));
        let source = |field: &str| {
            let list = profile["provenance"].as_array().cloned().unwrap_or_default();
            list.into_iter().find(|entry| entry["field"] == field).map(|entry| entry["event"]["action"].clone())
        };
        assert_eq!(source("username"), Some(json!("profile.create")));
        assert_eq!(source("title"), Some(json!("profile.update")));
        assert_eq!(source("status"), Some(json!("profile.disable")));
    }

    async fn what_is_deleted_is_gone_and_comes_back_whole(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let (core, lab) = (world.team("core", None).await, world.team("lab", None).await);
        world.mutate(&world.editor, "setTeamParent", json!({"id": lab, "parentId": core}), "clientMutationId").await;
        world.join(&lab, &[&ada, &bob]).await;
        world.mutate(&world.admin, "suspendProfile", json!({"id": ada, "reason": "leave"}), "clientMutationId").await;
        world.mutate(&world.admin, "deleteProfile", json!({"id": ada}), "deletedId").await;
        world.mutate(&world.admin, "deleteTeam", json!({"id": lab}), "deletedId").await;
        let look = format!(r#"{{ ada: node(id: "{ada}") {{ id }} lab: node(id: "{lab}") {{ id }}
            profiles {{ nodes {{ username }} totalCount }} search(text: "ada") {{ totalCount }}
            core: node(id: "{core}") {{ ... on Team {{ children {{ totalCount }} effectiveMembers {{ nodes {{ username }} }} }} }} }}"#);
        let seen = world.query(&world.reader, &look).await;
        assert_eq!((&seen["ada"], &seen["lab"]), (&Value::Null, &Value::Null));
        assert_eq!(each(&seen["profiles"]["nodes"], "username"), ["bob"]);
        assert_eq!((&seen["profiles"]["totalCount"], &seen["search"]["totalCount"]), (&json!(1), &json!(0)));
        assert_eq!(seen["core"], json!({"children": {"totalCount": 0}, "effectiveMembers": {"nodes": []}}));

        // Its name is free; while somebody has it, it cannot come back.
        let usurper = world.user("ADA").await;
        let refused = world.refused(&world.admin, "restoreProfile", json!({"id": ada})).await;
        assert_eq!(refused, ("CONFLICT".to_owned(), "username".to_owned()));
        world.mutate(&world.editor, "updateProfile", json!({"id": usurper, "username": "zed"}), "clientMutationId").await;
        let back = world.mutate(&world.admin, "restoreProfile", json!({"id": ada}), PROFILE).await;
        assert_eq!(back["profile"]["status"], "SUSPENDED");
        world.mutate(&world.admin, "restoreTeam", json!({"id": lab}), "team { id }").await;
        let seen = world.query(&world.reader, &look).await;
        assert_eq!(seen["core"]["children"]["totalCount"], 1);
        assert_eq!(each(&seen["core"]["effectiveMembers"]["nodes"], "username"), ["ada", "bob"]);
        assert_eq!(seen["search"]["totalCount"], 1);
    }

    async fn a_deleted_organization_is_nobodys_and_comes_back(world: World) {
        let ada = world.user("ada").await;
        world.mutate(&world.root, "deleteOrganization", json!({"id": world.acme}), "deletedId").await;
        let seen = world.query(&world.root, &format!(r#"{{ organization(slug: "acme") {{ id }} node(id: "{ada}") {{ id }} organizations {{ nodes {{ slug }} }} }}"#)).await;
        assert_eq!(seen, json!({"organization": null, "node": null, "organizations": {"nodes": [{"slug": "globex"}]}}));
        let refused = world.refused(&world.root, "updateProfile", json!({"id": ada, "title": "x"})).await;
        assert_eq!(refused.0, "NOT_FOUND");
        world.mutate(&world.root, "restoreOrganization", json!({"id": world.acme}), "organization { slug }").await;
        let seen = world.query(&world.root, &format!(r#"{{ node(id: "{ada}") {{ ... on User {{ organization {{ slug }} }} }} }}"#)).await;
        assert_eq!(seen["node"]["organization"]["slug"], "acme");
    }

    async fn members_come_go_and_change(world: World) {
        let people = [world.user("a").await, world.user("b").await, world.user("c").await, world.user("d").await];
        let [a, b, c, d] = &people;
        let (team, inner) = (world.team("team", None).await, world.team("inner", None).await);
        let member = |id: &str, role: &str| json!({"id": id, "role": role, "functions": ["on-call"]});
        let ids = "addedIds removedIds updatedIds";
        let added = world.mutate(&world.editor, "addMembers", json!({"id": team, "members": [member(a, "LEAD"), member(b, "MEMBER"), member(&inner, "MEMBER")]}), ids).await;
        assert_eq!(added["addedIds"], json!([a, b, inner]));
        let set = world.mutate(&world.editor, "setMembers", json!({"id": team, "members": [member(b, "LEAD"), member(c, "MEMBER"), member(&inner, "MEMBER")]}), ids).await;
        assert_eq!((&set["addedIds"], &set["removedIds"], &set["updatedIds"]), (&json!([c]), &json!([a]), &json!([b])));
        let removed = world.mutate(&world.editor, "removeMembers", json!({"id": team, "memberIds": [c, d, inner]}), ids).await;
        assert_eq!(removed["removedIds"], json!([inner, c]));
        let seen = world.query(&world.admin, &format!(r#"{{ node(id: "{team}") {{ ... on Team {{
            members {{ edges {{ role functions node {{ username }} }} }} leads: members(role: LEAD) {{ totalCount }} memberCollectives {{ totalCount }}
            history(first: 1) {{ nodes {{ action changes {{ path before after }} }} }} }} }}
            node2: node(id: "{c}") {{ ... on User {{ history(first: 1) {{ nodes {{ subjectId action }} }} }} }} }}"#)).await;
        assert_eq!(seen["node"]["members"]["edges"], json!([{"role": "LEAD", "functions": ["on-call"], "node": {"username": "b"}}]));
        assert_eq!((&seen["node"]["leads"]["totalCount"], &seen["node"]["memberCollectives"]["totalCount"]), (&json!(1), &json!(0)));
        let event = &seen["node"]["history"]["nodes"][0];
        assert_eq!(event["action"], "members.remove");
        let gone = json!({"path": format!("members.{c}"), "before": {"role": "member", "functions": ["on-call"]}, "after": null});
        assert_eq!(event["changes"][1], gone);
        // The member's own history knows too.
        assert_eq!(seen["node2"]["history"]["nodes"][0], json!({"subjectId": team, "action": "members.remove"}));
    }

    async fn accounts_are_linked_unlinked_and_linked_elsewhere(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let link = |profile: &str| json!({"profileId": profile, "provider": "okta", "accountId": "00u1", "email": "Ada@example.org", "mfaState": "ENROLLED", "verified": true});
        let linked = world.mutate(&world.editor, "linkIdentity", link(&ada), "identity { id mfaState profile { username } }").await;
        assert_eq!((&linked["identity"]["mfaState"], &linked["identity"]["profile"]["username"]), (&json!("ENROLLED"), &json!("ada")));
        let conflict = ("CONFLICT".to_owned(), "accountId".to_owned());
        assert_eq!(world.refused(&world.editor, "linkIdentity", link(&ada)).await, conflict);
        assert_eq!(world.refused(&world.editor, "linkIdentity", link(&bob)).await, conflict);
        let identity = id_of(&linked["identity"]);
        world.mutate(&world.editor, "unlinkIdentity", json!({"id": identity, "reason": "moved"}), "identity { profile { id } }").await;
        let again = world.mutate(&world.editor, "linkIdentity", link(&bob), "identity { id profile { username } }").await;
        assert_eq!(again["identity"], json!({"id": identity, "profile": {"username": "bob"}}));
        // Another environment is another account.
        let mut sandbox = link(&ada);
        sandbox["environment"] = json!("sandbox");
        world.mutate(&world.editor, "linkIdentity", sandbox, "identity { id }").await;
        let seen = world.query(&world.reader, r#"{ identities(filter: {provider: {eq: "okta"}, email: {eq: "ada@EXAMPLE.org"}}) { totalCount nodes { environment } } }"#).await;
        assert_eq!(each(&seen["identities"]["nodes"], "environment"), ["production", "sandbox"]);
    }

    async fn service_accounts_and_bots_have_owners(world: World) {
        let (ada, team) = (world.user("ada").await, world.team("platform", None).await);
        let input = json!({"kind": "SERVICE_ACCOUNT", "username": "deployer", "ownerId": team});
        let created = world.mutate(&world.editor, "createProfile", input, PROFILE).await;
        assert_eq!(created["profile"]["owner"], json!({"__typename": "Team", "slug": "platform"}));
        let id = id_of(&created["profile"]);
        assert!(id.starts_with("svc_"), "{id}");
        world.mutate(&world.editor, "setOwner", json!({"id": id, "ownerId": ada}), "profile { id }").await;
        let seen = world.query(&world.reader, &format!(r#"{{ ada: node(id: "{ada}") {{ ... on User {{ owned {{ nodes {{ username }} }} }} }}
            team: node(id: "{team}") {{ ... on Team {{ owned {{ totalCount }} }} }} }}"#)).await;
        assert_eq!(each(&seen["ada"]["owned"]["nodes"], "username"), ["deployer"]);
        assert_eq!(seen["team"]["owned"]["totalCount"], 0);
    }
}
