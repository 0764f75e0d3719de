//! A token of ours as a credential: whether it is good, and who comes with it.
//!
//! What was verified is kept, and taken for granted for as long as with API tokens: two seconds, and no longer than nothing
//! changes that it follows from. For a token of a client that is the directory of the organization, where events tell that the
//! API token or the token itself was revoked. For somebody who has signed in it is also what accounts do.

use super::super::App;
use super::super::authenticate::{Trusted, hash_of};
use super::super::external::{OrganizationName, ProfileName};
use super::super::viewer::{Access, Viewer};
use super::Settings;
use super::jwt::{self, Claims, SignedIn};
use crate::domain::identity::{DEFAULT_ENVIRONMENT, LOCAL_PROVIDER};
use crate::domain::token::{OrganizationRole, ScimOptions, Scope};
use crate::domain::{Actor, ApiToken, Error, Origin, Result, Timestamp};
use crate::store::{Realm, Scope as Tenancy};
use std::sync::Arc;

/// Somebody who came with a token of ours.
#[derive(Debug)]
pub(in super::super) struct Bearer {
    pub(super) claims: Claims,
    pub(super) token: Arc<ApiToken>,
    pub(super) actor: Actor,
    pub(super) access: Access,
}

impl Bearer {
    /// The viewer that this is.
    pub(in super::super) fn viewer(&self, origin: Origin) -> Viewer {
        Viewer::of(self.actor.clone(), self.access.clone(), origin)
    }
}

/// What is said to somebody whose token was ours, and is good no more.
fn bad() -> Error {
    Error {
        message: "This token has expired, was revoked, or is none of this server; ask for a new one.".into(),
        ..Error::unauthenticated()
    }
}

impl App {
    /// Who comes with a token; none if it names no key of this server.
    pub(in super::super) async fn bearer(&self, text: &str) -> Result<Option<Arc<Bearer>>> {
        let Some(settings) = self.issuance() else { return Ok(None) };
        let (hash, now) = (hash_of(text), self.clock().now());
        let known = self.oauth.known.get(&hash);
        let claims = match &known {
            Some(known) if self.keys(settings, now).await?.find(known.found.claims.key, now).is_some() => {
                if known.is_good(self.store().freshness(), now) && known.found.claims.is_timely(now) {
                    return self.if_live(&known.found, now).map(Some);
                }
                known.found.claims.clone()
            }
            _ => match self.claims(settings, text, now).await? {
                Some(claims) => claims?,
                None => return Ok(None),
            },
        };
        if !claims.is_timely(now) {
            return Err(bad());
        }
        let (bearer, scope, realm) = self.find_bearer(claims, now).await?;
        let bearer = Arc::new(bearer);
        self.oauth.known.insert(hash, Trusted::new(Arc::clone(&bearer), scope, now).in_realm(realm));
        Ok(Some(bearer))
    }

    fn if_live(&self, bearer: &Arc<Bearer>, now: Timestamp) -> Result<Arc<Bearer>> {
        if bearer.token.is_live(now) { Ok(Arc::clone(bearer)) } else { Err(bad()) }
    }

    /// What a token says, if a key of ours has signed it; none if it names no such key.
    pub(super) async fn claims(
        &self,
        settings: &Settings,
        text: &str,
        now: Timestamp,
    ) -> Result<Option<Result<Claims>>> {
        let Some(unverified) = jwt::take_apart(text) else { return Ok(None) };
        let keys = self.keys_with(settings, unverified.key, now).await?;
        let Some(key) = keys.find(unverified.key, now) else { return Ok(None) };
        Ok(Some(unverified.verify(settings, key).ok_or_else(bad)))
    }

    async fn find_bearer(
        &self,
        claims: Claims,
        now: Timestamp,
    ) -> Result<(Bearer, (Tenancy, Option<crate::store::Stamp>), Realm)> {
        let (freshness, everywhere) = (self.store().freshness(), Tenancy::EVERYTHING);
        let realm = if claims.signed_in.is_some() { Realm::Accounts } else { Realm::Directory };
        let before = freshness.of(everywhere, realm);
        let token = self.store().token_by_id(claims.client.uuid).await?.filter(|token| token.is_live(now));
        let token = Arc::new(token.ok_or_else(bad)?);
        if self.store().is_revoked(claims.jti).await? {
            return Err(bad());
        }
        // What the API token may not be used for, nothing that was issued for it may.
        let scopes: Vec<Scope> = claims.scopes.iter().copied().filter(|scope| token.scopes.contains(scope)).collect();
        let (actor, access) = match claims.signed_in {
            Some(signed_in) => self.find_signed_in(signed_in, &token, (scopes, now)).await?,
            None => {
                let access = Access {
                    organization: token.organization,
                    role: token.role,
                    scopes,
                    profile: token.profile,
                    scim: token.scim.clone(),
                };
                (Actor { id: Some(token.id), profile: token.profile, name: token.name.clone() }, access)
            }
        };
        // That of a client for every organization is not of the one in which somebody has signed in.
        let scope = match (claims.signed_in.is_some() && token.organization.is_none(), access.organization) {
            (true, _) => everywhere,
            (false, organization) => {
                Tenancy::organization(organization.unwrap_or(crate::domain::OrganizationId::INSTANCE))
            }
        };
        let unchanged = freshness.of(everywhere, realm) == before;
        let stamp = freshness.of(scope, realm).filter(|_| unchanged);
        Ok((Bearer { claims, token, actor, access }, (scope, stamp), realm))
    }

    async fn find_signed_in(
        &self,
        SignedIn { profile, session, epoch }: SignedIn,
        token: &ApiToken,
        (scopes, now): (Vec<Scope>, Timestamp),
    ) -> Result<(Actor, Access)> {
        let scope = token.organization.map_or(Tenancy::EVERYTHING, Tenancy::organization);
        let found = self.store().sessions_by_ids(scope, &[session]).await?.remove(&session);
        let session = found.filter(|session| session.is_live(now)).ok_or_else(bad)?;
        let account = (LOCAL_PROVIDER.to_owned(), DEFAULT_ENVIRONMENT.to_owned(), profile.to_string());
        let account = ProfileName::Account(account.0, account.1, account.2);
        let organization = OrganizationName::Id(session.organization);
        let found = self.store().principals(&organization, Some(&account)).await?.into_iter().next();
        let named = found.and_then(|principal| principal.profile);
        let named = named.filter(|named| named.is_active && named.id == profile).ok_or_else(bad)?;
        let own = Tenancy::organization(session.organization);
        let standing = self.store().standings(own, &[session.identity.uuid]).await?.remove(&session.identity.uuid);
        if standing.unwrap_or_default().session_epoch != epoch {
            return Err(bad());
        }
        let access = Access {
            organization: Some(session.organization),
            role: OrganizationRole::OnlySelf,
            scopes,
            profile: Some(profile),
            scim: ScimOptions::default(),
        };
        Ok((Actor { id: Some(profile), profile: Some(profile), name: named.username }, access))
    }
}
