//! Somebody signs in here with a password, or tries to, and signs out.
//!
//! Whether the password is right is found out before, outside of any transaction: that takes some ten milliseconds.

use super::super::super::policy::Action;
use super::super::super::risk::Surroundings;
use super::super::super::write::WriteContext;
use super::super::reports::{session_record, write_access_records};
use super::super::{Command, Target};
use super::sessions::tell_end;
use crate::domain::access::{AccessKind, AccessOutcome, AccessRecord};
use crate::domain::diff::Difference;
use crate::domain::identity::{IdentityStatus, MfaState};
use crate::domain::profile::ProfileStatus;
use crate::domain::session::{SessionEnd, Whereabouts, session_id};
use crate::domain::{
    EdgeKind, Error, LinkedIdentity, NodeId, OrganizationId, Profile, Result, Session, SessionRef, Timestamp,
};
use crate::store::Side;
use serde::Serialize;
use serde_json::{Map, json};
use uuid::Uuid;

/// How somebody proves here who it is.
const METHOD: &str = "password";

/// Begins a session of an account here, whose password was right.
#[derive(Debug, Clone, Serialize)]
pub struct SignIn {
    /// Of which organization.
    pub organization: OrganizationId,
    /// The profile.
    pub profile: NodeId,
    /// Its account here.
    pub identity: NodeId,
    /// The hash of the password that was right.
    #[serde(skip)]
    pub hash: Option<String>,
    /// The id of the session.
    pub session: Uuid,
    /// Until when it goes on at most.
    pub expires_at: Timestamp,
    /// From where and with what.
    pub whereabouts: Whereabouts,
}

impl Command for SignIn {
    /// The epoch of the account's sessions that this one is of.
    type Output = i64;
    const ACTION: &'static str = "session.begin";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organization")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<i64> {
        context.authorize_tenant(Action::EditDirectory)?;
        // While the password was looked at, both may have been barred, and it may have become another one, or worth nothing.
        let profile: Profile = context.load(self.profile, "username").await?;
        let identity: LinkedIdentity = context.load(self.identity, "username").await?;
        let standing = context.unit().standing(self.identity).await?;
        let may = profile.status == ProfileStatus::Active
            && identity.status == IdentityStatus::Active
            && identity.mfa_state != MfaState::Enforced
            && standing.password_reset_since.is_none();
        if !may || context.unit().password(self.profile).await? != self.hash {
            return Err(Error::not_found("username", "account"));
        }
        let address = std::iter::once((self.whereabouts.address, None));
        let surroundings = Surroundings::of(context, address).await?;
        let session = Session {
            id: self.session,
            organization: self.organization,
            identity: self.identity,
            external_id: None,
            whereabouts: surroundings.complete(&self.whereabouts, None),
            started_at: context.now(),
            last_seen_at: context.now(),
            expires_at: Some(self.expires_at),
            ended_at: None,
            end: None,
            actor: context.viewer().actor.clone(),
            source: context.viewer().source.to_string(),
        };
        session.whereabouts.check()?;
        let begun = session_record(context, &session, AccessKind::SessionStart, context.now());
        let mut signed_in = session_record(context, &session, AccessKind::SignIn, context.now());
        signed_in.method = Some(METHOD.to_owned());
        context.facts()?.write_sessions(std::slice::from_ref(&session)).await?;
        write_access_records(context, &[signed_in, begun]).await?;
        Ok(standing.session_epoch)
    }
}

/// Records that somebody tried to sign in to an account here and was refused.
#[derive(Debug, Clone, Serialize)]
pub struct NoteFailedSignIn {
    /// Of which organization.
    pub organization: OrganizationId,
    /// The account.
    pub identity: NodeId,
    /// Why it was refused, in a word.
    pub reason: &'static str,
    /// From where and with what.
    pub whereabouts: Whereabouts,
}

impl Command for NoteFailedSignIn {
    type Output = Uuid;
    const ACTION: &'static str = "access.record";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organization")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        context.authorize_tenant(Action::EditDirectory)?;
        let id = context.unit().new_id();
        let address = std::iter::once((self.whereabouts.address, None));
        let surroundings = Surroundings::of(context, address).await?;
        let record = AccessRecord {
            id,
            organization: context.tenant(),
            event_id: format!("{}:{}", crate::domain::access::access_record_id(id), AccessKind::SignIn.name()),
            identity: self.identity,
            session: None,
            kind: AccessKind::SignIn,
            outcome: AccessOutcome::Failure,
            reason: Some(self.reason.to_owned()),
            method: Some(METHOD.to_owned()),
            resource: None,
            whereabouts: surroundings.complete(&self.whereabouts, None),
            details: Map::new(),
            occurred_at: context.now(),
            recorded_at: context.now(),
            actor: context.viewer().actor.clone(),
            source: context.viewer().source.to_string(),
            request_id: context.viewer().origin.request_id.to_string(),
        };
        record.check()?;
        write_access_records(context, &[record]).await?;
        Ok(id)
    }
}

/// Ends a session that the viewer has begun for somebody, or that is its own.
#[derive(Debug, Clone, Serialize)]
pub struct SignOut {
    /// The account whose session it is.
    pub identity: NodeId,
    /// The session.
    pub session: Uuid,
}

impl Command for SignOut {
    type Output = Uuid;
    const ACTION: &'static str = "identity.sign_out";

    fn target(&self) -> Target {
        Target::Node(self.identity, "token")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        let _: LinkedIdentity = context.load(self.identity, "token").await?;
        let found = context.unit().sessions(&[SessionRef::Id(self.session)]).await?.pop();
        let session = found.filter(|session| session.identity == self.identity);
        let mut session = session.ok_or_else(|| Error::not_found("token", "session"))?;
        // It is that of the client by which somebody has signed in, and of whoever that is.
        let link = context.unit().open_edges(EdgeKind::Link, Side::Out, &[self.identity.uuid], None).await?.pop();
        let holder = link.map(|edge| edge.to).filter(|holder| Some(*holder) == context.viewer().actor.id);
        context.authorize_own(holder.or(session.actor.id))?;
        if !session.is_live(context.now()) {
            return Ok(session.id);
        }
        let path = format!("sessions.{}", session_id(session.id));
        context.tell(self.identity, Difference { path, before: json!("live"), after: json!("signed_out") })?;
        (session.ended_at, session.end) = (Some(context.now()), Some(SessionEnd::SignedOut));
        tell_end(context, std::slice::from_ref(&session)).await?;
        context.facts()?.write_sessions(std::slice::from_ref(&session)).await?;
        Ok(session.id)
    }
}
