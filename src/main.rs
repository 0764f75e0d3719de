//! The `idgraph` program: the [command line](cli), which is the face of the server that lives in the
//! program and not in the library.

mod cli;

// The face names the modules of the library as the other faces do.
use idgraph::{config, domain, feeds, graphql, http, iam, networks, resolvers, rest, store, worker};
use std::process::ExitCode;

/// Answers are made of many small pieces, on several threads. This allocator takes less time for them than the system's, and
/// gives memory back after a peak.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
