//! What is deleted confers nothing, leads nowhere, and takes no change.

use crate::support::{World, each, on_each_database};
use futures::future::join_all;
use serde_json::json;

async fn holders(world: &World, role: &str) -> Vec<String> {
    let query =
        format!("{{ node(id: \"{role}\") {{ ... on Role {{ effectiveProfiles {{ nodes {{ username }} }} }} }} }}");
    let found = world.query(&world.reader, &query).await["node"]["effectiveProfiles"]["nodes"].clone();
    each(&found, "username").into_iter().map(str::to_owned).collect()
}

async fn roles(world: &World, profile: &str) -> usize {
    let query = format!("{{ node(id: \"{profile}\") {{ ... on User {{ effectiveRoles {{ nodes {{ slug }} }} }} }} }}");
    world.query(&world.reader, &query).await["node"]["effectiveRoles"]["nodes"].as_array().map_or(0, Vec::len)
}

on_each_database! {
    async fn a_deleted_group_confers_no_role(world: World) {
        let (ada, role) = (world.user("ada").await, world.role("keys", true).await);
        let (outer, inner) = (world.group("outer").await, world.group("inner").await);
        world.mutate(&world.root, "grantRole", json!({"roleId": role, "principalId": outer}), "clientMutationId").await;
        world.join(&outer, &[&inner]).await;
        world.join(&inner, &[&ada]).await;
        for (group, restored) in [(&outer, true), (&inner, true), (&outer, false)] {
            assert_eq!((holders(&world, &role).await, roles(&world, &ada).await), (vec!["ada".to_owned()], 1));
            world.mutate(&world.root, "deleteGroup", json!({"id": group}), "clientMutationId").await;
            assert_eq!((holders(&world, &role).await, roles(&world, &ada).await), (vec![], 0), "{group} is deleted");
            if restored {
                world.mutate(&world.root, "restoreGroup", json!({"id": group}), "clientMutationId").await;
            }
        }
    }

    async fn a_deleted_team_leads_nowhere(world: World) {
        let bottom = world.team("bottom", None).await;
        let middle = world.team("middle", Some(&bottom)).await;
        let top = world.team("top", Some(&middle)).await;
        world.mutate(&world.root, "deleteTeam", json!({"id": middle}), "clientMutationId").await;
        world.mutate(&world.root, "setTeamParent", json!({"id": bottom, "parentId": top}), "clientMutationId").await;
        let other = world.team("other", Some(&top)).await;
        world.mutate(&world.root, "setTeamParent", json!({"id": other, "parentId": bottom}), "clientMutationId").await;
        assert_eq!(world.refused(&world.root, "restoreTeam", json!({"id": middle})).await.0, "CONFLICT");
    }

    async fn nothing_changes_behind_the_end_of_an_organization(world: World) {
        let team = world.team("core", None).await;
        for round in 0..5 {
            let renames = (0..12).map(|number| {
                let input = json!({"id": team, "name": format!("Core {round}.{number}")});
                world.try_mutate(&world.root, "updateTeam", input, "clientMutationId")
            });
            let deletion = world.mutate(&world.root, "deleteOrganization", json!({"id": world.acme}), "clientMutationId");
            let (renamed, _) = futures::join!(join_all(renames), deletion);
            for payload in renamed {
                let code = &payload["errors"][0]["code"];
                assert!(code.is_null() || code == "NOT_FOUND", "{payload}");
            }
            let last = world.last_sequence().await;
            let action = world.text_behind(
                &format!("SELECT action FROM events WHERE seq = {last} AND org_id = (SELECT id FROM organizations WHERE slug = 'acme')"),
                &format!("SELECT action FROM events WHERE seq = {last} AND org_id = (SELECT id FROM organizations WHERE slug = 'acme')"),
            ).await;
            assert_eq!(action, "node.delete");
            world.mutate(&world.root, "restoreOrganization", json!({"id": world.acme}), "clientMutationId").await;
        }
    }

    async fn another_reason_for_the_same_status_is_a_change(world: World) {
        let ada = world.user("ada").await;
        for reason in ["left", "was dismissed"] {
            let input = json!({"id": ada, "reason": reason});
            let changed = world.mutate(&world.admin, "disableProfile", input, "profile { statusReason version }").await;
            assert_eq!(changed["profile"]["statusReason"], reason);
        }
        let again = json!({"id": ada, "reason": "was dismissed"});
        let changed = world.mutate(&world.admin, "disableProfile", again, "profile { version }").await;
        assert_eq!(changed["profile"], json!({"version": 3}));
    }

    async fn texts_that_nobody_can_see_are_refused(world: World) {
        for (field, value) in [("title", "\u{200b}"), ("username", "\u{200b}grace"), ("username", "gr\u{202e}ace")] {
            let mut input = json!({"organizationId": world.acme, "kind": "USER", "username": "grace"});
            input[field] = json!(value);
            assert_eq!(world.refused(&world.root, "createProfile", input).await, ("BAD_USER_INPUT".to_owned(), field.to_owned()));
        }
    }
}
