//! What accounts do: sessions, access records, where accounts stand, and the actions taken on them.

use super::{Reader, Relation};
use crate::domain::access::{AccessKind, AccessOutcome};
use crate::domain::standing::LastLogin;
use crate::domain::{
    AccessRecord, ActionRecord, EdgeKind, Error, NodeId, OrganizationId, Page, Profile, Result, Session, Slice,
    Standing,
};
use crate::resolvers::policy::{self, Action, Resource};
use crate::store::{AccessFilter, Related, RelationFilter, Scope, Side};
use std::collections::HashMap;
use uuid::Uuid;

impl Reader<'_> {
    /// Requires that the viewer may do that to an account, which is its own or is not.
    pub fn allow_on_account(&self, action: Action, organization: OrganizationId, is_own: bool) -> Result<()> {
        let profile = self.profile().filter(|_| is_own);
        policy::allow(self.viewer, action, Resource { organization, profile, seen: true })
    }

    /// The profile that the viewer acts for.
    #[must_use]
    pub fn profile(&self) -> Option<NodeId> {
        self.viewer.access.as_ref().and_then(|access| access.profile)
    }

    /// Which of these accounts belong to the profile that the viewer acts for.
    pub async fn own_accounts(&self, identities: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        const OWNER: Relation = (EdgeKind::Link, Side::Out, RelationFilter { role: None, kinds: &[] });
        let Some(own) = self.profile() else { return Ok(HashMap::new()) };
        let owners =
            self.store().related_pages::<Profile>(self.account_scope()?, OWNER, identities, &Page::first(1)).await?;
        let is_own = |slice: &Slice<Related<Profile>>| slice.items.iter().any(|owner| owner.node.id == own);
        Ok(owners.into_iter().filter(|(_, slice)| is_own(slice)).map(|(identity, _)| (identity, 1)).collect())
    }

    /// The scope of what is told of accounts. Whether the viewer may know of it is asked for each account.
    pub(super) fn account_scope(&self) -> Result<Scope> {
        self.look(&[]).map(|(scope, _)| scope)
    }

    /// The sessions of many accounts, the newest first, page by page; those that go on, if asked for.
    pub async fn sessions(
        &self,
        identities: &[Uuid],
        live: bool,
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<Session>>> {
        let (scope, at) = (self.account_scope()?, self.at);
        let live_at = live.then(|| at.unwrap_or_else(|| self.app.clock.now()));
        let pages = self.store().session_pages(scope, identities, live_at, page).await?;
        Ok(pages.into_iter().map(|(id, slice)| (id, slice.map(|session| session.as_of(at)))).collect())
    }

    /// How many sessions many accounts have.
    pub async fn session_counts(&self, identities: &[Uuid], live: bool) -> Result<HashMap<Uuid, i64>> {
        let live_at = live.then(|| self.at.unwrap_or_else(|| self.app.clock.now()));
        self.store().session_counts(self.account_scope()?, identities, live_at).await
    }

    /// Sessions by id.
    pub async fn sessions_by_ids(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Session>> {
        let (scope, at) = (self.account_scope()?, self.at);
        let found = self.store().sessions_by_ids(scope, ids).await?;
        Ok(found.into_iter().map(|(id, session)| (id, session.as_of(at))).collect())
    }

    /// What many accounts have done, the latest first, page by page.
    pub async fn access_records(
        &self,
        identities: &[Uuid],
        filter: &AccessFilter,
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<AccessRecord>>> {
        self.store().access_record_pages(self.account_scope()?, identities, filter, page).await
    }

    /// Access records by id.
    pub async fn access_records_by_ids(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, AccessRecord>> {
        self.store().access_records_by_ids(self.account_scope()?, ids).await
    }

    /// How often many accounts have done something.
    pub async fn access_record_counts(&self, identities: &[Uuid], filter: &AccessFilter) -> Result<HashMap<Uuid, i64>> {
        self.store().access_record_counts(self.account_scope()?, identities, filter).await
    }

    /// Where accounts stand. Of the past only the last sign-in is known.
    pub async fn standings(&self, identities: &[Uuid]) -> Result<HashMap<Uuid, Standing>> {
        let scope = self.account_scope()?;
        if self.at.is_none() {
            return self.store().standings(scope, identities).await;
        }
        let filter = AccessFilter {
            kind: Some(AccessKind::SignIn),
            outcome: Some(AccessOutcome::Success),
            ..AccessFilter::default()
        };
        let last = self.store().access_record_pages(scope, identities, &filter, &Page::first(1)).await?;
        let standing = |slice: Slice<AccessRecord>| {
            let record = slice.items.into_iter().next()?;
            let (address, country) = (record.whereabouts.address, record.whereabouts.country);
            let last_login = Some(LastLogin { at: record.occurred_at, address, country });
            Some(Standing { last_login, ..Standing::default() })
        };
        Ok(last.into_iter().filter_map(|(id, slice)| Some((id, standing(slice)?))).collect())
    }

    /// The actions that were taken on many accounts, the newest first, page by page.
    pub async fn account_actions(
        &self,
        identities: &[Uuid],
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<ActionRecord>>> {
        self.store().action_pages(self.account_scope()?, identities, page).await
    }

    /// How many actions were taken on many accounts.
    pub async fn account_action_counts(&self, identities: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        self.store().action_counts(self.account_scope()?, identities).await
    }

    /// The action of that id: for whoever has just taken it.
    pub async fn account_action(&self, id: Uuid) -> Result<ActionRecord> {
        let mut found = self.store().actions_by_ids(self.account_scope()?, &[id]).await?;
        found.remove(&id).ok_or_else(|| Error::not_found("id", "action"))
    }
}
