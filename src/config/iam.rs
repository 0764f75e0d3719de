//! The section about the tokens of an external IAM, and the rules between its keys.
//!
//! The section has no effect while `issuer` is empty. Once it is set, the keys have to make sense together, and
//! [`IamConfig::check`] says what is missing: a server that starts knows whom it trusts, for which audience, and what
//! its tokens are good for.

use super::list::List;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use url::{Host, Url};

/// Whose tokens (JWTs) are accepted besides the API tokens of idgraph itself.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IamConfig {
    /// The issuer: exactly what the claim `iss` of its tokens says. Empty means that no tokens but those of idgraph itself
    /// are accepted.
    #[serde(with = "optional_url")]
    #[schemars(with = "String", extend("x-expected" = "a URL that starts with https:// and has neither user, query nor \
        fragment (http:// only on this machine), or nothing for no IAM"))]
    pub issuer: Option<IamUrl>,
    /// For whom tokens have to be meant (the claim `aud`): one or several names, separated by commas, one of which has to
    /// be there.
    #[schemars(with = "String", extend("x-expected" = "names, separated by commas"))]
    pub audience: List<String>,
    /// Where the keys of the issuer are (a JWK set, RFC 7517). Empty means that the issuer is asked, at
    /// `/.well-known/openid-configuration`.
    #[serde(with = "optional_url")]
    #[schemars(with = "String", extend("x-expected" = "a URL that starts with https:// and has neither user nor fragment \
        (http:// only on this machine), or nothing to ask the issuer"))]
    pub jwks_url: Option<IamUrl>,
    /// By which algorithms tokens may be signed (RFC 7518 section 3.1, RFC 8037), separated by commas. Algorithms with a
    /// shared secret, and none at all, are never accepted.
    #[schemars(with = "String", extend("x-expected" = "some of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 and \
        EdDSA, separated by commas"))]
    pub algorithms: List<JwtAlgorithm>,
    /// By how many seconds the clocks of the issuer and of this server may differ.
    #[schemars(range(min = 0, max = 600))]
    pub clock_skew_seconds: u32,
    /// After how many seconds the keys are fetched anew, in the background.
    #[schemars(range(min = 10, max = 86_400))]
    pub keys_refresh_seconds: u32,
    /// How many seconds lie at least between two attempts to fetch the keys, however many tokens name a key that is not
    /// known.
    #[schemars(range(min = 1, max = 3_600))]
    pub keys_retry_seconds: u32,
    /// For how many seconds known keys go on being used while the issuer cannot be reached.
    #[schemars(range(min = 60, max = 2_592_000))]
    pub keys_max_age_seconds: u32,
    /// The one organization, by slug or public id, to which every token gives access. Set either this or
    /// `organization_claim`.
    pub organization: String,
    /// The claim that names the organization, by slug or public id.
    pub organization_claim: String,
    /// How the profile of a token is found.
    pub profile: ProfileRule,
    /// The claim by which it is found. Empty means `sub` for the rules identity and id, `email` for the rule email, and
    /// `preferred_username` for the rule username.
    pub profile_claim: String,
    /// Whether a token without a profile is refused. If not, it acts under its subject: for programs that no profile
    /// stands for.
    pub profile_required: bool,
    /// For the rule identity: the provider of the linked identity whose account id the claim holds.
    pub provider: String,
    /// For the rule identity: the environment of the linked identity.
    #[schemars(length(min = 1))]
    pub environment: String,
    /// The claim that names roles or groups; dots lead into objects, as in `realm_access.roles`.
    pub roles_claim: String,
    /// Roles or groups of the IAM that make a reader of the organization, separated by commas.
    #[schemars(with = "String", extend("x-expected" = "names, separated by commas"))]
    pub reader_roles: List<String>,
    /// Roles or groups of the IAM that make an editor of the organization, separated by commas.
    #[schemars(with = "String", extend("x-expected" = "names, separated by commas"))]
    pub editor_roles: List<String>,
    /// Roles or groups of the IAM that make an administrator of the organization, separated by commas.
    #[schemars(with = "String", extend("x-expected" = "names, separated by commas"))]
    pub admin_roles: List<String>,
    /// Roles or groups of the IAM that make an owner of the organization, separated by commas.
    #[schemars(with = "String", extend("x-expected" = "names, separated by commas"))]
    pub owner_roles: List<String>,
    /// The role of those who have none of these. The strongest role that a token names is the one that counts.
    pub default_role: DefaultRole,
    /// What tokens may be used for at most, separated by commas.
    #[schemars(with = "String", extend("x-expected" = "some of directory:read, directory:write and history:read, \
        separated by commas"))]
    pub scopes: List<TokenScope>,
    /// What stands before the scopes of idgraph in the claims `scope` and `scp`, such as `idgraph/`.
    pub scope_prefix: String,
    /// Whether a token that names no scope of idgraph may be used for nothing. If not, it may be used for all of `scopes`;
    /// one that names some may be used for those only, either way.
    pub scopes_required: bool,
}

impl IamConfig {
    /// What does not make sense together, with the key to change and what is expected there.
    pub(super) fn check(&self) -> Vec<(&'static str, &'static str)> {
        let Some(issuer) = &self.issuer else { return Vec::new() };
        let rules = [
            (issuer.url.query().is_none(), "issuer", "a URL without a query"),
            (
                !self.audience.is_empty(),
                "audience",
                "at least one name: without, tokens that are meant for other servers would be accepted here",
            ),
            (!self.algorithms.is_empty(), "algorithms", "at least one algorithm"),
            (
                self.organization.is_empty() != self.organization_claim.is_empty(),
                "organization",
                "either this or `iam.organization_claim` to be set, and not both",
            ),
            (
                self.profile != ProfileRule::Identity || !self.provider.is_empty(),
                "provider",
                "the provider of the linked identities, which the rule identity looks for",
            ),
            (
                self.profile != ProfileRule::None || !self.profile_required,
                "profile_required",
                "false, since the rule none finds no profile",
            ),
            (
                self.roles_claim.is_empty() == self.has_no_role_names(),
                "roles_claim",
                "the claim that names roles, together with at least one of `iam.reader_roles`, `iam.editor_roles`, \
                 `iam.admin_roles` and `iam.owner_roles`",
            ),
            (
                self.default_role != DefaultRole::None || !self.has_no_role_names(),
                "default_role",
                "self or reader, since no role of the IAM gives any: every token would be refused",
            ),
            (!self.scopes.is_empty(), "scopes", "at least one scope"),
        ];
        rules.into_iter().filter(|(holds, ..)| !holds).map(|(_, key, expected)| (key, expected)).collect()
    }

    fn has_no_role_names(&self) -> bool {
        [&self.reader_roles, &self.editor_roles, &self.admin_roles, &self.owner_roles]
            .into_iter()
            .all(|roles| roles.is_empty())
    }
}

/// How the profile of a token is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProfileRule {
    /// It is not looked for: a token acts under its subject.
    None,
    /// A linked identity of `provider` has the claim as its account id.
    Identity,
    /// It has the claim as e-mail address, and the claim `email_verified` is true.
    Email,
    /// It has the claim as user name.
    Username,
    /// Its public id is the claim.
    Id,
}

/// The role of those to whom no role of the IAM gives one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DefaultRole {
    /// None: the token is refused.
    None,
    /// They see their own profile, and what is one edge away from it.
    #[serde(rename = "self")]
    OnlySelf,
    /// They read the directory.
    Reader,
}

/// By which algorithm a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of RFC 7518 section 3.1 and RFC 8037")]
pub enum JwtAlgorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

impl JwtAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 9] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::EdDSA,
    ];

    /// The name in headers of tokens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
        }
    }
}

impl FromStr for JwtAlgorithm {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name).ok_or(())
    }
}

impl AsRef<str> for JwtAlgorithm {
    fn as_ref(&self) -> &str {
        self.name()
    }
}

/// The name of a scope of idgraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenScope(&'static str);

impl TokenScope {
    /// Every scope, by name. The same names stand in the domain, which this module does not know.
    const ALL: [&'static str; 3] = ["directory:read", "directory:write", "history:read"];
}

impl FromStr for TokenScope {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|scope| *scope == name).map(Self).ok_or(())
    }
}

impl AsRef<str> for TokenScope {
    fn as_ref(&self) -> &str {
        self.0
    }
}

/// A URL of an IAM. Its text is kept, since issuers are compared letter by letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamUrl {
    text: String,
    url: Url,
}

impl IamUrl {
    /// The URL as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL, for those who connect.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// A URL over which keys can be trusted: by https, or on this machine.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_safe = match url.scheme() {
            "https" => url.has_host(),
            "http" => is_loopback(&url),
            _ => false,
        };
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        (is_safe && is_plain).then(|| Self { text: text.to_owned(), url })
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// A URL in which the empty string stands for none, since TOML has no null.
pub(super) mod optional_url {
    use super::IamUrl;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    /// Serializes none as the empty string.
    #[expect(clippy::ref_option, reason = "serde passes the field by reference")]
    pub(in crate::config) fn serialize<S: Serializer>(url: &Option<IamUrl>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(url.as_ref().map_or("", IamUrl::as_str))
    }

    /// Deserializes the empty string as none.
    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<IamUrl>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(None);
        }
        IamUrl::parse(&text).map(Some).ok_or_else(|| D::Error::custom("not the URL of an IAM"))
    }
}
