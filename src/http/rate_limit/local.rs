//! Stores in the memory of this server.

use super::{Allowance, Key, Quota, TooMuch};
use crate::domain::Timestamp;
use governor::clock::Clock as _;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{RateLimiter, clock};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// After how many charges those are forgotten whose store is full: there is no difference to somebody unknown.
const CLEAN_EVERY: usize = 1_024;
/// How many are told apart at most. While there are more, all those without a credential share one store.
const MOST: usize = 100_000;

/// Where the present comes from.
pub(super) type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The clock of the application, as the limiter reads it.
struct AppClock(Now);

impl clock::Clock for AppClock {
    /// How long it is since 1970.
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_micros(u64::try_from((self.0)().timestamp_micros()).unwrap_or(0))
    }
}

type Limiter = RateLimiter<Key, HashMapStateStore<Key>, AppClock, StateInformationMiddleware>;

/// The stores of everybody who has the same quota.
pub(super) struct Local {
    quota: Quota,
    clock: AppClock,
    limiter: Limiter,
    charges: AtomicUsize,
    most: usize,
}

impl Local {
    pub(super) fn new(quota: Quota, now: Now) -> Self {
        let limits = governor::Quota::per_minute(quota.per_minute).allow_burst(quota.burst);
        let limiter = Limiter::new(limits, HashMapStateStore::default(), AppClock(Arc::clone(&now)));
        Self { quota, clock: AppClock(now), limiter, charges: AtomicUsize::new(0), most: MOST }
    }

    /// Takes a cost from a store.
    pub(super) fn charge(&self, key: Key, cost: NonZeroU32) -> Result<Allowance, TooMuch> {
        let quota = self.quota;
        let charges = self.charges.fetch_add(1, Ordering::Relaxed);
        if charges % CLEAN_EVERY == CLEAN_EVERY - 1 {
            self.limiter.retain_recent();
        }
        // How many there are is asked for only where there can be many: holders of credentials are known.
        let key = match key {
            Key::Address(_) if self.limiter.len() >= self.most => Key::Crowd,
            key => key,
        };
        match self.limiter.check_key_n(&key, cost) {
            Ok(Ok(state)) => Ok(Allowance { quota, left: state.remaining_burst_capacity() }),
            Ok(Err(refusal)) => {
                let wait = refusal.wait_time_from(self.clock.now());
                Err(TooMuch::Now { wait, allowance: left_before(quota, cost, wait) })
            }
            // The caller has looked already.
            Err(_) => Err(TooMuch::Ever { cost: cost.get().into(), burst: quota.burst.get() }),
        }
    }
}

/// What is left for somebody who has to wait that long for a cost.
pub(super) fn left_before(quota: Quota, cost: NonZeroU32, wait: Duration) -> Allowance {
    let missing = wait.as_nanos().saturating_mul(u128::from(quota.per_minute.get())).div_ceil(60_000_000_000);
    let left = cost.get().saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX));
    Allowance { quota, left }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Clock;
    use crate::domain::time::{ManualClock, from_micros};
    use chrono::TimeDelta;
    use std::net::Ipv4Addr;

    fn address(number: u32) -> Key {
        Key::Address(Ipv4Addr::from(number).into())
    }

    #[test]
    fn those_who_are_too_many_share_and_those_who_rest_are_forgotten() {
        let clock = Arc::new(ManualClock::at(from_micros(1_000_000_000_000)));
        let now = Arc::clone(&clock);
        let quota = Quota::new(60, 2);
        let local = Local { most: 3, ..Local::new(quota, Arc::new(move || now.now())) };
        let charge = |key: Key| local.charge(key, NonZeroU32::MIN).map(|allowance| allowance.left);
        for number in 0..2 {
            assert_eq!((charge(address(number)), charge(address(number))), (Ok(1), Ok(0)));
        }
        assert_eq!(charge(address(2)), Ok(1));
        assert_eq!((charge(address(2)), charge(address(3))), (Ok(1), Ok(0)), "they share one store");
        assert!(charge(address(4)).is_err() && charge(address(0)).is_err());
        assert!(charge(Key::Credential("tok".to_owned())).is_ok(), "holders of credentials do not");
        assert_eq!(local.limiter.len(), 5);
        clock.advance(TimeDelta::minutes(1));
        for _ in 0..CLEAN_EVERY {
            let _ = charge(Key::Credential("other".to_owned()));
        }
        assert!(local.limiter.len() <= 2, "{} are remembered", local.limiter.len());
        assert_eq!((charge(address(6)), charge(address(7))), (Ok(1), Ok(1)));
    }

    #[test]
    fn what_is_left_is_told_to_those_who_have_to_wait_too() {
        let quota = Quota::new(60, 10);
        let left =
            |cost, wait| left_before(quota, NonZeroU32::new(cost).expect("a cost"), Duration::from_millis(wait)).left;
        assert_eq!((left(8, 7_000), left(8, 6_001), left(1, 1), left(1, 60_000)), (1, 1, 0, 0));
    }
}
