//! How risky accounts are, as it is stored: the state of each with its schedule, the log, evidence, scores of the past, and
//! what is usual for an organization; and the policies.
//!
//! A batch of events costs one statement for each table that it reads or writes, whatever its size. All of it is written in the
//! transaction of the command that was told of the events, under the lock of the tenant.

mod log;
mod policies;
mod reads;
mod states;
mod usual;
mod verdicts;

pub use states::RiskFilter;
pub(super) use states::from_bytes;
pub(super) use usual::{key_of, stored};
