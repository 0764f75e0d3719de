//! What may stand in a text field, and the normal forms by which texts are compared, looked up and searched.
//!
//! Texts are stored as they came. A *key* is what makes two spellings the same (`Ada@Example.org`, `ada@example.org`);
//! a *term* is a word of a text without case and accents, for search.

use super::error::{Error, Result};
use super::id::NodeId;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;

/// The longest text in characters, where no shorter limit is named.
pub const MAX_TEXT: usize = 1_024;
/// The longest user name, slug, provider or account id in characters.
pub const MAX_NAME: usize = 256;
/// The largest free JSON object in bytes.
pub const MAX_METADATA: usize = 65_536;
/// The deepest nesting of a free JSON object.
pub const MAX_METADATA_DEPTH: usize = 16;
/// The most values in a multi-valued field.
pub const MAX_VALUES: usize = 100;
/// The longest term of the search index in characters; longer words are found by their beginning.
const MAX_TERM: usize = 64;

/// The key of a text: compatibility form, lower case, no white space around it.
#[must_use]
pub fn key(text: &str) -> String {
    // Plain ASCII is in its compatibility form already.
    if text.is_ascii() && !text.contains('\0') {
        return text.trim().to_ascii_lowercase();
    }
    let lower: String = text.nfkc().flat_map(char::to_lowercase).collect();
    // Lower case may fall apart again, and what white space stands for may be white space.
    let key: String = lower.nfkc().map(|c| if c == '\0' { '\u{fffd}' } else { c }).collect();
    key.trim().to_owned()
}

/// The key by which names are sorted: like [`key`], without accents, so that é sorts beside e.
#[must_use]
pub fn sort_key(text: &str) -> String {
    key(&deunicode::deunicode(text))
}

/// The words of a text, without case and accents, in order.
#[must_use]
pub fn terms(text: &str) -> Vec<String> {
    deunicode::deunicode(text)
        .to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(MAX_TERM).collect())
        .collect()
}

/// Requires a text of one line, neither empty nor longer than `max` characters, without control characters.
pub fn check_line(field: &str, text: &str, max: usize) -> Result<()> {
    if text.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        return Err(Error::invalid(field, "This must not be empty."));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(field, "This contains a control character; send plain text of one line."));
    }
    check_length(field, text, max)
}

/// Whether a character shows nothing by itself: zero-width spaces and joiners, marks of direction, and the like.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Requires a text, of several lines if need be, no longer than `max` characters.
pub fn check_paragraph(field: &str, text: &str, max: usize) -> Result<()> {
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Error::invalid(field, "This contains a control character other than line breaks and tabs."));
    }
    check_length(field, text, max)
}

fn check_length(field: &str, text: &str, max: usize) -> Result<()> {
    let length = text.chars().count();
    if length > max {
        return Err(Error::invalid(field, format!("This has {length} characters; at most {max} are allowed.")));
    }
    Ok(())
}

/// Requires a slug: letters, digits, `-`, `_` and `.`, beginning with a letter or digit.
pub fn check_slug(field: &str, slug: &str) -> Result<()> {
    let well_formed = slug.starts_with(|c: char| c.is_ascii_alphanumeric())
        && slug.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && slug.len() <= 100;
    if is_like_an_id(slug) {
        return Err(Error::invalid(field, "This is spelled like the id of something; choose another slug."));
    }
    if well_formed {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        "A slug has 1 to 100 letters, digits, '-', '_' or '.', and begins with a letter or digit.",
    ))
}

/// Whether a name is one by which something else is looked up.
fn is_like_an_id(name: &str) -> bool {
    key(name).parse::<NodeId>().is_ok()
}

/// Requires a user name: one line without white space around it, at most [`MAX_NAME`] characters.
pub fn check_username(field: &str, username: &str) -> Result<()> {
    check_line(field, username, MAX_NAME)?;
    if username.trim() != username {
        return Err(Error::invalid(field, "A user name has no white space around it."));
    }
    if is_like_an_id(username) {
        return Err(Error::invalid(field, "This is spelled like the id of something; choose another user name."));
    }
    if username.chars().any(is_invisible) {
        return Err(Error::invalid(
            field,
            "This contains a character that nobody can see; user names that look alike are to be alike.",
        ));
    }
    Ok(())
}

/// Requires an e-mail address (RFC 5321 mailbox, at most 254 characters).
pub fn check_email(field: &str, address: &str) -> Result<()> {
    let options = email_address::Options::default().without_display_text().with_required_tld();
    let local_hosts = email_address::Options::default().without_display_text();
    let well_formed = address.len() <= 254
        && !address.chars().any(char::is_control)
        && (email_address::EmailAddress::parse_with_options(address, options).is_ok()
            || email_address::EmailAddress::parse_with_options(address, local_hosts).is_ok());
    if well_formed {
        return Ok(());
    }
    Err(Error::invalid(field, "This is not an e-mail address; send one such as ada@example.org."))
}

/// Requires a telephone number: digits with the usual separators, or a `tel:` URI (RFC 3966).
pub fn check_phone(field: &str, number: &str) -> Result<()> {
    let bare = number.strip_prefix("tel:").unwrap_or(number);
    let allowed = |c: char| {
        c.is_ascii_digit()
            || matches!(c, '+' | '-' | ' ' | '.' | '(' | ')' | '/' | 'x' | '#' | '*' | ',' | ';' | '=')
            || c.is_ascii_lowercase()
    };
    let digits = bare.chars().filter(char::is_ascii_digit).count();
    if number.len() <= 64
        && digits >= 3
        && bare.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '('))
        && bare.chars().all(allowed)
    {
        return Ok(());
    }
    Err(Error::invalid(field, "This is not a telephone number; send one such as +44 20 7946 0018."))
}

/// The digits of a telephone number, which is what makes two spellings the same.
#[must_use]
pub fn phone_key(number: &str) -> String {
    number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

/// Requires a language tag (BCP 47), such as `en`, `pt-BR` or `zh-Hant-TW`. An underscore is taken for a hyphen.
pub fn check_locale(field: &str, tag: &str) -> Result<()> {
    let mut subtags = tag.split(['-', '_']);
    let language = subtags.next().unwrap_or_default();
    let well_formed = (2..=8).contains(&language.len())
        && language.chars().all(|c| c.is_ascii_alphabetic())
        && subtags.all(|subtag| (1..=8).contains(&subtag.len()) && subtag.chars().all(|c| c.is_ascii_alphanumeric()))
        && tag.len() <= 35;
    if well_formed {
        return Ok(());
    }
    Err(Error::invalid(field, "This is not a language tag; send one such as en, pt-BR or zh-Hant-TW."))
}

/// Requires the name of a time zone of the IANA database, such as `Europe/Vienna`.
pub fn check_time_zone(field: &str, name: &str) -> Result<()> {
    if name.parse::<chrono_tz::Tz>().is_ok() {
        return Ok(());
    }
    Err(Error::invalid(field, "This is not a time zone of the IANA database; send one such as Europe/Vienna."))
}

/// Requires a country code of two capital letters (ISO 3166-1 alpha-2).
pub fn check_country(field: &str, code: &str) -> Result<()> {
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(Error::invalid(field, "This is not a country code; send two capital letters (ISO 3166-1), such as AT."))
}

/// Requires an absolute URL with `http` or `https`.
pub fn check_url(field: &str, text: &str) -> Result<()> {
    let well_formed = text.len() <= 2_048
        && !text.chars().any(char::is_control)
        && url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if well_formed {
        return Ok(());
    }
    Err(Error::invalid(field, "This is not a URL; send one that begins with https://."))
}

/// Requires base64 with padding, of at most 16 KiB.
pub fn check_base64(field: &str, text: &str) -> Result<()> {
    if text.len() <= 16_384 && !text.is_empty() && STANDARD.decode(text).is_ok() {
        return Ok(());
    }
    Err(Error::invalid(field, "This is not base64 (RFC 4648 §4) of at most 16 KiB."))
}

/// Requires a free JSON object that is small, shallow and free of U+0000, which PostgreSQL cannot store.
pub fn check_metadata(field: &str, object: &Map<String, Value>) -> Result<()> {
    fn sound(value: &Value, depth: usize) -> bool {
        match value {
            _ if depth > MAX_METADATA_DEPTH => false,
            Value::String(text) => !text.contains('\0'),
            Value::Array(items) => items.iter().all(|item| sound(item, depth + 1)),
            Value::Object(fields) => fields.iter().all(|(key, value)| !key.contains('\0') && sound(value, depth + 1)),
            _ => true,
        }
    }
    if !object.iter().all(|(key, value)| !key.is_empty() && !key.contains('\0') && sound(value, 1)) {
        return Err(Error::invalid(
            field,
            format!(
                "Names must not be empty, values nest at most {MAX_METADATA_DEPTH} deep, and U+0000 is not allowed."
            ),
        ));
    }
    let size = serde_json::to_vec(object).map_or(usize::MAX, |bytes| bytes.len());
    if size > MAX_METADATA {
        return Err(Error::invalid(
            field,
            format!("This has {size} bytes as JSON; at most {MAX_METADATA} are allowed."),
        ));
    }
    Ok(())
}

/// Requires at most [`MAX_VALUES`] values.
pub fn check_count<T>(field: &str, values: &[T]) -> Result<()> {
    if values.len() > MAX_VALUES {
        return Err(Error::invalid(
            field,
            format!("There are {} values; at most {MAX_VALUES} are allowed.", values.len()),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        assert_eq!(key(" ＡDA "), key("ada"));
        assert_eq!(key("STRASSE"), "strasse");
        assert_eq!(terms("Éva-Marie  O'Neill"), ["eva", "marie", "o", "neill"]);
    }

    #[test]
    fn addresses_zones_and_tags_that_are_none_are_refused() {
        for address in
            ["", "ada", "ada@", "@example.org", "ada@exa mple.org", "Ada <ada@example.org>", "ada@example.org\n"]
        {
            assert!(check_email("email", address).is_err(), "{address:?} passed as an e-mail address");
        }
        for zone in ["", "Mars/Olympus", "europe vienna"] {
            assert!(check_time_zone("timeZone", zone).is_err(), "{zone:?} passed as a time zone");
        }
        for tag in ["", "e", "en-", "english language", "en--US"] {
            assert!(check_locale("locale", tag).is_err(), "{tag:?} passed as a language tag");
        }
        for number in ["", "12", "call me", "+44\u{0}20"] {
            assert!(check_phone("phone", number).is_err(), "{number:?} passed as a telephone number");
        }
        for url in ["", "example.org", "ftp://example.org/a", "javascript:alert(1)"] {
            assert!(check_url("avatar", url).is_err(), "{url:?} passed as a URL");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(text: String) {
            prop_assert_eq!(key(&key(&text)), key(&text));
        }

        #[test]
        fn checks_never_panic(text: String) {
            let _ = (check_line("f", &text, 10), check_slug("f", &text), check_email("f", &text), check_phone("f", &text));
            let _ = (check_locale("f", &text), check_time_zone("f", &text), check_country("f", &text), check_url("f", &text));
        }
    }
}
