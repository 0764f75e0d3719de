//! `idgraph completions`: what a shell has to know to complete the command line.

use super::failure::Failure;
use super::output;
use clap::{Args, Command};
use clap_complete::Shell;

/// Print what a shell has to know to complete the command line
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, mut program: Command) -> Result<(), Failure> {
        // Not to the output at once: the generator panics if that closes early.
        let mut script = Vec::new();
        let name = program.get_name().to_owned();
        clap_complete::generate(self.shell, &mut program, name, &mut script);
        output::text(String::from_utf8_lossy(&script))
    }
}
