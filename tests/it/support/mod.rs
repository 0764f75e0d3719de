//! The world that a story happens in: a fresh database, the application, and the actors.

mod database;
mod dice;
pub mod issuer;
pub mod matrix;
pub mod mmdb;
pub mod mutations;
pub mod program;
pub mod proxy;
pub mod socket;

pub use database::Database;
pub use dice::Dice;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::{TimeZone, Utc};
use database::TestDatabase;
use idgraph::config::{Config, Sources};
use idgraph::domain::time::ManualClock;
use idgraph::domain::token::{OrganizationRole, ScimOptions, Scope};
use idgraph::domain::{Clock, NodeId, OrganizationId, Origin};
use idgraph::feeds::Feeds;
use idgraph::http::{HttpState, TrustedDocuments, router};
use idgraph::networks::Databases;
use idgraph::resolvers::authenticate::{hash_of, secret_of};
use idgraph::resolvers::command::CreateToken;
use idgraph::resolvers::oauth::Sealer;
use idgraph::resolvers::{App, RunOptions, Viewer};
use idgraph::store::{StatementHook, Store, StoreOptions};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::ServiceExt;

/// Runs each story on SQLite and on PostgreSQL.
macro_rules! on_each_database {
    ($($(#[$attribute:meta])* async fn $name:ident($world:ident: World) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn story($world: $crate::support::World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                story($crate::support::World::new($crate::support::Database::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                story($crate::support::World::new($crate::support::Database::Postgres).await).await;
            }
        }
    )+};
}

pub(crate) use on_each_database;

/// Somebody who sends requests.
#[derive(Clone, Debug)]
pub struct Actor {
    /// What the story calls them.
    pub name: &'static str,
    /// Their token; none for nobody.
    pub token: Option<String>,
}

/// An answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: axum::http::HeaderMap,
    /// The body, as JSON if it is JSON.
    pub body: Value,
}

impl Answer {
    /// The data, which must have come without errors.
    #[track_caller]
    pub fn data(&self) -> &Value {
        assert!(self.body.get("errors").is_none(), "unexpected errors: {:#}", self.body);
        &self.body["data"]
    }

    /// The code of the first GraphQL error.
    pub fn error_code(&self) -> Option<&str> {
        self.body["errors"][0]["extensions"]["code"].as_str()
    }
}

/// A fresh database with an application on it, the organizations acme and globex, and their actors.
pub struct World {
    /// The application.
    pub app: Arc<App>,
    /// The clock, which stands still until it is moved.
    pub clock: Arc<ManualClock>,
    /// acme.
    pub acme: OrganizationId,
    /// globex, which must never see acme, nor be seen.
    pub globex: OrganizationId,
    /// Owner of every organization.
    pub root: Actor,
    /// Owner of acme.
    pub owner: Actor,
    /// Administrator of acme.
    pub admin: Actor,
    /// Editor of acme.
    pub editor: Actor,
    /// Reader of acme.
    pub reader: Actor,
    /// Owner of globex.
    pub stranger: Actor,
    /// Without a token.
    pub nobody: Actor,
    router: Router,
    statements: Arc<Mutex<Vec<String>>>,
    tokens: AtomicU8,
    database: TestDatabase,
}

impl World {
    /// Makes the world.
    pub async fn new(kind: Database) -> Self {
        let database = TestDatabase::create(kind).await;
        let statements = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&statements);
        let hook = StatementHook(Arc::new(move |sql: &str, _| log.lock().expect("the log").push(sql.to_owned())));
        let options = StoreOptions {
            url: database.url(),
            read_connections: 2,
            write_lanes: 2,
            acquire_timeout: Duration::from_secs(20),
            on_statement: Some(hook),
        };
        let store = Store::connect(&options).await.expect("a connection");
        store.migrate_up().await.expect("the schema");
        let start = Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).single().expect("a time");
        let clock = Arc::new(ManualClock::at(start));
        // Nobody else writes to the database behind its back, unless a story says so.
        store.freshness().trust(true);
        let app = Arc::new(App::new(store, Arc::clone(&clock) as Arc<dyn Clock>).keeping_answers(1 << 23));
        let config = Config::load(Sources::default()).expect("the defaults");
        let router = router(HttpState::new(Arc::clone(&app), &config));
        let nobody = Actor { name: "nobody", token: None };
        let mut world = Self {
            app,
            clock,
            acme: OrganizationId::INSTANCE,
            globex: OrganizationId::INSTANCE,
            root: nobody.clone(),
            owner: nobody.clone(),
            admin: nobody.clone(),
            editor: nobody.clone(),
            reader: nobody.clone(),
            stranger: nobody.clone(),
            nobody,
            router,
            statements,
            tokens: AtomicU8::new(1),
            database,
        };
        world.populate().await;
        world
    }

    /// The same world, served with another configuration.
    pub fn configured(mut self, overrides: &[(&str, &str)]) -> Self {
        let overrides = overrides.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let config = Config::load(Sources { overrides, ..Sources::default() }).expect("a configuration");
        let documents = TrustedDocuments::load(&config.graphql).expect("the documents");
        self.router = router(HttpState::new(Arc::clone(&self.app), &config).trusting(documents));
        self
    }

    /// The same world, served by an application that issues tokens, with that configuration.
    pub async fn issuing(mut self, overrides: &[(&str, &str)]) -> Self {
        let (app, router) = self.issuer(self.app.store().clone(), overrides);
        self.app.close().await;
        (self.app, self.router) = (app, router);
        self
    }

    /// The same world, served by an application that looks addresses up in these files.
    pub async fn knowing_networks(mut self, files: &[&Path]) -> Self {
        let paths: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let overrides = vec![("risk.address_databases".to_owned(), paths.join(","))];
        let config = Config::load(Sources { overrides, ..Sources::default() }).expect("a configuration");
        let networks = Databases::of(&config.risk).expect("databases").expect("some of them");
        let app = App::new(self.app.store().clone(), Arc::clone(&self.clock) as Arc<dyn Clock>);
        self.app.close().await;
        self.app = Arc::new(app.keeping_answers(1 << 23).knowing_networks(networks));
        self.router = router(HttpState::new(Arc::clone(&self.app), &config));
        self
    }

    /// The same world, served by an application that follows feeds: those of organizations into private networks too, if so.
    pub async fn following_feeds(mut self, private_networks: bool) -> Self {
        let feeds = Feeds::new(private_networks).expect("a client");
        let sealer = Sealer::for_feeds(b"a secret that nobody guesses, it is said").expect("a key");
        let app = App::new(self.app.store().clone(), Arc::clone(&self.clock) as Arc<dyn Clock>);
        self.app.close().await;
        self.app = Arc::new(app.keeping_answers(1 << 23).following_feeds(Arc::new(feeds), Some(sealer)));
        let config = Config::load(Sources::default()).expect("the defaults");
        self.router = router(HttpState::new(Arc::clone(&self.app), &config));
        self
    }

    /// Another server on the same database, which hears nothing of this one.
    pub async fn another_server(&self, overrides: &[(&str, &str)]) -> OtherServer {
        let options = StoreOptions {
            url: self.database.url(),
            read_connections: 1,
            write_lanes: 1,
            acquire_timeout: Duration::from_secs(20),
            on_statement: None,
        };
        let store = Store::connect(&options).await.expect("a connection");
        store.freshness().trust(true);
        OtherServer { router: self.issuer(store, overrides).1 }
    }

    fn issuer(&self, store: Store, overrides: &[(&str, &str)]) -> (Arc<App>, Router) {
        let overrides = overrides.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let config = Config::load(Sources { overrides, ..Sources::default() }).expect("a configuration");
        let app = App::new(store, Arc::clone(&self.clock) as Arc<dyn Clock>).keeping_answers(1 << 23);
        let settings = idgraph::http::oauth::issuance(&config).expect("settings").expect("a secret");
        let app = app.taking_signals_of(idgraph::iam::Transmitters::new(&config.iam));
        let app = Arc::new(app.issuing(settings));
        let router = router(HttpState::new(Arc::clone(&app), &config));
        (app, router)
    }

    async fn populate(&mut self) {
        self.root = self.token("root", None, OrganizationRole::Owner, None).await;
        for slug in ["acme", "globex"] {
            let created = self
                .mutate(&self.root, "createOrganization", json!({"slug": slug, "name": slug}), "organization { id }")
                .await;
            let id: NodeId = created["organization"]["id"].as_str().expect("an id").parse().expect("an id");
            if slug == "acme" { self.acme = OrganizationId(id.uuid) } else { self.globex = OrganizationId(id.uuid) }
        }
        self.owner = self.token("owner", Some(self.acme), OrganizationRole::Owner, None).await;
        self.admin = self.token("admin", Some(self.acme), OrganizationRole::Admin, None).await;
        self.editor = self.token("editor", Some(self.acme), OrganizationRole::Editor, None).await;
        self.reader = self.token("reader", Some(self.acme), OrganizationRole::Reader, None).await;
        self.stranger = self.token("stranger", Some(self.globex), OrganizationRole::Owner, None).await;
    }

    /// Makes the application read afresh whatever it is asked next.
    pub fn forget_answers(&self) {
        self.app.store().freshness().advance_all();
    }

    /// Makes a token with every scope.
    pub async fn token(
        &self,
        name: &'static str,
        organization: Option<OrganizationId>,
        role: OrganizationRole,
        profile: Option<NodeId>,
    ) -> Actor {
        self.token_with(name, organization, role, profile, Scope::ALL.to_vec()).await
    }

    /// Makes a token with those scopes.
    pub async fn token_with(
        &self,
        name: &'static str,
        organization: Option<OrganizationId>,
        role: OrganizationRole,
        profile: Option<NodeId>,
        scopes: Vec<Scope>,
    ) -> Actor {
        self.make_token((name, organization, role), profile, scopes, ScimOptions::default()).await
    }

    /// Makes a token of a client of SCIM.
    pub async fn scim_client(
        &self,
        name: &'static str,
        organization: Option<OrganizationId>,
        role: OrganizationRole,
        scim: ScimOptions,
    ) -> Actor {
        self.make_token((name, organization, role), None, Scope::ALL.to_vec(), scim).await
    }

    async fn make_token(
        &self,
        (name, organization, role): (&'static str, Option<OrganizationId>, OrganizationRole),
        profile: Option<NodeId>,
        scopes: Vec<Scope>,
        scim: ScimOptions,
    ) -> Actor {
        let secret = secret_of([self.tokens.fetch_add(1, Ordering::SeqCst); 32]);
        let hash = hash_of(&secret).to_vec();
        let command =
            CreateToken { name: name.to_owned(), organization, role, scopes, profile, expires_at: None, scim, hash };
        self.app.run(&self.operator(), command, RunOptions::default()).await.expect("a token");
        Actor { name, token: Some(secret) }
    }

    /// The actor who is that profile, and has no role beyond.
    pub async fn as_profile(&self, id: &str) -> Actor {
        let id: NodeId = id.parse().expect("an id");
        self.token("self", Some(self.acme), OrganizationRole::OnlySelf, Some(id)).await
    }

    /// The viewer at the server's command line.
    pub fn operator(&self) -> Viewer {
        Viewer::operator(Origin { face: "test", request_id: Arc::from("req_test") })
    }

    /// Which database this world is on.
    pub fn database(&self) -> Database {
        self.database.kind()
    }

    /// Sends a GraphQL request.
    pub async fn graphql(&self, actor: &Actor, query: &str, variables: Value) -> Answer {
        let body = json!({"query": query, "variables": variables}).to_string();
        self.post(actor, "/graphql", "application/json", body).await
    }

    /// Sends a GraphQL query without variables, which must succeed, and returns its data.
    pub async fn query(&self, actor: &Actor, query: &str) -> Value {
        self.graphql(actor, query, json!({})).await.data().clone()
    }

    /// Runs a mutation, and returns its payload: `errors` and what `selection` says. GraphQL errors end the story.
    pub async fn try_mutate(&self, actor: &Actor, mutation: &str, input: Value, selection: &str) -> Value {
        let mut initial = mutation.chars();
        let first = initial.next().map(|c| c.to_ascii_uppercase()).unwrap_or_default();
        let type_name = format!("{first}{}Input", initial.as_str());
        let query = format!(
            "mutation($input: {type_name}!) {{ {mutation}(input: $input) {{ {selection} errors {{ code field message }} }} }}"
        );
        self.graphql(actor, &query, json!({"input": input})).await.data()[mutation].clone()
    }

    /// Runs a mutation that must succeed, and returns its payload.
    pub async fn mutate(&self, actor: &Actor, mutation: &str, input: Value, selection: &str) -> Value {
        let payload = self.try_mutate(actor, mutation, input, selection).await;
        assert_eq!(payload["errors"], json!([]), "{mutation} failed");
        payload
    }

    /// Runs a mutation that must be refused, and returns code and field of its error.
    pub async fn refused(&self, actor: &Actor, mutation: &str, input: Value) -> (String, String) {
        let payload = self.try_mutate(actor, mutation, input, "clientMutationId").await;
        let error = &payload["errors"][0];
        assert!(error.is_object(), "{mutation} was not refused: {payload}");
        let text = |field: &str| error[field].as_str().unwrap_or_default().to_owned();
        (text("code"), text("field"))
    }

    /// Creates a user of acme, and returns the id.
    pub async fn user(&self, username: &str) -> String {
        let input = json!({"organizationId": self.acme, "kind": "USER", "username": username});
        id_of(&self.mutate(&self.root, "createProfile", input, "profile { id }").await["profile"])
    }

    /// Creates a team of acme, and returns the id.
    pub async fn team(&self, slug: &str, parent: Option<&str>) -> String {
        let input = json!({"organizationId": self.acme, "slug": slug, "parentId": parent});
        id_of(&self.mutate(&self.root, "createTeam", input, "team { id }").await["team"])
    }

    /// Creates a group of acme, and returns the id.
    pub async fn group(&self, slug: &str) -> String {
        let input = json!({"organizationId": self.acme, "slug": slug});
        id_of(&self.mutate(&self.root, "createGroup", input, "group { id }").await["group"])
    }

    /// Creates a role of acme, and returns the id.
    pub async fn role(&self, slug: &str, privileged: bool) -> String {
        let input = json!({"organizationId": self.acme, "slug": slug, "privileged": privileged});
        id_of(&self.mutate(&self.root, "createRole", input, "role { id }").await["role"])
    }

    /// Adds members to a team or group of acme.
    pub async fn join(&self, collective: &str, members: &[&str]) {
        let members: Vec<Value> = members.iter().map(|id| json!({"id": id})).collect();
        self.mutate(&self.root, "addMembers", json!({"id": collective, "members": members}), "clientMutationId").await;
    }

    /// The number of acme's last event.
    pub async fn last_sequence(&self) -> i64 {
        let query = "{ organization(slug: \"acme\") { profiles(first: 0) { totalCount } } }";
        drop(self.query(&self.root, query).await);
        self.database.last_sequence(self.acme).await
    }

    /// Sends a POST request.
    pub async fn post(&self, actor: &Actor, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, content_type);
        self.send(actor, request.body(body.into()).expect("a request")).await
    }

    /// Sends a GET request.
    pub async fn get(&self, actor: &Actor, path: &str) -> Answer {
        self.send(actor, Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// Sends a request.
    pub async fn send(&self, actor: &Actor, mut request: Request<Body>) -> Answer {
        if let Some(token) = &actor.token {
            let value = format!("Bearer {token}").parse().expect("a header");
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        answer_of(self.router.clone(), request).await
    }

    /// Runs something, and returns the statements that it takes when no answer is kept.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> (T, Vec<String>) {
        self.forget_answers();
        self.statements_as_they_are(work).await
    }

    /// Runs something, and returns the statements that it took, besides looking up the token.
    pub async fn statements_as_they_are<T>(&self, work: impl Future<Output = T>) -> (T, Vec<String>) {
        self.statements.lock().expect("the log").clear();
        let outcome = work.await;
        let mut statements = std::mem::take(&mut *self.statements.lock().expect("the log"));
        statements.retain(|sql| !sql.contains(" FROM tokens n WHERE n.hash = "));
        (outcome, statements)
    }
}

/// Another server on the database of a world.
pub struct OtherServer {
    router: Router,
}

impl OtherServer {
    /// Sends a GraphQL request.
    pub async fn graphql(&self, actor: &Actor, query: &str, variables: Value) -> Answer {
        let body = json!({"query": query, "variables": variables}).to_string();
        let token = actor.token.as_deref().unwrap_or_default();
        let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        answer_of(self.router.clone(), request.body(Body::from(body)).expect("a request")).await
    }
}

async fn answer_of(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
    let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| text());
    Answer { status: parts.status, headers: parts.headers, body }
}

/// A client for servers on this machine.
pub fn client() -> reqwest::Client {
    // No other test may have done so yet, and reqwest brings no provider of its own.
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// The id of a node in an answer.
#[track_caller]
pub fn id_of(node: &Value) -> String {
    node["id"].as_str().unwrap_or_else(|| panic!("no id in {node}")).to_owned()
}

/// The values of one field of a list in an answer.
#[track_caller]
pub fn each<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let items = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    items.iter().map(|item| item[field].as_str().unwrap_or_default()).collect()
}
