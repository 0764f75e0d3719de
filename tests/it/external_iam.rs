//! Tokens of an external IAM: whom they name, and what they are good for.

use crate::support::issuer::{Issuer, SigningKey, bearer, with};
use crate::support::socket::Client;
use crate::support::{Actor, World, id_of, on_each_database};
use axum::http::StatusCode;
use chrono::TimeDelta;
use idgraph::domain::NodeId;
use idgraph::domain::token::{OrganizationRole, Scope};
use serde_json::{Value, json};

/// Longer than what the directory said is trusted.
const TRUST: TimeDelta = TimeDelta::seconds(2);
/// Tokens act under their subjects.
const NO_PROFILES: [(&str, &str); 2] = [("profile", "none"), ("profile_required", "false")];

async fn status(world: &World, actor: &Actor) -> StatusCode {
    world.graphql(actor, "{ viewer { name } }", json!({})).await.status
}

/// An issuer with one key.
struct Iam {
    issuer: Issuer,
    key: SigningKey,
}

impl Iam {
    async fn start() -> Self {
        let key = SigningKey::p256();
        Self { issuer: Issuer::start(&[key.jwk("a")]).await, key }
    }

    /// Somebody with a token for a subject, with other claims besides.
    fn token(&self, world: &World, subject: &str, claims: Value) -> Actor {
        let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": "a"});
        bearer(self.key.token(&header, &with(self.issuer.claims(world, subject), claims)))
    }
}

async fn role(world: &World, actor: &Actor) -> Value {
    world.query(actor, "{ viewer { role } }").await["viewer"]["role"].clone()
}

async fn set_status(world: &World, mutation: &str, profile: &str) {
    world.mutate(&world.root, mutation, json!({"id": profile, "reason": "because"}), "clientMutationId").await;
    world.clock.advance(TRUST);
}

on_each_database! {
    async fn a_connection_whose_token_means_somebody_else_is_closed(world: World) {
        let iam = Iam::start().await;
        let world = world.trusting(&iam.issuer, &[]).await;
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let account = world.account(&ada, "subject-1").await;
        let actor = iam.token(&world, "subject-1", json!({"roles": ["admins"]}));
        let server = world.serve(&[]).await;
        let name = async |client: &mut Client| {
            client.subscribe("1", "{ viewer { name } }", json!({})).await;
            let answer = client.message("next").await;
            client.message("complete").await;
            answer["payload"]["data"]["viewer"]["name"].clone()
        };
        let mut client = Client::open(&server, &actor).await;
        assert_eq!(name(&mut client).await, "ada");
        world.mutate(&world.root, "unlinkIdentity", json!({"id": account}), "clientMutationId").await;
        world.account(&bob, "subject-1").await;
        world.clock.advance(TRUST);
        client.subscribe("2", "{ viewer { name } }", json!({})).await;
        assert_eq!(client.closed().await, (4403, "Forbidden".to_owned()));
        assert_eq!(name(&mut Client::open(&server, &actor).await).await, "bob", "whoever begins again is the other");
    }

    async fn a_token_acts_for_the_profile_that_owns_the_account(world: World) {
        let iam = Iam::start().await;
        let world = world.trusting(&iam.issuer, &[]).await;
        let ada = world.user("ada").await;
        world.account(&ada, "subject-1").await;
        let actor = iam.token(&world, "subject-1", json!({"roles": ["readers", "editors"]}));
        let seen = world.query(&actor, "{ viewer { tokenId name role scopes profile { id } organization { slug } } }").await;
        assert_eq!(seen["viewer"], json!({
            "tokenId": null, "name": "ada", "role": "EDITOR",
            "scopes": ["directory:read", "directory:write", "history:read"],
            "profile": {"id": ada}, "organization": {"slug": "acme"},
        }));
        // The history says who it was.
        let team = id_of(&world.mutate(&actor, "createTeam", json!({"slug": "core"}), "team { id }").await["team"]);
        let query = format!(r#"{{ node(id: "{team}") {{ ... on Team {{ history {{ nodes {{ actor {{ id profileId name }} }} }} }} }} }}"#);
        let told = world.query(&world.admin, &query).await;
        assert_eq!(told["node"]["history"]["nodes"][0]["actor"], json!({"id": ada, "profileId": ada, "name": "ada"}));
        assert_eq!(status(&world, &iam.token(&world, "subject-2", json!({}))).await, StatusCode::UNAUTHORIZED);
    }

    async fn a_client_mutation_id_is_the_profiles_own(world: World) {
        let iam = Iam::start().await;
        let world = world.trusting(&iam.issuer, &NO_PROFILES).await;
        let of = |subject: &str| iam.token(&world, subject, json!({"roles": ["editors"]}));
        let (ada, bob) = (of("ada"), of("bob"));
        let input = |slug: &str| json!({"slug": slug, "clientMutationId": "once"});
        let first = world.mutate(&ada, "createTeam", input("core"), "team { id }").await;
        assert_eq!(world.mutate(&ada, "createTeam", input("core"), "team { id }").await, first);
        assert_eq!(world.refused(&ada, "createTeam", input("ops")).await.0, "CONFLICT");
        world.mutate(&bob, "createTeam", input("ops"), "team { id }").await;
    }

    async fn the_directory_is_asked_once_in_two_seconds(world: World) {
        let iam = Iam::start().await;
        let world = world.trusting(&iam.issuer, &[("default_role", "reader")]).await;
        let ada = world.user("ada").await;
        world.account(&ada, "subject-1").await;
        let actor = iam.token(&world, "subject-1", json!({}));
        for expected in [1, 0, 0] {
            let (seen, statements) = world.statements_as_they_are(status(&world, &actor)).await;
            assert_eq!((seen, statements.len()), (StatusCode::OK, expected), "{statements:?}");
        }
        world.user("bob").await;
        let (_, again) = world.statements_as_they_are(status(&world, &actor)).await;
        assert_eq!(again.len(), 1, "something in the organization has changed");
        world.clock.advance(TRUST);
        assert_eq!(world.statements(status(&world, &actor)).await.1.len(), 1);
        // A token that makes nobody known costs nothing at all.
        let (seen, statements) = world.statements(status(&world, &bearer("e30.e30.e30".to_owned()))).await;
        assert_eq!((seen, statements.len()), (StatusCode::UNAUTHORIZED, 0));
    }

    async fn whoever_is_not_active_is_out(world: World) {
        let iam = Iam::start().await;
        // Even where tokens may act for nobody.
        let world = world.trusting(&iam.issuer, &[("profile_required", "false")]).await;
        let ada = world.user("ada").await;
        let account = world.account(&ada, "subject-1").await;
        let mut actor = iam.token(&world, "subject-1", json!({"exp": world.clock_seconds() + 1_000}));
        assert_eq!(status(&world, &actor).await, StatusCode::OK);
        for (out, back) in
            [("disableProfile", "enableProfile"), ("suspendProfile", "enableProfile"), ("deleteProfile", "restoreProfile")]
        {
            set_status(&world, out, &ada).await;
            let answer = world.graphql(&actor, "{ viewer { name } }", json!({})).await;
            assert_eq!((answer.status, answer.error_code()), (StatusCode::UNAUTHORIZED, Some("UNAUTHENTICATED")), "{out}");
            set_status(&world, back, &ada).await;
            // What was issued before is no good when they come back.
            assert_eq!(status(&world, &actor).await, StatusCode::UNAUTHORIZED, "{back}");
            world.clock.advance(TimeDelta::seconds(1));
            actor = iam.token(&world, "subject-1", json!({"exp": world.clock_seconds() + 1_000}));
            assert_eq!(status(&world, &actor).await, StatusCode::OK, "{back}");
        }
        let suspended = json!({"id": account, "status": "SUSPENDED"});
        world.mutate(&world.root, "updateIdentity", suspended, "clientMutationId").await;
        world.clock.advance(TRUST);
        assert_eq!(status(&world, &actor).await, StatusCode::UNAUTHORIZED, "its account is suspended");
        world.mutate(&world.root, "unlinkIdentity", json!({"id": account}), "clientMutationId").await;
        world.clock.advance(TRUST);
        let seen = world.query(&actor, "{ viewer { name profile { id } } }").await;
        assert_eq!(seen["viewer"], json!({"name": "iam:subject-1", "profile": null}));
        world.mutate(&world.root, "deleteOrganization", json!({"id": world.acme}), "clientMutationId").await;
        world.clock.advance(TRUST);
        assert_eq!(status(&world, &actor).await, StatusCode::UNAUTHORIZED, "its organization is deleted");
    }

    async fn a_profile_is_found_by_the_rule_of_the_configuration(world: World) {
        let iam = Iam::start().await;
        let emails = json!([{"value": "Ada@example.org"}, {"value": "team@example.org"}]);
        let input = json!({"organizationId": world.acme, "kind": "USER", "username": "ada", "emails": emails});
        let ada = id_of(&world.mutate(&world.root, "createProfile", input, "profile { id }").await["profile"]);
        let input = json!({"organizationId": world.acme, "kind": "BOT", "username": "bot", "emails": [{"value": "team@example.org"}]});
        world.mutate(&world.root, "createProfile", input, "profile { id }").await;
        let organization = NodeId::new(idgraph::domain::NodeKind::Organization, world.acme.0).to_string();
        let foreign = ada.replacen("usr_", "svc_", 1);
        let refused = None;
        let found = Some(ada.as_str());
        let mut world = world;
        for (rule, claim, claims, expected) in [
            ("email", "", json!({"email": "ada@EXAMPLE.org", "email_verified": true}), found),
            ("email", "", json!({"email": "ada@example.org", "email_verified": "true"}), found),
            ("email", "", json!({"email": "ada@example.org", "email_verified": false}), refused),
            ("email", "", json!({"email": "ada@example.org"}), refused),
            ("email", "", json!({"email": "team@example.org", "email_verified": true}), refused),
            ("email", "", json!({"email_verified": true}), refused),
            ("username", "", json!({"preferred_username": "ADA"}), found),
            ("username", "", json!({"preferred_username": "grace"}), refused),
            ("username", "https://acme.example/login", json!({"https://acme.example/login": "ada"}), found),
            ("username", "person.login", json!({"person": {"login": "ada"}}), found),
            ("username", "person.login", json!({"person": "ada"}), refused),
            ("id", "", json!({"sub": ada}), found),
            ("id", "", json!({"sub": foreign}), refused),
            ("id", "", json!({"sub": organization}), refused),
            ("id", "", json!({"sub": "ada"}), refused),
            ("identity", "oid", json!({"oid": "nobody's"}), refused),
        ] {
            world = world.trusting(&iam.issuer, &[("profile", rule), ("profile_claim", claim)]).await;
            let answer = world.graphql(&iam.token(&world, "subject-1", claims.clone()), "{ viewer { profile { id } } }", json!({})).await;
            let id = answer.body["data"]["viewer"]["profile"]["id"].as_str();
            assert_eq!(id, expected, "{rule} {claims}: {}", answer.body);
            assert_eq!(answer.status == StatusCode::UNAUTHORIZED, expected.is_none(), "{rule} {claims}");
        }
    }

    async fn a_token_is_good_for_its_own_organization_only(world: World) {
        let iam = Iam::start().await;
        let claim = [NO_PROFILES[0], NO_PROFILES[1], ("organization", ""), ("organization_claim", "org"), ("default_role", "reader")];
        let world = world.trusting(&iam.issuer, &claim).await;
        let ada = world.user("ada").await;
        let of = |org: Value| iam.token(&world, "subject-1", json!({ "org": org }));
        let id = NodeId::new(idgraph::domain::NodeKind::Organization, world.globex.0).to_string();
        let query = format!(r#"{{ viewer {{ organization {{ slug }} }} node(id: "{ada}") {{ id }} }}"#);
        for (org, slug, sees) in [
            (json!("acme"), "acme", true),
            (json!("ACME"), "acme", true),
            (json!(["acme"]), "acme", true),
            (json!("globex"), "globex", false),
            (json!(id), "globex", false),
        ] {
            let seen = world.query(&of(org.clone()), &query).await;
            assert_eq!(seen["viewer"]["organization"]["slug"], slug, "{org}");
            assert_eq!(seen["node"].is_object(), sees, "{org} sees {seen}");
        }
        for org in [json!("initech"), json!(["acme", "globex"]), json!(""), json!(null), json!(1), json!(ada), json!({"acme": {}}), json!("a\u{0}")] {
            assert_eq!(status(&world, &of(org.clone())).await, StatusCode::UNAUTHORIZED, "{org}");
        }
        // A profile of acme is nobody in globex.
        world.account(&ada, "subject-1").await;
        let world = world.trusting(&iam.issuer, &[("organization", ""), ("organization_claim", "org")]).await;
        let of = |org: &str| iam.token(&world, "subject-1", json!({ "org": org }));
        assert_eq!(status(&world, &of("acme")).await, StatusCode::OK);
        assert_eq!(status(&world, &of("globex")).await, StatusCode::UNAUTHORIZED);
    }

    async fn roles_of_the_iam_give_roles_here(world: World) {
        let iam = Iam::start().await;
        let world = world.trusting(&iam.issuer, &NO_PROFILES).await;
        for (roles, expected) in [
            (json!(["readers"]), "READER"),
            (json!("editors"), "EDITOR"),
            (json!(["admins", "readers", 7, null]), "ADMIN"),
            (json!(["bosses"]), "OWNER"),
            (json!([{"owner": "acme", "name": "owners"}]), "OWNER"),
            (json!({"editors": {"id": 1}}), "EDITOR"),
            (json!(["Owners", "owners "]), "ONLY_SELF"),
            (json!([]), "ONLY_SELF"),
            (json!(null), "ONLY_SELF"),
        ] {
            let actor = iam.token(&world, "subject-1", json!({ "roles": roles }));
            assert_eq!(role(&world, &actor).await, expected, "{roles}");
        }
        let nested = [NO_PROFILES[0], NO_PROFILES[1], ("roles_claim", "realm_access.roles"), ("default_role", "none")];
        let world = world.trusting(&iam.issuer, &nested).await;
        let actor = iam.token(&world, "subject-1", json!({"realm_access": {"roles": ["admins"]}}));
        assert_eq!(role(&world, &actor).await, "ADMIN");
        let actor = iam.token(&world, "subject-1", json!({"roles": ["admins"]}));
        let answer = world.graphql(&actor, "{ viewer { name } }", json!({})).await;
        assert_eq!((answer.status, answer.error_code()), (StatusCode::FORBIDDEN, Some("FORBIDDEN")));
    }

    async fn scopes_confine_a_token(world: World) {
        let iam = Iam::start().await;
        let scopes = async |world: &World, claims: Value| {
            let actor = iam.token(world, "subject-1", with(json!({"roles": ["owners"]}), claims));
            world.query(&actor, "{ viewer { scopes } }").await["viewer"]["scopes"].clone()
        };
        let all = json!(["directory:read", "directory:write", "history:read"]);
        let mut world = world.trusting(&iam.issuer, &NO_PROFILES).await;
        assert_eq!(scopes(&world, json!({})).await, all);
        assert_eq!(scopes(&world, json!({"scope": "openid email"})).await, all);
        assert_eq!(scopes(&world, json!({"scope": "openid directory:read"})).await, json!(["directory:read"]));
        assert_eq!(scopes(&world, json!({"scp": ["history:read", "directory:read"]})).await, json!(["directory:read", "history:read"]));
        let actor = iam.token(&world, "subject-1", json!({"roles": ["owners"], "scope": "directory:read"}));
        assert_eq!(world.refused(&actor, "createTeam", json!({"slug": "core"})).await.0, "FORBIDDEN");
        let keys = [NO_PROFILES[0], NO_PROFILES[1], ("scopes", "directory:read"), ("scopes_required", "true"), ("scope_prefix", "idgraph/")];
        world = world.trusting(&iam.issuer, &keys).await;
        assert_eq!(scopes(&world, json!({"scope": "openid directory:read"})).await, json!([]));
        assert_eq!(scopes(&world, json!({"scp": "idgraph/directory:read idgraph/directory:write"})).await, json!(["directory:read"]));
    }

    async fn a_token_may_do_what_an_api_token_of_its_role_may(world: World) {
        let iam = Iam::start().await;
        let world = world.trusting(&iam.issuer, &NO_PROFILES).await;
        let ada = world.user("ada").await;
        let globex = NodeId::new(idgraph::domain::NodeKind::Organization, world.globex.0);
        let roles = [("readers", &world.reader), ("editors", &world.editor), ("admins", &world.admin), ("owners", &world.owner)];
        let queries = [
            "{ profiles(organization: \"acme\") { nodes { username addresses { street } } } }".to_owned(),
            "{ organization(slug: \"acme\") { slug history(first: 1) { nodes { action } } } }".to_owned(),
            "{ organization(slug: \"globex\") { slug } profiles(organization: \"globex\") { totalCount } }".to_owned(),
            format!(r#"mutation {{ updateProfile(input: {{id: "{ada}", title: "Dr"}}) {{ errors {{ code field message }} }} }}"#),
            format!(r#"mutation {{ suspendProfile(input: {{id: "{ada}"}}) {{ errors {{ code field message }} }} }}"#),
            format!(r#"mutation {{ enableProfile(input: {{id: "{ada}"}}) {{ errors {{ code field message }} }} }}"#),
            format!(r#"mutation {{ updateOrganization(input: {{id: "{globex}", name: "x"}}) {{ errors {{ code field message }} }} }}"#),
            r#"mutation { createOrganization(input: {slug: "new", name: "new"}) { errors { code field message } } }"#.to_owned(),
            r#"mutation { createRole(input: {slug: "root", privileged: true}) { errors { code field } } }"#.to_owned(),
        ];
        for (name, other) in roles {
            let actor = iam.token(&world, "subject-1", json!({"roles": [name]}));
            for query in &queries {
                let told = async |actor: &Actor| {
                    let mut answer = world.graphql(actor, query, json!({})).await;
                    for error in answer.body["errors"].as_array_mut().into_iter().flatten() {
                        error["extensions"]["requestId"].take();
                    }
                    (answer.status, answer.body)
                };
                let (mine, theirs) = (told(&actor).await, told(other).await);
                // The first of two who create the same thing has created it.
                if !query.contains("createRole") || name != "owners" {
                    assert_eq!(mine, theirs, "{name}: {query}");
                }
            }
        }
    }

    async fn who_is_only_themselves_sees_themselves(world: World) {
        let iam = Iam::start().await;
        let world = world.trusting(&iam.issuer, &[]).await;
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        world.account(&ada, "subject-1").await;
        let token = world.token_with("self", Some(world.acme), OrganizationRole::OnlySelf, Some(ada.parse().expect("an id")), Scope::ALL.to_vec()).await;
        let actor = iam.token(&world, "subject-1", json!({}));
        let query = format!(r#"{{ me: node(id: "{ada}") {{ id }} other: node(id: "{bob}") {{ id }} profiles {{ totalCount }} }}"#);
        let body = async |actor: &Actor| world.graphql(actor, &query, json!({})).await.body["data"].clone();
        assert_eq!(body(&actor).await, body(&token).await);
        assert_eq!(body(&actor).await["me"]["id"], ada);
    }
}
