//! Stories about the protocol, by way of what the crate offers to others.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a helper that finds something amiss ends its test, and takes what json! has just made"
)]

mod bodies;
mod bulk;
mod entra;
mod etags;
mod filter_grammar;
mod filter_meaning;
mod filter_oracle;
mod fixture;
mod laws;
mod lists;
mod membership;
mod patches;
mod patches_refused;
mod projections;
mod queries;
mod schemas;
