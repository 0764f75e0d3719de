//! The program, run as an operator runs it: with arguments, an environment, and nothing of ours in the way.

use super::World;
use serde_json::Value;
use std::ffi::OsStr;
use std::process::{Command, Output, Stdio};

/// What a run of the program has left behind.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// What it wrote to standard output.
    pub output: String,
    /// What it wrote to standard error.
    pub complaint: String,
}

impl Ran {
    /// The output, which has to be JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.output).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A run of the program that is being prepared, in an empty directory without a configuration file.
pub fn program<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_idgraph"));
    command.args(arguments).current_dir(std::env::temp_dir()).stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub async fn run(mut command: Command) -> Ran {
    let ran = tokio::task::spawn_blocking(move || command.output()).await.expect("a task");
    let Output { status, stdout, stderr } = ran.expect("a program");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: status.code().expect("an exit code"), output: text(stdout), complaint: text(stderr) }
}

impl World {
    /// Runs the program on the world's database.
    pub async fn program(&self, arguments: &[&str]) -> Ran {
        let ran = run(program(arguments.iter().copied().chain(["--database-url", self.database_url().as_str()]))).await;
        self.forget_answers();
        ran
    }
}
