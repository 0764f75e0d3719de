//! Tokens for clients: what they say, what they are good for, and how a client proves who it is.

use super::{Client, ISSUER, ask, form, introspect, issuing, issuing_with, part, refusal, statuses, token};
use crate::support::on_each_database;
use chrono::TimeDelta;
use idgraph::domain::token::{OrganizationRole, Scope};
use serde_json::{Value, json};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

on_each_database! {
    async fn a_client_gets_a_token_that_is_taken_wherever_its_own_is(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.reader).await;
        let answer = ask(&world, &client, "/oauth/token", &[GRANT]).await;
        assert_eq!((answer.status.as_u16(), &answer.body["token_type"]), (200, &json!("Bearer")));
        assert_eq!(answer.body["expires_in"], 900);
        assert_eq!(answer.body["scope"], "directory:read directory:write history:read");
        let headers = ["cache-control", "pragma"].map(|name| answer.headers.get(name).cloned().expect("a header"));
        assert_eq!(headers, ["no-store", "no-cache"]);
        let bearer = token(&world, &client).await;
        let (header, claims, now) = (part(&bearer, 0), part(&bearer, 1), world.clock_seconds());
        assert_eq!((&header["alg"], &header["typ"]), (&json!("ES256"), &json!("at+jwt")));
        for (name, value) in [("iss", ISSUER), ("owner", "acme"), ("sub", &client.id), ("client_id", &client.id)] {
            assert_eq!(claims[name], value, "{name}");
        }
        assert_eq!(claims["aud"], json!([ISSUER, client.id]), "resource servers and clients require to be named");
        assert_eq!((claims["iat"].as_i64(), claims["exp"].as_i64()), (Some(now), Some(now + 900)));
        assert!(claims["jti"].as_str().expect("an id").starts_with("jwt_"));
        assert_eq!(statuses(&world, &bearer).await, [200; 4]);
        let viewer = world.query(&bearer, "{ viewer { tokenId role organization { slug } } }").await;
        assert_eq!(viewer["viewer"], json!({"tokenId": client.id, "role": "READER", "organization": {"slug": "acme"}}));
        let refused = world.refused(&bearer, "createTeam", json!({"slug": "core"})).await;
        assert_eq!(refused.0, "FORBIDDEN");
        world.clock.advance(TimeDelta::seconds(899));
        assert_eq!(statuses(&world, &bearer).await, [200; 4]);
        world.clock.advance(TimeDelta::seconds(1));
        crate::oauth::assert_refused(&world, &bearer, "it has expired").await;
    }

    async fn a_client_may_prove_who_it_is_in_the_form(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.reader).await;
        let (id, secret) = (("client_id", client.id.as_str()), ("client_secret", client.secret.as_str()));
        assert_eq!(form(&world, "/oauth/token", &[], &[GRANT, id, secret]).await.status, 200);
        let other = Client::of(&world, &world.editor).await;
        let stranger = [("client_id", other.id.as_str()), secret];
        let wrong = format!("{}x", client.secret);
        let header = |value: &str| Some(value.to_owned());
        let secret_alone = vec![GRANT, secret];
        for (authorization, fields, expected) in [
            (None, vec![GRANT], (401, "invalid_client")),
            (None, vec![GRANT, id], (401, "invalid_client")),
            (None, secret_alone, (401, "invalid_client")),
            (None, vec![GRANT, stranger[0], stranger[1]], (401, "invalid_client")),
            (None, vec![GRANT, id, ("client_secret", wrong.as_str())], (401, "invalid_client")),
            (None, vec![GRANT, ("client_id", "tok_none"), secret], (401, "invalid_client")),
            (header("Basic !!"), vec![GRANT], (401, "invalid_client")),
            (header("Digest x"), vec![GRANT], (401, "invalid_client")),
            (header(&client.basic()), vec![GRANT, id, secret], (400, "invalid_request")),
            (header(&client.basic()), vec![GRANT, stranger[0]], (400, "invalid_request")),
        ] {
            let headers: Vec<(&str, &str)> = authorization.iter().map(|value| ("authorization", value.as_str())).collect();
            let answer = form(&world, "/oauth/token", &headers, &fields).await;
            assert_eq!(refusal(&answer), expected, "{fields:?}");
        }
    }

    async fn scopes_are_narrowed_and_never_widened(world: World) {
        let world = issuing(world).await;
        let scopes = vec![Scope::DirectoryRead, Scope::DirectoryWrite];
        let actor = world.token_with("narrow", Some(world.acme), OrganizationRole::Owner, None, scopes).await;
        let client = Client::of(&world, &actor).await;
        let granted = async |scope: &str| {
            let answer = ask(&world, &client, "/oauth/token", &[GRANT, ("scope", scope)]).await;
            (answer.status.as_u16(), answer.body["scope"].clone(), answer)
        };
        let all = json!("directory:read directory:write");
        assert_eq!(granted("directory:read").await.1, "directory:read");
        assert_eq!(granted("directory:write directory:read").await.1, all);
        assert_eq!(granted("").await.1, all);
        assert_eq!(granted("openid profile email").await.1, all);
        for scope in ["history:read", "directory:read history:read", "everything"] {
            assert_eq!(refusal(&granted(scope).await.2), (400, "invalid_scope"), "{scope}");
        }
        let token = granted("directory:read").await.2.body["access_token"].as_str().expect("a token").to_owned();
        let bearer = crate::support::issuer::bearer(token);
        assert_eq!(world.refused(&bearer, "createTeam", json!({"slug": "core"})).await.0, "FORBIDDEN");
        assert_eq!(introspect(&world, &client, &bearer).await["scope"], "directory:read");
    }

    async fn a_token_is_worth_nothing_without_the_one_it_was_issued_for(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.reader).await;
        let bearer = token(&world, &client).await;
        assert_eq!(statuses(&world, &bearer).await, [200; 4]);
        let revoke = idgraph::resolvers::command::RevokeToken { id: client.id.parse().expect("an id"), reason: None };
        world.app.run(&world.operator(), revoke, Default::default()).await.expect("revoked");
        crate::oauth::assert_refused(&world, &bearer, "the API token was revoked").await;
        let owner = Client::of(&world, &world.owner).await;
        assert_eq!(introspect(&world, &owner, &bearer).await, json!({"active": false}));
    }

    async fn a_token_sleeps_with_its_organization(world: World) {
        let world = issuing(world).await;
        let bearer = token(&world, &Client::of(&world, &world.reader).await).await;
        assert_eq!(statuses(&world, &bearer).await, [200; 4]);
        world.mutate(&world.root, "deleteOrganization", json!({"id": world.acme}), "deletedId").await;
        crate::oauth::assert_refused(&world, &bearer, "the organization was deleted").await;
    }

    async fn a_server_without_a_secret_issues_nothing(world: World) {
        let client = Client::of(&world, &world.reader).await;
        let answer = ask(&world, &client, "/oauth/token", &[GRANT]).await;
        assert_eq!(refusal(&answer), (400, "unsupported_grant_type"));
        assert_eq!(introspect(&world, &client, &world.reader).await["active"], true);
        assert_eq!(world.get(&world.nobody, "/.well-known/jwks.json").await.body, json!({"keys": []}));
    }

    async fn a_client_that_acts_for_a_profile_gets_tokens_about_it(world: World) {
        let world = issuing(world).await;
        let ada = world.user("ada").await;
        let actor = world.as_profile(&ada).await;
        let bearer = token(&world, &Client::of(&world, &actor).await).await;
        assert_eq!(part(&bearer, 1)["sub"], ada);
        assert_eq!(world.get(&bearer, "/oauth/userinfo").await.body["sub"], ada);
        world.mutate(&world.root, "disableProfile", json!({"id": ada, "reason": "left"}), "clientMutationId").await;
        crate::oauth::assert_refused(&world, &bearer, "the profile is disabled").await;
    }

    async fn tokens_of_rsa_are_as_good(world: World) {
        let world = issuing_with(world, &[("oauth.signing_algorithm", "RS256")]).await;
        let bearer = token(&world, &Client::of(&world, &world.reader).await).await;
        assert_eq!(part(&bearer, 0)["alg"], "RS256");
        assert_eq!(statuses(&world, &bearer).await, [200; 4]);
        let keys = world.get(&world.nobody, "/.well-known/jwks.json").await.body;
        let key: &Value = &keys["keys"][0];
        assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&json!("RSA"), &json!("RS256"), &json!("sig")));
        assert!(key["n"].as_str().expect("a modulus").len() >= 342 && key["d"].is_null());
    }

    async fn forms_that_are_none_are_refused(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.reader).await;
        for (fields, expected) in [
            (vec![], "invalid_request"),
            (vec![("grant_type", "")], "invalid_request"),
            (vec![GRANT, GRANT], "invalid_request"),
            (vec![("grant_type", "authorization_code")], "unsupported_grant_type"),
            (vec![("grant_type", "refresh_token")], "unsupported_grant_type"),
            (vec![("grant_type", "password"), ("username", "a"), ("password", "b")], "unsupported_grant_type"),
            (vec![("grant_type", "\u{0}")], "unsupported_grant_type"),
        ] {
            assert_eq!(refusal(&ask(&world, &client, "/oauth/token", &fields).await), (400, expected), "{fields:?}");
        }
        let answer = world.post(&world.nobody, "/oauth/token", "application/json", "{}").await;
        assert_eq!(refusal(&answer), (400, "invalid_request"));
        let path = "/oauth/token?grant_type=client_credentials";
        assert_eq!(refusal(&ask(&world, &client, path, &[]).await), (400, "invalid_request"), "nothing is read in the URL");
        let much = "x".repeat(70_000);
        assert_eq!(ask(&world, &client, "/oauth/token", &[GRANT, ("scope", &much)]).await.status, 413);
    }

    async fn what_is_in_memory_costs_no_statement(world: World) {
        let world = issuing(world).await;
        let client = Client::of(&world, &world.owner).await;
        let bearer = token(&world, &Client::of(&world, &world.reader).await).await;
        for credential in [&bearer, &world.reader] {
            assert_eq!(introspect(&world, &client, credential).await["active"], true);
            let (told, statements) = world.statements_as_they_are(introspect(&world, &client, credential)).await;
            assert_eq!(told["active"], true);
            assert!(statements.is_empty(), "{statements:#?}");
        }
    }
}
