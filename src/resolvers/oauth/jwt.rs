//! The form of the tokens (RFC 7515, RFC 9068), and what they say.
//!
//! The algorithm is that of the key, and the key is one of ours: what the header says besides has to agree, and chooses
//! nothing. So there is no `none`, and no public key that passes for a shared secret.

use super::Settings;
use super::keys::Key;
use crate::domain::id::{parse_typeid, typeid};
use crate::domain::session::session_id;
use crate::domain::signing::{key_id, key_of};
use crate::domain::token::Scope;
use crate::domain::{NodeId, NodeKind, Result, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// The type of the tokens (RFC 9068 section 2.1).
const TYPE: &str = "at+jwt";
/// How long a token may be, in bytes: ours have a fifth of that.
const MAX_LENGTH: usize = 4_096;
/// By how much the clocks of servers may differ.
const SKEW: TimeDelta = TimeDelta::seconds(5);

/// The claims as they are written.
#[derive(Serialize, Deserialize)]
struct Written {
    iss: String,
    aud: Vec<String>,
    sub: String,
    client_id: String,
    exp: i64,
    iat: i64,
    nbf: i64,
    jti: String,
    scope: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    epoch: Option<i64>,
}

/// The header as it is read. What is critical has to be understood (RFC 7515 section 4.1.11), and nothing is.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    typ: Option<String>,
    crit: Option<serde_json::Value>,
}

/// Where somebody has signed in, as a token tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SignedIn {
    /// The profile.
    pub(super) profile: NodeId,
    /// The session.
    pub(super) session: Uuid,
    /// The epoch of the account's sessions that it is of.
    pub(super) epoch: i64,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims {
    /// Which it is.
    pub(super) jti: Uuid,
    /// The key that has signed it.
    pub(super) key: Uuid,
    /// Whom it is about: a profile, or the API token itself.
    pub(super) subject: NodeId,
    /// The API token that it was issued to.
    pub(super) client: NodeId,
    /// What it may be used for.
    pub(super) scopes: Vec<Scope>,
    /// How the organization was called, if it is good for one only: for clients, nothing follows from it.
    pub(super) owner: Option<String>,
    /// Where its subject has signed in, if it is somebody who has.
    pub(super) signed_in: Option<SignedIn>,
    /// When it was issued.
    pub(super) issued_at: Timestamp,
    /// When it expires.
    pub(super) expires_at: Timestamp,
}

impl Claims {
    /// Whether it is good at that time, as far as time goes.
    pub(super) fn is_timely(&self, now: Timestamp) -> bool {
        now < self.expires_at && self.issued_at <= now + SKEW
    }

    /// The scopes, as OAuth writes them.
    pub(super) fn scope(&self) -> String {
        written(&self.scopes)
    }

    /// Writes and signs the token.
    pub(super) fn sign(&self, settings: &Settings, key: &Key) -> Result<String> {
        let header = json!({"typ": TYPE, "alg": key.stored.algorithm.name(), "kid": key_id(key.stored.id)});
        let claims = Written {
            iss: settings.issuer.clone(),
            // Clients require to be named in what they are given, resource servers to be.
            aud: vec![settings.audience.clone(), self.client.to_string()],
            sub: self.subject.to_string(),
            client_id: self.client.to_string(),
            exp: self.expires_at.timestamp(),
            iat: self.issued_at.timestamp(),
            nbf: self.issued_at.timestamp(),
            jti: jwt_id(self.jti),
            scope: self.scope(),
            owner: self.owner.clone(),
            sid: self.signed_in.map(|signed_in| session_id(signed_in.session)),
            epoch: self.signed_in.map(|signed_in| signed_in.epoch),
        };
        let claims = serde_json::to_vec(&claims).map_err(|_| crate::domain::Error::internal())?;
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims));
        let signature = key.sign(message.as_bytes())?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Scopes, as OAuth writes them (RFC 6749 section 3.3).
pub(super) fn written(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" ")
}

/// A token that has the form of one of ours. Nobody has vouched for it yet.
pub(super) struct Unverified<'a> {
    message: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
    header: Header,
    /// The key that it names.
    pub(super) key: Uuid,
}

/// Takes a token apart; none if it is none that this server could have signed.
pub(super) fn take_apart(token: &str) -> Option<Unverified<'_>> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    let (message, signature) = token.rsplit_once('.')?;
    let (header, payload) = message.split_once('.')?;
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    let key = key_of(&header.kid)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    Some(Unverified { message, payload, signature, header, key })
}

impl Unverified<'_> {
    /// What the token says, if that key has signed it, for this server. Whether it is of this time is not settled.
    pub(super) fn verify(&self, settings: &Settings, key: &Key) -> Option<Claims> {
        let header = &self.header;
        let is_plain = header.crit.is_none() && header.typ.as_deref() == Some(TYPE);
        if !is_plain || header.alg != key.stored.algorithm.name() {
            return None;
        }
        if !key.has_signed(self.message.as_bytes(), &self.signature) {
            return None;
        }
        let claims: Written = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(self.payload).ok()?).ok()?;
        if claims.iss != settings.issuer || !claims.aud.contains(&settings.audience) {
            return None;
        }
        let subject: NodeId = claims.sub.parse().ok()?;
        let client = claims.client_id.parse().ok().filter(|id: &NodeId| id.kind == NodeKind::Token)?;
        let signed_in = match (claims.sid, claims.epoch) {
            (Some(session), Some(epoch)) => {
                let session = parse_typeid(&session, crate::domain::session::PREFIX)?;
                Some(SignedIn { profile: subject, session, epoch })
            }
            (None, None) => None,
            _ => return None,
        };
        Some(Claims {
            jti: parse_typeid(&claims.jti, PREFIX)?,
            key: self.key,
            subject,
            client,
            scopes: claims.scope.split(' ').filter_map(Scope::from_name).collect(),
            owner: claims.owner,
            signed_in,
            issued_at: DateTime::from_timestamp(claims.iat.max(claims.nbf), 0)?,
            expires_at: DateTime::from_timestamp(claims.exp, 0)?,
        })
    }
}

/// What the id of a token begins with.
const PREFIX: &str = "jwt";

/// The id of a token: `jti`.
#[must_use]
pub fn jwt_id(uuid: Uuid) -> String {
    typeid(PREFIX, uuid)
}
