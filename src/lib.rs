//! idgraph: an identity graph server.
//!
//! One canonical, traversable graph of who exists, where they belong, which accounts they own elsewhere, and how all of it
//! came to be. `docs/architecture.md` is the way in: faces parse and present, [`resolvers`] decide, [`store`] keeps,
//! [`domain`] knows the rules.

pub mod config;
pub mod domain;
pub mod feeds;
pub mod graphql;
pub mod http;
pub mod iam;
pub mod networks;
pub mod outgoing;
pub mod resolvers;
pub mod rest;
pub mod scim;
pub mod sdk;
pub mod store;
pub mod worker;
