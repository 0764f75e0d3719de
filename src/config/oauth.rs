//! The section about the tokens that this server issues, and the rules between its keys.

use super::iam::{IamUrl, optional_url};
use super::secrets::{self, SecretToken};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How short the secret may be before it can be guessed.
const SECRET_MIN_LENGTH: usize = 32;

/// How the server issues tokens of its own (JWTs), which stand for an API token, or for somebody who has signed in with a
/// password.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OAuthConfig {
    /// What the claim `iss` of its tokens says: the URL of this server. Empty means `server.public_url`, or where that is
    /// empty too, where the server listens.
    #[serde(with = "optional_url")]
    #[schemars(with = "String", extend("x-expected" = "a URL that starts with https:// and has neither user, query nor \
        fragment (http:// only on this machine), or nothing"))]
    pub issuer: Option<IamUrl>,
    /// What the claim `aud` of its tokens says. Empty means the issuer.
    pub audience: String,
    /// The secret under which the private parts of the signing keys are sealed in the database: the same for every server on
    /// it. Empty means that the server issues no tokens.
    #[serde(with = "secrets::optional_token")]
    #[schemars(
        with = "String",
        extend("x-expected" = "at least 32 visible ASCII characters without spaces, or nothing to issue no tokens")
    )]
    pub key_secret: Option<SecretToken>,
    /// By which algorithm tokens are signed.
    pub signing_algorithm: TokenSigning,
    /// For how many seconds a token is good.
    #[schemars(range(min = 30, max = 86_400))]
    pub token_seconds: u32,
    /// Whether somebody may sign in with user name and password (`grant_type=password`).
    pub password_grant: bool,
    /// How many passwords may be tried in a minute for one account.
    #[schemars(range(min = 1, max = 10_000))]
    pub attempts_per_account: u32,
    /// How many passwords may be tried in a minute from one address.
    #[schemars(range(min = 1, max = 10_000))]
    pub attempts_per_address: u32,
    /// Where people sign in, for those who ask where things are. Empty means the usual place of the IAM of `iam.issuer`, if
    /// there is one.
    #[schemars(extend("x-expected" = "a URL, or nothing"))]
    pub authorization_url: String,
}

impl OAuthConfig {
    /// What does not make sense together, with the key to change and what is expected there.
    pub(super) fn check(&self) -> Vec<(&'static str, &'static str)> {
        let secret = self.key_secret.as_ref().map(SecretToken::expose);
        let rules = [
            (
                secret.is_none_or(|secret| secret.len() >= SECRET_MIN_LENGTH),
                "key_secret",
                "at least 32 visible ASCII characters without spaces, or nothing to issue no tokens",
            ),
            (
                secret.is_some() || !self.password_grant,
                "password_grant",
                "false, since without `oauth.key_secret` no tokens are issued",
            ),
            (
                self.issuer.as_ref().is_none_or(|issuer| issuer.url().query().is_none()),
                "issuer",
                "a URL without a query",
            ),
        ];
        rules.into_iter().filter(|(holds, ..)| !holds).map(|(_, key, expected)| (key, expected)).collect()
    }
}

/// By which algorithm tokens are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TokenSigning {
    /// ECDSA on the curve P-256: small and fast.
    ES256,
    /// RSA with 3072 bits, for those who know nothing else.
    RS256,
}
