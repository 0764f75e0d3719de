//! Report alerts, and decide what becomes of them.

use super::super::alert::{Alert, AlertSeverity, AlertState, alert};
use super::super::failure::{Nullable, present};
use super::super::inputs::{JsonObject, new_object};
use super::super::request::{ask, of};
use super::actions::readable;
use super::activity::{IdentityRef, Report, reports};
use super::{payload, run, tenant};
use crate::domain::alert::{alert_id, parse_alert_id};
use crate::domain::time::to_micros;
use crate::domain::{Error, Result};
use crate::resolvers::command::{ReportAlerts, ReportedAlert, SetAlertState};
use crate::resolvers::query::questions::accounts::AlertById;
use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};

/// What another system has noticed. Reported again, it says what has changed: of several reports the latest holds.
#[derive(InputObject)]
pub struct AlertInput {
    /// Which system has noticed it: letters, digits, `-`, `_` and `.`.
    source: String,
    /// What that system calls it; the same again is about the same alert.
    external_id: String,
    /// What kind of alert it is: letters, digits, `-`, `_` and `.`. `leaked_credential` counts until the credential is changed. Does not change.
    kind: String,
    /// How bad it is.
    severity: AlertSeverity,
    /// What has become of it.
    #[graphql(default_with = "AlertState::Open")]
    state: AlertState,
    /// What it says, in a line.
    title: Option<String>,
    /// Whatever else is known: free JSON of at most 8 KiB.
    details: Option<JsonObject>,
    /// The account that it is about. If it is left out, the alert counts against whoever came from the address on that day, the day before or the day after (UTC). Does not change.
    identity: Option<IdentityRef>,
    /// The address (IPv4 or IPv6) that it is about, or from which the account came. Does not change.
    address: Option<String>,
    /// When it was noticed; now unless given. Does not change.
    observed_at: Option<DateTime<Utc>>,
    /// When its source has changed it last; when it was noticed unless given. The report with the latest time holds; of several with the same time, the one that decides most.
    updated_at: Option<DateTime<Utc>>,
}

/// Alerts to report.
#[derive(InputObject)]
pub struct ReportAlertsInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization; that of the token unless given.
    organization_id: Option<ID>,
    /// The alerts: 1 to 1000.
    alerts: Vec<AlertInput>,
}

/// What somebody decides about an alert.
#[derive(Debug, Clone, InputObject)]
pub struct SetAlertStateInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the alert.
    id: ID,
    /// What becomes of it.
    state: AlertState,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

payload!(ReportAlertsPayload, "What has become of the reports.", {
    /// One for each, in the order of the input.
    reports: Vec<Report>,
});
payload!(SetAlertStatePayload, "The alert, about which somebody has decided.", {
    /// The alert, as it is now.
    alert: Alert,
});

/// Mutations of alerts.
#[derive(Default)]
pub struct AlertMutations;

/// Mutations of alerts.
#[Object]
impl AlertMutations {
    /// Reports alerts. They count against the accounts that they are about, at once. An entry that cannot be taken is rejected, and the others are taken. Needs the role editor.
    async fn report_alerts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to report.")] input: ReportAlertsInput,
    ) -> Nullable<ReportAlertsPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let alerts: Result<_> = input.alerts.into_iter().enumerate().map(alert_of).collect();
                let command = tenant(context, input.organization_id.as_ref())
                    .and_then(|organization| Ok(ReportAlerts { organization, alerts: alerts?, are_heard: false }));
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(reported) => ReportAlertsPayload {
                        client_mutation_id,
                        reports: Some(reports(reported, alert_id)),
                        errors: Vec::new(),
                    },
                    Err(error) => ReportAlertsPayload { client_mutation_id, reports: None, errors: vec![error] },
                })
            }
            .await,
        )
    }

    /// Decides what becomes of an alert. A dismissed one counts against nobody. What is decided here holds until the source says something of a later time. Needs the role editor.
    async fn set_alert_state(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SetAlertStateInput,
    ) -> Nullable<SetAlertStatePayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = command_of(context, input).await;
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let alert = readable(alert(context, &ID(alert_id(id))).await)?.flatten();
                        SetAlertStatePayload { client_mutation_id, alert, errors: Vec::new() }
                    }
                    Err(error) => SetAlertStatePayload { client_mutation_id, alert: None, errors: vec![error] },
                })
            }
            .await,
        )
    }
}

/// The decision, with the organization that the alert is of.
async fn command_of(context: &Context<'_>, input: SetAlertStateInput) -> Result<SetAlertState> {
    of(context).viewer.access.as_ref().ok_or_else(Error::unauthenticated)?;
    let alert = parse_alert_id(&input.id, "id")?;
    let found = ask(context, AlertById, (alert, None)).await.map_err(|failure| failure.0)?;
    let organization = found.ok_or_else(|| Error::not_found("id", "alert"))?.organization;
    Ok(SetAlertState { organization, alert, state: input.state.into(), reason: input.reason })
}

fn alert_of((index, input): (usize, AlertInput)) -> Result<ReportedAlert> {
    let within = |error: Error| error.within(&format!("alerts[{index}]"));
    let address = input.address.map(|address| {
        let wrong = |_| Error::invalid("address", "This is no address; send an IPv4 or IPv6 address.");
        address.trim().parse().map_err(wrong)
    });
    Ok(ReportedAlert {
        source: input.source,
        external_id: input.external_id,
        kind: input.kind,
        severity: input.severity.into(),
        state: input.state.into(),
        title: input.title,
        details: new_object(input.details, "details").map_err(within)?,
        identity: input.identity.map(IdentityRef::into_ref).transpose().map_err(within)?,
        address: address.transpose().map_err(within)?,
        observed_at: input.observed_at.map(to_micros),
        updated_at: input.updated_at.map(to_micros),
    })
}
