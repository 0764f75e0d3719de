//! How long to wait for something that is away, and how often to say so.

use rand::Rng;
use std::fmt::Display;
use std::time::Duration;

/// The wait after the first failure, at most.
const FIRST: Duration = Duration::from_millis(250);
/// The wait after many failures, at most.
const LONGEST: Duration = Duration::from_secs(30);

/// Failures in a row.
#[derive(Debug)]
pub(super) struct Backoff {
    /// What is to be delivered.
    what: &'static str,
    failures: u32,
}

impl Backoff {
    /// No failure yet in delivering this.
    pub(super) const fn of(what: &'static str) -> Self {
        Self { what, failures: 0 }
    }

    /// Notes a failure, logs it if it is the first, and says how long to wait before trying again.
    pub(super) fn failed(&mut self, error: &impl Display) -> Duration {
        if self.failures == 0 {
            tracing::warn!(
                error = %error,
                delivery.of = self.what,
                "nothing can be delivered just now; it will be tried again"
            );
        }
        let wait = ceiling(self.failures);
        self.failures = self.failures.saturating_add(1);
        // Somewhere in the upper half, so that servers that lost something together do not all
        // come back to it together.
        rand::rng().random_range(wait / 2..=wait)
    }

    /// Notes a success, and logs it if it ends an outage.
    pub(super) fn succeeded(&mut self) {
        if self.failures > 0 {
            tracing::info!(delivery.of = self.what, delivery.failures = self.failures, "deliveries go on");
        }
        self.failures = 0;
    }
}

/// The longest wait after so many failures before.
fn ceiling(failures: u32) -> Duration {
    let factor = 2_u32.saturating_pow(failures);
    FIRST.saturating_mul(factor).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_limit_and_start_again_after_a_success() {
        let mut backoff = Backoff::of("a test");
        for failures in 0..100 {
            let wait = backoff.failed(&"away");
            let limit = ceiling(failures);
            assert!((limit / 2..=limit).contains(&wait), "{failures}: {wait:?}");
        }
        assert_eq!(ceiling(99), LONGEST);
        backoff.succeeded();
        assert!(backoff.failed(&"away") <= FIRST);
    }
}
