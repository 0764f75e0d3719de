//! `idgraph backup` and `idgraph restore`: the whole database, as one file.
//!
//! SQLite is copied by SQLite itself. PostgreSQL has tools of its own, which are run if they are there; if not, the
//! operator is told how to run them.

mod postgres;
mod sqlite;

use super::failure::Failure;
use super::settings::Settings;
use super::{application, logging};
use crate::config::Config;
use clap::Args;
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempPath};

/// Write a copy of the database, while the server runs
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write, which must not exist: a SQLite database, or an archive of pg_dump
    file: PathBuf,
}

/// Put a copy in the place of the database, while no server runs
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The file that idgraph backup has written
    file: PathBuf,
    /// Replace a database that is not empty; what it holds is lost
    #[arg(long)]
    force: bool,
}

impl Backup {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        let config = settings.load()?;
        logging::start_quietly();
        if self.file.symlink_metadata().is_ok() {
            return Err(Failure::new(format!("The file {} exists; choose another name.", self.file.display())));
        }
        // What breaks off leaves no file that looks like a backup.
        let unfinished = beside(&self.file)?;
        if is_sqlite(&config) {
            sqlite::back_up(&config, &unfinished).await?;
        } else {
            postgres::back_up(&config, &unfinished, &self.file)?;
        }
        let written = std::fs::File::open(&unfinished).and_then(|file| file.sync_all());
        written.map_err(|error| cannot_write(&self.file, &error))?;
        unfinished.persist_noclobber(&self.file).map_err(|error| cannot_write(&self.file, &error.error))?;
        eprintln!("The database is copied to {}.", self.file.display());
        Ok(())
    }
}

impl Restore {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        let config = settings.load()?;
        logging::start_quietly();
        if let Err(error) = std::fs::File::open(&self.file) {
            return Err(Failure::because(format!("The file {} cannot be read", self.file.display()), &error));
        }
        let pending = if is_sqlite(&config) {
            sqlite::restore(&config, &self.file, self.force).await?
        } else {
            postgres::restore(&config, &self.file, self.force).await?
        };
        eprintln!("The database is restored from {}.", self.file.display());
        if !pending.is_empty() {
            eprintln!(
                "Its schema is older than this program: the next start of the server, or idgraph migrate up, makes what is missing."
            );
        }
        Ok(())
    }
}

fn is_sqlite(config: &Config) -> bool {
    config.database.url.expose().starts_with("sqlite:")
}

/// Refuses to replace a database in which something was ever changed, unless that is wanted.
async fn refuse_if_it_holds_data(config: &Config, force: bool) -> Result<(), Failure> {
    if force {
        return Ok(());
    }
    let store = application::connect_to_look(config).await;
    let store = store.map_err(|failure| failure.and("To replace what is there all the same, say --force."))?;
    let holds_data = store.holds_data().await;
    store.close().await?;
    if holds_data? {
        return Err(Failure::new(format!(
            "The database {} is not empty. To lose what it holds, say --force.",
            config.database.url
        )));
    }
    Ok(())
}

/// A new file in the same directory, for nobody else's eyes, which goes away unless it is kept.
fn beside(file: &Path) -> Result<TempPath, Failure> {
    let directory = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let made = NamedTempFile::with_prefix_in(".idgraph-", directory);
    made.map(NamedTempFile::into_temp_path).map_err(|error| cannot_write(file, &error))
}

fn cannot_write(file: &Path, error: &std::io::Error) -> Failure {
    Failure::because(format!("The file {} cannot be written", file.display()), error)
}
