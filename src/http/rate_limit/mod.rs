//! How much each may ask for in a time: the same for whatever is asked over HTTP, and in whatever form.
//!
//! Everybody has a store of cost, `burst`, which fills again by `cost_per_minute`. What somebody asks for is
//! [charged](RateLimits::charge) before any of it is done: a GraphQL operation by its price, anything else by 1. If the
//! store does not hold as much, nothing is taken out of it and nothing is done, and whoever asks is told when to come back.
//! This is the generic cell rate algorithm: one time for each who asks, and no windows with edges.
//!
//! Who asks is whoever holds the credential. Who has none, or [one of no use](super::auth::admit), is known by the address,
//! and all of the same network (a /64 of IPv6) share.
//!
//! The stores are [in memory](local), or in [Redis](shared) if there is one, so that several servers grant no more than one
//! would. While Redis is away, each server limits by itself: a limit is no reason to refuse everybody.

mod local;
mod shared;

use crate::config::{Config, RateLimitsConfig};
use crate::domain::{Error, ErrorCode};
use crate::resolvers::{App, Viewer};
use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use local::{Local, Now};
use shared::Shared;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// What is left, in the words of the [draft of the IETF][1].
///
/// [1]: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
const LEFT: HeaderName = HeaderName::from_static("ratelimit");
/// What there is, in the words of the same.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// The bits of an address of IPv6 that name a network.
const NETWORK: u128 = !(u64::MAX as u128);

/// How much somebody may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quota {
    /// How much cost comes back in a minute.
    per_minute: NonZeroU32,
    /// How much there is at most.
    burst: NonZeroU32,
}

impl Quota {
    pub(super) fn new(per_minute: u32, burst: u32) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self { per_minute: at_least_one(per_minute), burst: at_least_one(burst) }
    }

    /// How long it takes until that much cost has come back.
    fn time_for(self, cost: u32) -> Duration {
        Duration::from_nanos(u64::from(cost).saturating_mul(60_000_000_000) / u64::from(self.per_minute.get()))
    }
}

/// Whose store it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// That of the holder of a credential.
    Credential(String),
    /// That of those without a credential who come from an address.
    Address(IpAddr),
    /// That of those whose address is not known, or who are too many to tell them apart.
    Crowd,
}

impl Key {
    fn of(viewer: &Viewer, address: Option<IpAddr>) -> Self {
        if viewer.access.is_some() { Self::Credential(viewer.key()) } else { Self::whence(address) }
    }

    fn whence(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V6(address)) => Self::Address(Ipv6Addr::from(u128::from(address) & NETWORK).into()),
            Some(address) => Self::Address(address),
            None => Self::Crowd,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credential(name) => write!(f, "credential:{name}"),
            Self::Address(address) => write!(f, "address:{address}"),
            Self::Crowd => f.write_str("crowd"),
        }
    }
}

/// What is left for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    quota: Quota,
    left: u32,
}

impl Allowance {
    /// Says so in headers.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        let Self { quota, left } = self;
        let burst = quota.burst.get();
        let window = seconds(quota.time_for(burst));
        let until_full = seconds(quota.time_for(burst.saturating_sub(left)));
        let policy = HeaderValue::try_from(format!("\"cost\";q={burst};w={window}"));
        let left = HeaderValue::try_from(format!("\"cost\";r={left};t={until_full}"));
        headers.extend(policy.map(|value| (POLICY, value)));
        headers.extend(left.map(|value| (LEFT, value)));
    }
}

/// Why something is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TooMuch {
    /// For now: it can be done after that time.
    Now { wait: Duration, allowance: Allowance },
    /// Ever: it costs more than there is when nothing was asked for.
    Ever { cost: u64, burst: u32 },
}

impl TooMuch {
    /// In how many seconds to come back; none if that is of no use.
    pub(super) fn retry_after(self) -> Option<u64> {
        match self {
            Self::Now { wait, .. } => Some(seconds(wait).max(1)),
            Self::Ever { .. } => None,
        }
    }

    /// What is told in the face of whoever asks.
    pub(super) fn error(self) -> Error {
        match self {
            Self::Now { .. } => {
                let after = self.retry_after().unwrap_or_default();
                let unit = if after == 1 { "second" } else { "seconds" };
                let message = format!("You have asked for much in a short time; repeat the request in {after} {unit}.");
                Error { code: ErrorCode::RateLimited, field: None, keyword: None, message: message.into() }
            }
            Self::Ever { cost, burst } => Error::too_complex(format!(
                "This operation costs {cost}, and the most that you may ask for at once is {burst}; ask for less at a time."
            )),
        }
    }

    /// Says so in headers.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        if let Self::Now { allowance, .. } = self {
            allowance.tell(headers);
        }
        let after = self.retry_after().map(|after| (axum::http::header::RETRY_AFTER, HeaderValue::from(after)));
        headers.extend(after);
    }
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// The limits of everybody.
pub(super) struct RateLimits {
    now: Now,
    quota: Quota,
    quota_of_nobody: Quota,
    local: Local,
    local_of_nobody: Local,
    shared: Option<Shared>,
}

impl RateLimits {
    /// The limits, if the configuration asks for them.
    pub(super) fn of(app: &Arc<App>, config: &Config) -> Option<Self> {
        let RateLimitsConfig { enabled, cost_per_minute, burst, nobody_cost_per_minute, nobody_burst } =
            config.rate_limits;
        let quota = Quota::new(cost_per_minute, burst);
        let quota_of_nobody = Quota::new(nobody_cost_per_minute, nobody_burst);
        let clock = Arc::clone(app);
        let now: Now = Arc::new(move || clock.clock().now());
        enabled.then(|| Self {
            quota,
            quota_of_nobody,
            local: Local::new(quota, Arc::clone(&now)),
            local_of_nobody: Local::new(quota_of_nobody, Arc::clone(&now)),
            shared: Shared::of(&config.redis, "rate"),
            now,
        })
    }

    /// Takes a cost, at least 1, from the store of a viewer who asks from an address, and says what is left.
    ///
    /// # Errors
    ///
    /// If there is less than that. Then nothing is taken.
    pub(super) async fn charge(
        &self,
        viewer: &Viewer,
        address: Option<IpAddr>,
        cost: u64,
    ) -> Result<Allowance, TooMuch> {
        let key = Key::of(viewer, address);
        let (quota, local) = match key {
            Key::Credential(_) => (self.quota, &self.local),
            Key::Address(_) | Key::Crowd => (self.quota_of_nobody, &self.local_of_nobody),
        };
        let burst = quota.burst.get();
        let cost = match u32::try_from(cost) {
            Ok(cost) if cost <= burst => NonZeroU32::new(cost).unwrap_or(NonZeroU32::MIN),
            _ => return Err(TooMuch::Ever { cost, burst }),
        };
        if let Some(shared) = &self.shared
            && let Some(answer) = shared.charge(&key, quota, cost, (self.now)()).await
        {
            return answer;
        }
        local.charge(key, cost)
    }
}

/// A limit of its own for something else than requests, which holds whether requests have one or not.
pub(super) struct Store {
    now: Now,
    quota: Quota,
    local: Local,
    shared: Option<Shared>,
}

impl Store {
    /// A limit, and what it is called in Redis.
    pub(super) fn of(app: &Arc<App>, config: &Config, (quota, name): (Quota, &str)) -> Self {
        let clock = Arc::clone(app);
        let now: Now = Arc::new(move || clock.clock().now());
        let shared = Shared::of(&config.redis, name);
        Self { quota, local: Local::new(quota, Arc::clone(&now)), shared, now }
    }

    /// Takes 1 from the store of those who come from an address.
    pub(super) async fn charge_address(&self, address: Option<IpAddr>) -> Result<(), TooMuch> {
        self.charge(Key::whence(address)).await
    }

    /// Takes 1 from the store of something that has that name, which may be anything.
    pub(super) async fn charge_name(&self, name: &str) -> Result<(), TooMuch> {
        let hash = ring::digest::digest(&ring::digest::SHA256, name.as_bytes());
        let name = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        self.charge(Key::Credential(name)).await
    }

    async fn charge(&self, key: Key) -> Result<(), TooMuch> {
        if let Some(shared) = &self.shared
            && let Some(answer) = shared.charge(&key, self.quota, NonZeroU32::MIN, (self.now)()).await
        {
            return answer.map(drop);
        }
        self.local.charge(key, NonZeroU32::MIN).map(drop)
    }
}

/// The address at the other end of the connection that a request came by, if it came by one.
pub(super) fn address(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Origin;

    #[test]
    fn those_of_a_network_share() {
        let nobody = Viewer::nobody(Origin { face: "test", request_id: Arc::from("x") });
        let key = |address: &str| Key::of(&nobody, Some(address.parse().expect("an address"))).to_string();
        assert_eq!(key("192.0.2.7"), "address:192.0.2.7");
        assert_eq!(key("::ffff:192.0.2.7"), "address:192.0.2.7");
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), "address:2001:db8:1:2::");
        assert_eq!(key("2001:db8:1:2::9"), key("2001:db8:1:2:3:4:5:6"));
        assert_eq!(Key::of(&nobody, None), Key::Crowd);
        let operator = Viewer::operator(Origin { face: "test", request_id: Arc::from("x") });
        assert_eq!(Key::of(&operator, None).to_string(), "credential:operator");
    }

    #[test]
    fn times_are_told_in_seconds_and_rounded_up() {
        let quota = Quota::new(60, 100);
        let allowance = Allowance { quota, left: 40 };
        let refusal = TooMuch::Now { wait: Duration::from_millis(1_200), allowance };
        let mut headers = HeaderMap::new();
        refusal.tell(&mut headers);
        let told = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!(told("retry-after"), "2");
        assert_eq!(told("ratelimit-policy"), "\"cost\";q=100;w=100");
        assert_eq!(told("ratelimit"), "\"cost\";r=40;t=60");
        assert!(refusal.error().message.contains("in 2 seconds"), "{}", refusal.error());
        assert_eq!(TooMuch::Now { wait: Duration::ZERO, allowance }.retry_after(), Some(1));
        assert_eq!(TooMuch::Ever { cost: 7, burst: 3 }.error().code, ErrorCode::TooComplex);
    }
}
