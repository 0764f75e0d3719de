//! Questions about what accounts do.

use super::{Ask, Weigh};
use crate::domain::alert::Alert;
use crate::domain::risk::{Finding, Overview, ScorePoint, State};
use crate::domain::{AccessRecord, ActionRecord, Page, Result, Session, Slice, Standing, Timestamp};
use crate::resolvers::query::Reader;
use crate::store::{AccessFilter, AlertFilter, Realm};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// A page of the sessions of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sessions {
    /// Only those that go on.
    pub live: bool,
    /// Which page.
    pub page: Page,
}

/// The number of the sessions of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionCount {
    /// Only those that go on.
    pub live: bool,
}

/// Sessions by id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionById;

/// A page of what an account has done.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccessRecords {
    /// Which of it.
    pub filter: AccessFilter,
    /// Which page.
    pub page: Page,
}

/// How often an account has done something.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccessRecordCount {
    /// Which of it.
    pub filter: AccessFilter,
}

/// Where an account stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Standings;

/// A page of the actions that were taken on an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountActions {
    /// Which page.
    pub page: Page,
}

/// The number of the actions that were taken on an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountActionCount;

/// Access records by id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccessRecordById;

/// What the risk of an account follows from. Whether the viewer may know is asked before, as for all about risk.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RiskStates;

/// The evidence about an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Findings;

/// A page of the scores of an account when they were written down.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scores {
    /// Only those up to this time.
    pub until: Option<Timestamp>,
    /// Which page.
    pub page: Page,
}

/// The number of the scores of an account that were written down.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScoreCount;

/// How risky the accounts of an organization are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RiskOverviews;

/// A page of the alerts of an organization. Whether the viewer may know is asked before, as for all alerts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Alerts {
    /// Which of them.
    pub filter: AlertFilter,
    /// Which page.
    pub page: Page,
}

/// The number of the alerts of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlertCount {
    /// Which of them.
    pub filter: AlertFilter,
}

/// A page of the alerts that count against an account, or would if they were not dismissed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountAlerts {
    /// Which of them.
    pub filter: AlertFilter,
    /// Which page.
    pub page: Page,
}

/// The number of those.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountAlertCount {
    /// Which of them.
    pub filter: AlertFilter,
}

/// Alerts by id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlertById;

/// Whether an account belongs to the profile that the viewer acts for: 1 if so.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OwnAccount;

super::not_kept!(
    Arc<Session>,
    Arc<AccessRecord>,
    Arc<ActionRecord>,
    Arc<State>,
    Arc<Finding>,
    Arc<ScorePoint>,
    Arc<Overview>,
    Arc<Alert>
);

/// About how many bytes the state takes of an account that something speaks against.
const RISK: usize = 8 * 1024;

impl Weigh for Arc<Standing> {
    fn weight(&self) -> usize {
        1
    }

    fn bytes(&self) -> usize {
        size_of::<Standing>() + self.risk.as_ref().map_or(0, |_| RISK)
    }
}

/// What is asked about accounts and never kept: the present moves on under it.
macro_rules! ask_afresh {
    ($($question:ty => $answer:ty, |$this:ident, $reader:ident, $ids:ident| $read:expr;)+) => {$(
        impl Ask for $question {
            type Id = Uuid;
            type Answer = $answer;

            fn is_kept(&self) -> bool {
                false
            }

            async fn answer(&self, $reader: Reader<'_>, $ids: &[Uuid]) -> Result<HashMap<Uuid, Self::Answer>> {
                let $this = self;
                $read
            }
        }
    )+};
}

ask_afresh! {
    Sessions => Slice<Arc<Session>>, |this, reader, ids| shared(reader.sessions(ids, this.live, &this.page).await?);
    SessionCount => i64, |this, reader, ids| reader.session_counts(ids, this.live).await;
    SessionById => Arc<Session>, |_this, reader, ids| Ok(super::shared(reader.sessions_by_ids(ids).await?));
    AccessRecords => Slice<Arc<AccessRecord>>, |this, reader, ids| shared(reader.access_records(ids, &this.filter, &this.page).await?);
    AccessRecordCount => i64, |this, reader, ids| reader.access_record_counts(ids, &this.filter).await;
    AccountActions => Slice<Arc<ActionRecord>>, |this, reader, ids| shared(reader.account_actions(ids, &this.page).await?);
    OwnAccount => i64, |_this, reader, ids| reader.own_accounts(ids).await;
    AccessRecordById => Arc<AccessRecord>, |_this, reader, ids| Ok(super::shared(reader.access_records_by_ids(ids).await?));
    RiskStates => Arc<State>, |_this, reader, ids| Ok(super::shared(reader.risk_states(ids).await?));
    Findings => Slice<Arc<Finding>>, |_this, reader, ids| shared(reader.findings(ids).await?);
    Scores => Slice<Arc<ScorePoint>>, |this, reader, ids| shared(reader.scores(ids, this.until, &this.page).await?);
    ScoreCount => i64, |_this, reader, ids| reader.score_counts(ids).await;
    RiskOverviews => Arc<Overview>, |_this, reader, ids| Ok(super::shared(reader.risk_overviews(ids).await?));
    Alerts => Slice<Arc<Alert>>, |this, reader, ids| shared(reader.alerts(ids, &this.filter, &this.page).await?);
    AlertCount => i64, |this, reader, ids| reader.alert_counts(ids, &this.filter).await;
    AccountAlerts => Slice<Arc<Alert>>, |this, reader, ids| shared(reader.account_alerts(ids, &this.filter, &this.page).await?);
    AccountAlertCount => i64, |this, reader, ids| reader.account_alert_counts(ids, &this.filter).await;
    AlertById => Arc<Alert>, |_this, reader, ids| Ok(super::shared(reader.alerts_by_ids(ids).await?));
    AccountActionCount => i64, |_this, reader, ids| reader.account_action_counts(ids).await;
}

impl Ask for Standings {
    type Id = Uuid;
    type Answer = Arc<Standing>;

    fn realm(&self) -> Realm {
        Realm::Accounts
    }

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<Standing>>> {
        Ok(super::shared(reader.standings(ids).await?))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it ends a function that may fail")]
fn shared<T>(pages: HashMap<Uuid, Slice<T>>) -> Result<HashMap<Uuid, Slice<Arc<T>>>> {
    Ok(pages.into_iter().map(|(id, slice)| (id, slice.map(Arc::new))).collect())
}
