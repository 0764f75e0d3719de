//! What is secret about an outlet: made or taken, sealed, opened when something is sent.

use super::super::App;
use super::super::oauth::Settings;
use crate::domain::{Error, Outlet, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

/// What the key of a webhook begins with where it is shown.
const PREFIX: &str = "whsec_";
/// How long a key is, in bytes.
const KEY_LENGTH: usize = 32;

/// A secret of what has that id, sealed.
pub fn sealed(settings: &Settings, id: Uuid, secret: &[u8]) -> Result<Vec<u8>> {
    settings.outlet_sealer.seal(id, secret)
}

/// The key of a webhook that is new, sealed.
pub fn new_webhook_secret(settings: &Settings, id: Uuid) -> Result<Vec<u8>> {
    let mut key = [0; KEY_LENGTH];
    SystemRandom::new().fill(&mut key).map_err(|_| Error::internal())?;
    sealed(settings, id, &key)
}

/// The key of a webhook, as it is shown to whoever has made it.
pub fn shown_webhook_secret(settings: &Settings, webhook: &Outlet) -> Result<String> {
    let key = App::opened(settings, webhook, webhook.secret.as_deref().unwrap_or_default())?;
    Ok(format!("{PREFIX}{}", STANDARD.encode(key)))
}

impl App {
    /// What was sealed for an outlet.
    pub(super) fn opened(settings: &Settings, outlet: &Outlet, secret: &[u8]) -> Result<Vec<u8>> {
        settings.outlet_sealer.open(outlet.id, secret).ok_or_else(|| Error {
            message: "Its secret was sealed under another oauth.key_secret, and has to be set anew.".into(),
            ..Error::unavailable()
        })
    }
}
