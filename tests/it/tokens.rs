//! API tokens: what is kept of them, when they work, and what they are good for.

use crate::support::{Actor, World, on_each_database};
use axum::http::StatusCode;
use chrono::TimeDelta;
use idgraph::domain::token::{OrganizationRole, ScimOptions, Scope};
use idgraph::domain::{Clock, NodeId, OrganizationId, Timestamp};
use idgraph::resolvers::RunOptions;
use idgraph::resolvers::authenticate::{hash_of, secret_of};
use idgraph::resolvers::command::{CreateToken, RevokeToken};
use serde_json::json;

/// Longer than a token that was found is trusted.
const TRUST: TimeDelta = TimeDelta::seconds(2);

async fn status(world: &World, actor: &Actor) -> StatusCode {
    world.graphql(actor, "{ viewer { name } }", json!({})).await.status
}

async fn expiring(world: &World, expires_at: Timestamp) -> Actor {
    let secret = secret_of([200; 32]);
    let command = CreateToken {
        name: "expiring".to_owned(),
        organization: Some(world.acme),
        role: OrganizationRole::Reader,
        scopes: Scope::ALL.to_vec(),
        profile: None,
        expires_at: Some(expires_at),
        scim: ScimOptions::default(),
        hash: hash_of(&secret).to_vec(),
    };
    world.app.run(&world.operator(), command, RunOptions::default()).await.expect("a token");
    Actor { name: "expiring", token: Some(secret) }
}

async fn revoke(world: &World, actor: &Actor) {
    let seen = world.query(actor, "{ viewer { tokenId } }").await;
    let id: NodeId = seen["viewer"]["tokenId"].as_str().expect("an id").parse().expect("an id");
    let command = RevokeToken { id, reason: Some("The laptop was lost.".to_owned()) };
    world.app.run(&world.operator(), command, RunOptions::default()).await.expect("revoked");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn last_used(world: &World, name: &str) -> i64 {
    world.number_behind(&format!("SELECT COALESCE(MAX(last_used_at), 0) FROM tokens WHERE name = '{name}'")).await
}

on_each_database! {
    async fn only_a_hash_is_kept(world: World) {
        let secret = world.reader.token.clone().expect("a token");
        let tokens = world.text_behind(
            "SELECT group_concat(lower(hex(hash)) || ' ' || name || ' ' || role || ' ' || CAST(scopes AS TEXT) || ' ' || CAST(provenance AS TEXT), ' ') FROM tokens",
            "SELECT string_agg(encode(hash, 'hex') || ' ' || t::text, ' ') FROM tokens t",
        ).await;
        assert!(tokens.contains(&hex(&hash_of(&secret))), "the hash is not there: {tokens}");
        let told = world.text_behind(
            "SELECT group_concat(CAST(changes AS TEXT) || ' ' || CAST(actor AS TEXT), ' ') FROM events",
            "SELECT string_agg(t::text, ' ') FROM events t",
        ).await;
        for actor in [&world.root, &world.owner, &world.admin, &world.editor, &world.reader, &world.stranger] {
            let secret = actor.token.clone().expect("a token");
            let bare = secret.trim_start_matches("idg_");
            for (place, text) in [("tokens", &tokens), ("events", &told)] {
                assert!(!text.contains(bare), "{place} hold the secret of {}", actor.name);
                assert!(!text.contains(&hex(secret.as_bytes())), "{place} hold the secret of {} in hex", actor.name);
            }
            let hash = hex(&hash_of(&secret));
            assert!(!told.contains(&hash), "the history holds the hash of {}", actor.name);
        }
    }

    async fn a_token_works_until_it_expires(world: World) {
        let actor = expiring(&world, world.clock.now() + TimeDelta::seconds(60)).await;
        assert_eq!(status(&world, &actor).await, StatusCode::OK);
        world.clock.advance(TimeDelta::milliseconds(59_999));
        assert_eq!(status(&world, &actor).await, StatusCode::OK);
        world.clock.advance(TimeDelta::milliseconds(1));
        let answer = world.graphql(&actor, "{ viewer { name } }", json!({})).await;
        assert_eq!((answer.status, answer.error_code()), (StatusCode::UNAUTHORIZED, Some("UNAUTHENTICATED")));
    }

    async fn a_token_that_was_revoked_works_no_longer(world: World) {
        assert_eq!(status(&world, &world.reader).await, StatusCode::OK);
        revoke(&world, &world.reader).await;
        world.clock.advance(TRUST);
        assert_eq!(status(&world, &world.reader).await, StatusCode::UNAUTHORIZED);
        assert_eq!(status(&world, &world.editor).await, StatusCode::OK);
    }

    async fn a_token_does_what_its_scopes_say(world: World) {
        use idgraph::domain::token::Scope::{DirectoryRead, DirectoryWrite, HistoryRead};
        let with = async |scopes: Vec<Scope>| world.token_with("scoped", Some(world.acme), OrganizationRole::Owner, None, scopes).await;
        let (read_only, no_history) = (with(vec![DirectoryRead, HistoryRead]).await, with(vec![DirectoryRead, DirectoryWrite]).await);
        let write_only = with(vec![DirectoryWrite, HistoryRead]).await;
        let team = json!({"slug": "core"});
        let before = world.last_sequence().await;
        let refusal = world.refused(&read_only, "createTeam", team.clone()).await;
        assert_eq!(refusal, ("FORBIDDEN".to_owned(), String::new()));
        assert_eq!(world.last_sequence().await, before);

        let history = "{ organization(slug: \"acme\") { history { nodes { action } } } }";
        assert_eq!(world.graphql(&no_history, history, json!({})).await.error_code(), Some("FORBIDDEN"));
        assert!(world.query(&read_only, history).await["organization"]["history"]["nodes"].is_array());

        for query in ["{ organization(slug: \"acme\") { slug } }", "{ profiles { nodes { id } } }", "{ search(text: \"a\") { totalCount } }"] {
            assert_eq!(world.graphql(&write_only, query, json!({})).await.error_code(), Some("FORBIDDEN"), "{query}");
        }
        world.mutate(&no_history, "createTeam", team, "team { slug }").await;
    }

    async fn the_last_use_is_noted_now_and_then(world: World) {
        world.app.write_token_uses().await.expect("the uses so far");
        let before = world.last_sequence().await;
        assert_eq!(last_used(&world, "reader").await, 0);
        status(&world, &world.reader).await;
        assert_eq!(last_used(&world, "reader").await, 0, "a request that reads writes nothing");
        world.clock.advance(TimeDelta::seconds(31));
        world.app.write_token_uses().await.expect("the use");
        let first = world.clock.now().timestamp_micros();
        assert_eq!(last_used(&world, "reader").await, first);
        world.clock.advance(TimeDelta::seconds(60));
        world.app.write_token_uses().await.expect("no use");
        assert_eq!(last_used(&world, "reader").await, first, "nobody has used it since");
        status(&world, &world.reader).await;
        world.app.write_token_uses().await.expect("the use");
        assert_eq!(last_used(&world, "reader").await, world.clock.now().timestamp_micros());
        assert_eq!(world.last_sequence().await, before, "using a token is no change of the directory");
    }

    async fn a_token_does_not_outlive_the_profile_it_acts_for(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let (as_ada, as_bob) = (world.as_profile(&ada).await, world.as_profile(&bob).await);
        for actor in [&as_ada, &as_bob] {
            assert_eq!(status(&world, actor).await, StatusCode::OK);
        }
        world.mutate(&world.admin, "disableProfile", json!({"id": ada, "reason": "left"}), "clientMutationId").await;
        world.mutate(&world.admin, "deleteProfile", json!({"id": bob}), "clientMutationId").await;
        world.clock.advance(TRUST);
        for actor in [&as_ada, &as_bob] {
            assert_eq!(status(&world, actor).await, StatusCode::UNAUTHORIZED);
        }
        world.mutate(&world.admin, "enableProfile", json!({"id": ada}), "clientMutationId").await;
        world.mutate(&world.admin, "restoreProfile", json!({"id": bob}), "clientMutationId").await;
        world.clock.advance(TRUST);
        for actor in [&as_ada, &as_bob] {
            assert_eq!(status(&world, actor).await, StatusCode::OK);
        }
    }

    async fn a_token_sleeps_while_its_organization_is_deleted(world: World) {
        assert_eq!(status(&world, &world.owner).await, StatusCode::OK);
        world.mutate(&world.root, "deleteOrganization", json!({"id": world.acme}), "deletedId").await;
        world.clock.advance(TRUST);
        assert_eq!(status(&world, &world.owner).await, StatusCode::UNAUTHORIZED);
        assert_eq!(status(&world, &world.stranger).await, StatusCode::OK);
        world.mutate(&world.root, "restoreOrganization", json!({"id": world.acme}), "clientMutationId").await;
        world.clock.advance(TRUST);
        assert_eq!(status(&world, &world.owner).await, StatusCode::OK);
    }

    async fn making_and_revoking_a_token_leaves_an_event(world: World) {
        let count = async |action: &str| world.number_behind(&format!("SELECT COUNT(*) FROM events WHERE action = '{action}'")).await;
        assert_eq!((count("token.create").await, count("token.revoke").await), (6, 0));
        let seq = world.last_sequence().await;
        let actor = world.token("another", Some(world.acme), OrganizationRole::Reader, None).await;
        assert_eq!((count("token.create").await, world.last_sequence().await), (7, seq + 1));
        revoke(&world, &actor).await;
        assert_eq!((count("token.revoke").await, world.last_sequence().await), (1, seq + 2));
        let spanning = world.token("spanning", None, OrganizationRole::Reader, None).await;
        revoke(&world, &spanning).await;
        assert_eq!((count("token.create").await, count("token.revoke").await), (8, 2));
        assert_eq!(world.last_sequence().await, seq + 2, "what spans the server is no event of an organization");
        assert_ne!(world.acme, OrganizationId::INSTANCE);
    }
}
