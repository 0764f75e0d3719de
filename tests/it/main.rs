//! The integration tests: through the public face, as a named actor, on a real database.
//!
//! Every story runs on SQLite and on PostgreSQL ([`support::on_each_database`]). There is one binary, so that it links once.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and ends")]

mod support;

mod audit_coverage;
mod authorisation;
mod backup;
mod bad_input;
mod concurrency;
mod containment;
mod deletion;
mod doctor;
mod exploration;
mod federation;
mod graphql_reading;
mod graphql_writing;
mod healthcheck;
mod http;
mod limits;
mod metrics;
mod migrations;
mod program;
mod schema;
mod self_service;
mod sockets;
mod subscriptions;
mod time_travel;
mod tokens;
mod worker;
