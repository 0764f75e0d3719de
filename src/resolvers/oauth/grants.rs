//! Issuing: a token for an API token (`client_credentials`), and one for somebody with a password (`password`).
//!
//! Whoever tries a password learns nothing but that it was wrong: an account that does not exist, one without a password, one
//! that is barred and a wrong password take as long and are told alike. That somebody has failed is written down while the
//! answer is on its way, so that the writing does not tell either.

use super::super::App;
use super::super::command::{NoteFailedSignIn, SignIn};
use super::super::external::OrganizationName;
use super::super::policy::{self, Action, Resource};
use super::super::viewer::{Access, Viewer};
use super::super::{RunOptions, password};
use super::Settings;
use super::jwt::{Claims, SignedIn, written};
use crate::domain::session::Whereabouts;
use crate::domain::token::{OrganizationRole, ScimOptions, Scope};
use crate::domain::{Actor, ApiToken, Error, ErrorCode, OrganizationId, Origin, Timestamp};
use crate::store::LocalAccount;
use chrono::{DateTime, TimeDelta};
use std::time::Duration;

/// Scopes of OpenID Connect, which clients name by habit. They are about what userinfo tells, and change nothing here.
const OF_OPENID: [&str; 6] = ["openid", "profile", "email", "phone", "address", "offline_access"];

/// What is said where passwords are of no use.
const NO_PASSWORDS: &str = "Nobody signs in to this server with a password; see oauth.password_grant.";

/// Why no token is issued.
#[derive(Debug)]
pub enum Refused {
    /// This server issues no tokens, or not in this way.
    Grant(&'static str),
    /// The client may not ask for one in this way.
    Client(&'static str),
    /// The scope is not known, or more than the client has.
    Scope,
    /// User name or password are wrong, or the account cannot be used.
    Account(&'static str),
    /// Something else.
    Error(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// A token that was issued.
pub struct Issued {
    /// The token.
    pub token: String,
    /// For how many seconds it is good.
    pub expires_in: i64,
    /// What it may be used for.
    pub scope: String,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// Somebody who wants to sign in with a password.
pub struct PasswordSignIn {
    /// The user name. For clients of every organization, behind the slug or id of the organization and a slash.
    pub username: String,
    /// The password.
    pub password: String,
    /// From where and with what.
    pub whereabouts: Whereabouts,
}

impl std::fmt::Debug for PasswordSignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordSignIn").finish_non_exhaustive()
    }
}

impl PasswordSignIn {
    /// In which organization the account is looked for, and its name there; none if the client does not settle that.
    fn account(&self, client: &ApiToken) -> Option<(OrganizationName, &str)> {
        if let Some(own) = client.organization {
            return Some((OrganizationName::Id(own), &self.username));
        }
        let (organization, username) = self.username.split_once('/')?;
        let name = match organization.parse::<crate::domain::NodeId>() {
            Ok(id) if id.kind == crate::domain::NodeKind::Organization => OrganizationName::Id(OrganizationId(id.uuid)),
            _ => OrganizationName::Slug(organization.to_owned()),
        };
        Some((name, username))
    }
}

/// What names the account of a user to a limit, whether there is one or not.
#[must_use]
pub fn attempt_key(organization: OrganizationId, username: &str) -> String {
    format!("{}/{}", organization.0, crate::domain::text::key(username))
}

impl App {
    /// What names the account to a limit, whether there is one or not: the same for every spelling that leads to it.
    pub async fn attempt_key(
        &self,
        client: &ApiToken,
        sign_in: &PasswordSignIn,
        origin: Origin,
    ) -> crate::domain::Result<String> {
        let nowhere = |name: &str| attempt_key(OrganizationId::INSTANCE, name);
        Ok(match sign_in.account(client) {
            None => nowhere(&sign_in.username),
            Some((OrganizationName::Id(id), name)) => attempt_key(id, name),
            Some((OrganizationName::Slug(slug), name)) => {
                let viewer = Viewer::server(origin);
                match self.read(&viewer).organization_by_slug(&slug).await? {
                    Some(organization) => attempt_key(organization.id, name),
                    None => nowhere(name),
                }
            }
        })
    }

    /// Requires that a password is the one with which a user of that name signs in here. It is the same as signing in, but for
    /// the session: so it is for those who may set passwords, where people sign in with them; and failing is written down.
    pub async fn confirm_password(
        &self,
        viewer: &Viewer,
        (organization, username): (OrganizationId, &str),
        (password, whereabouts): (String, &Whereabouts),
    ) -> Result<(), Refused> {
        policy::allow(viewer, Action::Administer, Resource::of(organization).seen())?;
        if !self.granting()?.password_grant {
            return Err(Refused::Grant(NO_PASSWORDS));
        }
        let account = self.store().local_account(&OrganizationName::Id(organization), username).await?;
        let tried = (password, whereabouts);
        self.check_password(&viewer.actor, account, tried, &viewer.origin).await.map(|_| ())
    }

    fn granting(&self) -> Result<&Settings, Refused> {
        self.issuance().ok_or(Refused::Grant("This server issues no tokens; send the API token itself as the bearer."))
    }

    /// Issues a token for an API token.
    pub async fn grant_client(
        &self,
        client: &ApiToken,
        scope: Option<&str>,
        origin: Origin,
    ) -> Result<Issued, Refused> {
        let settings = self.granting()?;
        let scopes = narrowed(client, scope)?;
        let (issued_at, expires_at) = self.period(settings, client);
        let claims = Claims {
            jti: self.clock().new_id(),
            key: uuid::Uuid::nil(),
            subject: client.profile.unwrap_or(client.id),
            client: client.id,
            scopes,
            owner: self.owner(client.organization, &origin).await?,
            signed_in: None,
            issued_at,
            expires_at,
        };
        self.issue(settings, &claims, origin).await
    }

    /// Issues a token for somebody who signs in with a password, and begins a session.
    pub async fn grant_password(
        &self,
        client: &ApiToken,
        sign_in: PasswordSignIn,
        (scope, origin): (Option<&str>, Origin),
    ) -> Result<Issued, Refused> {
        let settings = self.granting()?;
        if !settings.password_grant {
            return Err(Refused::Grant(NO_PASSWORDS));
        }
        if client.profile.is_some() {
            return Err(Refused::Client("This client acts for a profile already, and signs in nobody else."));
        }
        let scopes = narrowed(client, scope)?;
        let actor = Viewer::of_token(client, origin.clone()).actor;
        let account = match sign_in.account(client) {
            Some((organization, username)) => self.store().local_account(&organization, username).await?,
            None => None,
        };
        let tried = (sign_in.password.clone(), &sign_in.whereabouts);
        let account = self.check_password(&actor, account, tried, &origin).await?;
        let (issued_at, expires_at) = self.period(settings, client);
        let session = self.clock().new_id();
        let begin = SignIn {
            organization: account.organization,
            profile: account.profile,
            identity: account.identity,
            hash: account.hash,
            session,
            expires_at,
            whereabouts: sign_in.whereabouts,
        };
        let viewer = recorder(actor, account.organization, origin.clone());
        let epoch = match self.run(&viewer, begin, RunOptions::default()).await {
            Err(error) if error.code == ErrorCode::NotFound => return Err(wrong()),
            outcome => outcome?,
        };
        let claims = Claims {
            jti: self.clock().new_id(),
            key: uuid::Uuid::nil(),
            subject: account.profile,
            client: client.id,
            scopes,
            owner: self.owner(Some(account.organization), &origin).await?,
            signed_in: Some(SignedIn { profile: account.profile, session, epoch }),
            issued_at,
            expires_at,
        };
        self.issue(settings, &claims, origin).await
    }

    /// The account, if the password is its own.
    async fn check_password(
        &self,
        actor: &Actor,
        account: Option<LocalAccount>,
        (password, whereabouts): (String, &Whereabouts),
        origin: &Origin,
    ) -> Result<LocalAccount, Refused> {
        let hash = account.as_ref().filter(|account| account.is_active).and_then(|account| account.hash.clone());
        let is_right = {
            let permit = tokio::time::timeout(Duration::from_secs(5), self.oauth.passwords.acquire()).await;
            let _permit = permit.ok().and_then(Result::ok).ok_or_else(Error::unavailable)?;
            password::is_right(password, hash).await?
        };
        let Some(account) = account else { return Err(wrong()) };
        let (reason, refused) = match (is_right, &account) {
            (true, LocalAccount { must_reset: true, .. }) => (
                "password_reset_required",
                Refused::Account("The password has to be changed first; ask an administrator for a new one."),
            ),
            (true, LocalAccount { needs_second_factor: true, .. }) => (
                "mfa_required",
                Refused::Account("This account needs a second factor; sign in where one can be shown."),
            ),
            (true, _) => return Ok(account),
            (false, LocalAccount { is_active: false, .. }) => ("account_not_active", wrong()),
            (false, _) => ("wrong_password", wrong()),
        };
        let failed = NoteFailedSignIn {
            organization: account.organization,
            identity: account.identity,
            reason,
            whereabouts: whereabouts.clone(),
        };
        self.leave_to_do(&recorder(actor.clone(), account.organization, origin.clone()), failed).await?;
        Err(refused)
    }

    /// From when until when a token is good that is issued now, in whole seconds.
    fn period(&self, settings: &Settings, client: &ApiToken) -> (Timestamp, Timestamp) {
        let now = self.clock().now();
        let issued_at = DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now);
        let until = issued_at + settings.lifetime;
        let until = client.expires_at.map_or(until, |end| until.min(end));
        (issued_at, DateTime::from_timestamp(until.timestamp(), 0).unwrap_or(until))
    }

    /// How an organization is called.
    async fn owner(&self, organization: Option<OrganizationId>, origin: &Origin) -> Result<Option<String>, Refused> {
        let viewer = Viewer::server(origin.clone());
        let slugs = self.read(&viewer).slugs(organization.into_iter()).await?;
        Ok(slugs.into_values().next())
    }

    async fn issue(&self, settings: &Settings, claims: &Claims, origin: Origin) -> Result<Issued, Refused> {
        let key = self.signing_key(settings, &Viewer::server(origin)).await?;
        let token = claims.sign(settings, &key)?;
        let expires_in = (claims.expires_at - claims.issued_at).max(TimeDelta::zero()).num_seconds();
        Ok(Issued { token, expires_in, scope: written(&claims.scopes) })
    }
}

/// Whoever records what somebody does at a client: the client, which needs no right of its own to that.
fn recorder(client: Actor, organization: OrganizationId, origin: Origin) -> Viewer {
    let access = Access {
        organization: Some(organization),
        role: OrganizationRole::Editor,
        scopes: Scope::ALL.to_vec(),
        profile: None,
        scim: ScimOptions::default(),
    };
    Viewer::of(client, access, origin)
}

fn wrong() -> Refused {
    Refused::Account("User name or password are wrong.")
}

/// The scopes that a client asks for, which have to be its own; all that it has, if it names none.
fn narrowed(client: &ApiToken, scope: Option<&str>) -> Result<Vec<Scope>, Refused> {
    let named: Vec<&str> =
        scope.unwrap_or_default().split(' ').filter(|name| !name.is_empty() && !OF_OPENID.contains(name)).collect();
    if named.is_empty() {
        return Ok(client.scopes.clone());
    }
    let scopes: Option<Vec<Scope>> =
        named.into_iter().map(|name| Scope::from_name(name).filter(|scope| client.scopes.contains(scope))).collect();
    let mut scopes = scopes.ok_or(Refused::Scope)?;
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes)
}
