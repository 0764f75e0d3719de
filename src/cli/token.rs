//! `idgraph token`: API tokens.

use super::failure::Failure;
use super::settings::Settings;
use super::{application, output};
use crate::domain::token::{OrganizationRole, ScimOptions, Scope};
use crate::domain::{ApiToken, NodeId, NodeKind, Organization, OrganizationId, Timestamp};
use crate::resolvers::command::{CreateToken, RevokeToken};
use crate::resolvers::query::ProfileBy;
use crate::resolvers::{App, RunOptions, Viewer, authenticate};
use crate::store;
use chrono::{SecondsFormat, TimeDelta};
use clap::{Args, Subcommand};
use rand::TryRngCore;
use rand::rngs::OsRng;
use std::collections::HashMap;
use uuid::Uuid;

/// What to do about API tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Make a token, and print its secret once
    Create(Create),
    /// List every token, revoked ones too
    List,
    /// Revoke a token, for good
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// What the token is for
    #[arg(long)]
    name: String,
    /// The one organization the token is good for [default: every organization]
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
    /// What the token may do at most: owner, admin, editor, reader or self
    #[arg(long, default_value = "reader", value_parser = role)]
    role: OrganizationRole,
    /// What the token may be used for: directory:read, directory:write or history:read; may be
    /// repeated [default: everything that its role may]
    #[arg(long = "scope", value_name = "SCOPE", value_parser = scope)]
    scopes: Vec<Scope>,
    /// The profile the token acts for
    #[arg(long, value_name = "USERNAME", requires = "organization")]
    profile: Option<String>,
    /// After how many days the token ceases to work [default: never]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    expires_in_days: Option<u32>,
    /// By which name a SCIM client is known in external ids, so that another token of the same client
    /// finds them again [default: made of the token's name]
    #[arg(long, value_name = "NAME")]
    scim_client: Option<String>,
    /// Answer a PATCH of SCIM with 200 and the resource, or with 204 and nothing
    #[arg(long, value_name = "STATUS", default_value = "200", value_parser = ["200", "204"])]
    scim_patch_response: String,
    /// Understand requests of SCIM as Microsoft Entra ID means them
    #[arg(long)]
    scim_entra: bool,
    /// What to do about members of a SCIM group that do not exist: refuse the request, or leave them out
    #[arg(long, value_name = "POLICY", default_value = "strict", value_parser = ["strict", "ignore"])]
    scim_unknown_members: String,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// The id of the token: tok_…
    id: String,
    /// Why
    #[arg(long)]
    reason: Option<String>,
}

impl Token {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        application::as_operator(settings, async |app, viewer| match self {
            Self::Create(create) => create.run(app, viewer).await,
            Self::List => list(app, viewer).await,
            Self::Revoke(revoke) => revoke.run(app, viewer).await,
        })
        .await
    }
}

impl Create {
    async fn run(self, app: &App, viewer: &Viewer) -> Result<(), Failure> {
        let organization = match &self.organization {
            Some(slug) => Some(application::organization(app, viewer, slug).await?.id),
            None => None,
        };
        let profile = match (&self.profile, organization) {
            (Some(username), Some(organization)) => Some(profile(app, viewer, organization, username).await?),
            _ => None,
        };
        let expires_at = self.expires_in_days.map(|days| app.clock().now() + TimeDelta::days(days.into()));
        let scopes = if self.scopes.is_empty() { Scope::ALL.to_vec() } else { self.scopes };
        let scim = ScimOptions {
            client: self.scim_client,
            silent_patch: self.scim_patch_response == "204",
            entra: self.scim_entra,
            ignore_unknown_members: self.scim_unknown_members == "ignore",
        };
        let new = NewToken { name: self.name, organization, role: self.role, scopes, profile, expires_at, scim };
        let (id, secret) = new.make(app, viewer).await?;
        eprintln!("The token {id} is made. Its secret is shown this once:");
        output::line(secret)
    }
}

async fn profile(app: &App, viewer: &Viewer, organization: OrganizationId, username: &str) -> Result<NodeId, Failure> {
    let by = ProfileBy::Username(organization, username.to_owned());
    let found = app.read(viewer).profile_by(&by).await?;
    let found = found.ok_or_else(|| Failure::new(format!("There is no profile {username:?} in the organization.")))?;
    Ok(found.id)
}

/// A token that is to be made.
pub(super) struct NewToken {
    /// What it is for.
    pub(super) name: String,
    /// The one organization it is good for; none for every organization.
    pub(super) organization: Option<OrganizationId>,
    /// What it may do at most.
    pub(super) role: OrganizationRole,
    /// What it may be used for.
    pub(super) scopes: Vec<Scope>,
    /// The profile it acts for.
    pub(super) profile: Option<NodeId>,
    /// When it ceases to work.
    pub(super) expires_at: Option<Timestamp>,
    /// How its holder wants to be understood by the SCIM face.
    pub(super) scim: ScimOptions,
}

impl NewToken {
    /// Makes the token. What is answered, besides its id, is the only copy of its secret.
    pub(super) async fn make(self, app: &App, viewer: &Viewer) -> Result<(NodeId, String), Failure> {
        let mut bits = [0; 32];
        OsRng
            .try_fill_bytes(&mut bits)
            .map_err(|error| Failure::because("The operating system has no random numbers", &error))?;
        let secret = authenticate::secret_of(bits);
        let command = CreateToken {
            name: self.name,
            organization: self.organization,
            role: self.role,
            scopes: self.scopes,
            profile: self.profile,
            expires_at: self.expires_at,
            scim: self.scim,
            hash: authenticate::hash_of(&secret).to_vec(),
        };
        let id = app.run(viewer, command, RunOptions::default()).await?;
        Ok((id, secret))
    }
}

impl Revoke {
    async fn run(self, app: &App, viewer: &Viewer) -> Result<(), Failure> {
        let id = NodeId::parse_as(&self.id, &[NodeKind::Token], "id")?;
        app.run(viewer, RevokeToken { id, reason: self.reason }, RunOptions::default()).await?;
        eprintln!("The token {id} is revoked.");
        Ok(())
    }
}

async fn list(app: &App, viewer: &Viewer) -> Result<(), Failure> {
    let tokens = app.store().tokens(store::Scope::EVERYTHING).await?;
    let organizations: Vec<Uuid> = tokens.iter().filter_map(|token| token.organization).map(|id| id.0).collect();
    let organizations: HashMap<Uuid, Organization> = app.read(viewer).nodes(&organizations).await?;
    let header = ["ID", "ORGANIZATION", "ROLE", "STATE", "EXPIRES", "LAST USED", "NAME"];
    output::line(row(header))?;
    for token in tokens {
        let organization = token.organization.map_or("(every one)", |id| {
            organizations.get(&id.0).map_or("(deleted)", |organization| organization.slug.as_str())
        });
        output::line(row([
            &token.id.to_string(),
            organization,
            token.role.name(),
            state(&token, app.clock().now()),
            &token.expires_at.map_or_else(|| "never".to_owned(), time),
            &token.last_used_at.map_or_else(|| "never".to_owned(), time),
            &token.name,
        ]))?;
    }
    Ok(())
}

fn row([id, organization, role, state, expires, used, name]: [&str; 7]) -> String {
    format!("{id:30}  {organization:20}  {role:6}  {state:7}  {expires:20}  {used:20}  {name}")
}

fn state(token: &ApiToken, now: Timestamp) -> &'static str {
    match (token.meta.deleted_at, token.is_live(now)) {
        (Some(_), _) => "revoked",
        (None, false) => "expired",
        (None, true) => "live",
    }
}

fn time(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn role(name: &str) -> Result<OrganizationRole, String> {
    OrganizationRole::from_name(name).ok_or_else(|| one_of(OrganizationRole::ALL.map(OrganizationRole::name)))
}

fn scope(name: &str) -> Result<Scope, String> {
    Scope::from_name(name).ok_or_else(|| one_of(Scope::ALL.map(Scope::name)))
}

fn one_of<const N: usize>(names: [&str; N]) -> String {
    format!("expected one of {}", names.join(", "))
}
