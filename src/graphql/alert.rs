//! Alerts: what other systems have noticed about accounts.

use super::activity::account;
use super::connection::{connection, count_by};
use super::failure::{Nullable, Result, nullable};
use super::identity::LinkedIdentity;
use super::inputs::node_id;
use super::moment::At;
use super::request::{PageArgs, ask, of};
use crate::domain;
use crate::domain::alert::{Alert as Told, alert_id, parse_alert_id};
use crate::domain::{Cursor, CursorKey, NodeKind, OrganizationId};
use crate::resolvers::query::questions::accounts::{AccountAlertCount, AccountAlerts, AlertById, AlertCount, Alerts};
use crate::store;
use async_graphql::{Context, Enum, ID, InputObject, Json, Object};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The order tag of lists of alerts, the latest first.
const BY_OBSERVATION: char = 'a';

/// How bad an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::alert::AlertSeverity")]
pub enum AlertSeverity {
    /// Worth knowing.
    Low,
    /// Worth a look.
    Medium,
    /// Probably an attack.
    High,
    /// An attack.
    Critical,
}

/// What has become of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::alert::AlertState")]
pub enum AlertState {
    /// Nobody has decided yet. It counts.
    Open,
    /// It is true. It counts.
    Confirmed,
    /// It was nothing. It does not count.
    Dismissed,
}

/// Which alerts are wanted. Everything that is given must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct AlertFilter {
    /// Public id of a linked identity: only those that count against it, or would if they were not dismissed.
    identity_id: Option<ID>,
    /// Only those in this state.
    state: Option<AlertState>,
    /// Only those that are so bad.
    severity: Option<AlertSeverity>,
    /// Only those of this source.
    source: Option<String>,
}

impl AlertFilter {
    fn compile(self) -> domain::Result<store::AlertFilter> {
        let identity =
            self.identity_id.map(|id| node_id(&id, &[NodeKind::LinkedIdentity], "filter.identityId")).transpose()?;
        self.source.as_deref().map_or(Ok(()), |source| domain::text::check_slug("filter.source", source))?;
        Ok(store::AlertFilter {
            identity: identity.map(|id| id.uuid),
            state: self.state.map(Into::into),
            severity: self.severity.map(Into::into),
            source: self.source,
        })
    }
}

/// What another system has noticed about an account, or about an address.
pub struct Alert(Arc<Told>);

/// What another system has noticed about an account, or about an address.
#[Object]
impl Alert {
    /// Public id: `alr_…`.
    async fn id(&self) -> ID {
        ID(alert_id(self.0.id))
    }

    /// Which system has noticed it.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// What that system calls it; unique for the source.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// What kind of alert it is. `leaked_credential` counts until the credential is changed, whatever its severity.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// How bad it is.
    async fn severity(&self) -> AlertSeverity {
        self.0.severity.into()
    }

    /// What has become of it.
    async fn state(&self) -> AlertState {
        self.0.state.into()
    }

    /// What it says, in a line.
    async fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    /// Whatever else is known: free JSON of at most 8 KiB.
    async fn details(&self) -> Json<Map<String, Value>> {
        Json(self.0.details.clone())
    }

    /// The account that it is about; null if it is about whoever came from its address.
    async fn identity(&self, context: &Context<'_>) -> Nullable<LinkedIdentity> {
        nullable(
            async {
                match self.0.identity {
                    Some(id) => account(context, (id, None)).await,
                    None => Ok(None),
                }
            }
            .await,
        )
    }

    /// The address (IPv4 or IPv6) that it is about, or from which the account came.
    async fn address(&self) -> Option<String> {
        self.0.address.map(|address| address.to_string())
    }

    /// When it was noticed.
    async fn observed_at(&self) -> DateTime<Utc> {
        self.0.observed_at
    }

    /// When what it says was last changed, by its source or here.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }

    /// When it was recorded here.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// The name of who has reported it, or has changed it last, as it was then.
    async fn changed_by(&self) -> &str {
        &self.0.actor.name
    }
}

connection!(AlertConnection, AlertEdge, Alert, "A page of alerts, the latest first.", "An alert in a page.");

fn edge(alert: Arc<Told>) -> AlertEdge {
    let key = CursorKey::Number(alert.observed_at.timestamp_micros());
    let cursor = Cursor { order: BY_OBSERVATION, key, id: alert.id };
    AlertEdge { cursor: cursor.encode(), node: Alert(alert), says: () }
}

/// The alerts of an organization, if the viewer may know.
pub async fn of_organization(
    context: &Context<'_>,
    organization: OrganizationId,
    filter: Option<AlertFilter>,
    args: PageArgs,
) -> Result<AlertConnection> {
    of(context).read().allow_private(organization, None)?;
    let (filter, page) = (filter.unwrap_or_default().compile()?, args.page(context, BY_OBSERVATION)?);
    let place = (organization.0, None);
    let slice = ask(context, Alerts { filter: filter.clone(), page }, place).await?;
    Ok(AlertConnection::of(slice, count_by(AlertCount { filter }, place), edge))
}

/// The alerts that count against an account, if the viewer may know.
pub async fn of_identity(
    context: &Context<'_>,
    identity: &At<domain::LinkedIdentity>,
    filter: Option<AlertFilter>,
    args: PageArgs,
) -> Result<AlertConnection> {
    of(context).read().allow_private(identity.organization, None)?;
    let (filter, page) = (filter.unwrap_or_default().compile()?, args.page(context, BY_OBSERVATION)?);
    let place = (identity.id.uuid, None);
    let slice = ask(context, AccountAlerts { filter: filter.clone(), page }, place).await?;
    Ok(AlertConnection::of(slice, count_by(AccountAlertCount { filter }, place), edge))
}

/// The alert with that id, if the viewer may know.
pub async fn alert(context: &Context<'_>, id: &ID) -> Result<Option<Alert>> {
    let id = parse_alert_id(id, "id")?;
    let Some(found) = ask(context, AlertById, (id, None)).await? else { return Ok(None) };
    of(context).read().allow_private(found.organization, None)?;
    Ok(Some(Alert(found)))
}
