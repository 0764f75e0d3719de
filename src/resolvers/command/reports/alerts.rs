//! Report alerts, and decide what becomes of them.

use super::super::super::policy::Action;
use super::super::super::risk::{self, Incoming, alerts};
use super::super::super::write::WriteContext;
use super::super::{Command, Target, require_tenant};
use super::{AccountRef, Accounts, ReportStatus, Reported, check_size};
use crate::domain::alert::{Alert, AlertSeverity, AlertState, alert_id};
use crate::domain::diff::Difference;
use crate::domain::risk::Key;
use crate::domain::{Error, NodeId, NodeKind, OrganizationId, Result, Timestamp, text};
use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use uuid::Uuid;

/// What another system has noticed, as it is reported.
#[derive(Debug, Clone, Serialize)]
pub struct ReportedAlert {
    /// Which system: a slug.
    pub source: String,
    /// What that system calls the alert.
    pub external_id: String,
    /// What kind of alert it is: a slug.
    pub kind: String,
    /// How bad it is.
    pub severity: AlertSeverity,
    /// What has become of it.
    pub state: AlertState,
    /// What it says, in a line.
    pub title: Option<String>,
    /// Whatever else is known.
    pub details: Map<String, Value>,
    /// The account that it is about.
    pub identity: Option<AccountRef>,
    /// The address that it is about, or from which the account came.
    pub address: Option<IpAddr>,
    /// When it was noticed; now unless given.
    pub observed_at: Option<Timestamp>,
    /// When its source has changed it last; when it was noticed unless given.
    pub updated_at: Option<Timestamp>,
}

/// Reports alerts. See the module of reports, and [`crate::domain::alert`] for which of several reports holds.
#[derive(Debug, Clone, Serialize)]
pub struct ReportAlerts {
    /// Of which organization the accounts are.
    pub organization: OrganizationId,
    /// The alerts.
    pub alerts: Vec<ReportedAlert>,
    /// Whether others have signalled them.
    #[serde(skip)]
    pub are_heard: bool,
}

impl Command for ReportAlerts {
    type Output = Vec<Reported>;
    const ACTION: &'static str = "alert.report";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Vec<Reported>> {
        require_tenant(context).await?;
        context.authorize_tenant(Action::EditDirectory)?;
        check_size("alerts", self.alerts.len())?;
        let accounts = Accounts::find(context, self.alerts.iter().filter_map(|alert| alert.identity.as_ref())).await?;
        let names = self.alerts.iter().filter(|alert| alert.has_name());
        let names = names.map(|alert| (alert.source.as_str(), alert.external_id.as_str())).collect();
        let known = context.unit().alerts_called(&names).await?;
        let by_name = |alert: Alert| ((alert.source.clone(), alert.external_id.clone()), alert);
        let mut known: HashMap<(String, String), Alert> = known.into_iter().map(by_name).collect();
        let mut changes: BTreeMap<Uuid, Change> = BTreeMap::new();
        let mut answers = Vec::with_capacity(self.alerts.len());
        for reported in &self.alerts {
            let name = (reported.source.clone(), reported.external_id.clone());
            let before = known.get(&name);
            match reported.alert(context, (&accounts, self.are_heard), before) {
                Ok(alert) => {
                    let status = match before {
                        None => ReportStatus::Recorded,
                        Some(before) if alert.holds_over(before) => ReportStatus::Updated,
                        Some(_) => ReportStatus::Known,
                    };
                    answers.push(Reported::taken(status, alert.id));
                    if status != ReportStatus::Known {
                        let before = before.cloned();
                        changes.entry(alert.id).or_insert(Change { before, after: alert.clone() }).after =
                            alert.clone();
                        known.insert(name, alert);
                    }
                }
                Err(error) => answers.push(Reported::rejected(error)),
            }
        }
        write(context, &changes.into_values().collect::<Vec<_>>()).await?;
        Ok(answers)
    }
}

impl ReportedAlert {
    /// Whether there can be an alert of that name.
    fn has_name(&self) -> bool {
        text::check_slug("source", &self.source).is_ok()
            && text::check_line("externalId", &self.external_id, text::MAX_NAME).is_ok()
    }

    /// The alert that this makes of what is known of it.
    fn alert(
        &self,
        context: &WriteContext<'_>,
        (accounts, is_heard): (&Accounts, bool),
        known: Option<&Alert>,
    ) -> Result<Alert> {
        let identity = self.identity.as_ref().map(|name| accounts.get(name)).transpose()?;
        let now = context.now();
        crate::domain::access::check_time("observedAt", self.observed_at.unwrap_or(now), now)?;
        let recorded_at = known.map_or(now, |known| known.recorded_at);
        // The clock of who reports may be a little ahead.
        let observed_at = match (self.observed_at, known) {
            (Some(at), _) => at.min(recorded_at),
            (None, Some(known)) => known.observed_at,
            (None, None) => now,
        };
        let alert = Alert {
            id: known.map_or_else(|| context.unit().new_id(), |known| known.id),
            organization: context.tenant(),
            source: self.source.clone(),
            external_id: self.external_id.clone(),
            kind: self.kind.clone(),
            severity: self.severity,
            state: self.state,
            title: self.title.clone(),
            details: self.details.clone(),
            identity: identity.or_else(|| known.and_then(|known| known.identity)),
            address: self
                .address
                .map(|address| address.to_canonical())
                .or_else(|| known.and_then(|known| known.address)),
            observed_at,
            updated_at: self.updated_at.unwrap_or(observed_at),
            revision: known.map_or(1, |known| known.revision + 1),
            recorded_at,
            changed_at: now,
            actor: context.viewer().actor.clone(),
            face: context.viewer().origin.face.to_owned(),
            request_id: context.viewer().origin.request_id.to_string(),
            is_heard: known.map_or(is_heard, |known| known.is_heard),
        };
        alert.check()?;
        known.map_or(Ok(()), |known| check_same(known, &alert))?;
        Ok(alert)
    }
}

/// Requires that a report says nothing else of what does not change.
fn check_same(known: &Alert, reported: &Alert) -> Result<()> {
    let differs = |field: &str| {
        Err(Error::conflict(
            field,
            "This alert is known with another value, which does not change; leave it, or report another alert.",
        ))
    };
    if known.kind != reported.kind {
        return differs("kind");
    }
    if known.identity != reported.identity {
        return differs("identity");
    }
    if known.address != reported.address {
        return differs("address");
    }
    if known.observed_at != reported.observed_at {
        return differs("observedAt");
    }
    Ok(())
}

/// Decides what becomes of an alert. What somebody decides here holds until the source says something of a later time.
#[derive(Debug, Clone, Serialize)]
pub struct SetAlertState {
    /// Of which organization it is.
    pub organization: OrganizationId,
    /// The alert.
    pub alert: Uuid,
    /// What becomes of it.
    pub state: AlertState,
    /// Why.
    pub reason: Option<String>,
}

impl Command for SetAlertState {
    type Output = Uuid;
    const ACTION: &'static str = "alert.set_state";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        context.authorize_tenant(Action::EditDirectory)?;
        context.because(self.reason.as_deref())?;
        let known = context.unit().alert(self.alert).await?;
        let before = known.ok_or_else(|| Error::not_found("id", "alert"))?;
        if before.state == self.state {
            return Ok(before.id);
        }
        let now = context.now();
        let after = Alert {
            state: self.state,
            // The clock of the source may be ahead.
            updated_at: now.max(before.updated_at + TimeDelta::microseconds(1)),
            revision: before.revision + 1,
            changed_at: now,
            actor: context.viewer().actor.clone(),
            face: context.viewer().origin.face.to_owned(),
            request_id: context.viewer().origin.request_id.to_string(),
            ..before.clone()
        };
        write(context, &[Change { before: Some(before), after }]).await?;
        Ok(self.alert)
    }
}

/// An alert as it was, if it was there, and as it is.
struct Change {
    before: Option<Alert>,
    after: Alert,
}

/// Writes alerts, and what follows from them: the risk of the accounts that they count against, and what their histories say.
async fn write(context: &mut WriteContext<'_>, changes: &[Change]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let alerts: Vec<&Alert> = changes.iter().map(|change| &change.after).collect();
    let ids: Vec<Uuid> = alerts.iter().map(|alert| alert.id).collect();
    let linked: HashSet<(Uuid, Uuid)> = context.unit().accounts_of_alerts(&ids).await?.into_iter().collect();
    let about = accounts_of(context, &alerts, &linked).await?;
    let fresh: Vec<(&Alert, Uuid)> = alerts
        .iter()
        .flat_map(|alert| about[&alert.id].iter().map(|identity| (*alert, *identity)))
        .filter(|(alert, identity)| !linked.contains(&(alert.id, *identity)))
        .collect();
    let facts = context.facts()?;
    facts.write_alerts(&alerts).await?;
    facts.write_accounts_of_alerts(&fresh).await?;
    let event = |change: &Change, identity: Uuid| {
        let was_told = linked.contains(&(change.after.id, identity));
        let before = change.before.as_ref().filter(|_| was_told).map(|before| (before.severity, before.state));
        alerts::of_alert(&change.after, before, identity)
    };
    let events: Vec<Incoming> = changes
        .iter()
        .flat_map(|change| about[&change.after.id].iter().map(move |identity| event(change, *identity)))
        .collect();
    risk::assess(context, &events).await?;
    tell(context, changes, &about).await
}

/// The accounts that alerts count against, by alert.
async fn accounts_of(
    context: &WriteContext<'_>,
    alerts: &[&Alert],
    linked: &HashSet<(Uuid, Uuid)>,
) -> Result<BTreeMap<Uuid, BTreeSet<Uuid>>> {
    let mut about: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    let mut suspects: BTreeMap<Key, Vec<&Alert>> = BTreeMap::new();
    let mut days: Option<(i64, i64)> = None;
    for alert in alerts {
        about.entry(alert.id).or_default().extend(alert.identity.map(|identity| identity.uuid));
        // Nobody is looked for on account of what was nothing.
        if let Some(address) = alerts::suspect(alert).filter(|_| alert.state != AlertState::Dismissed) {
            let day = alerts::day_of(alert.observed_at);
            days = Some(days.map_or((day, day), |(first, last)| (day.min(first), day.max(last))));
            suspects.entry(address).or_default().push(alert);
        }
    }
    for (alert, identity) in linked {
        about.entry(*alert).or_default().insert(*identity);
    }
    let Some(days) = days else { return Ok(about) };
    let addresses: BTreeSet<Key> = suspects.keys().copied().collect();
    for (address, day, identity) in context.unit().address_uses(&addresses, alerts::around(days)).await? {
        for alert in suspects.get(&address).into_iter().flatten().filter(|alert| alerts::is_around(alert, day)) {
            about.entry(alert.id).or_default().insert(identity);
        }
    }
    Ok(about)
}

/// Tells of alerts in the histories of the accounts that they count against; where there is none, in that of the organization.
async fn tell(
    context: &mut WriteContext<'_>,
    changes: &[Change],
    about: &BTreeMap<Uuid, BTreeSet<Uuid>>,
) -> Result<()> {
    let tenant = context.tenant().node();
    let node = |identity: &Uuid| NodeId::new(NodeKind::LinkedIdentity, *identity);
    let mut nodes: Vec<NodeId> = about.values().flatten().map(node).collect();
    nodes.push(tenant);
    nodes.sort_unstable();
    nodes.dedup();
    context.load_all(&nodes).await?;
    for Change { before, after } in changes {
        let difference = Difference {
            path: format!("alerts.{}", alert_id(after.id)),
            before: before.as_ref().map_or(Value::Null, told),
            after: told(after),
        };
        let accounts: Vec<NodeId> = about[&after.id].iter().map(node).filter(|id| context.has(*id)).collect();
        for subject in if accounts.is_empty() { vec![tenant] } else { accounts } {
            context.tell(subject, difference.clone())?;
        }
    }
    Ok(())
}

fn told(alert: &Alert) -> Value {
    json!({
        "source": alert.source,
        "externalId": alert.external_id,
        "kind": alert.kind,
        "severity": alert.severity.name(),
        "state": alert.state.name(),
    })
}
