//! How an import carries out its commands: for good, or in a rehearsal that is undone.

use crate::domain::{NodeId, OrganizationId, Result, text};
use crate::resolvers::command::{CreateOrganization, ImportRecord, ImportRecords, Imported};
use crate::resolvers::{App, Command, Rehearsal, RunOptions, Viewer};
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use std::collections::{HashMap, HashSet};

/// How many batches are merged at the same time, each in a lane of its own.
pub(super) const MAX_UNDER_WAY: u32 = 6;

/// An import under way, as far as the application is concerned.
pub(in crate::cli) struct Session<'a> {
    app: &'a App,
    viewer: Viewer,
    mode: Mode,
    /// The organizations that have been asked for, by the key of the slug. A rehearsal knows those it has made from here
    /// only, because nobody else sees them.
    organizations: HashMap<String, Option<OrganizationId>>,
    /// Batches that are being merged, and the organizations they belong to.
    under_way: FuturesUnordered<BoxFuture<'a, Finished>>,
    merging: HashSet<OrganizationId>,
}

/// What has come of a batch.
type Finished = (OrganizationId, Result<Imported>);

enum Mode {
    /// What is done is committed.
    Real,
    /// What is done will be undone. The rehearsal begins with the first command.
    Rehearsal(Option<(Rehearsal, OrganizationId)>),
}

impl<'a> Session<'a> {
    /// A session of that viewer.
    pub(in crate::cli) fn new(app: &'a App, viewer: Viewer, dry_run: bool) -> Self {
        let mode = if dry_run { Mode::Rehearsal(None) } else { Mode::Real };
        Self {
            app,
            viewer,
            mode,
            organizations: HashMap::new(),
            under_way: FuturesUnordered::new(),
            merging: HashSet::new(),
        }
    }

    /// Whether what is done is there to stay.
    pub(super) const fn is_real(&self) -> bool {
        matches!(self.mode, Mode::Real)
    }

    /// The organization with that slug, if there is one.
    pub(super) async fn organization(&mut self, slug: &str) -> Result<Option<OrganizationId>> {
        let key = text::key(slug);
        if let Some(known) = self.organizations.get(&key) {
            return Ok(*known);
        }
        let found = self.app.read(&self.viewer).organization_by_slug(slug).await?;
        let found = found.map(|organization| organization.id);
        self.organizations.insert(key, found);
        Ok(found)
    }

    /// Creates an organization.
    pub(super) async fn create_organization(&mut self, command: CreateOrganization) -> Result<OrganizationId> {
        let key = text::key(&command.slug);
        // In reality the application finds a new tenant by itself.
        let tenant = OrganizationId(self.app.clock().new_id());
        let id: NodeId = self.run(tenant, command).await?;
        let id = OrganizationId(id.uuid);
        self.organizations.insert(key, Some(id));
        Ok(id)
    }

    /// Merges records into the directory of an organization. What is done for good may go on behind the caller's back, so
    /// that batches of several organizations are merged at the same time while more is read; [`settle`](Self::settle) and
    /// later calls return what has come of batches.
    pub(super) async fn import(
        &mut self,
        organization: OrganizationId,
        records: Vec<(u64, ImportRecord)>,
    ) -> Result<Vec<Imported>> {
        let command = ImportRecords { organization, records };
        if !self.is_real() {
            return Ok(vec![self.run(organization, command).await?]);
        }
        let mut done = Vec::new();
        // A batch may rely on the one before it in the same organization.
        while self.under_way.len() >= MAX_UNDER_WAY as usize || self.merging.contains(&organization) {
            done.extend(self.next().await?);
        }
        let (app, viewer) = (self.app, self.viewer.clone());
        let batch = async move { (organization, app.run(&viewer, command, RunOptions::default()).await) };
        self.under_way.push(Box::pin(batch));
        self.merging.insert(organization);
        // It begins now, not when somebody waits for it.
        while let Some(Some(finished)) = self.under_way.next().now_or_never() {
            done.push(self.finish(finished)?);
        }
        Ok(done)
    }

    /// Whether a batch of that organization could be merged at once.
    pub(super) fn has_room(&self, organization: OrganizationId) -> bool {
        self.under_way.len() < MAX_UNDER_WAY as usize && !self.merging.contains(&organization)
    }

    /// Waits until a batch is merged, if any is under way.
    pub(super) async fn await_one(&mut self) -> Result<Option<Imported>> {
        self.next().await
    }

    /// Waits until every batch is merged.
    pub(super) async fn settle(&mut self) -> Result<Vec<Imported>> {
        let mut done = Vec::new();
        while let Some(imported) = self.next().await? {
            done.push(imported);
        }
        Ok(done)
    }

    async fn next(&mut self) -> Result<Option<Imported>> {
        match self.under_way.next().await {
            Some(finished) => self.finish(finished).map(Some),
            None => Ok(None),
        }
    }

    fn finish(&mut self, (organization, imported): Finished) -> Result<Imported> {
        self.merging.remove(&organization);
        imported
    }

    /// Undoes a rehearsal.
    pub(super) async fn end(&mut self) -> Result<()> {
        if let Mode::Rehearsal(rehearsal) = &mut self.mode
            && let Some((rehearsal, _)) = rehearsal.take()
        {
            rehearsal.end().await?;
        }
        Ok(())
    }

    async fn run<C: Command>(&mut self, tenant: OrganizationId, command: C) -> Result<C::Output> {
        let Mode::Rehearsal(begun) = &mut self.mode else {
            return self.app.run(&self.viewer, command, RunOptions::default()).await;
        };
        let (rehearsal, present) = match begun {
            Some(begun) => begun,
            None => begun.insert((self.app.rehearse(&self.viewer, tenant).await?, tenant)),
        };
        if *present != tenant {
            rehearsal.turn_to(&self.viewer, tenant).await?;
            *present = tenant;
        }
        rehearsal.run(&self.viewer, command).await
    }
}
