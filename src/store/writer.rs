//! The one place where transactions begin and end.
//!
//! Jobs wait in *lanes*. A lane takes all jobs of one tenant that are waiting, runs them one after the other in one
//! transaction, and commits once: tens of clients share the price of a commit, and a job that fails undoes itself and
//! nothing else. What they add is written together in the end; where that does not work out, they are run again, each behind
//! a savepoint. A tenant always has the same lane, so that its jobs do not wait for its row lock
//! in several places at once. SQLite has one lane, because it has one writer.
//!
//! A job learns its outcome only after the commit, and so do those who follow the tenant ([`Topics`](super::Topics)). A job whose client has gone is finished all the same.

use super::error::translate;
use super::unit::Waiting;
use super::{Dialect, Realm, Store, Unit};
use crate::domain::node::NodeKey;
use crate::domain::{Clock, Error, OrganizationId, Result};
use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How many jobs may wait in a lane before the next one waits outside.
const LANE_CAPACITY: usize = 1_024;
/// How many jobs may share a commit.
const MAX_BATCH: usize = 64;

/// What becomes of what a job has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is committed.
    Keep,
    /// It is undone.
    Undo,
}

/// Something to do in a transaction of one tenant.
pub trait Job: Send {
    /// The keys by which it is going to look for nodes, as far as it knows: those of all jobs that share a transaction are
    /// looked for at once.
    fn lookups(&self) -> Vec<NodeKey> {
        Vec::new()
    }

    /// Does it. May be called again when the transaction it was part of could not be used.
    fn run<'a>(&'a mut self, unit: &'a mut Unit) -> BoxFuture<'a, Verdict>;

    /// Told once, at the end, whether the transaction was committed.
    fn finish(self: Box<Self>, committed: Result<()>);
}

struct Queued {
    tenant: OrganizationId,
    job: Box<dyn Job>,
}

/// The lanes.
pub struct Writer {
    store: Store,
    clock: Arc<dyn Clock>,
    lanes: Mutex<Vec<mpsc::Sender<Queued>>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Writer {
    /// Opens the lanes.
    #[must_use]
    pub fn start(store: Store, clock: Arc<dyn Clock>) -> Self {
        let mut lanes = Vec::new();
        let mut tasks = Vec::new();
        for _ in 0..store.lanes() {
            let (sender, receiver) = mpsc::channel(LANE_CAPACITY);
            lanes.push(sender);
            tasks.push(tokio::spawn(run_lane(store.clone(), Arc::clone(&clock), receiver)));
        }
        Self { store, clock, lanes: Mutex::new(lanes), tasks: Mutex::new(tasks) }
    }

    /// Hands a job to the lane of its tenant, waiting outside while the lane is full.
    pub async fn submit(&self, tenant: OrganizationId, job: Box<dyn Job>) -> Result<()> {
        let lane = {
            let lanes = self.lanes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            // The last bytes of a UUIDv7 are random.
            let place = usize::from(tenant.0.as_bytes()[15]) % lanes.len().max(1);
            lanes.get(place).cloned()
        };
        let lane = lane.ok_or_else(Error::unavailable)?;
        let place = lane.reserve().await.map_err(|_| Error::unavailable())?;
        // Counted before the lane can take it, so that there are never fewer than none.
        self.store.lane_activity().waiting.inc();
        place.send(Queued { tenant, job });
        Ok(())
    }

    /// Takes no more jobs, and returns when those that wait are done.
    pub async fn close(&self) {
        self.lanes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(error = %error, "a write lane ended badly");
            }
        }
    }

    /// Runs jobs in a transaction of their own that is never committed: to see what they would do.
    pub async fn rehearse(&self, tenant: OrganizationId) -> Result<Rehearsal> {
        let transaction = begin(&self.store).await?;
        let waiting = Waiting::default();
        let unit = Unit::open(self.store.dialect, &self.clock, transaction, tenant, waiting).await?;
        Ok(Rehearsal { unit })
    }
}

/// A transaction that is undone in the end, whatever is done in it.
#[derive(Debug)]
pub struct Rehearsal {
    unit: Unit,
}

impl Rehearsal {
    /// Runs a job. What it writes is seen by the jobs after it, unless it asks for it to be undone.
    pub async fn run(&mut self, mut job: Box<dyn Job>) -> Result<()> {
        run_job(&mut *job, &mut self.unit, Manner::Careful).await?;
        job.finish(Ok(()));
        Ok(())
    }

    /// Undoes everything.
    pub async fn end(self) -> Result<()> {
        roll_back(self.unit).await
    }
}

async fn run_lane(store: Store, clock: Arc<dyn Clock>, mut receiver: mpsc::Receiver<Queued>) {
    let mut waiting = Vec::with_capacity(MAX_BATCH);
    while receiver.recv_many(&mut waiting, MAX_BATCH).await > 0 {
        while let Some(first) = waiting.first() {
            let tenant = first.tenant;
            let batch: Vec<Box<dyn Job>> =
                waiting.extract_if(.., |waiting| waiting.tenant == tenant).map(|waiting| waiting.job).collect();
            run_batch(&store, &clock, tenant, batch).await;
        }
    }
}

/// How jobs share a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// One has it for itself.
    Alone,
    /// What they add is [written in the end](super::unit), as if nothing could be in the way.
    Hopeful,
    /// Each is behind a savepoint, so that it can be undone alone.
    Careful,
}

/// How far a transaction has come.
enum Course {
    /// To its end. What was committed, if anything was.
    Done(Option<Committed>),
    /// To a point from which it was rolled back, and the jobs have to be run another way.
    Stuck(Error),
}

/// What a transaction has brought about.
struct Committed {
    kept: u32,
    last_seq: i64,
    has_events: bool,
    has_activity_alone: bool,
    /// What the events tell of.
    realm: Realm,
}

async fn run_batch(store: &Store, clock: &Arc<dyn Clock>, tenant: OrganizationId, mut jobs: Vec<Box<dyn Job>>) {
    let activity = store.lane_activity();
    activity.waiting.dec_by(i64::try_from(jobs.len()).unwrap_or(i64::MAX));
    let manner = if jobs.len() > 1 { Manner::Hopeful } else { Manner::Alone };
    let mut course = run_transaction(store, clock, tenant, (&mut jobs, manner)).await;
    if manner == Manner::Hopeful && matches!(course, Ok(Course::Stuck(_))) {
        course = run_transaction(store, clock, tenant, (&mut jobs, Manner::Careful)).await;
    }
    let outcome = course.and_then(|course| match course {
        Course::Done(committed) => Ok(committed),
        Course::Stuck(error) => Err(error),
    });
    // Before anybody is told that it is done.
    if let Ok(Some(committed)) = &outcome {
        if committed.has_events {
            store.committed((tenant, committed.last_seq), committed.realm);
        } else if committed.has_activity_alone {
            store.freshness().advance(tenant, Realm::Accounts);
        }
        activity.jobs_per_commit.observe(committed.kept.into());
    }
    let outcome = outcome.map(|_| ());
    for job in jobs {
        job.finish(outcome.clone());
    }
}

/// Runs jobs in a transaction and commits it. An error is final: nothing was begun, or nobody knows how the commit went.
async fn run_transaction(
    store: &Store,
    clock: &Arc<dyn Clock>,
    tenant: OrganizationId,
    (jobs, manner): (&mut [Box<dyn Job>], Manner),
) -> Result<Course> {
    let transaction = begin(store).await?;
    let waiting = Waiting::new(manner == Manner::Hopeful);
    let mut unit = Unit::open(store.dialect, clock, transaction, tenant, waiting).await?;
    let first_seq = unit.last_seq;
    let kept = match run_jobs(&mut unit, jobs, manner).await {
        Ok(0) => return roll_back(unit).await.map(|()| Course::Done(None)),
        Ok(kept) => kept,
        Err(error) => {
            // Where even that fails, the connection is gone, and the transaction with it.
            drop(roll_back(unit).await);
            return Ok(Course::Stuck(error));
        }
    };
    let (last_seq, has_events) = (unit.last_seq, unit.last_seq > first_seq);
    let has_activity_alone = unit.has_activity && !has_events;
    let realm = if unit.only_adds { Realm::Directory } else { Realm::Standing };
    unit.transaction.commit().await.map_err(translate)?;
    Ok(Course::Done(Some(Committed { kept, last_seq, has_events, has_activity_alone, realm })))
}

/// Runs jobs, and makes everything ready to be committed. Says how many there are whose work is kept.
async fn run_jobs(unit: &mut Unit, jobs: &mut [Box<dyn Job>], manner: Manner) -> Result<u32> {
    let first_seq = unit.last_seq;
    if manner == Manner::Hopeful {
        unit.foresee(jobs.iter().flat_map(|job| job.lookups()).collect()).await?;
    }
    let mut kept = 0_u32;
    for job in jobs {
        kept += u32::from(run_job(&mut **job, unit, manner).await? == Verdict::Keep);
    }
    if kept == 0 {
        return Ok(0);
    }
    if unit.last_seq > first_seq {
        unit.leave().await?;
        return Ok(kept);
    }
    unit.settle().await?;
    if unit.has_activity {
        unit.announce_activity().await?;
    }
    Ok(kept)
}

/// Runs one job, and undoes it alone if it asks for that and others share the transaction.
async fn run_job(job: &mut dyn Job, unit: &mut Unit, manner: Manner) -> Result<Verdict> {
    unit.begin_job();
    if manner == Manner::Careful {
        unit.execute_plain("SAVEPOINT job").await?;
    }
    let (seq, is_live) = (unit.last_seq, unit.tenant_is_live);
    let verdict = AssertUnwindSafe(job.run(unit)).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("a command panicked; what it wrote is undone");
        Verdict::Undo
    });
    if verdict == Verdict::Undo {
        (unit.last_seq, unit.tenant_is_live) = (seq, is_live);
        if !unit.take_back_job() && manner == Manner::Hopeful {
            return Err(Error::unavailable());
        }
    }
    if manner == Manner::Careful {
        unit.execute_plain(if verdict == Verdict::Keep {
            "RELEASE SAVEPOINT job"
        } else {
            "ROLLBACK TO SAVEPOINT job"
        })
        .await?;
    }
    Ok(verdict)
}

async fn begin(store: &Store) -> Result<DatabaseTransaction> {
    // An immediate transaction takes SQLite's write lock at once, so that it never has to give up what it has read.
    let mode = (store.dialect == Dialect::Sqlite).then_some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() };
    store.write.begin_with_options(options).await.map_err(translate)
}

async fn roll_back(unit: Unit) -> Result<()> {
    unit.transaction.rollback().await.map_err(translate)
}
