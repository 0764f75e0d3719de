//! An IAM of the tests: a small server on this machine that tells its keys, and makes tokens.

use super::{Actor, World};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idgraph::config::{Config, Sources};
use idgraph::domain::Clock;
use idgraph::http::{HttpState, router};
use idgraph::iam::Iam;
use idgraph::resolvers::App;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// For whom the tokens are meant, unless a story says otherwise.
pub const AUDIENCE: &str = "idgraph";

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key that signs.
pub enum SigningKey {
    /// RSA. ring makes none, so there are two of them among the files of the tests, good for nothing else.
    Rsa(Box<RsaKeyPair>),
    /// Elliptic curve P-256.
    P256(EcdsaKeyPair),
    /// Ed25519.
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    pub fn rsa_one() -> Self {
        let pair = RsaKeyPair::from_pkcs8(include_bytes!("keys/rsa_one.der")).expect("a key");
        Self::Rsa(Box::new(pair))
    }

    pub fn rsa_two() -> Self {
        let pair = RsaKeyPair::from_pkcs8(include_bytes!("keys/rsa_two.der")).expect("a key");
        Self::Rsa(Box::new(pair))
    }

    pub fn p256() -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        Self::P256(EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key"))
    }

    pub fn ed25519() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("a key"))
    }

    /// The public half, as a JWK of that name.
    pub fn jwk(&self, id: &str) -> Value {
        match self {
            Self::Rsa(pair) => {
                let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "kid": id, "use": "sig", "n": encode(n), "e": encode(e)})
            }
            Self::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "kid": id, "x": encode(x), "y": encode(y)})
            }
            Self::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "alg": "EdDSA", "x": encode(pair.public_key())})
            }
        }
    }

    /// A token with that header and those claims, signed as the header says.
    pub fn token(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let random = SystemRandom::new();
        let signature = match self {
            Self::Rsa(pair) => {
                let padding: &'static dyn ring::signature::RsaEncoding =
                    if header["alg"] == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &random, message.as_bytes(), &mut signature).expect("a signature");
                signature
            }
            Self::P256(pair) => pair.sign(&random, message.as_bytes()).expect("a signature").as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message.as_bytes()).as_ref().to_vec(),
        };
        format!("{message}.{}", encode(signature))
    }
}

/// What the issuer answers to those who ask for its keys.
#[derive(Clone)]
pub enum Keys {
    /// A document.
    Document(String),
    /// That it is not to be had just now.
    Away,
    /// That they are elsewhere.
    Moved,
}

struct Shared {
    keys: Mutex<Keys>,
    requests: AtomicUsize,
    url: String,
    /// Which issuer the discovery speaks of.
    issuer: Mutex<String>,
}

/// The issuer.
pub struct Issuer {
    /// What `iss` says.
    pub url: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Issuer {
    /// An issuer with that set of keys.
    pub async fn start(keys: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/realms/acme", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared {
            keys: Mutex::new(Keys::Document(json!({ "keys": keys }).to_string())),
            requests: AtomicUsize::new(0),
            issuer: Mutex::new(url.clone()),
            url: url.clone(),
        });
        let routes = Router::new()
            .route("/realms/acme/.well-known/openid-configuration", get(discovery))
            .route("/realms/acme/keys", get(show_keys))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.expect("a server") });
        Self { url, shared, server }
    }

    /// Answers like that from now on.
    pub fn answer(&self, keys: Keys) {
        *self.shared.keys.lock().expect("the keys") = keys;
    }

    /// Has those keys from now on.
    pub fn publish(&self, keys: &[Value]) {
        self.answer(Keys::Document(json!({ "keys": keys }).to_string()));
    }

    /// Says from now on that it is somebody else.
    pub fn pretend(&self, issuer: &str) {
        issuer.clone_into(&mut self.shared.issuer.lock().expect("the issuer"));
    }

    /// How often somebody has asked for the keys.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// Claims of a token for a subject, as of now, for five minutes.
    pub fn claims(&self, world: &World, subject: &str) -> Value {
        let now = world.clock.now().timestamp();
        json!({"iss": self.url, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 300})
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn discovery(State(shared): State<Arc<Shared>>) -> Response {
    let issuer = shared.issuer.lock().expect("the issuer").clone();
    axum::Json(json!({"issuer": issuer, "jwks_uri": format!("{}/keys", shared.url)})).into_response()
}

async fn show_keys(State(shared): State<Arc<Shared>>) -> Response {
    shared.requests.fetch_add(1, Ordering::SeqCst);
    let keys = shared.keys.lock().expect("the keys").clone();
    match keys {
        Keys::Document(document) => document.into_response(),
        Keys::Away => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Keys::Moved => Redirect::temporary(&format!("{}/elsewhere", shared.url)).into_response(),
    }
}

/// Claims with some changed; null takes one away.
pub fn with(mut claims: Value, changes: Value) -> Value {
    let (Value::Object(members), Value::Object(changes)) = (&mut claims, changes) else { panic!("no objects") };
    for (name, value) in changes {
        if value.is_null() {
            members.remove(&name)
        } else {
            members.insert(name, value)
        };
    }
    claims
}

/// Somebody with that token.
pub fn bearer(token: String) -> Actor {
    Actor { name: "bearer", token: Some(token) }
}

impl World {
    /// The same world, served by an application that accepts the tokens of that issuer for acme.
    pub async fn trusting(mut self, issuer: &Issuer, keys: &[(&str, &str)]) -> Self {
        let mut settings = vec![("issuer", issuer.url.as_str()), ("audience", AUDIENCE), ("organization", "acme")];
        settings.extend([("provider", "keycloak"), ("roles_claim", "roles"), ("reader_roles", "readers")]);
        settings.extend([("editor_roles", "editors"), ("admin_roles", "admins"), ("owner_roles", "owners, bosses")]);
        settings.extend_from_slice(keys);
        let overrides = settings.into_iter().map(|(key, value)| (format!("iam.{key}"), value.to_owned())).collect();
        let config = Config::load(Sources { overrides, ..Sources::default() }).expect("a configuration");
        let iam = Iam::of(&config.iam).expect("certificates").expect("an issuer");
        self.app.close().await;
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        self.app = Arc::new(App::new(self.app.store().clone(), clock).with_issuer(iam));
        self.router = router(HttpState::new(Arc::clone(&self.app), &config));
        self
    }

    /// The time, in seconds since 1970, as tokens tell it.
    pub fn clock_seconds(&self) -> i64 {
        self.clock.now().timestamp()
    }

    /// Links an account at the IAM to a profile of acme.
    pub async fn account(&self, profile: &str, subject: &str) -> String {
        let input = json!({"profileId": profile, "provider": "keycloak", "accountId": subject});
        super::id_of(&self.mutate(&self.root, "linkIdentity", input, "identity { id }").await["identity"])
    }
}
