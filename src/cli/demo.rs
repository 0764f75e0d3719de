//! The demo data: a small company, to look around in.

use super::failure::Failure;
use super::import::{Importer, Input, Session, Summary};
use crate::resolvers::{App, Viewer};
use indicatif::ProgressBar;
use std::cell::RefCell;

/// The company, in the form that `idgraph import` reads.
const DEMO: &str = include_str!("../../assets/demo.ndjson");

/// The slug of the company.
pub(super) const ORGANIZATION: &str = "acme";

/// Loads the demo data.
pub(super) async fn load(app: &App, viewer: &Viewer) -> Result<Summary, Failure> {
    let rejected = RefCell::new(None);
    let viewer = viewer.clone().with_source("import:demo.ndjson");
    let mut importer = Importer::new(Session::new(app, viewer, false), None, ProgressBar::hidden());
    importer.on_rejection(|rejection| {
        rejected.borrow_mut().get_or_insert_with(|| (rejection.line, rejection.message.clone()));
    });
    let summary = importer.run(&Input::embedded(DEMO)).await?;
    match rejected.take() {
        None => Ok(summary),
        Some((line, message)) => {
            Err(Failure::new(format!("The demo data is not what the server expects, at line {line}: {message}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::application;
    use crate::domain::time::SystemClock;
    use crate::store::{Store, StoreOptions};
    use std::sync::Arc;
    use std::time::Duration;

    #[tokio::test]
    async fn the_demo_data_is_sound_and_stays_the_same_when_loaded_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let options = StoreOptions {
            url: format!("sqlite://{}", directory.path().join("demo.db").display()),
            read_connections: 1,
            write_lanes: 1,
            acquire_timeout: Duration::from_secs(10),
            on_statement: None,
        };
        let store = Store::connect(&options).await.expect("a database");
        store.migrate_up().await.expect("a schema");
        let app = App::new(store, Arc::new(SystemClock));
        let viewer = application::operator(app.clock());
        let lines = DEMO.lines().count() as u64;
        let first = load(&app, &viewer).await.map_err(|failure| failure.message().map(str::to_owned));
        assert_eq!(first, Ok(Summary { new: lines, ..Summary::default() }));
        let second = load(&app, &viewer).await.map_err(|failure| failure.message().map(str::to_owned));
        assert_eq!(second, Ok(Summary { unchanged: lines, ..Summary::default() }));
        application::close(&app).await.map_err(|failure| failure.message().map(str::to_owned)).expect("a close");
    }
}
