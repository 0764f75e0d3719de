//! Security event tokens (RFC 8417), signed.
//!
//! They are signed by RSA, whatever signs the tokens of this server: that is what every receiver has to know (SSF 1.0 section
//! 4.1.7). The signature is made when a token is sent, so a key that was rotated meanwhile is no trouble.

use super::super::{App, Viewer};
use super::Settings;
use crate::domain::signing::key_id;
use crate::domain::{Error, Result, SigningAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The type of the tokens (RFC 8417 section 2.3).
const TYPE: &str = "secevent+jwt";

impl App {
    /// Makes the key by which such tokens are signed, if there is none yet: receivers may ask for it before there is one of them.
    pub(in super::super) async fn ready_to_sign(&self, settings: &Settings, viewer: &Viewer) -> Result<()> {
        self.signing_key_of(settings, SigningAlgorithm::Rs256, viewer).await.map(drop)
    }

    /// Signs the claims of a security event token.
    pub(in super::super) async fn sign_set(
        &self,
        settings: &Settings,
        claims: &Value,
        viewer: &Viewer,
    ) -> Result<String> {
        let key = self.signing_key_of(settings, SigningAlgorithm::Rs256, viewer).await?;
        let header = json!({"typ": TYPE, "alg": key.stored.algorithm.name(), "kid": key_id(key.stored.id)});
        let claims = serde_json::to_vec(claims).map_err(|_| Error::internal())?;
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims));
        let signature = key.sign(message.as_bytes())?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
