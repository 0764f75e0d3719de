//! `idgraph man`: the manual pages, from the same descriptions as `--help`.

use super::failure::Failure;
use super::output;
use clap::{Args, Command};
use clap_mangen::Man as Page;
use std::path::PathBuf;

/// Print the manual page, or write one for each command
#[derive(Debug, Args)]
pub(super) struct Man {
    /// The directory to write the pages of all commands to, made if it is missing [default: print the main page]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(self, program: Command) -> Result<(), Failure> {
        let Some(directory) = self.out else {
            let mut page = Vec::new();
            let rendered = Page::new(program).render(&mut page);
            rendered.map_err(|error| Failure::because("The page cannot be written", &error))?;
            return output::text(String::from_utf8_lossy(&page));
        };
        let written = std::fs::create_dir_all(&directory).and_then(|()| clap_mangen::generate_to(program, &directory));
        written.map_err(|error| {
            Failure::because(format!("The pages cannot be written to {}", directory.display()), &error)
        })
    }
}
