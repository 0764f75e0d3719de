//! Copies of a SQLite database.

use super::{beside, cannot_write, refuse_if_it_holds_data};
use crate::cli::application;
use crate::cli::failure::Failure;
use crate::config::Config;
use crate::store::{self, CopyError};
use std::path::{Path, PathBuf};

/// Writes a copy of the database into a file that is empty.
pub(super) async fn back_up(config: &Config, file: &Path) -> Result<(), Failure> {
    database_file(config)?;
    let file = std::path::absolute(file).map_err(|error| cannot_write(file, &error))?;
    let store = application::connect_to_look(config).await?;
    let copied = store.copy_to(&file).await;
    store.close().await?;
    copied.map_err(|error| Failure::because("The database cannot be copied", &error))
}

/// Puts a copy in the place of the database. Answers the changes of the schema that the copy lacks.
pub(super) async fn restore(config: &Config, file: &Path, force: bool) -> Result<Vec<String>, Failure> {
    let database = database_file(config)?;
    let cannot_restore = |error: CopyError| Failure::because(format!("{} cannot be restored", file.display()), &error);
    if database.exists() {
        refuse_if_it_holds_data(config, force).await?;
    }
    if store::has_log(file) {
        return Err(cannot_restore(CopyError::Incomplete));
    }
    // What is examined is what takes the place: a copy of the copy, which nobody else knows of.
    let copy = beside(&database)?;
    let copied = std::fs::copy(file, &copy).and_then(|_| std::fs::File::open(&copy)?.sync_all());
    copied.map_err(|error| cannot_write(&database, &error))?;
    let pending = store::examine_copy(&copy).await.map_err(cannot_restore)?;
    store::make_way(&database, force).await.map_err(cannot_restore)?;
    copy.persist(&database).map_err(|error| cannot_write(&database, &error.error))?;
    Ok(pending)
}

fn database_file(config: &Config) -> Result<PathBuf, Failure> {
    store::sqlite_file(config.database.url.expose())
        .ok_or_else(|| Failure::new("A database in memory cannot be copied or restored."))
}
