//! End sessions: all of an account, or one.

use super::super::super::policy::Action;
use super::super::super::write::WriteContext;
use super::super::reports::session_record;
use super::super::{Command, Target};
use super::{begin, confirmed, record};
use crate::domain::access::AccessKind;
use crate::domain::action::{ActionKind, Receipt};
use crate::domain::diff::Difference;
use crate::domain::session::{SessionEnd, session_id};
use crate::domain::{EdgeKind, Error, NodeId, Result, Session, SessionRef};
use crate::store::Side;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Ends every session of an account, and makes worthless what was issued for it until now: tokens of this server, API tokens
/// that act for its profile, and tokens of the IAM.
#[derive(Debug, Clone, Serialize)]
pub struct RevokeSessions {
    /// The linked identity.
    pub id: NodeId,
    /// Why.
    pub reason: Option<String>,
}

impl Command for RevokeSessions {
    type Output = Uuid;
    const ACTION: &'static str = "identity.revoke_sessions";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        let (identity, profile) = begin(context, self.id, Action::EndSessions).await?;
        context.because(self.reason.as_deref())?;
        let mut receipts = vec![revoke_sessions_of(context, self.id, SessionEnd::Revoked).await?];
        if let Some(profile) = profile {
            receipts.push(confirmed("idgraph:tokens", Some(revoke_tokens(context, profile).await?)));
        }
        record(context, &identity, (ActionKind::RevokeSessions, self.reason.as_deref()), receipts).await
    }
}

/// Ends one session.
#[derive(Debug, Clone, Serialize)]
pub struct EndSession {
    /// The account whose session it is.
    pub identity: NodeId,
    /// The session.
    pub session: Uuid,
    /// Why.
    pub reason: Option<String>,
}

impl Command for EndSession {
    type Output = Uuid;
    const ACTION: &'static str = "identity.end_session";

    fn target(&self) -> Target {
        Target::Node(self.identity, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        begin(context, self.identity, Action::EndSessions).await?;
        context.because(self.reason.as_deref())?;
        let found = context.unit().sessions(&[SessionRef::Id(self.session)]).await?.pop();
        let session = found.filter(|session| session.identity == self.identity);
        let session = session.ok_or_else(|| Error::not_found("id", "session"))?;
        revoke_session(context, session).await?;
        Ok(self.session)
    }
}

/// Ends a session of an account that the context has loaded, if it goes on.
pub(in super::super) async fn revoke_session(context: &mut WriteContext<'_>, mut session: Session) -> Result<()> {
    if !session.is_live(context.now()) {
        return Ok(());
    }
    let path = format!("sessions.{}", session_id(session.id));
    context.tell(session.identity, Difference { path, before: json!("live"), after: json!("revoked") })?;
    (session.ended_at, session.end) = (Some(context.now()), Some(SessionEnd::Revoked));
    tell_end(context, std::slice::from_ref(&session)).await?;
    context.facts()?.write_sessions(&[session]).await
}

/// Ends the sessions of an account that the context has loaded, and begins a new epoch of them.
pub(in super::super) async fn revoke_sessions_of(
    context: &mut WriteContext<'_>,
    identity: NodeId,
    end: SessionEnd,
) -> Result<Receipt> {
    let epoch = context.unit().standing(identity).await?.session_epoch;
    let mut live = context.unit().live_sessions(identity).await?;
    for session in &mut live {
        (session.ended_at, session.end) = (Some(context.now()), Some(end));
    }
    tell_end(context, &live).await?;
    let facts = context.facts()?;
    facts.begin_session_epoch(identity).await?;
    let ended = facts.end_sessions(&[identity.uuid], end).await?;
    let path = "sessionEpoch".to_owned();
    context.tell(identity, Difference { path, before: told(epoch), after: told(epoch + 1) })?;
    Ok(confirmed("idgraph:sessions", Some(ended)))
}

/// An account of which nothing was revoked yet has no epoch.
fn told(epoch: i64) -> Value {
    if epoch == 0 { Value::Null } else { Value::from(epoch) }
}

/// Writes down that sessions have ended now.
pub(super) async fn tell_end(context: &mut WriteContext<'_>, sessions: &[Session]) -> Result<()> {
    let now = context.now();
    let records: Vec<_> =
        sessions.iter().map(|session| session_record(context, session, AccessKind::SessionEnd, now)).collect();
    context.facts()?.write_access_records(&records).await
}

/// Revokes the API tokens that act for a profile, and says how many those were.
async fn revoke_tokens(context: &mut WriteContext<'_>, profile: NodeId) -> Result<u64> {
    let tokens = context.unit().tokens_for(profile).await?;
    let (now, mut revoked) = (context.now(), 0);
    for mut token in tokens {
        context.stage(token.clone().into());
        token.meta.deleted_at = Some(now);
        context.save(token)?;
        revoked += 1;
    }
    Ok(revoked)
}

/// Ends the sessions of every account of a profile.
pub(in super::super) async fn revoke_sessions_of_profile(
    context: &mut WriteContext<'_>,
    profile: NodeId,
    end: SessionEnd,
) -> Result<u64> {
    let links = context.unit().open_edges(EdgeKind::Link, Side::In, &[profile.uuid], None).await?;
    let identities: Vec<NodeId> = links.iter().map(|edge| edge.from).collect();
    context.load_all(&identities).await?;
    let mut ended = 0;
    for identity in identities {
        if context.has(identity) {
            ended += revoke_sessions_of(context, identity, end).await?.count.unwrap_or_default();
        }
    }
    Ok(ended)
}
