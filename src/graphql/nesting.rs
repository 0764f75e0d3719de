//! Limits on brackets within brackets and on the number of tokens, before anything follows them down.
//!
//! The parser watches its stack while it reads, and only then. What it has read is walked by others
//! that call themselves for each bracket and do not watch: a list in a list, 1,600 times, a document
//! of three kilobytes, takes the whole process down. One pass over the bytes finds out beforehand;
//! it knows just enough of the language to pass over strings and comments.

use super::failure::refusal;
use crate::domain::ErrorCode;
use async_graphql::ServerError;

/// How many brackets may be open at once. The parser accepts fewer selections than that.
const MAX_NESTING: usize = 128;

/// Requires that the document opens no more brackets at once than it may, and has no more tokens.
pub(super) fn check(document: &str, max_tokens: usize) -> Result<(), ServerError> {
    let mut rest = document.as_bytes();
    let (mut depth, mut tokens, mut in_word) = (0_usize, 0_usize, false);
    while let [first, after @ ..] = rest {
        rest = after;
        let is_word = first.is_ascii_alphanumeric() || matches!(first, b'_' | b'-' | b'.') || !first.is_ascii();
        match first {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'#' => rest = after_line(rest),
            b'"' => rest = after_string(rest),
            _ => {}
        }
        let is_nothing = first.is_ascii_whitespace() || matches!(first, b',' | b'#');
        tokens += usize::from(!(is_nothing || is_word && in_word));
        in_word = is_word;
        if depth > MAX_NESTING {
            return Err(too_complex("The document nests more than 128 brackets; ask for less depth."));
        }
        if tokens > max_tokens {
            let message = format!("The document has more than {max_tokens} words and punctuation marks; ask for less.");
            return Err(too_complex(message));
        }
    }
    Ok(())
}

/// What is said to a document that is not looked at.
fn too_complex(message: impl Into<String>) -> ServerError {
    refusal(ErrorCode::TooComplex.as_str(), message, None)
}

fn after_line(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    &rest[end.unwrap_or(rest.len())..]
}

/// What follows a string whose opening quotation mark has been read.
///
/// A string that does not end ends here with its line, or with the document if it is a block: then
/// the parser fails too, before it gets to anything that could be nested.
fn after_string(rest: &[u8]) -> &[u8] {
    if let Some(block) = rest.strip_prefix(b"\"\"") {
        return after_block(block);
    }
    let mut escaped = false;
    for (index, byte) in rest.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return &rest[index + 1..],
            b'\n' | b'\r' => return &rest[index..],
            _ => {}
        }
    }
    &[]
}

fn after_block(mut rest: &[u8]) -> &[u8] {
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(b"\"\"\"") {
            return after;
        }
        let escaped = rest.starts_with(b"\\\"\"\"");
        rest = &rest[if escaped { 4 } else { 1 }..];
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_too_deep(document: &str) -> bool {
        check(document, usize::MAX).is_err()
    }

    #[test]
    fn words_and_punctuation_are_counted() {
        for (document, tokens) in
            [("", 0), ("{ a }", 3), ("{a,b , c} # d e", 5), ("{ab(c:\"d e f\" g:-1.5e3 h:$i)}", 15), ("...x @y", 3)]
        {
            assert!(check(document, tokens).is_ok(), "{document} has at most {tokens}");
            assert!(tokens == 0 || check(document, tokens - 1).is_err(), "{document} has at least {tokens}");
        }
    }

    #[test]
    fn what_is_nested_too_deeply_is_found() {
        for (open, close) in [("{a", "}"), ("(a:", ")"), ("[", "]"), ("(a:[{b:", "}])")] {
            let nested = |times: usize| format!("{}{}", open.repeat(times), close.repeat(times));
            let brackets = open.len() - open.replace(['{', '[', '('], "").len();
            assert!(!is_too_deep(&nested(MAX_NESTING / brackets)), "{open}");
            assert!(is_too_deep(&nested(MAX_NESTING + 1)), "{open}");
            assert!(is_too_deep(&open.repeat(MAX_NESTING + 1)), "{open} left open");
        }
    }

    #[test]
    fn brackets_side_by_side_or_in_words_are_not_nested() {
        let many = "{".repeat(MAX_NESTING + 1);
        for document in [
            "{a}".repeat(1_000),
            format!("{{ a(b: \"{many}\") }}"),
            format!("{{ a(b: \"\\\"{many}\") }}"),
            format!("{{ a(b: \"\"\"\n{many}\n \\\"\"\" \" {many}\"\"\") }}"),
            format!("{{ # {many}\n a }}"),
        ] {
            assert!(!is_too_deep(&document), "{document}");
        }
    }

    #[test]
    fn words_do_not_hide_brackets() {
        let many = "{a".repeat(MAX_NESTING + 1);
        for start in ["\"\"", "\"a\"", "\"\"\"\"\"\"", "#\"\n", "\"\"\"\\\"\"\"\"\"\"", "\"\\\\\""] {
            assert!(is_too_deep(&format!("{start}{many}")), "{start}");
        }
    }
}
