//! Time and ids come from outside the rules, so that tests can hold them still.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// A moment, to the microsecond, in UTC.
pub type Timestamp = DateTime<Utc>;

/// Where the present and new ids come from.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present, cut to the microsecond, which is what both databases keep.
    fn now(&self) -> Timestamp;

    /// A new UUIDv7 of the present. Later calls give greater ids.
    fn new_id(&self) -> Uuid;
}

/// The clock of the machine.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the clock on the wall is read")]
    fn now(&self) -> Timestamp {
        to_micros(Utc::now())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where ids are made; now_v7 counts up within a millisecond"
    )]
    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// A clock that stands still until it is moved: for tests, and for demo data that looks the same each time.
#[derive(Debug)]
pub struct ManualClock {
    micros: AtomicI64,
    ids: Mutex<uuid::ContextV7>,
}

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self { micros: AtomicI64::new(start.timestamp_micros()), ids: Mutex::new(uuid::ContextV7::new()) }
    }

    /// Moves the clock.
    pub fn advance(&self, by: TimeDelta) {
        self.micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        from_micros(self.micros.load(Ordering::SeqCst))
    }

    fn new_id(&self) -> Uuid {
        let now = self.now();
        let context = self.ids.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        Uuid::new_v7(uuid::Timestamp::from_unix(&*context, seconds, now.timestamp_subsec_nanos()))
    }
}

/// The moment that many microseconds after 1970; what no calendar knows is 1970 itself.
#[must_use]
pub fn from_micros(micros: i64) -> Timestamp {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// The time, cut to the microsecond.
pub fn to_micros(at: Timestamp) -> Timestamp {
    at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(at)
}
