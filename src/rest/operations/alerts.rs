//! Alerts: report, list, get, decide.

use super::ALERTS;
use super::reports::{ABOUT, Of, entries, reports};
use crate::domain::alert::{Alert as Told, alert_id, parse_alert_id};
use crate::domain::{Error, NodeId, NodeKind, Slice, text};
use crate::resolvers::command::{ReportAlerts, SetAlertState};
use crate::resolvers::query::questions::accounts::{AlertById, Alerts};
use crate::rest::Call;
use crate::rest::cursors::{BY_OBSERVATION, number_cursor};
use crate::rest::input::{IdempotencyKey, Json, OneOrMany, Paging, Query};
use crate::rest::model::alert::{Alert, AlertDecision, AlertSeverity, AlertState, NewAlert};
use crate::rest::model::report::Reports;
use crate::rest::operation::{Method, Operation};
use crate::rest::outcome::{Done, Entity, Found, Listed};
use crate::rest::refusal::Result;
use crate::store::AlertFilter;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// Which alerts are wanted. Everything that is given must hold.
#[derive(Debug, Deserialize, JsonSchema)]
struct AlertSearch {
    /// The slug or public id (`org_…`, `ten_…`) of the organization; that of the credential unless given.
    organization: Option<String>,
    /// Public id of an account: only those that count against it, or would if they were not dismissed.
    #[serde(rename = "filter[identity]")]
    identity: Option<String>,
    /// Only those in this state.
    #[serde(rename = "filter[state]")]
    state: Option<AlertState>,
    /// Only those that are so bad.
    #[serde(rename = "filter[severity]")]
    severity: Option<AlertSeverity>,
    /// Only those of this source.
    #[serde(rename = "filter[source]")]
    source: Option<String>,
}

/// What there is to do with alerts.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::Post, "/v1/alerts", report)
            .named(ALERTS, "reportAlerts", "Report alerts: what other systems have noticed about accounts or addresses")
            .described(ABOUT),
        Operation::new(Method::Get, "/v1/alerts", list)
            .named(ALERTS, "listAlerts", "List the alerts of an organization, the latest first")
            .described("Needs the role editor."),
        Operation::new(Method::Get, "/v1/alerts/{id}", get)
            .named(ALERTS, "getAlert", "Get an alert")
            .described("Needs the role editor."),
        Operation::new(Method::Post, "/v1/alerts/{id}/decide", decide)
            .named(ALERTS, "setAlertState", "Decide what becomes of an alert")
            .described(
                "A dismissed one counts against nobody. What is decided here holds until the source says something of a \
                 later time. Needs the role editor.",
            ),
    ]
}

async fn report(
    call: Call,
    (Query(of), IdempotencyKey(key), sent): (Query<Of>, IdempotencyKey, OneOrMany<NewAlert>),
) -> Result<Done<Reports>> {
    let organization = call.tenant(of.organization.as_deref(), "organization").await?;
    let is_one = sent.is_one;
    let alerts = entries(sent, NewAlert::reported)?;
    reports(call.run(ReportAlerts { organization, alerts, are_heard: false }, key).await?, (is_one, alert_id))
}

async fn list(call: Call, (Query(search), paging): (Query<AlertSearch>, Paging)) -> Result<Listed<Alert>> {
    let tenant = call.tenant(search.organization.as_deref(), "organization").await?;
    call.reader().allow_private(tenant, None)?;
    let identity = search.identity.map(|id| NodeId::parse_as(&id, &[NodeKind::LinkedIdentity], "filter[identity]"));
    search.source.as_deref().map_or(Ok(()), |source| text::check_slug("filter[source]", source))?;
    let filter = AlertFilter {
        identity: identity.transpose()?.map(|id| id.uuid),
        state: search.state.map(Into::into),
        severity: search.severity.map(Into::into),
        source: search.source,
    };
    let question = Alerts { filter, page: paging.page(BY_OBSERVATION)? };
    let slice = call.reader().ask(&question, &[tenant.0]).await?.remove(&tenant.0).unwrap_or_else(Slice::empty);
    let next = slice
        .items
        .last()
        .filter(|_| slice.has_next)
        .map(|last| number_cursor(BY_OBSERVATION, last.observed_at.timestamp_micros(), last.id));
    Ok(Listed::new(&call, slice.items.iter().map(|alert| Alert::from(&**alert)).collect(), next))
}

async fn get(call: Call, (): ()) -> Result<Found<Alert>> {
    let alert = alert(&call).await?;
    call.reader().allow_private(alert.organization, None)?;
    Ok(Found(Entity { body: Alert::from(&*alert), version: alert.revision }))
}

async fn decide(
    call: Call,
    (IdempotencyKey(key), Json(AlertDecision { state, reason })): (IdempotencyKey, Json<AlertDecision>),
) -> Result<Done<Alert>> {
    let known = alert(&call).await?;
    call.reader().allow_private(known.organization, None)?;
    let decision = SetAlertState { organization: known.organization, alert: known.id, state: state.into(), reason };
    call.run(decision, key).await?;
    Ok(Done(Alert::from(&*alert(&call).await?)))
}

/// The alert that the path names. Whether the viewer may know is asked afterwards.
async fn alert(call: &Call) -> Result<Arc<Told>> {
    let missing = || Error::not_found("id", "alert");
    let id = call.parameters.get("id").map_or("", String::as_str);
    let id = parse_alert_id(id, "id").map_err(|_| missing())?;
    Ok(call.reader().ask(&AlertById, &[id]).await?.remove(&id).ok_or_else(missing)?)
}
