//! Viewers whose credential was made elsewhere: the tokens of an external IAM.
//!
//! An [`Issuer`] knows whether a token is genuine, and what it says: that is [an assertion](Assertion), in the words of
//! idgraph. Here the assertion meets the directory: the organization has to be there, and so has the profile, which has
//! to be active. Who comes in that way has an [`Access`] like the holder of any API token, and the policy does not know
//! the difference.
//!
//! What the directory said is trusted for as long as with API tokens: two seconds, and no longer than nothing changes in the
//! organization. A token that was issued before the sessions of its account were revoked is of no use any more. Whoever keeps a connection open
//! authenticates again, with the same token, as often as it wants to know that the viewer may still be there.

use super::authenticate::{Trusted, hash_of};
use super::{Access, App, Viewer};
use crate::domain::token::{OrganizationRole, ScimOptions, Scope};
use crate::domain::{Actor, Error, Origin, Result, Timestamp};
use crate::store::{NamedProfile, Principal, Realm, Scope as Tenancy, Stamp};
pub use crate::store::{OrganizationName, ProfileName};
use futures::future::BoxFuture;
use quick_cache::sync::Cache;
use std::fmt::Debug;
use std::sync::Arc;

/// What is said to somebody whose token is genuine, but who is nobody here. It does not tell what is missing.
const NOBODY_HERE: &str =
    "This token is genuine, but whom it names is not active in this directory; ask an administrator.";

/// Somebody who makes tokens that are accepted here.
pub trait Issuer: Debug + Send + Sync {
    /// What the token says, if it is genuine, meant for this server, and of this time. The hash is that of the token.
    fn recognise<'a>(
        &'a self,
        token: &'a str,
        hash: &'a [u8; 32],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Arc<Assertion>>>;

    /// Gets ready in the background, so that the first token does not have to wait.
    fn prepare(&self, now: Timestamp);
}

/// What a token of somebody else says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Whom the issuer names.
    pub subject: String,
    /// The one organization that it gives access to.
    pub organization: OrganizationName,
    /// What names the profile of the subject; none if no profile stands for it.
    pub profile: Option<ProfileName>,
    /// Whether nobody comes in without a profile.
    pub profile_required: bool,
    /// When the token was issued; none if it does not say.
    pub issued_at: Option<Timestamp>,
    /// The role in the organization.
    pub role: OrganizationRole,
    /// What the token may be used for.
    pub scopes: Vec<Scope>,
}

/// Somebody who came in with a token of somebody else.
#[derive(Debug)]
struct Guest {
    actor: Actor,
    access: Access,
    /// What it was found by: a token that is read anew may say something else.
    assertion: Arc<Assertion>,
}

/// The issuer, if there is one, and whom its tokens named lately, by hash.
#[derive(Debug)]
pub(super) struct Guests {
    issuer: Option<Arc<dyn Issuer>>,
    known: Cache<[u8; 32], Trusted<Guest>>,
}

impl Guests {
    pub(super) fn new(capacity: usize) -> Self {
        Self { issuer: None, known: Cache::new(capacity) }
    }
}

impl App {
    /// The same application, which accepts the tokens of that issuer too.
    #[must_use]
    pub fn with_issuer(mut self, issuer: Arc<dyn Issuer>) -> Self {
        self.guests.issuer = Some(issuer);
        self
    }

    /// Lets the issuer get ready, if there is one.
    pub fn prepare_issuer(&self) {
        if let Some(issuer) = &self.guests.issuer {
            issuer.prepare(self.clock().now());
        }
    }

    /// The viewer that holds a token that is none of ours.
    pub(super) async fn authenticate_guest(&self, bearer: &str, origin: Origin) -> Result<Viewer> {
        let issuer = self.guests.issuer.as_ref().ok_or_else(Error::bad_credential)?;
        let (hash, now) = (hash_of(bearer), self.clock().now());
        let assertion = issuer.recognise(bearer, &hash, now).await?;
        let guest = match self.guests.known.get(&hash) {
            Some(known) if known.is_good(self.store().freshness(), now) && known.found.assertion == assertion => {
                known.found
            }
            _ => {
                let (guest, scope) = self.find_guest(assertion).await?;
                let guest = Arc::new(guest);
                self.guests.known.insert(hash, Trusted::new(Arc::clone(&guest), scope, now));
                guest
            }
        };
        Ok(Viewer::of(guest.actor.clone(), guest.access.clone(), origin))
    }

    async fn find_guest(&self, assertion: Arc<Assertion>) -> Result<(Guest, (Tenancy, Option<Stamp>))> {
        let freshness = self.store().freshness();
        let before = freshness.of(Tenancy::EVERYTHING, Realm::Directory);
        let nobody = |reason| {
            tracing::info!(iam.refusal = reason, "refused a token of the IAM");
            Error { message: NOBODY_HERE.into(), ..Error::unauthenticated() }
        };
        let mut found = self.store().principals(&assertion.organization, assertion.profile.as_ref()).await?.into_iter();
        let Principal { organization, profile } = found.next().ok_or_else(|| nobody("unknown organization"))?;
        // Of those with one e-mail address, one that is deleted comes last and is no second one.
        if profile.is_some() && found.any(|other| other.profile.is_some_and(|other| other.is_active)) {
            return Err(nobody("several profiles"));
        }
        let actor = match profile {
            Some(NamedProfile { is_active: false, .. }) => return Err(nobody("inactive profile")),
            Some(NamedProfile { not_before: Some(revoked), .. })
                if assertion.issued_at.is_none_or(|issued| issued <= revoked) =>
            {
                return Err(nobody("sessions revoked since"));
            }
            Some(NamedProfile { id, username, .. }) => Actor { id: Some(id), profile: Some(id), name: username },
            None if assertion.profile_required => return Err(nobody("unknown profile")),
            // No name of ours looks like this.
            None => Actor { id: None, profile: None, name: format!("iam:{}", assertion.subject) },
        };
        let access = Access {
            organization: Some(organization),
            role: assertion.role,
            scopes: assertion.scopes.clone(),
            profile: actor.profile,
            scim: ScimOptions::default(),
        };
        let scope = Tenancy::organization(organization);
        let unchanged = freshness.of(Tenancy::EVERYTHING, Realm::Directory) == before;
        let stamp = freshness.of(scope, Realm::Directory).filter(|_| unchanged);
        Ok((Guest { actor, access, assertion }, (scope, stamp)))
    }
}
