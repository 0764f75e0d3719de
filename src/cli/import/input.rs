//! What is imported, and how it is read from the beginning, several times.

use super::super::failure::Failure;
use super::super::wire::{Line, Problem};
use super::lines::Lines;
use super::table::Table;
use indicatif::ProgressBar;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;

/// The most bytes that a line may have.
pub(super) const MAX_LINE: usize = 1_048_576;

/// Something to import.
#[derive(Debug)]
pub(in crate::cli) struct Input {
    /// Where it is.
    pub(in crate::cli) content: Content,
    /// What it consists of.
    pub(in crate::cli) format: Format,
}

/// Where something to import is.
#[derive(Debug)]
pub(in crate::cli) enum Content {
    /// In a file.
    File(PathBuf),
    /// In the program.
    Embedded(&'static str),
}

/// What something to import consists of.
#[derive(Debug)]
pub(in crate::cli) enum Format {
    /// Lines.
    Ndjson,
    /// A header and rows; some columns, and the fields they hold.
    Csv(Vec<(String, String)>),
}

/// A line, or a row, of what is imported.
pub(super) struct Entry {
    /// Its number, from 1.
    pub(super) number: u64,
    /// What it says, or what is wrong with it.
    pub(super) content: Result<Line, Problem>,
}

/// The entries of what is imported, one after the other.
pub(super) enum Entries {
    Ndjson(Lines<BufReader<Box<dyn Read + Send>>>),
    Csv(Box<Table<Box<dyn Read + Send>>>),
}

impl Input {
    /// What is read from a text in the program.
    pub(in crate::cli) const fn embedded(text: &'static str) -> Self {
        Self { content: Content::Embedded(text), format: Format::Ndjson }
    }

    /// Begins to read. The bar shows how far it has come.
    pub(super) fn open(&self, bar: &ProgressBar) -> Result<Entries, Failure> {
        let (reader, size): (Box<dyn Read + Send>, u64) = match &self.content {
            Content::File(path) => {
                let file = File::open(path).map_err(|error| self.unreadable(&error))?;
                let size = file.metadata().map_err(|error| self.unreadable(&error))?.len();
                (Box::new(bar.wrap_read(file)), size)
            }
            Content::Embedded(text) => (Box::new(text.as_bytes()), text.len() as u64),
        };
        bar.set_length(size);
        bar.set_position(0);
        Ok(match &self.format {
            Format::Ndjson => Entries::Ndjson(Lines::new(BufReader::new(reader))),
            Format::Csv(mappings) => Entries::Csv(Box::new(Table::new(reader, mappings)?)),
        })
    }

    /// The failure to read it.
    pub(super) fn unreadable(&self, error: &io::Error) -> Failure {
        match &self.content {
            Content::File(path) => Failure::because(format!("The file {} cannot be read", path.display()), error),
            Content::Embedded(_) => Failure::because("The embedded data cannot be read", error),
        }
    }
}

impl Entries {
    /// The next entry.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        match self {
            Self::Ndjson(lines) => lines.next(),
            Self::Csv(table) => table.next(),
        }
    }
}
