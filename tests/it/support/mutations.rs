//! Every mutation with input that works, so that a test can be about all of them.

use super::{Actor, Answer, World, each, id_of};
use chrono::TimeDelta;
use idgraph::config::{Config, Sources};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The fields of a root type (`queryType`, `mutationType`), as the schema itself tells them.
pub async fn roots(root: &str) -> BTreeSet<String> {
    let config = Config::load(Sources::default()).expect("the defaults");
    let schema = idgraph::graphql::build(&config.graphql);
    let query = format!("{{ __schema {{ {root} {{ fields {{ name }} }} }} }}");
    let answer = schema.execute(query).await.into_result().expect("introspection");
    let answer = answer.data.into_json().expect("JSON");
    each(&answer["__schema"][root]["fields"], "name").into_iter().map(str::to_owned).collect()
}

/// Runs a mutation, and returns the whole answer: what was changed, and `errors`.
pub async fn call(world: &World, actor: &Actor, mutation: &str, input: &Value) -> Answer {
    let mut initial = mutation.chars();
    let first = initial.next().map(|c| c.to_ascii_uppercase()).unwrap_or_default();
    let type_name = format!("{first}{}Input", initial.as_str());
    let selection = selection(mutation);
    let query = format!(
        "mutation($input: {type_name}!) {{ {mutation}(input: $input) {{ {selection} errors {{ code field message }} }} }}"
    );
    world.graphql(actor, &query, json!({"input": input})).await
}

/// What a mutation answers about what it has changed.
fn selection(mutation: &str) -> &'static str {
    match mutation {
        "createWebhook" | "rotateWebhookSecret" => return "webhook { id updatedAt } secret organization { id version }",
        "updateWebhook" | "replayWebhook" => return "webhook { id updatedAt } organization { id version }",
        "deleteWebhook" | "deleteRiskPolicy" => return "deletedId organization { id version }",
        _ => {}
    }
    if mutation.starts_with("delete") {
        return "deletedId";
    }
    if mutation.ends_with("Members") {
        return "addedIds removedIds updatedIds collective { id version }";
    }
    if ["reportSessions", "recordAccess", "reportAlerts"].contains(&mutation) {
        return "reports { id status rejection { code } }";
    }
    if mutation == "setAlertState" {
        return "alert { id state identity { id } }";
    }
    if mutation == "endSession" {
        return "session { id live }";
    }
    if ["revokeSessions", "forcePasswordReset", "confirmCompromised", "confirmSafe", "dismissEvidence"]
        .contains(&mutation)
    {
        return "identity { id version }";
    }
    let nouns = [
        ("Identity", "identity { id version }"),
        ("Organization", "organization { id version }"),
        ("ThreatFeed", "organization { id version }"),
        ("RiskPolicy", "organization { id version }"),
        ("Extension", "organization { id version }"),
        ("Team", "team { id version }"),
        ("Group", "group { id version }"),
        ("Role", "role { id version }"),
    ];
    let found = nouns.iter().find(|(noun, _)| mutation.contains(noun));
    found.map_or("profile { id version }", |(_, selection)| selection)
}

/// Input with which a mutation works, about things that were made for it, or about the profile `own`. `tag` is in their
/// names. None for a mutation that is not known here.
pub async fn prepare(world: &World, mutation: &str, tag: &str, own: &str) -> Option<Value> {
    if let Some(input) = about_profiles(world, mutation, tag, own).await {
        return Some(input);
    }
    if let Some(input) = about_collectives(world, mutation, tag, own).await {
        return Some(input);
    }
    if let Some(input) = about_roles(world, mutation, tag, own).await {
        return Some(input);
    }
    if let Some(input) = about_accounts(world, mutation, tag, own).await {
        return Some(input);
    }
    if let Some(input) = about_webhooks(world, mutation).await {
        return Some(input);
    }
    about_organizations(world, mutation, tag).await
}

async fn about_webhooks(world: &World, mutation: &str) -> Option<Value> {
    if !mutation.contains("Webhook") {
        return None;
    }
    let new = json!({"organizationId": world.acme, "url": "https://receiver.example.org/"});
    if mutation == "createWebhook" {
        return Some(new);
    }
    let made = world.mutate(&world.root, "createWebhook", new, "webhook { id }").await;
    let id = id_of(&made["webhook"]);
    Some(match mutation {
        "updateWebhook" => json!({"webhookId": id, "events": ["profile.*"]}),
        "deleteWebhook" => json!({"organizationId": world.acme, "webhookId": id}),
        "rotateWebhookSecret" => json!({"webhookId": id}),
        "replayWebhook" => json!({"webhookId": id, "since": "2026-01-01T00:00:00Z"}),
        _ => return None,
    })
}

async fn about_profiles(world: &World, mutation: &str, tag: &str, own: &str) -> Option<Value> {
    let with_reason = json!({"id": own, "reason": "because"});
    Some(match mutation {
        "createProfile" => json!({"organizationId": world.acme, "kind": "USER", "username": format!("new-{tag}")}),
        "updateProfile" => json!({"id": own, "title": "Engineer"}),
        "deleteProfile" | "disableProfile" | "suspendProfile" => with_reason,
        "restoreProfile" => {
            as_root(world, "deleteProfile", json!({"id": own})).await;
            with_reason
        }
        "enableProfile" => {
            as_root(world, "suspendProfile", json!({"id": own, "reason": "away"})).await;
            with_reason
        }
        "mergeProfiles" => {
            let same = world.user(&format!("same-{tag}")).await;
            json!({"fromId": own, "intoId": same, "reason": "because"})
        }
        "unmergeProfile" => {
            let other = world.user(&format!("other-{tag}")).await;
            as_root(world, "mergeProfiles", json!({"fromId": own, "intoId": other})).await;
            with_reason
        }
        "setManager" => {
            let manager = world.user(&format!("manager-{tag}")).await;
            json!({"id": own, "managerId": manager})
        }
        "setPassword" => json!({"id": own, "password": "correct horse battery"}),
        "setOwner" => {
            let bot = automaton(world, "BOT", &format!("bot-{tag}")).await;
            json!({"id": bot, "ownerId": own})
        }
        "linkIdentity" => json!({"profileId": own, "provider": "github", "accountId": tag}),
        "updateIdentity" => {
            let id = account(world, own, tag).await;
            json!({"id": id, "username": "renamed"})
        }
        "unlinkIdentity" => {
            let id = account(world, own, tag).await;
            json!({"id": id, "reason": "because"})
        }
        _ => return None,
    })
}

async fn about_accounts(world: &World, mutation: &str, tag: &str, own: &str) -> Option<Value> {
    let known = [
        "reportSessions",
        "recordAccess",
        "endSession",
        "revokeSessions",
        "forcePasswordReset",
        "disableIdentity",
        "enableIdentity",
        "confirmCompromised",
        "confirmSafe",
        "dismissEvidence",
        "reportAlerts",
        "setAlertState",
    ];
    if !known.contains(&mutation) {
        return None;
    }
    let id = account(world, own, tag).await;
    let session = json!({"externalId": tag, "identity": {"id": id}});
    Some(match mutation {
        "reportSessions" => json!({"organizationId": world.acme, "sessions": [session]}),
        "recordAccess" => {
            let record = json!({"eventId": tag, "identity": {"id": id}, "kind": "SIGN_IN"});
            json!({"organizationId": world.acme, "records": [record]})
        }
        "reportAlerts" => json!({"organizationId": world.acme, "alerts": [alert(tag, &id)]}),
        "setAlertState" => {
            let input = json!({"organizationId": world.acme, "alerts": [alert(tag, &id)]});
            let reported = world.mutate(&world.root, "reportAlerts", input, "reports { id }").await;
            json!({"id": reported["reports"][0]["id"], "state": "DISMISSED", "reason": "because"})
        }
        "endSession" => {
            let input = json!({"organizationId": world.acme, "sessions": [session]});
            let reported = world.mutate(&world.root, "reportSessions", input, "reports { id }").await;
            json!({"identityId": id, "id": reported["reports"][0]["id"], "reason": "because"})
        }
        "enableIdentity" => {
            as_root(world, "disableIdentity", json!({"id": id, "reason": "away"})).await;
            json!({"id": id, "reason": "because"})
        }
        "confirmSafe" => {
            as_root(world, "confirmCompromised", json!({"id": id})).await;
            json!({"id": id, "reason": "because"})
        }
        "dismissEvidence" => {
            let record = json!({"eventId": tag, "identity": {"id": id}, "kind": "MFA", "outcome": "FAILURE", "reason": "reported"});
            as_root(world, "recordAccess", json!({"organizationId": world.acme, "records": [record]})).await;
            let query = format!(
                r#"{{ node(id: "{id}") {{ ... on LinkedIdentity {{ risk {{ factors {{ evidence {{ id }} }} }} }} }} }}"#
            );
            let evidence =
                world.query(&world.root, &query).await["node"]["risk"]["factors"][0]["evidence"][0]["id"].clone();
            json!({"id": id, "evidenceIds": [evidence], "reason": "because"})
        }
        _ => json!({"id": id, "reason": "because"}),
    })
}

/// An alert about an account.
fn alert(tag: &str, identity: &str) -> Value {
    json!({"source": "siem", "externalId": tag, "kind": "malware", "severity": "LOW", "identity": {"id": identity}})
}

async fn about_collectives(world: &World, mutation: &str, tag: &str, own: &str) -> Option<Value> {
    if let "createTeam" | "createGroup" = mutation {
        return Some(json!({"organizationId": world.acme, "slug": format!("new-{tag}")}));
    }
    let is_group = mutation.ends_with("Group") || mutation == "setGroupParent";
    if !is_group && !mutation.contains("Team") && !mutation.ends_with("Members") {
        return None;
    }
    let id = if is_group { world.group(tag).await } else { world.team(tag, None).await };
    Some(match mutation {
        "updateTeam" | "updateGroup" => json!({"id": id, "name": "Renamed"}),
        "deleteTeam" | "deleteGroup" => json!({"id": id, "reason": "because"}),
        "restoreTeam" | "restoreGroup" => {
            as_root(world, if is_group { "deleteGroup" } else { "deleteTeam" }, json!({"id": id})).await;
            json!({"id": id, "reason": "because"})
        }
        "setTeamParent" | "setGroupParent" => {
            let slug = format!("above-{tag}");
            let parent = if is_group { world.group(&slug).await } else { world.team(&slug, None).await };
            json!({"id": id, "parentId": parent})
        }
        "addMembers" | "setMembers" => json!({"id": id, "members": [{"id": own}]}),
        "removeMembers" => {
            world.join(&id, &[own]).await;
            json!({"id": id, "memberIds": [own]})
        }
        _ => return None,
    })
}

async fn about_roles(world: &World, mutation: &str, tag: &str, own: &str) -> Option<Value> {
    if mutation == "createRole" {
        return Some(json!({"organizationId": world.acme, "slug": format!("new-{tag}")}));
    }
    if !mutation.ends_with("Role") {
        return None;
    }
    let id = world.role(tag, false).await;
    let grant = json!({"roleId": id, "principalId": own, "reason": "because"});
    Some(match mutation {
        "updateRole" => json!({"id": id, "name": "Renamed"}),
        "deleteRole" => json!({"id": id, "reason": "because"}),
        "restoreRole" => {
            as_root(world, "deleteRole", json!({"id": id})).await;
            json!({"id": id, "reason": "because"})
        }
        "grantRole" => grant,
        "revokeRole" => {
            as_root(world, "grantRole", grant.clone()).await;
            grant
        }
        _ => return None,
    })
}

async fn about_organizations(world: &World, mutation: &str, tag: &str) -> Option<Value> {
    Some(match mutation {
        "createOrganization" => json!({"slug": format!("new-{tag}")}),
        "updateOrganization" => json!({"id": world.acme, "description": tag}),
        "declareExtension" => extension(world, tag),
        "withdrawExtension" => {
            let declared = extension(world, tag);
            as_root(world, "declareExtension", declared.clone()).await;
            json!({"organizationId": world.acme, "urn": declared["urn"], "reason": "because"})
        }
        "addThreatFeed" => feed(world, tag),
        "removeThreatFeed" | "syncThreatFeed" => {
            let added = world.mutate(&world.root, "addThreatFeed", feed(world, tag), "feed { id }").await;
            // The next time that it is due is another one.
            world.clock.advance(TimeDelta::milliseconds(1));
            json!({"feedId": added["feed"]["id"]})
        }
        "createRiskPolicy" => risk_policy(world, tag),
        "updateRiskPolicy" | "deleteRiskPolicy" => {
            let made = world.mutate(&world.root, "createRiskPolicy", risk_policy(world, tag), "policy { id }").await;
            let mut input = json!({"policyId": made["policy"]["id"], "reason": "because"});
            if mutation == "updateRiskPolicy" {
                input["name"] = json!(format!("renamed-{tag}"));
            }
            input
        }
        "setOrganizationParent" => json!({"id": world.acme, "parentId": world.globex}),
        "deleteOrganization" => json!({"id": world.acme, "reason": "because"}),
        "restoreOrganization" => {
            as_root(world, "deleteOrganization", json!({"id": world.acme})).await;
            // A token that was seen lately is taken for granted for two seconds.
            world.clock.advance(TimeDelta::seconds(3));
            json!({"id": world.acme, "reason": "because"})
        }
        _ => return None,
    })
}

/// A feed of acme.
fn feed(world: &World, tag: &str) -> Value {
    json!({"organizationId": world.acme, "name": tag, "url": "https://feeds.example/list.txt", "confidence": 80})
}

/// A policy of acme, which is off.
fn risk_policy(world: &World, tag: &str) -> Value {
    json!({"organizationId": world.acme, "name": tag, "level": "HIGH", "actions": ["NOTIFY"]})
}

/// An extension of acme's users.
fn extension(world: &World, tag: &str) -> Value {
    json!({"organizationId": world.acme, "urn": format!("urn:example:{tag}"), "name": tag, "appliesTo": ["USER"],
        "attributes": [{"name": "level", "type": "INTEGER"}], "reason": "because"})
}

/// Brings acme back after a mutation that may have left it deleted.
pub async fn tidy(world: &World, mutation: &str) {
    if mutation.contains("Webhook") {
        world.tamper("DELETE FROM outlets").await;
    }
    if ["deleteOrganization", "restoreOrganization"].contains(&mutation) {
        as_root(world, "restoreOrganization", json!({"id": world.acme})).await;
    }
}

/// Runs a mutation as the owner of every organization.
pub async fn as_root(world: &World, mutation: &str, input: Value) {
    world.mutate(&world.root, mutation, input, "clientMutationId").await;
}

/// A service account or bot of acme.
pub async fn automaton(world: &World, kind: &str, username: &str) -> String {
    let input = json!({"organizationId": world.acme, "kind": kind, "username": username});
    id_of(&world.mutate(&world.root, "createProfile", input, "profile { id }").await["profile"])
}

/// An account at GitHub that belongs to a profile.
pub async fn account(world: &World, profile: &str, account: &str) -> String {
    let input = json!({"profileId": profile, "provider": "github", "accountId": account, "mfaState": "ENROLLED"});
    id_of(&world.mutate(&world.root, "linkIdentity", input, "identity { id }").await["identity"])
}
