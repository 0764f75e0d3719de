//! From the claims of a token to what they mean here: organization, profile, role and scopes.

use super::refusal::Refusal;
use super::token::Claims;
use crate::config::{DefaultRole, IamConfig, ProfileRule};
use crate::domain::token::{OrganizationRole, Scope};
use crate::domain::{NodeId, NodeKind, OrganizationId};
use crate::resolvers::external::{Assertion, OrganizationName, ProfileName};
use serde_json::Value;

/// How long a claim may be that names something, in characters.
const MAX_NAME: usize = 255;
/// How many roles of a token are looked at.
const MAX_ROLES: usize = 2_000;

/// What a token says, in the words of idgraph.
pub(super) fn assertion(config: &IamConfig, claims: &Claims) -> Result<Assertion, Refusal> {
    Ok(Assertion {
        subject: name(claims.get("sub")).ok_or(Refusal::Claim("sub"))?.to_owned(),
        organization: organization(config, claims)?,
        profile: profile(config, claims)?,
        profile_required: config.profile_required,
        issued_at: super::token::issued_at(claims),
        role: role(config, claims).ok_or(Refusal::NoRole)?,
        scopes: scopes(config, claims),
    })
}

/// A claim, by its name or by the path that leads to it. Some IAMs have names with dots, which are URLs.
fn claim<'a>(claims: &'a Claims, path: &str) -> Option<&'a Value> {
    claims.get(path).or_else(|| {
        let mut steps = path.split('.');
        let first = claims.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    })
}

/// A text that may name something.
fn name(value: Option<&Value>) -> Option<&str> {
    let name = value?.as_str()?;
    let fits = !name.trim().is_empty() && name.chars().count() <= MAX_NAME && !name.chars().any(char::is_control);
    fits.then_some(name)
}

fn organization(config: &IamConfig, claims: &Claims) -> Result<OrganizationName, Refusal> {
    let name = if config.organization_claim.is_empty() {
        config.organization.as_str()
    } else {
        let value = claim(claims, &config.organization_claim);
        // Some IAMs make a list of it. Of several organizations, none is the one that is meant.
        let value = match value {
            Some(Value::Array(names)) if names.len() == 1 => names.first(),
            value => value,
        };
        name(value).ok_or(Refusal::Claim("the organization"))?
    };
    Ok(match name.parse::<NodeId>() {
        Ok(id) if id.kind == NodeKind::Organization => OrganizationName::Id(OrganizationId(id.uuid)),
        _ => OrganizationName::Slug(name.to_owned()),
    })
}

fn profile(config: &IamConfig, claims: &Claims) -> Result<Option<ProfileName>, Refusal> {
    let path = match (config.profile, config.profile_claim.as_str()) {
        (ProfileRule::None, _) => return Ok(None),
        (ProfileRule::Identity | ProfileRule::Id, "") => "sub",
        (ProfileRule::Email, "") => "email",
        (ProfileRule::Username, "") => "preferred_username",
        (_, path) => path,
    };
    let Some(name) = name(claim(claims, path)).map(str::to_owned) else {
        return if config.profile_required { Err(Refusal::Claim("the profile")) } else { Ok(None) };
    };
    Ok(match config.profile {
        ProfileRule::None => None,
        ProfileRule::Identity => Some(ProfileName::Account(config.provider.clone(), config.environment.clone(), name)),
        ProfileRule::Email if is_verified(claims) => Some(ProfileName::Email(name)),
        ProfileRule::Email => return Err(Refusal::UnverifiedEmail),
        ProfileRule::Username => Some(ProfileName::Username(name)),
        ProfileRule::Id => match name.parse::<NodeId>() {
            Ok(id) if id.kind.is_profile() => Some(ProfileName::Id(id)),
            _ if config.profile_required => return Err(Refusal::Claim("the profile")),
            _ => None,
        },
    })
}

fn is_verified(claims: &Claims) -> bool {
    match claims.get("email_verified") {
        Some(Value::Bool(verified)) => *verified,
        Some(Value::String(verified)) => verified == "true",
        _ => false,
    }
}

/// The strongest role that the token names; none if it is to be refused.
fn role(config: &IamConfig, claims: &Claims) -> Option<OrganizationRole> {
    let named = if config.roles_claim.is_empty() { Vec::new() } else { names(claim(claims, &config.roles_claim)) };
    let gives = [
        (OrganizationRole::Owner, &config.owner_roles),
        (OrganizationRole::Admin, &config.admin_roles),
        (OrganizationRole::Editor, &config.editor_roles),
        (OrganizationRole::Reader, &config.reader_roles),
    ];
    let strongest = gives.into_iter().find(|(_, roles)| roles.iter().any(|role| named.contains(&role.as_str())));
    strongest.map(|(role, _)| role).or(match config.default_role {
        DefaultRole::None => None,
        DefaultRole::OnlySelf => Some(OrganizationRole::OnlySelf),
        DefaultRole::Reader => Some(OrganizationRole::Reader),
    })
}

/// Names of roles or groups, in the forms in which IAMs write them: one text, a list of texts, a list of objects that have
/// a name, or an object whose keys are the names.
fn names(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(items)) => items
            .iter()
            .take(MAX_ROLES)
            .filter_map(|item| item.as_str().or_else(|| item.get("name")?.as_str()))
            .collect(),
        Some(Value::Object(members)) => members.keys().take(MAX_ROLES).map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// What the token may be used for (RFC 8693 section 4.2; `scp` is what Entra and Okta write).
fn scopes(config: &IamConfig, claims: &Claims) -> Vec<Scope> {
    let of = |name: &str| name.strip_prefix(config.scope_prefix.as_str()).and_then(Scope::from_name);
    let mut named = Vec::new();
    for value in ["scope", "scp"].into_iter().filter_map(|claim| claims.get(claim)) {
        match value {
            Value::String(names) => named.extend(names.split_ascii_whitespace().filter_map(of)),
            Value::Array(names) => named.extend(names.iter().filter_map(Value::as_str).filter_map(of)),
            _ => {}
        }
    }
    let is_confined = config.scopes_required || !named.is_empty();
    let allowed = config.scopes.iter().filter_map(|scope| Scope::from_name(scope.as_ref()));
    allowed.filter(|scope| !is_confined || named.contains(scope)).collect()
}
