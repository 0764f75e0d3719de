//! What makes no sense is refused, with a code and the field at fault, and changes nothing.

use crate::support::{Actor, World, id_of, on_each_database};
use idgraph::domain::{Cursor, CursorKey, OrganizationId};
use serde_json::{Value, json};

/// The form of an id, but nobody's.
const UNKNOWN_USER: &str = "usr_01h455vb4pex5vsknk084sn02q";
const UNKNOWN_TEAM: &str = "team_01h455vb4pex5vsknk084sn02q";

/// What was said: code and field.
fn said(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

/// Sends each input as acme's owner. It must be refused with the code and at the field that stands beside it, without an
/// event.
async fn all_refused(world: &World, mutation: &str, code: &str, cases: Vec<(Value, &str)>) {
    let before = world.last_sequence().await;
    for (input, field) in cases {
        let shown: String = input.to_string().chars().take(200).collect();
        let refusal = world.refused(&world.owner, mutation, input).await;
        assert_eq!(refusal, said(code, field), "{mutation} {shown}");
        assert_eq!(world.last_sequence().await, before, "{mutation} {shown} left an event");
    }
}

/// The same for `createProfile`, with the fields that are wrong.
async fn no_profile(world: &World, cases: Vec<(Value, &str)>) {
    let cases = cases.into_iter().map(|(fields, field)| (new_user(fields), field)).collect();
    all_refused(world, "createProfile", "BAD_USER_INPUT", cases).await;
}

fn new_user(fields: Value) -> Value {
    let mut input = json!({"kind": "USER", "username": "somebody"});
    if let (Value::Object(input), Value::Object(fields)) = (&mut input, fields) {
        input.extend(fields);
    }
    input
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, _| json!([inner]))
}

/// What a query complains of: code and field of its first error.
async fn complaint(world: &World, actor: &Actor, query: &str, variables: Value) -> (String, String) {
    let answer = world.graphql(actor, query, variables).await;
    let extensions = &answer.body["errors"][0]["extensions"];
    let text = |name: &str| extensions[name].as_str().unwrap_or_default().to_owned();
    (text("code"), text("field"))
}

on_each_database! {
    async fn contacts_that_are_none_are_refused(world: World) {
        let many: Vec<Value> = (0..101).map(|number| json!({"value": format!("a{number}@example.org")})).collect();
        no_profile(&world, vec![
            (json!({"emails": [{"value": "nobody"}]}), "emails[0].value"),
            (json!({"emails": [{"value": ""}]}), "emails[0].value"),
            (json!({"emails": [{"value": "Ada <ada@example.org>"}]}), "emails[0].value"),
            (json!({"emails": [{"value": "ada@example.org\n"}]}), "emails[0].value"),
            (json!({"emails": [{"value": "a\u{0}da@example.org"}]}), "emails[0].value"),
            (json!({"emails": [{"value": "a@example.org"}, {"value": "@"}]}), "emails[1].value"),
            (json!({"emails": [{"value": "a@example.org", "type": ""}]}), "emails[0].type"),
            (json!({"emails": [{"value": "a@example.org"}, {"value": "A@EXAMPLE.org"}]}), "emails[1]"),
            (json!({"emails": [{"value": "a@example.org", "primary": true}, {"value": "b@example.org", "primary": true}]}), "emails"),
            (json!({"emails": many}), "emails"),
            (json!({"phones": [{"value": "call me"}]}), "phones[0].value"),
            (json!({"phones": [{"value": "+44\u{0}20 7946"}]}), "phones[0].value"),
            (json!({"phones": [{"value": "+44 20 7946"}, {"value": "+44-20-7946"}]}), "phones[1]"),
            (json!({"phones": [{"value": "+44 1", "primary": true}, {"value": "+44 2", "primary": true}]}), "phones"),
            (json!({"addresses": [{}]}), "addresses[0]"),
            (json!({"addresses": [{"country": "Aus\ttria"}]}), "addresses[0].country"),
            (json!({"addresses": [{"country": ""}]}), "addresses[0].country"),
            (json!({"addresses": [{"locality": "Wien\n"}]}), "addresses[0].locality"),
            (json!({"addresses": [{"street": "x".repeat(1_025)}]}), "addresses[0].street"),
            (json!({"addresses": [{"country": "AT", "primary": true}, {"country": "DE", "primary": true}]}), "addresses"),
            (json!({"externalIds": [{"client": "two words", "value": "1"}]}), "externalIds[0].client"),
            (json!({"externalIds": [{"client": "a", "value": "\u{0}"}]}), "externalIds[0].value"),
            (json!({"externalIds": [{"client": "a", "value": "1"}, {"client": "a", "value": "2"}]}), "externalIds[1]"),
        ]).await;
    }

    async fn texts_that_do_not_fit_are_refused(world: World) {
        no_profile(&world, vec![
            (json!({"username": ""}), "username"),
            (json!({"username": "  "}), "username"),
            (json!({"username": " ada"}), "username"),
            (json!({"username": "a\u{0}da"}), "username"),
            (json!({"username": "a\tda"}), "username"),
            (json!({"username": "x".repeat(257)}), "username"),
            (json!({"title": ""}), "title"),
            (json!({"title": "a\u{0}"}), "title"),
            (json!({"title": "two\nlines"}), "title"),
            (json!({"title": "\u{1b}[31m"}), "title"),
            (json!({"title": "x".repeat(257)}), "title"),
            (json!({"department": " "}), "department"),
            (json!({"employeeNumber": "\u{0}"}), "employeeNumber"),
            (json!({"name": {"given": "\u{7}"}}), "name.given"),
            (json!({"name": {"honorificPrefix": ""}}), "name.honorificPrefix"),
            (json!({"avatar": "example.org/a.png"}), "avatar"),
            (json!({"avatar": "javascript:alert(1)"}), "avatar"),
            (json!({"avatar": "ftp://example.org/a.png"}), "avatar"),
            (json!({"locale": "english language"}), "locale"),
            (json!({"locale": "e"}), "locale"),
            (json!({"timeZone": "Mars/Olympus"}), "timeZone"),
            (json!({"timeZone": ""}), "timeZone"),
            (json!({"tags": ["a", "b", "a"]}), "tags[2]"),
            (json!({"tags": [""]}), "tags[0]"),
            (json!({"tags": ["a", "\u{0}"]}), "tags[1]"),
            (json!({"tags": ["x".repeat(101)]}), "tags[0]"),
            (json!({"tags": (0..101).map(|tag| tag.to_string()).collect::<Vec<String>>()}), "tags"),
        ]).await;
    }

    async fn metadata_and_statuses_that_do_not_fit_are_refused(world: World) {
        no_profile(&world, vec![
            (json!({"metadata": {"a": "x".repeat(70_000)}}), "metadata"),
            (json!({"metadata": {"a": nested(20)}}), "metadata"),
            (json!({"metadata": {"": 1}}), "metadata"),
            (json!({"metadata": [1]}), "metadata"),
            (json!({"metadata": "floor 3"}), "metadata"),
            (json!({"metadata": {"a": "\u{0}"}}), "metadata"),
            (json!({"metadata": {"a\u{0}": 1}}), "metadata"),
            (json!({"metadata": {"a": [{"b\u{0}": 1}]}}), "metadata"),
            (json!({"status": "DISABLED"}), "status"),
            (json!({"status": "SUSPENDED"}), "status"),
            (json!({"status": "DELETED"}), "status"),
        ]).await;
    }

    async fn an_update_is_checked_as_a_creation_is(world: World) {
        let ada = world.user("ada").await;
        all_refused(&world, "updateProfile", "BAD_USER_INPUT", vec![
            (json!({"id": ada, "username": ""}), "username"),
            (json!({"id": ada, "emails": [{"value": "nobody"}]}), "emails[0].value"),
            (json!({"id": ada, "title": "a\u{0}"}), "title"),
            (json!({"id": ada, "tags": ["a", "a"]}), "tags[1]"),
            (json!({"id": ada, "metadata": {"a": nested(20)}}), "metadata"),
            (json!({"id": ada, "metadata": 3}), "metadata"),
        ]).await;
        for mutation in ["disableProfile", "suspendProfile", "enableProfile", "deleteProfile"] {
            all_refused(&world, mutation, "BAD_USER_INPUT", vec![
                (json!({"id": ada, "reason": ""}), "reason"),
                (json!({"id": ada, "reason": "a\u{0}"}), "reason"),
                (json!({"id": ada, "reason": "two\nlines"}), "reason"),
                (json!({"id": ada, "reason": "x".repeat(1_025)}), "reason"),
            ]).await;
        }
    }

    async fn slugs_names_and_descriptions_that_do_not_fit_are_refused(world: World) {
        for mutation in ["createTeam", "createGroup", "createRole"] {
            all_refused(&world, mutation, "BAD_USER_INPUT", vec![
                (json!({"slug": ""}), "slug"),
                (json!({"slug": "two words"}), "slug"),
                (json!({"slug": "-begins-badly"}), "slug"),
                (json!({"slug": "é"}), "slug"),
                (json!({"slug": "a\u{0}"}), "slug"),
                (json!({"slug": "x".repeat(101)}), "slug"),
                (json!({"slug": "a", "name": ""}), "name"),
                (json!({"slug": "a", "name": "a\u{0}"}), "name"),
                (json!({"slug": "a", "name": "x".repeat(257)}), "name"),
                (json!({"slug": "a", "description": "a\u{0}"}), "description"),
                (json!({"slug": "a", "description": "x".repeat(1_025)}), "description"),
                (json!({"slug": "a", "metadata": {"a": "x".repeat(70_000)}}), "metadata"),
            ]).await;
        }
        for mutation in ["createTeam", "createGroup"] {
            all_refused(&world, mutation, "BAD_USER_INPUT", vec![
                (json!({"slug": "a", "category": "x".repeat(65)}), "category"),
                (json!({"slug": "a", "category": "\u{0}"}), "category"),
            ]).await;
        }
        let refusal = world.refused(&world.root, "createOrganization", json!({"slug": "two words"})).await;
        assert_eq!(refusal, said("BAD_USER_INPUT", "slug"));
    }

    async fn accounts_that_do_not_fit_are_refused(world: World) {
        let ada = world.user("ada").await;
        let link = |provider: &str, account: &str| json!({"profileId": ada, "provider": provider, "accountId": account});
        all_refused(&world, "linkIdentity", "BAD_USER_INPUT", vec![
            (link("", "1"), "provider"),
            (link("two words", "1"), "provider"),
            (link("a\u{0}", "1"), "provider"),
            (link("github", ""), "accountId"),
            (link("github", "a\u{0}"), "accountId"),
            (link("github", &"x".repeat(257)), "accountId"),
            (json!({"profileId": ada, "provider": "github", "accountId": "1", "environment": "\u{0}"}), "environment"),
            (json!({"profileId": ada, "provider": "github", "accountId": "1", "email": "nobody"}), "email"),
            (json!({"profileId": ada, "provider": "github", "accountId": "1", "username": "a\u{0}"}), "username"),
            (json!({"profileId": ada, "provider": "github", "accountId": "1", "metadata": {"a": "\u{0}"}}), "metadata"),
        ]).await;
    }

    async fn ids_that_are_malformed_or_of_another_kind_are_refused(world: World) {
        let (ada, team, group) = (world.user("ada").await, world.team("core", None).await, world.group("all").await);
        let role = world.role("keeper", false).await;
        let robot = json!({"kind": "BOT", "username": "robot"});
        let robot = id_of(&world.mutate(&world.owner, "createProfile", robot, "profile { id }").await["profile"]);
        let bad = "BAD_USER_INPUT";
        for id in ["", "nonsense", "usr_", "usr_01H455VB4PEX5VSKNK084SN02Q", "usr_8zzzzzzzzzzzzzzzzzzzzzzzzz", "usr_\u{0}", team.as_str()] {
            for mutation in ["updateProfile", "deleteProfile", "setManager"] {
                all_refused(&world, mutation, bad, vec![(json!({"id": id}), "id")]).await;
            }
        }
        no_profile(&world, vec![
            (json!({"organizationId": team}), "organizationId"),
            (json!({"managerId": team}), "managerId"),
            (json!({"ownerId": group}), "ownerId"),
            (json!({"ownerId": ada}), "ownerId"),
        ]).await;
        all_refused(&world, "setManager", bad, vec![(json!({"id": ada, "managerId": ada}), "managerId")]).await;
        all_refused(&world, "setOwner", bad, vec![
            (json!({"id": ada, "ownerId": ada}), "id"),
            (json!({"id": robot, "ownerId": group}), "ownerId"),
            (json!({"id": robot, "ownerId": robot}), "ownerId"),
        ]).await;
        all_refused(&world, "updateTeam", bad, vec![(json!({"id": group}), "id")]).await;
        all_refused(&world, "setTeamParent", bad, vec![(json!({"id": team, "parentId": group}), "parentId")]).await;
        all_refused(&world, "linkIdentity", bad, vec![
            (json!({"profileId": team, "provider": "github", "accountId": "1"}), "profileId"),
        ]).await;
        all_refused(&world, "grantRole", bad, vec![
            (json!({"roleId": role, "principalId": team}), "principalId"),
            (json!({"roleId": role, "principalId": role}), "principalId"),
            (json!({"roleId": group, "principalId": ada}), "roleId"),
            (json!({"roleId": role, "principalId": ada, "reason": "a\u{0}"}), "reason"),
        ]).await;
        all_refused(&world, "removeMembers", bad, vec![(json!({"id": team, "memberIds": ["x"]}), "memberIds[0]")]).await;
    }

    async fn what_is_of_another_tenant_or_nowhere_is_not_found(world: World) {
        let spy = new_user(json!({"username": "spy"}));
        let spy = id_of(&world.mutate(&world.stranger, "createProfile", spy, "profile { id }").await["profile"]);
        let (ada, team, role) = (world.user("ada").await, world.team("core", None).await, world.role("keeper", false).await);
        let masked = ada.replace("usr_", "bot_");
        let none = "NOT_FOUND";
        for id in [spy.as_str(), UNKNOWN_USER, masked.as_str()] {
            for mutation in ["updateProfile", "deleteProfile", "restoreProfile", "enableProfile", "setManager"] {
                all_refused(&world, mutation, none, vec![(json!({"id": id}), "id")]).await;
            }
            all_refused(&world, "setManager", none, vec![(json!({"id": ada, "managerId": id}), "managerId")]).await;
            all_refused(&world, "createProfile", none, vec![(new_user(json!({"managerId": id})), "managerId")]).await;
            all_refused(&world, "addMembers", none, vec![(json!({"id": team, "members": [{"id": id}]}), "members[0].id")]).await;
            all_refused(&world, "grantRole", none, vec![(json!({"roleId": role, "principalId": id}), "principalId")]).await;
            all_refused(&world, "linkIdentity", none, vec![
                (json!({"profileId": id, "provider": "github", "accountId": "1"}), "profileId"),
            ]).await;
        }
        all_refused(&world, "setTeamParent", none, vec![
            (json!({"id": UNKNOWN_TEAM}), "id"),
            (json!({"id": team, "parentId": UNKNOWN_TEAM}), "parentId"),
        ]).await;
        all_refused(&world, "createTeam", none, vec![
            (json!({"slug": "a", "organizationId": world.globex}), "organizationId"),
            (json!({"slug": "a", "parentId": UNKNOWN_TEAM}), "parentId"),
        ]).await;
        let refusal = world.refused(&world.owner, "createOrganization", json!({"slug": "another"})).await;
        assert_eq!(refusal, said("FORBIDDEN", ""));
        let refusal = world.refused(&world.root, "createProfile", new_user(json!({}))).await;
        assert_eq!(refusal, said("BAD_USER_INPUT", "organizationId"));
    }

    async fn members_that_cannot_be_are_refused(world: World) {
        let (ada, team, group) = (world.user("ada").await, world.team("core", None).await, world.group("all").await);
        let role = world.role("keeper", false).await;
        let crowd: Vec<Value> = (0..1_001).map(|_| json!({"id": ada})).collect();
        for mutation in ["addMembers", "setMembers"] {
            all_refused(&world, mutation, "BAD_USER_INPUT", vec![
                (json!({"id": ada, "members": []}), "id"),
                (json!({"id": team, "members": [{"id": ada}, {"id": ada}]}), "members[1].id"),
                (json!({"id": team, "members": [{"id": ada}, {"id": "nonsense"}]}), "members[1].id"),
                (json!({"id": team, "members": [{"id": group}]}), "members[0].id"),
                (json!({"id": group, "members": [{"id": role}]}), "members[0].id"),
                (json!({"id": team, "members": [{"id": ada, "functions": ["a", "a"]}]}), "members[0].functions[1]"),
                (json!({"id": team, "members": [{"id": ada, "functions": ["\u{0}"]}]}), "members[0].functions[0]"),
                (json!({"id": team, "members": crowd.clone()}), "members"),
            ]).await;
        }
    }

    async fn whoever_saw_an_older_version_is_told(world: World) {
        let (ada, team, group) = (world.user("ada").await, world.team("core", None).await, world.group("all").await);
        let role = world.role("keeper", false).await;
        let robot = json!({"kind": "BOT", "username": "robot"});
        let robot = id_of(&world.mutate(&world.owner, "createProfile", robot, "profile { id }").await["profile"]);
        let link = json!({"profileId": ada, "provider": "github", "accountId": "1"});
        let identity = id_of(&world.mutate(&world.owner, "linkIdentity", link, "identity { id }").await["identity"]);
        for (mutation, input) in [
            ("updateProfile", json!({"id": ada, "title": "Countess"})),
            ("deleteProfile", json!({"id": ada})),
            ("disableProfile", json!({"id": ada, "reason": "left"})),
            ("enableProfile", json!({"id": ada})),
            ("setManager", json!({"id": ada, "managerId": robot})),
            ("setOwner", json!({"id": robot, "ownerId": ada})),
            ("updateTeam", json!({"id": team, "name": "Core"})),
            ("deleteTeam", json!({"id": team})),
            ("setTeamParent", json!({"id": team})),
            ("updateGroup", json!({"id": group, "name": "All"})),
            ("deleteGroup", json!({"id": group})),
            ("addMembers", json!({"id": team, "members": [{"id": ada}]})),
            ("removeMembers", json!({"id": team, "memberIds": [ada]})),
            ("setMembers", json!({"id": team, "members": []})),
            ("updateRole", json!({"id": role, "name": "Keeper"})),
            ("deleteRole", json!({"id": role})),
            ("updateIdentity", json!({"id": identity, "verified": true})),
            ("unlinkIdentity", json!({"id": identity})),
            ("updateOrganization", json!({"id": world.acme, "name": "Acme"})),
            ("deleteOrganization", json!({"id": world.acme})),
        ] {
            for version in [0, -1, 7, i64::MAX] {
                let mut input = input.clone();
                input["expectedVersion"] = json!(version);
                all_refused(&world, mutation, "STALE_VERSION", vec![(input, "expectedVersion")]).await;
            }
        }
    }

    async fn names_that_are_taken_are_conflicts_whatever_the_case(world: World) {
        let (_, bob) = (world.user("ada").await, world.user("bob").await);
        world.team("core", None).await;
        world.group("core").await;
        world.role("core", false).await;
        let other = world.team("other", None).await;
        all_refused(&world, "createProfile", "CONFLICT", vec![
            (new_user(json!({"username": "ada"})), "username"),
            (new_user(json!({"username": "ADA"})), "username"),
            (json!({"kind": "BOT", "username": "aDa"}), "username"),
        ]).await;
        all_refused(&world, "updateProfile", "CONFLICT", vec![(json!({"id": bob, "username": "Ada"}), "username")]).await;
        for mutation in ["createTeam", "createGroup", "createRole"] {
            all_refused(&world, mutation, "CONFLICT", vec![(json!({"slug": "CORE"}), "slug")]).await;
        }
        all_refused(&world, "updateTeam", "CONFLICT", vec![(json!({"id": other, "slug": "Core"}), "slug")]).await;
        let refusal = world.refused(&world.root, "createOrganization", json!({"slug": "ACME"})).await;
        assert_eq!(refusal, said("CONFLICT", "slug"));
    }

    async fn an_account_belongs_to_one_profile(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let link = |profile: &str| json!({"profileId": profile, "provider": "github", "accountId": "1815"});
        world.mutate(&world.owner, "linkIdentity", link(&ada), "clientMutationId").await;
        all_refused(&world, "linkIdentity", "CONFLICT", vec![(link(&ada), "accountId"), (link(&bob), "accountId")]).await;
    }

    async fn parents_and_members_never_run_in_a_circle(world: World) {
        let top = world.team("top", None).await;
        let middle = world.team("middle", Some(&top)).await;
        let low = world.team("low", Some(&middle)).await;
        let under = |parent: &str| (json!({"id": top, "parentId": parent}), "parentId");
        all_refused(&world, "setTeamParent", "CONFLICT", vec![under(&top), under(&middle), under(&low)]).await;
        let member = |of: &str, id: &str| (json!({"id": of, "members": [{"id": id}]}), "members[0].id");
        for mutation in ["addMembers", "setMembers"] {
            all_refused(&world, mutation, "CONFLICT", vec![
                member(&top, &top), member(&middle, &top), member(&low, &top), member(&low, &middle),
            ]).await;
        }
        let (outer, inner, child) = (world.group("outer").await, world.group("inner").await, world.group("child").await);
        world.join(&outer, &[&inner]).await;
        let hung = json!({"id": child, "parentId": inner});
        world.mutate(&world.owner, "setGroupParent", hung, "clientMutationId").await;
        all_refused(&world, "addMembers", "CONFLICT", vec![member(&inner, &outer), member(&child, &outer), member(&child, &inner)]).await;
        all_refused(&world, "setGroupParent", "CONFLICT", vec![
            (json!({"id": outer, "parentId": inner}), "parentId"),
            (json!({"id": outer, "parentId": child}), "parentId"),
            (json!({"id": outer, "parentId": outer}), "parentId"),
        ]).await;
    }

    async fn organizations_never_hang_in_a_circle(world: World) {
        let below = |id: OrganizationId, parent: OrganizationId| json!({"id": id, "parentId": parent});
        let refusal = world.refused(&world.root, "setOrganizationParent", below(world.acme, world.acme)).await;
        assert_eq!(refusal, said("CONFLICT", "parentId"));
        let hung = below(world.globex, world.acme);
        world.mutate(&world.root, "setOrganizationParent", hung, "clientMutationId").await;
        let refusal = world.refused(&world.root, "setOrganizationParent", below(world.acme, world.globex)).await;
        assert_eq!(refusal, said("CONFLICT", "parentId"));
    }

    async fn a_client_mutation_id_is_good_for_one_request(world: World) {
        let first = json!({"slug": "one", "clientMutationId": "k"});
        world.mutate(&world.owner, "createTeam", first.clone(), "clientMutationId").await;
        let seq = world.last_sequence().await;
        let again = world.mutate(&world.owner, "createTeam", first, "clientMutationId team { slug }").await;
        assert_eq!((&again["clientMutationId"], &again["team"]["slug"]), (&json!("k"), &json!("one")));
        assert_eq!(world.last_sequence().await, seq);
        all_refused(&world, "createTeam", "CONFLICT", vec![
            (json!({"slug": "two", "clientMutationId": "k"}), "clientMutationId"),
        ]).await;
        all_refused(&world, "createGroup", "CONFLICT", vec![
            (json!({"slug": "one", "clientMutationId": "k"}), "clientMutationId"),
        ]).await;
        all_refused(&world, "createTeam", "BAD_USER_INPUT", vec![
            (json!({"slug": "two", "clientMutationId": ""}), "clientMutationId"),
            (json!({"slug": "two", "clientMutationId": "a\u{0}"}), "clientMutationId"),
            (json!({"slug": "two", "clientMutationId": "two\nlines"}), "clientMutationId"),
            (json!({"slug": "two", "clientMutationId": "x".repeat(129)}), "clientMutationId"),
        ]).await;
    }

    async fn pages_that_make_no_sense_are_refused(world: World) {
        for (arguments, field) in [
            ("first: 1, last: 1", "first"),
            ("first: -1", "first"),
            ("first: 101", "first"),
            ("last: -1", "last"),
            ("last: 101", "last"),
            ("after: \"\"", "after"),
            ("before: \"nonsense\"", "before"),
        ] {
            for root in ["profiles", "teams", "groups", "roles", "identities", "organizations"] {
                let query = format!("{{ {root}({arguments}) {{ totalCount }} }}");
                let complaint = complaint(&world, &world.reader, &query, json!({})).await;
                assert_eq!(complaint, said("BAD_USER_INPUT", field), "{query}");
            }
        }
    }

    async fn cursors_of_other_lists_and_forged_ones_are_refused(world: World) {
        let (ada, team) = (world.user("ada").await, world.team("core", None).await);
        world.join(&team, &[&ada]).await;
        let seen = world.query(&world.reader, &format!(r#"{{
            profiles(orderBy: {{field: USERNAME}}) {{ pageInfo {{ endCursor }} }}
            node(id: "{team}") {{ ... on Team {{ members {{ pageInfo {{ endCursor }} }} }} }}
        }}"#)).await;
        let by_username = &seen["profiles"]["pageInfo"]["endCursor"];
        let by_edge = &seen["node"]["members"]["pageInfo"]["endCursor"];
        assert!(by_username.is_string() && by_edge.is_string(), "{seen}");
        let forged = |order: char, key: CursorKey| json!(Cursor { order, key, id: OrganizationId::INSTANCE.0 }.encode());
        for (order, cursor) in [
            ("CREATED_AT", json!("AAAA")),
            ("CREATED_AT", json!("not base64!")),
            ("CREATED_AT", json!("q83vEjRWeJASNFZ4kKvN7xI0VniQ")),
            ("CREATED_AT", json!("\u{0}")),
            ("CREATED_AT", by_username.clone()),
            ("CREATED_AT", by_edge.clone()),
            ("DISPLAY_NAME", by_username.clone()),
            ("USERNAME", forged('u', CursorKey::Number(5))),
            ("USERNAME", forged('u', CursorKey::Id)),
            ("DISPLAY_NAME", forged('n', CursorKey::Number(5))),
            ("UPDATED_AT", forged('m', CursorKey::Text("a".to_owned()))),
            ("UPDATED_AT", forged('m', CursorKey::Id)),
            ("CREATED_AT", forged('c', CursorKey::Text("a".to_owned()))),
        ] {
            let query = format!("query($place: String) {{ profiles(orderBy: {{field: {order}}}, after: $place) {{ nodes {{ id }} }} }}");
            let complaint = complaint(&world, &world.reader, &query, json!({"place": cursor})).await;
            assert_eq!(complaint, said("BAD_USER_INPUT", "after"), "{order} {cursor}");
        }
        let query = format!("query($place: String) {{ node(id: \"{team}\") {{ ... on Team {{ members(after: $place) {{ nodes {{ id }} }} }} }} }}");
        let complaint = complaint(&world, &world.reader, &query, json!({"place": by_username})).await;
        assert_eq!(complaint, said("BAD_USER_INPUT", "after"));
    }

    async fn filters_and_look_ups_that_make_no_sense_are_refused(world: World) {
        let team = world.team("core", None).await;
        let bad = "BAD_USER_INPUT";
        for (filter, field) in [
            (json!({"username": {"eq": "a", "prefix": "b"}}), "filter.username"),
            (json!({"username": {}}), "filter.username"),
            (json!({"displayName": {"eq": "a", "in": ["b"]}}), "filter.displayName"),
            (json!({"kind": {"eq": "BOT", "in": ["USER"]}}), "filter.kind"),
            (json!({"tag": {}}), "filter.tag"),
            (json!({"id": {"eq": team}}), "filter.id"),
            (json!({"tag": {"in": vec!["a"; 201]}}), "filter"),
            (json!({"or": vec![json!({"tag": {"eq": "a"}}); 201]}), "filter"),
        ] {
            let query = "query($filter: ProfileFilter) { profiles(filter: $filter) { totalCount } }";
            let shown: String = filter.to_string().chars().take(100).collect();
            assert_eq!(complaint(&world, &world.reader, query, json!({"filter": filter})).await, said(bad, field), "{shown}");
        }
        let ids = |ids: Value| json!({"ids": ids});
        let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        assert_eq!(complaint(&world, &world.reader, nodes, ids(json!(vec![team.as_str(); 101]))).await, said(bad, "ids"));
        assert_eq!(complaint(&world, &world.reader, nodes, ids(json!([team, "x"]))).await, said(bad, "ids[1]"));
        assert_eq!(complaint(&world, &world.reader, "{ node(id: \"x\") { id } }", json!({})).await, said(bad, "id"));
        let by_team = format!("{{ profile(by: {{id: \"{team}\"}}) {{ id }} }}");
        assert_eq!(complaint(&world, &world.reader, &by_team, json!({})).await, said(bad, "by.id"));
        for root in ["profiles", "teams", "groups", "roles", "identities"] {
            let query = format!("{{ {root} {{ totalCount }} }}");
            assert_eq!(complaint(&world, &world.root, &query, json!({})).await, said(bad, "organization"), "{root}");
            for unseen in ["globex", "nowhere", "\\u0000"] {
                let query = format!("{{ {root}(organization: \"{unseen}\") {{ totalCount }} }}");
                assert_eq!(complaint(&world, &world.reader, &query, json!({})).await, said("NOT_FOUND", "organization"), "{query}");
            }
        }
    }
}
