//! `idgraph import`: a file of people, teams and what connects them, merged into the directory.
//!
//! Lines may refer to what stands further down, so a file is read three times: for organizations, for
//! what belongs to them, and for what connects that. Each time it is streamed; what is kept is a few
//! bytes per line. `--dry-run` does the very same, in one transaction that is undone.

mod input;
mod ledger;
mod lines;
mod passes;
mod records;
mod session;
mod table;

pub(super) use input::{Content, Input};
pub(super) use ledger::Summary;
pub(super) use passes::Importer;
use session::MAX_UNDER_WAY;
pub(super) use session::Session;

use super::failure::Failure;
use super::settings::{self, Settings};
use super::{application, logging, output};
use crate::domain::text;
use crate::resolvers::command::Rejection;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use input::Format;
use std::path::{Path, PathBuf};

/// How often a terminal is told how far the import is, at most.
const STYLE: &str = "{msg:12} [{wide_bar}] {bytes}/{total_bytes} {eta}";

/// From how many changed lines on the database is told to look at itself anew.
const MANY: u64 = 1_000;

/// Merge a file into the directory: what it names is created or changed, nothing is deleted
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The file
    file: PathBuf,
    /// What the file consists of [default: csv if its name ends so, else ndjson]
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// The organization of lines that name none, and of every row of a CSV file
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
    /// What a column of a CSV file holds, such as "E-Mail=email"; a column with nothing behind the
    /// equals sign is passed over; may be repeated
    #[arg(long = "map", value_name = "COLUMN=FIELD", value_parser = mapping)]
    mappings: Vec<(String, String)>,
    /// Only count what would be new, updated, unchanged and rejected
    #[arg(long)]
    dry_run: bool,
    /// What the values are said to come from [default: the name of the file]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// One JSON object per line
    Ndjson,
    /// A table of users, with a header
    Csv,
}

impl Import {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        let source = self.source_name()?;
        let input = self.input()?;
        let mut config = settings.load()?;
        // Two organizations that shared a lane would wait for one another.
        config.database.write_lanes = config.database.write_lanes.max(MAX_UNDER_WAY);
        logging::start_quietly();
        let app = application::open(&config).await?;
        let viewer = application::operator(app.clock()).with_source(format!("import:{source}"));
        if let (Format::Csv(_), Some(slug)) = (&input.format, &self.organization) {
            // Nothing in a table could create it.
            application::organization(&app, &viewer, slug).await?;
        }

        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(STYLE) {
            bar.set_style(style);
        }
        let session = Session::new(&app, viewer, self.dry_run);
        let mut importer = Importer::new(session, self.organization, bar.clone());
        importer.on_rejection(|rejection| bar.suspend(|| eprintln!("{}", describe(rejection))));
        let summary = importer.run(&input).await;
        bar.finish_and_clear();
        if let Ok(summary) = &summary
            && !self.dry_run
            && summary.new + summary.updated >= MANY
        {
            app.store().gather_statistics().await?;
        }
        application::close(&app).await?;
        let summary = summary?;
        output::line(summary)?;
        if summary.rejected > 0 { Err(Failure::told()) } else { Ok(()) }
    }

    fn source_name(&self) -> Result<String, Failure> {
        if let Some(source) = &self.source {
            text::check_line("source", source, text::MAX_NAME)
                .map_err(|error| Failure::usage(format!("--source: {}", error.message)))?;
            return Ok(source.clone());
        }
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        Ok(name.replace(char::is_control, "\u{fffd}"))
    }

    fn input(&self) -> Result<Input, Failure> {
        let is_csv = self.file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let format = self.format.unwrap_or(if is_csv { FormatName::Csv } else { FormatName::Ndjson });
        let format = match format {
            FormatName::Csv if self.organization.is_none() => {
                return Err(Failure::usage("A CSV file names no organization; name it with --organization."));
            }
            FormatName::Csv => Format::Csv(self.mappings.clone()),
            FormatName::Ndjson if !self.mappings.is_empty() => {
                return Err(Failure::usage("--map is for the columns of CSV files; this file is read as NDJSON."));
            }
            FormatName::Ndjson => Format::Ndjson,
        };
        check_file(&self.file)?;
        Ok(Input { content: Content::File(self.file.clone()), format })
    }
}

/// Requires something that can be read more than once.
fn check_file(path: &Path) -> Result<(), Failure> {
    let metadata = std::fs::metadata(path)
        .map_err(|error| Failure::because(format!("The file {} cannot be read", path.display()), &error))?;
    if metadata.is_file() {
        return Ok(());
    }
    let message = format!("{} is not a regular file; the import reads it several times.", path.display());
    Err(Failure::new(message))
}

fn mapping(text: &str) -> Result<(String, String), &'static str> {
    settings::assignment(text).map_err(|_| "expected a column, an equals sign and a field")
}

/// A rejection as a line for people. What a file contains must not speak to the terminal.
fn describe(rejection: &Rejection) -> String {
    let field = rejection.field.as_deref().map(|field| format!("{field}: ")).unwrap_or_default();
    let text = format!("line {}: {field}{}", rejection.line, rejection.message);
    text.replace(char::is_control, "\u{fffd}")
}
