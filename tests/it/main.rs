//! The integration tests: through the public face, as a named actor, on a real database.
//!
//! Every story runs on SQLite and on PostgreSQL ([`support::on_each_database`]). There is one binary, so that it links once.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and ends")]

mod support;

mod activity;
mod answers;
mod audit_coverage;
mod authorisation;
mod backup;
mod bad_input;
mod concurrency;
mod containment;
mod deletion;
mod doctor;
mod documents;
mod exploration;
mod extensions;
mod external_iam;
mod external_iam_keys;
mod federation;
mod feeds;
mod graphql_reading;
mod graphql_writing;
mod healthcheck;
mod http;
mod import;
mod limits;
mod merging;
mod metrics;
mod migrations;
mod names;
mod oauth;
mod persisted_queries;
mod plans;
mod program;
mod rate_limits;
mod rest;
mod risk;
mod risk_policies;
mod schema;
mod scim;
mod sdk;
mod self_service;
mod signals;
mod sockets;
mod subscriptions;
mod telemetry;
mod time_travel;
mod tokens;
mod webhooks;
mod worker;
