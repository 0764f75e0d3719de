//! `idgraph schema`: the schemas of the server's interfaces.

use super::failure::Failure;
use super::output;
use clap::Subcommand;

/// Which schema to print.
#[derive(Debug, Subcommand)]
pub(super) enum Schema {
    /// The GraphQL schema, in SDL
    Graphql,
    /// The REST API, as an OpenAPI document
    Openapi,
}

impl Schema {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Graphql => output::text(crate::graphql::sdl()),
            Self::Openapi => output::text(crate::rest::openapi::text()),
        }
    }
}
