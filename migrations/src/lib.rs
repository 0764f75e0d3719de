//! The schema history of idgraph: one change per file, each able to go up and down, on SQLite and on PostgreSQL.
//!
//! A migration is plain SQL with four type words that differ between the two databases (see [`Ddl`]). A migration that
//! has shipped is never edited; a change is a new file, appended to [`Migrator::migrations`]. Nothing here imports the
//! server, so that an old migration keeps its meaning when the server's code moves on.

mod ddl;
mod m0001_organizations;
mod m0002_profiles;
mod m0003_collectives;
mod m0004_roles;
mod m0005_linked_identities;
mod m0006_edges;
mod m0007_history;
mod m0008_tokens;
mod m0009_past;
mod m0010_merges;
mod m0011_details;
mod m0012_passwords;
mod m0013_extensions;
mod m0014_activity;
mod m0019_deferred_requests;
mod m0020_oauth_keys;
mod m0021_risk;
mod m0022_alerts;
mod m0023_risk_policies;
mod m0024_threat_feeds;
mod m0026_outlets;
mod m0027_transmitters;
mod m0029_reception;

pub use ddl::Ddl;
use sea_orm_migration::MigrationTrait;
pub use sea_orm_migration::MigratorTrait;

/// Every migration, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[sea_orm_migration::async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_organizations::Migration),
            Box::new(m0002_profiles::Migration),
            Box::new(m0003_collectives::Migration),
            Box::new(m0004_roles::Migration),
            Box::new(m0005_linked_identities::Migration),
            Box::new(m0006_edges::Migration),
            Box::new(m0007_history::Migration),
            Box::new(m0008_tokens::Migration),
            Box::new(m0009_past::Migration),
            Box::new(m0010_merges::Migration),
            Box::new(m0011_details::Migration),
            Box::new(m0012_passwords::Migration),
            Box::new(m0013_extensions::Migration),
            Box::new(m0014_activity::Migration),
            Box::new(m0019_deferred_requests::Migration),
            Box::new(m0020_oauth_keys::Migration),
            Box::new(m0021_risk::Migration),
            Box::new(m0022_alerts::Migration),
            Box::new(m0023_risk_policies::Migration),
            Box::new(m0024_threat_feeds::Migration),
            Box::new(m0026_outlets::Migration),
            Box::new(m0027_transmitters::Migration),
            Box::new(m0029_reception::Migration),
        ]
    }
}
