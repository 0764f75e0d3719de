//! NDJSON, line by line, without ever holding more than one line.

use super::super::wire::{self, Problem};
use super::input::{Entry, MAX_LINE};
use std::io::{self, BufRead, Read};

/// The mark that some editors put at the beginning of a file.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The lines of something.
pub(super) struct Lines<R> {
    reader: R,
    number: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Begins with the first line.
    pub(super) const fn new(reader: R) -> Self {
        Self { reader, number: 0, buffer: Vec::new() }
    }

    /// The next line that is not blank.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        loop {
            self.buffer.clear();
            let limit = MAX_LINE as u64 + 2;
            if self.reader.by_ref().take(limit).read_until(b'\n', &mut self.buffer)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let ended = self.buffer.ends_with(b"\n");
            let mut line = self.buffer.trim_ascii_end();
            if self.number == 1 {
                line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
            }
            let content = if line.len() > MAX_LINE {
                if !ended {
                    self.reader.skip_until(b'\n')?;
                }
                Err(Problem::new("The line has more than 1 MiB."))
            } else if line.trim_ascii().is_empty() {
                continue;
            } else {
                wire::parse(line)
            };
            return Ok(Some(Entry { number: self.number, content }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<(u64, Result<(), String>)> {
        let mut lines = Lines::new(bytes);
        let mut entries = Vec::new();
        while let Some(entry) = lines.next().expect("bytes in memory") {
            entries.push((entry.number, entry.content.map(|_| ()).map_err(|problem| problem.message)));
        }
        entries
    }

    #[test]
    fn blank_lines_count_but_say_nothing() {
        let team = r#"{"type": "team", "slug": "a"}"#;
        let text = format!("\u{feff}{team}\r\n\n  \n{team}");
        assert_eq!(read(text.as_bytes()), [(1, Ok(())), (4, Ok(()))]);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let mut bytes = vec![b' '; 10];
        bytes.extend(std::iter::repeat_n(b'x', 3 * MAX_LINE));
        bytes.extend(b"\n{\"type\": \"team\", \"slug\": \"a\"}\n");
        let entries = read(&bytes);
        assert_eq!(entries, [(1, Err("The line has more than 1 MiB.".to_owned())), (2, Ok(()))]);
    }
}
