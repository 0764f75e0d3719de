//! Threat-intelligence feeds as they are stored, and what they name.
//!
//! Adding and removing a feed is the business of commands. What becomes of a feed when it is fetched is written beside them, in
//! steps that can be done twice: a feed may name hundreds of thousands of networks, and nobody is to wait for that.

mod entries;
mod feeds;

pub use entries::StoredEntry;
