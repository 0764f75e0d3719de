//! What signals say of risk: they become alerts, as if their transmitter had reported them.
//!
//! How risky somebody is, is one alert for each transmitter and account until it is over, and what its transmitter has said last holds.
//! Leaks and demands to change a credential are facts of their time, and each is an alert of its own. So signals that come twice or
//! late come to the same.
//!
//! Such alerts are [heard](crate::domain::Alert::is_heard): what they add to the risk of an account stays here. What this server
//! tells others of risk is what it knows itself.

use super::super::super::risk;
use super::super::super::write::WriteContext;
use super::super::{AccountRef, ReportAlerts, ReportStatus, ReportedAlert};
use super::receive::name_of;
use crate::domain::alert::{Alert, AlertSeverity, AlertState, LEAKED_CREDENTIAL};
use crate::domain::signal::SignalKind;
use crate::domain::transmitter::{ReceivedSignal, Transmitter, transmitter_id};
use crate::domain::{EdgeKind, LinkedIdentity, NodeId, Result, Timestamp};
use crate::store::Side;
use serde_json::{Map, Value};

/// Of what a signal says, what is kept with an alert, as far as it is text.
const DETAILS: [&str; 8] = [
    "current_level",
    "previous_level",
    "risk_reason",
    "principal",
    "credential_type",
    "change_type",
    "initiating_entity",
    "reason_admin",
];
/// How long such a text may be.
const MAX_DETAIL: usize = 500;

/// What a signal says of each account that it is about.
struct Said {
    /// What kind of alert that is.
    kind: &'static str,
    severity: AlertSeverity,
    state: AlertState,
    title: &'static str,
    /// Whether it is how things stand, which the next such signal replaces, and not what has happened.
    is_standing: bool,
}

/// Raises the alerts that a signal amounts to, or ends what it says is over.
pub(super) async fn raise(
    context: &mut WriteContext<'_>,
    (transmitter, signal): (&Transmitter, &ReceivedSignal),
    (kind, whom): (SignalKind, NodeId),
) -> Result<()> {
    // It cannot have happened after somebody has told of it.
    let at = signal.happened_at().min(context.now());
    if is_new_password(kind, &signal.claims) {
        let accounts = accounts_of(context, transmitter, (kind, whom)).await?;
        let changed = accounts.iter().map(|id| risk::of_changed_credential(*id, context.unit().new_id(), at));
        let changed: Vec<_> = changed.collect();
        return risk::assess(context, &changed).await;
    }
    let Some(said) = said(kind, &signal.claims) else { return Ok(()) };
    let accounts = accounts_of(context, transmitter, (kind, whom)).await?;
    let alerts = alerts(context, (transmitter, signal), (&said, at), &accounts).await?;
    if alerts.is_empty() {
        return Ok(());
    }
    let organization = context.tenant();
    let reported = context.perform(&ReportAlerts { organization, alerts, are_heard: true }).await?;
    for rejected in reported.iter().filter(|reported| reported.status == ReportStatus::Rejected) {
        let reason = rejected.rejection.as_ref().map(|rejection| rejection.message.as_str());
        tracing::warn!(signal.jti, reason, "a signal was taken, and the alert that it amounts to was not");
    }
    Ok(())
}

/// What a signal says of risk; none if it says nothing of it.
fn said(kind: SignalKind, claims: &Map<String, Value>) -> Option<Said> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    match kind {
        SignalKind::RiskLevelChange => {
            // The device of somebody is not the account.
            if text("principal").is_some_and(|principal| !principal.eq_ignore_ascii_case("user")) {
                return None;
            }
            let (severity, state, title) = match text("current_level")? {
                "HIGH" => (AlertSeverity::High, AlertState::Open, "The risk is rated as high."),
                "MEDIUM" => (AlertSeverity::Medium, AlertState::Open, "The risk is rated as medium."),
                "LOW" => (AlertSeverity::Low, AlertState::Dismissed, "The risk is rated as low."),
                _ => return None,
            };
            Some(Said { kind: "risk_level", severity, state, title, is_standing: true })
        }
        SignalKind::CredentialCompromise => Some(Said {
            kind: LEAKED_CREDENTIAL,
            severity: AlertSeverity::High,
            state: AlertState::Open,
            title: "A credential is known to others.",
            is_standing: false,
        }),
        SignalKind::CredentialChangeRequired => Some(Said {
            kind: "credential_change_required",
            severity: AlertSeverity::Medium,
            state: AlertState::Open,
            title: "A credential has to be changed.",
            is_standing: false,
        }),
        _ => None,
    }
}

/// Whether a signal says that there is another password, so that what was known of the one before is worth nothing.
fn is_new_password(kind: SignalKind, claims: &Map<String, Value>) -> bool {
    let is =
        |name: &str, wanted: &[&str]| claims.get(name).and_then(Value::as_str).is_some_and(|is| wanted.contains(&is));
    kind == SignalKind::CredentialChange
        && is("credential_type", &["password"])
        && is("change_type", &["create", "update", "revoke", "delete"])
}

/// The accounts that a signal is about. Of a profile those with the transmitter, if its credential is meant and there are any, else all.
async fn accounts_of(
    context: &mut WriteContext<'_>,
    transmitter: &Transmitter,
    (kind, whom): (SignalKind, NodeId),
) -> Result<Vec<NodeId>> {
    if !whom.kind.is_profile() {
        return Ok(vec![whom]);
    }
    let links = context.unit().open_edges(EdgeKind::Link, Side::In, &[whom.uuid], None).await?;
    let ids: Vec<NodeId> = links.iter().map(|edge| edge.from).collect();
    context.load_all(&ids).await?;
    let live: Vec<NodeId> = ids.into_iter().filter(|id| context.has(*id)).collect();
    let mut known = Vec::new();
    for id in live.iter().filter(|_| kind != SignalKind::RiskLevelChange) {
        let identity: LinkedIdentity = context.get(*id, "subject")?;
        if identity.provider == transmitter.provider && identity.environment == transmitter.environment {
            known.push(*id);
        }
    }
    Ok(if known.is_empty() { live } else { known })
}

/// The alerts about these accounts, as they are reported.
async fn alerts(
    context: &WriteContext<'_>,
    (transmitter, signal): (&Transmitter, &ReceivedSignal),
    (said, at): (&Said, Timestamp),
    accounts: &[NodeId],
) -> Result<Vec<ReportedAlert>> {
    let source = transmitter.alert_source();
    let details = details(transmitter, signal);
    let mut alerts = Vec::new();
    for account in accounts {
        let name = format!("{}:{account}", name_of(&signal.event_type));
        let at_a_time = format!("{name}:{}", at.timestamp_micros());
        let (external_id, begun) = if said.is_standing {
            match context.unit().latest_alert(*account, (&source, said.kind)).await? {
                None => (name, at),
                // Evidence fades from when it was first told. What is told again after it was over is new.
                Some(known) if is_over(&known) && said.state == AlertState::Open && at > known.updated_at => {
                    (at_a_time, at)
                }
                // What is older than all that was said before says nothing any more.
                Some(known) if at < known.observed_at => continue,
                Some(known) => (known.external_id, known.observed_at),
            }
        } else {
            (at_a_time, at)
        };
        alerts.push(ReportedAlert {
            source: source.clone(),
            external_id,
            kind: said.kind.to_owned(),
            severity: said.severity,
            state: said.state,
            title: Some(said.title.to_owned()),
            details: details.clone(),
            identity: Some(AccountRef::Id(*account)),
            address: None,
            observed_at: Some(begun),
            updated_at: Some(at),
        });
    }
    Ok(alerts)
}

/// Whether its transmitter has said that the risk is low again.
fn is_over(alert: &Alert) -> bool {
    alert.severity == AlertSeverity::Low && alert.state == AlertState::Dismissed
}

/// What is kept with an alert of what a signal says. Not its `jti`: the same that comes again is the same.
fn details(transmitter: &Transmitter, signal: &ReceivedSignal) -> Map<String, Value> {
    let text = |name: &&str| {
        let text = signal.claims.get(*name)?.as_str()?;
        Some(((*name).to_owned(), Value::from(text.chars().take(MAX_DETAIL).collect::<String>())))
    };
    let mut details: Map<String, Value> = DETAILS.iter().filter_map(text).collect();
    details.insert("transmitter".to_owned(), transmitter_id(transmitter.id).into());
    details.insert("event_type".to_owned(), signal.event_type.clone().into());
    details
}
