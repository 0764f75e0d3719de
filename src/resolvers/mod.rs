//! The resolvers: the one way to change the graph and the one way to read it.
//!
//! A face builds a [`Viewer`], and either runs a [command](command) with [`App::run`], or reads with the functions of
//! [`query`], which hang on [`App::read`]. Authorisation, validation, audit, events and idempotency happen here, so that no
//! face can forget them.

pub mod answers;
pub mod authenticate;
pub mod command;
mod deferred;
pub mod external;
pub mod feeds;
pub mod networks;
pub mod oauth;
pub mod outlets;
pub mod password;
pub mod policy;
pub mod query;
pub mod reception;
pub mod risk;
pub mod viewer;
pub mod write;

pub use command::{Command, Target};
pub use query::Reader;
pub use viewer::{Access, Viewer};
pub use write::WriteContext;

use crate::domain::node::NodeKey;
use crate::domain::{Clock, Error, NodeId, OrganizationId, Result};
use crate::store::{self, Announcement, Job, Remembered, Store, Unit, Verdict, Writer};
use futures::future::BoxFuture;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::{Notify, oneshot};
use tracing::{Instrument, Span};

/// How many tenants of nodes are kept in mind.
const TENANT_CACHE: usize = 100_000;
/// How many tokens are kept in mind.
const TOKEN_CACHE: usize = 10_000;

/// The application: what every face is given.
#[derive(Debug)]
pub struct App {
    store: Store,
    writer: Writer,
    clock: Arc<dyn Clock>,
    /// The tenant of a node never changes.
    tenants: Cache<NodeId, OrganizationId>,
    tokens: authenticate::TokenCache,
    answers: answers::Answers,
    guests: external::Guests,
    oauth: oauth::Authority,
    networks: Option<Arc<dyn networks::NetworkDatabase>>,
    signals: Option<Arc<dyn reception::SignalSource>>,
    feeds: Option<feeds::Following>,
    /// Rung when a request was accepted that is done later.
    deferred: Notify,
    /// Rung when something was written down that is to be sent.
    deliveries: Notify,
}

/// What a face may ask of a run besides the command.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// The client's id for the mutation: the same one twice is done once.
    pub client_mutation_id: Option<String>,
}

impl App {
    /// Puts the application together. Must be called inside a Tokio runtime.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        let writer = Writer::start(store.clone(), Arc::clone(&clock));
        Self {
            store,
            writer,
            clock,
            tenants: Cache::new(TENANT_CACHE),
            tokens: authenticate::TokenCache::new(TOKEN_CACHE),
            answers: answers::Answers::new(0),
            guests: external::Guests::new(TOKEN_CACHE),
            oauth: oauth::Authority::new(TOKEN_CACHE),
            networks: None,
            signals: None,
            feeds: None,
            deferred: Notify::new(),
            deliveries: Notify::new(),
        }
    }

    /// The same, which keeps answers to questions in about so many bytes, as long as somebody listens to what other processes
    /// change: see [`Freshness::trust`](store::Freshness::trust).
    #[must_use]
    pub fn keeping_answers(self, bytes: usize) -> Self {
        Self { answers: answers::Answers::new(bytes), ..self }
    }

    /// The database, for what is not about the graph: migrations, health, the outbox.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Reads, as that viewer.
    #[must_use]
    pub const fn read<'a>(&'a self, viewer: &'a Viewer) -> Reader<'a> {
        Reader::new(self, viewer)
    }

    /// Runs a command as that viewer. When it returns, what it did is committed, or nothing is.
    pub async fn run<C: Command>(&self, viewer: &Viewer, command: C, options: RunOptions) -> Result<C::Output> {
        // For those who trace; nobody does unless a collector is configured.
        let span = tracing::trace_span!(target: "idgraph::telemetry", "command", otel.name = C::ACTION);
        self.run_traced(viewer, command, options).instrument(span).await
    }

    async fn run_traced<C: Command>(&self, viewer: &Viewer, command: C, options: RunOptions) -> Result<C::Output> {
        let tenant = self.tenant_of_command(viewer, &command).await?;
        let request = Arc::new(self.request(viewer, command, options)?);
        let answer = self.submit(tenant, &request).await;
        match answer {
            // Another request with the same client mutation id came first, in another tenant's lane or on another node;
            // now its answer is there to be found.
            Err(error) if store::is_idempotency_race(&error) => self.submit(tenant, &request).await,
            answer => answer,
        }
    }

    /// Accepts a command, and does not wait until it is done: for what nobody is told of. Those of one tenant are done in the
    /// order in which they were accepted.
    async fn leave_to_do<C: Command>(&self, viewer: &Viewer, command: C) -> Result<()> {
        let tenant = self.tenant_of_command(viewer, &command).await?;
        let request = Arc::new(self.request(viewer, command, RunOptions::default())?);
        let (sender, _) = oneshot::channel();
        self.writer.submit(tenant, Box::new(CommandJob { request, answer: None, sender, span: Span::current() })).await
    }

    fn request<C: Command>(&self, viewer: &Viewer, command: C, options: RunOptions) -> Result<Request<C>> {
        Request::new(viewer, command, options, self.networks.clone())
    }

    async fn submit<C: Command>(&self, tenant: OrganizationId, request: &Arc<Request<C>>) -> Result<C::Output> {
        let (sender, receiver) = oneshot::channel();
        let job = CommandJob { request: Arc::clone(request), answer: None, sender, span: Span::current() };
        self.writer.submit(tenant, Box::new(job)).await?;
        receiver.await.map_err(|_| Error::unavailable())?
    }

    /// Runs commands in one transaction that is undone in the end.
    pub async fn rehearse(&self, viewer: &Viewer, tenant: OrganizationId) -> Result<Rehearsal> {
        policy::allow_tenant(viewer, tenant, "organization")?;
        Ok(Rehearsal { rehearsal: self.writer.rehearse(tenant).await?, networks: self.networks.clone() })
    }

    /// Wakes those who follow what other servers change, as far as the database tells. Returns only if it does not, or
    /// not any more.
    pub async fn listen(&self) -> Result<Infallible> {
        if self.store.has_announcements() { self.store.listen().await } else { std::future::pending().await }
    }

    /// Waits for changes made here, and says how far which organizations have come: for whoever tells other servers.
    pub async fn outgoing(&self) -> Vec<Announcement> {
        self.store.topics().outgoing().await
    }

    /// Wakes those who follow an organization of which another server says how far it has come.
    pub fn heard(&self, announcement: Announcement) {
        self.store.heard(announcement);
    }

    /// Wakes everybody who follows anything, after a time in which other servers were not heard.
    pub fn wake_followers(&self) {
        self.store.missed();
    }

    /// Takes no more commands, and returns when those that were accepted are done.
    pub async fn close(&self) {
        self.writer.close().await;
    }

    async fn tenant_of_command<C: Command>(&self, viewer: &Viewer, command: &C) -> Result<OrganizationId> {
        let (tenant, field) = match command.target() {
            Target::Node(id, field) => {
                (self.tenant_of(id).await?.ok_or_else(|| Error::not_found(field, id.kind))?, field)
            }
            Target::Organization(id, field) => (id, field),
            Target::NewOrganization => (OrganizationId(self.clock.new_id()), "organization"),
        };
        match policy::allow_tenant(viewer, tenant, field) {
            Err(error) if matches!(command.target(), Target::NewOrganization) && viewer.access.is_some() => {
                drop(error);
                Err(Error::forbidden("This needs a token that is not confined to one organization."))
            }
            allowed => allowed.map(|()| tenant),
        }
    }

    /// The organization that a node belongs to, if the viewer may know of it.
    pub async fn organization_of(&self, viewer: &Viewer, id: NodeId) -> Result<Option<OrganizationId>> {
        let tenant = self.tenant_of(id).await?;
        Ok(tenant.filter(|tenant| policy::allow_tenant(viewer, *tenant, "id").is_ok()))
    }

    async fn tenant_of(&self, id: NodeId) -> Result<Option<OrganizationId>> {
        if let Some(tenant) = self.tenants.get(&id) {
            return Ok(Some(tenant));
        }
        let tenant = self.store.tenant_of(id).await?;
        if let Some(tenant) = tenant {
            self.tenants.insert(id, tenant);
        }
        Ok(tenant)
    }
}

/// Commands that are run to see what they would do.
#[derive(Debug)]
pub struct Rehearsal {
    rehearsal: store::Rehearsal,
    networks: Option<Arc<dyn networks::NetworkDatabase>>,
}

impl Rehearsal {
    /// Runs a command in the transaction that will be undone. It sees what the commands before it did.
    pub async fn run<C: Command>(&mut self, viewer: &Viewer, command: C) -> Result<C::Output> {
        let (sender, receiver) = oneshot::channel();
        let request = Arc::new(Request::new(viewer, command, RunOptions::default(), self.networks.clone())?);
        self.rehearsal.run(Box::new(CommandJob { request, answer: None, sender, span: Span::current() })).await?;
        receiver.await.map_err(|_| Error::unavailable())?
    }

    /// Undoes everything.
    pub async fn end(self) -> Result<()> {
        self.rehearsal.end().await
    }
}

/// A command, who runs it, and how often it is to be done.
struct Request<C> {
    viewer: Viewer,
    command: C,
    client_mutation_id: Option<String>,
    /// What tells the command from others; empty, if nobody compares it.
    fingerprint: String,
    /// Where addresses are looked up.
    networks: Option<Arc<dyn networks::NetworkDatabase>>,
}

impl<C: Command> Request<C> {
    fn new(
        viewer: &Viewer,
        command: C,
        options: RunOptions,
        networks: Option<Arc<dyn networks::NetworkDatabase>>,
    ) -> Result<Self> {
        let mut fingerprint = String::new();
        if let Some(id) = &options.client_mutation_id {
            crate::domain::text::check_line("clientMutationId", id, 128)?;
            let mut hash = Sha256::new_with_prefix(C::ACTION);
            hash.update(serde_json::to_vec(&command).map_err(|_| Error::internal())?);
            fingerprint = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        }
        let client_mutation_id = options.client_mutation_id;
        Ok(Self { viewer: viewer.clone(), command, client_mutation_id, fingerprint, networks })
    }

    async fn execute(&self, unit: &mut Unit) -> Result<C::Output> {
        let actor = self.viewer.key();
        if let Some(id) = &self.client_mutation_id
            && let Some(remembered) = unit.recall(&actor, id).await?
        {
            if remembered.fingerprint != self.fingerprint {
                return Err(Error::conflict(
                    "clientMutationId",
                    "This client mutation id was used for another request; take a new one.",
                ));
            }
            return serde_json::from_value(remembered.response).map_err(|_| Error::internal());
        }
        if !unit.tenant_is_live() && !C::REVIVES_TENANT {
            return Err(Error::not_found("id", "such thing"));
        }
        let networks = self.networks.as_deref();
        let mut context = WriteContext::new((&self.viewer, networks), unit, C::ACTION, self.command.target());
        let output = self.command.execute(&mut context).await?;
        let occurrences = context.take_occurrences();
        context.seal().await?;
        risk::enforce((&self.viewer, networks), unit, &occurrences).await?;
        if let Some(id) = &self.client_mutation_id {
            let response = serde_json::to_value(&output).map_err(|_| Error::internal())?;
            unit.remember(&actor, id, &Remembered { fingerprint: self.fingerprint.clone(), response }).await?;
        }
        Ok(output)
    }
}

/// A request on its way through a lane.
struct CommandJob<C: Command> {
    request: Arc<Request<C>>,
    answer: Option<Result<C::Output>>,
    sender: oneshot::Sender<Result<C::Output>>,
    /// In which span it was asked for: a lane is a task of its own.
    span: Span,
}

impl<C: Command> Job for CommandJob<C> {
    fn lookups(&self) -> Vec<NodeKey> {
        self.request.command.lookups()
    }

    fn run<'a>(&'a mut self, unit: &'a mut Unit) -> BoxFuture<'a, Verdict> {
        let span = self.span.clone();
        let run = async move {
            let answer = self.request.execute(unit).await;
            let verdict = if answer.is_ok() { Verdict::Keep } else { Verdict::Undo };
            self.answer = Some(answer);
            verdict
        };
        Box::pin(run.instrument(span))
    }

    fn finish(self: Box<Self>, committed: Result<()>) {
        // A job without an answer panicked.
        let answer = match (self.answer, committed) {
            (Some(Err(error)), _) | (Some(Ok(_)), Err(error)) => Err(error),
            (Some(Ok(output)), Ok(())) => Ok(output),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Err(Error::internal()),
        };
        // Whoever asked may have gone.
        let _ = self.sender.send(answer);
    }
}
