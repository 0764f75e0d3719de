//! URLs that may hold a password, and tokens, which must not show.
//!
//! [`SecretUrl`] and [`SecretToken`] redact themselves wherever they are printed or serialized; only
//! `expose` gives the text away, which makes every use of the secret easy to find. What cannot be taken
//! apart safely is not accepted, so that redaction never has to guess where a password ends.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use url::Url;

/// Stands where a secret has been taken out.
const REDACTED: &str = "***";

/// Query parameters worth showing. Others, `password` among them, are redacted.
const HARMLESS_PARAMETERS: [&str; 12] = [
    "application_name",
    "cache",
    "dbname",
    "host",
    "hostaddr",
    "immutable",
    "mode",
    "port",
    "protocol",
    "sslmode",
    "user",
    "vfs",
];

/// A URL that may hold a password. `Debug`, `Display` and serialization redact it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// The URL with its password, for the one who connects.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Accepts a URL with one of the prefixes whose parts are unmistakable.
    fn parse(text: String, prefixes: &[&str]) -> Option<Self> {
        (prefixes.iter().any(|prefix| text.starts_with(prefix)) && is_unambiguous(&text)).then_some(Self(text))
    }

    /// The URL without anything that may be secret.
    fn redacted(&self) -> String {
        if !self.0.contains(['@', '?', '#']) {
            return self.0.clone();
        }
        redact(&self.0).unwrap_or_else(|| REDACTED.to_owned())
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.redacted())
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretUrl({:?})", self.redacted())
    }
}

impl Serialize for SecretUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How short a token may be before it can be guessed.
const TOKEN_MIN_LENGTH: usize = 16;

/// A token that a client has to show. `Debug`, `Display` and serialization redact it.
#[derive(Clone)]
pub struct SecretToken(String);

impl SecretToken {
    /// The token, for the one who compares it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretToken({REDACTED})")
    }
}

/// Whether the URL has a password only where one belongs.
///
/// An unencoded `/`, `?` or `#` in a password ends the authority early and leaves the `@` behind in
/// a later part, where redaction would not look for a password.
fn is_unambiguous(text: &str) -> bool {
    // A SQLite URL is a file name with parameters, and a file name may hold almost anything.
    if text.starts_with("sqlite:") {
        return true;
    }
    Url::parse(text).is_ok_and(|url| {
        url.fragment().is_none() && !url.path().contains('@') && !url.query().is_some_and(|query| query.contains('@'))
    })
}

/// Takes the password and all but harmless parameters out of a URL; `None` if that fails.
fn redact(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok()?;
    url.set_fragment(None);
    if url.password().is_some() {
        url.set_password(Some(REDACTED)).ok()?;
    }
    if url.query().is_some() {
        let parameters: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| {
                let shown = HARMLESS_PARAMETERS.contains(&name.as_ref());
                let value = if shown { value.as_ref() } else { REDACTED };
                (name.to_string(), value.to_owned())
            })
            .collect();
        url.query_pairs_mut().clear().extend_pairs(parameters);
    }
    Some(url.into())
}

/// Deserializes the URL of a database.
pub(super) fn database_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretUrl, D::Error> {
    SecretUrl::parse(String::deserialize(deserializer)?, &["sqlite:", "postgres://", "postgresql://"])
        .ok_or_else(|| D::Error::custom("not the URL of a database"))
}

/// A Redis URL in which the empty string stands for none, since TOML has no null.
pub(super) mod optional_redis_url {
    use super::{Deserialize, Deserializer, SecretUrl, Serializer};
    use serde::de::Error as _;

    /// Serializes none as the empty string.
    #[expect(clippy::ref_option, reason = "serde passes the field by reference")]
    pub(in crate::config) fn serialize<S: Serializer>(
        url: &Option<SecretUrl>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match url {
            Some(url) => serializer.collect_str(url),
            None => serializer.serialize_str(""),
        }
    }

    /// Deserializes the empty string as none.
    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SecretUrl>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(None);
        }
        SecretUrl::parse(text, &["redis://", "rediss://"])
            .map(Some)
            .ok_or_else(|| D::Error::custom("not the URL of a Redis server"))
    }
}

/// A token in which the empty string stands for none, since TOML has no null.
pub(super) mod optional_token {
    use super::{Deserialize, Deserializer, SecretToken, Serializer, TOKEN_MIN_LENGTH};
    use serde::de::Error as _;

    /// Serializes none as the empty string.
    #[expect(clippy::ref_option, reason = "serde passes the field by reference")]
    pub(in crate::config) fn serialize<S: Serializer>(
        token: &Option<SecretToken>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match token {
            Some(token) => serializer.collect_str(token),
            None => serializer.serialize_str(""),
        }
    }

    /// Deserializes the empty string as none. What no client could send in a header is no token.
    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SecretToken>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(None);
        }
        if text.len() < TOKEN_MIN_LENGTH || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(D::Error::custom("not a token"));
        }
        Ok(Some(SecretToken(text)))
    }
}
