//! One file.

use super::record::Record;
use maxminddb::Reader;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

/// What tells a file from the one that was there before.
type Stamp = (Option<SystemTime>, u64);

/// A file as it was read.
#[derive(Debug)]
struct Contents {
    reader: Reader<Vec<u8>>,
    stamp: Stamp,
}

/// A database: a file, and what was read of it last.
#[derive(Debug)]
pub(super) struct Database {
    path: PathBuf,
    contents: RwLock<Arc<Contents>>,
}

impl Database {
    pub(super) fn open(path: PathBuf) -> Result<Self, String> {
        let contents = RwLock::new(Arc::new(read(&path)?));
        Ok(Self { path, contents })
    }

    fn contents(&self) -> Arc<Contents> {
        Arc::clone(&self.contents.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What it says of an address, if anything.
    pub(super) fn find(&self, address: IpAddr) -> Option<Record> {
        let contents = self.contents();
        // A database of IPv4 knows nothing of IPv6.
        let found = contents.reader.lookup(address).ok()?;
        found.has_data().then(|| Record::of(&found))
    }

    /// Reads the file anew if it is another one. One that cannot be read leaves what was read before.
    pub(super) fn refresh(&self) {
        if stamp_of(&self.path).is_ok_and(|stamp| stamp == self.contents().stamp) {
            return;
        }
        match read(&self.path) {
            Ok(contents) => {
                *self.contents.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(contents);
                tracing::info!(database = self.summary(), "a database of addresses was read anew");
            }
            Err(error) => {
                tracing::warn!(error, "a database of addresses was replaced by something else; the former is used");
            }
        }
    }

    pub(super) fn summary(&self) -> String {
        let contents = self.contents();
        let metadata = contents.reader.metadata();
        format!("{} ({}, build {})", self.path.display(), metadata.database_type, metadata.build_epoch)
    }
}

fn stamp_of(path: &Path) -> std::io::Result<Stamp> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.modified().ok(), metadata.len()))
}

fn read(path: &Path) -> Result<Contents, String> {
    let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    // Before the file: if it changes meanwhile, it is read once more.
    let stamp = stamp_of(path).map_err(unreadable)?;
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let reader = Reader::from_source(bytes)
        .map_err(|error| format!("{} is no database of addresses (.mmdb): {error}", path.display()))?;
    Ok(Contents { reader, stamp })
}
