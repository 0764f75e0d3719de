//! The section about what is sent to receivers of signals and to webhooks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How changes are sent to receivers of signals and to webhooks. Secrets are kept under `oauth.key_secret`: without it, nothing
/// is sent.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveriesConfig {
    /// Whether receivers may be on this machine and in private networks, and be spoken to by plain HTTP. Whoever may name a
    /// receiver can then have requests sent to whatever this server reaches.
    pub allow_private_networks: bool,
    /// How many seconds a receiver may take to answer.
    #[schemars(range(min = 1, max = 60))]
    pub timeout_seconds: u32,
    /// How many milliseconds lie at least between two looks at what is to be sent.
    #[schemars(range(min = 10, max = 60_000))]
    pub poll_milliseconds: u32,
    /// After how many milliseconds, at most, something is sent again that has failed for the first time. It doubles with each
    /// failure.
    #[schemars(range(min = 10, max = 3_600_000))]
    pub first_retry_milliseconds: u32,
    /// After how many seconds, at most, it is sent again that has failed many times.
    #[schemars(range(min = 1, max = 86_400))]
    pub longest_retry_seconds: u32,
    /// How often something is sent before it is given up. Signals are given up only if their receiver refuses them.
    #[schemars(range(min = 1, max = 1_000))]
    pub max_attempts: u32,
    /// For how many hours a receiver may be away before nothing is sent to it any more: a webhook is disabled then, a stream
    /// paused.
    #[schemars(range(min = 1, max = 8_760))]
    pub give_up_after_hours: u32,
    /// For how many days deliveries are kept, whether they have arrived or not.
    #[schemars(range(min = 1, max = 3_650))]
    pub retention_days: u32,
}
