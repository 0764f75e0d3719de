//! A second opinion: the parser of `scim_v2` on the same texts.
//!
//! Whatever it reads, we have to read the same way. We read more (see `filter::parser`), and so the other way round
//! only what follows the grammar of the standard to the letter.

use crate::laws::filter_text;
use proptest::prelude::*;
use scim_protocol::filter::{Filter, Literal, parse_filter};
use scim_v2::filter::{AttrExp, Filter as Theirs, ValFilter};

/// A form that is the same for filters that mean the same by the grammar.
fn ours(filter: &Filter) -> String {
    match filter {
        Filter::And(parts) => joined("and", parts.iter().map(ours)),
        Filter::Or(parts) => joined("or", parts.iter().map(ours)),
        Filter::Not(inner) => format!("not({})", ours(inner)),
        Filter::Present(path) => format!("{path} pr"),
        Filter::Element { path, filter } => format!("{path}[{}]", ours(filter)),
        Filter::Compare { path, operator, literal } => format!("{path} {operator} {}", our_literal(literal)),
    }
}

fn our_literal(literal: &Literal) -> String {
    match literal {
        Literal::Quoted(_) => literal.to_string(),
        // Numbers are numbers however they are written.
        Literal::Bare(text) => serde_json::from_str(&text.to_lowercase())
            .map_or_else(|_| text.clone(), |value: serde_json::Value| value.to_string()),
    }
}

fn theirs(filter: &Theirs) -> String {
    match filter {
        Theirs::And(parts) => joined("and", parts.as_slice().iter().map(theirs)),
        Theirs::Or(parts) => joined("or", parts.as_slice().iter().map(theirs)),
        Theirs::Not(inner) => format!("not({})", theirs(inner)),
        Theirs::Attr(expression) => expression_of_theirs(expression),
        Theirs::ValuePath(path) => format!("{}[{}]", path.attr, theirs_within(&path.filter)),
    }
}

fn theirs_within(filter: &ValFilter) -> String {
    match filter {
        ValFilter::And(parts) => joined("and", parts.as_slice().iter().map(theirs_within)),
        ValFilter::Or(parts) => joined("or", parts.as_slice().iter().map(theirs_within)),
        ValFilter::Not(inner) => format!("not({})", theirs_within(inner)),
        ValFilter::Attr(expression) => expression_of_theirs(expression),
    }
}

fn expression_of_theirs(expression: &AttrExp) -> String {
    match expression {
        AttrExp::Present(path) => format!("{path} pr"),
        AttrExp::Comparison(path, operator, value) => format!("{path} {operator} {value}"),
    }
}

/// Joins parts, with those that are joined by the same word among them.
fn joined(word: &str, parts: impl Iterator<Item = String>) -> String {
    let own = format!("{word}{{");
    let parts: Vec<String> = parts
        .map(|part| match part.strip_prefix(&own).and_then(|rest| rest.strip_suffix('}')) {
            Some(inner) => inner.to_owned(),
            None => part,
        })
        .collect();
    format!("{own}{}}}", parts.join(&format!(" {word} ")))
}

fn agree_where_they_read(text: &str) {
    if let Ok(read) = text.parse::<Theirs>() {
        let own = parse_filter(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(ours(&own), theirs(&read), "{text}");
    }
}

proptest! {
    #[test]
    fn both_read_what_follows_the_grammar_the_same_way(text in filter_text()) {
        let read: Theirs = text.parse().map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        let own = parse_filter(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(ours(&own), theirs(&read));
    }

    #[test]
    fn what_they_read_of_a_damaged_text_we_read_too(
        text in filter_text(), at in any::<prop::sample::Index>(), instead in "[ ()\\[\\]\"a.1-]{0,2}",
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len());
        characters.splice(at..=at, instead.chars());
        agree_where_they_read(&characters.into_iter().collect::<String>());
    }
}
