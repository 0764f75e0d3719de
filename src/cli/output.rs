//! Standard output, which may close early: whoever reads it may have had enough.

use super::failure::Failure;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

/// Writes a line.
pub(super) fn line(text: impl Display) -> Result<(), Failure> {
    written(writeln!(io::stdout(), "{text}"))
}

/// Writes a text that ends its lines by itself.
pub(super) fn text(text: impl Display) -> Result<(), Failure> {
    written(write!(io::stdout(), "{text}"))
}

/// What comes of having written.
pub(super) fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::because("The output cannot be written", &error))
        }
        _ => Ok(()),
    }
}
