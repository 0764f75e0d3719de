//! Instants: the values of `dateTime` attributes (RFC 7643 §2.3.5).

use chrono::{DateTime, Utc};

/// Reads an `xsd:dateTime`, such as `2011-05-13T04:42:34.5+02:00`, as an instant.
///
/// A text without an offset is taken to be UTC; XML Schema leaves that open. None, if the text is no such moment.
#[must_use]
pub fn parse_date_time(text: &str) -> Option<DateTime<Utc>> {
    // RFC 3339 would have a space here, too.
    if text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let moment = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z")));
    Some(moment.ok()?.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_the_same_instant() {
        let utc = parse_date_time("2011-05-13T04:42:34Z");
        assert!(utc.is_some());
        for same in ["2011-05-13T06:42:34+02:00", "2011-05-12T23:42:34.000-05:00", "2011-05-13T04:42:34"] {
            assert_eq!(parse_date_time(same), utc, "{same}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "yesterday",
            "2011-05-13",
            "04:42:34Z",
            "2011-05-13 04:42:34Z",
            "2011-5-13T04:42:34Z",
            "2011-13-01T00:00:00Z",
            "2011-05-13T4:42:34",
            "2011-05-13T04:42:34+25:00",
            "2011-05-13T04:42:34ZZ",
        ] {
            assert_eq!(parse_date_time(text), None, "{text}");
        }
    }
}
