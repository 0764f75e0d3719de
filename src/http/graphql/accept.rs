//! Which form of answer a client prefers (RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, header};

/// The forms of a GraphQL response. They differ in which statuses they allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseType {
    /// `application/json`: 200 for whatever is a response, since a status in the way of an older
    /// client would look like the word of a proxy.
    Json,
    /// `application/graphql-response+json`: the status tells what the response tells.
    GraphqlResponse,
}

impl ResponseType {
    /// The media type.
    const fn subtype(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::GraphqlResponse => "graphql-response+json",
        }
    }
}

/// How much a client wants a form: first by its words, then by how precisely it named it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Preference {
    /// The quality, in thousandths; nothing is not wanted.
    quality: u16,
    /// 0 for any type, 1 for any application type, 2 for this one.
    precision: u8,
}

/// The form that the client prefers, none if it accepts neither.
///
/// Who does not care gets `application/json`, which every client can read.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<ResponseType> {
    let accept: Vec<&str> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .collect();
    if accept.is_empty() {
        return Some(ResponseType::Json);
    }
    let json = preference(&accept, ResponseType::Json);
    let graphql = preference(&accept, ResponseType::GraphqlResponse);
    let named = graphql.precision == 2;
    if graphql.quality > json.quality || (named && graphql.quality == json.quality) {
        return (graphql.quality > 0).then_some(ResponseType::GraphqlResponse);
    }
    (json.quality > 0).then_some(ResponseType::Json)
}

/// The most precise range that covers a form is the one that counts.
fn preference(accept: &[&str], form: ResponseType) -> Preference {
    accept
        .iter()
        .filter_map(|range| matches(range, form))
        .max_by_key(|preference| (preference.precision, preference.quality))
        .unwrap_or_default()
}

fn matches(range: &str, form: ResponseType) -> Option<Preference> {
    let mut parts = range.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let precision = match (kind, subtype) {
        ("*", "*") => 0,
        (kind, "*") if kind.eq_ignore_ascii_case("application") => 1,
        (kind, subtype) if kind.eq_ignore_ascii_case("application") && subtype.eq_ignore_ascii_case(form.subtype()) => {
            2
        }
        _ => return None,
    };
    let mut quality = 1_000;
    for parameter in parts {
        let (name, value) = parameter.split_once('=')?;
        if name.eq_ignore_ascii_case("q") {
            quality = thousandths(value)?;
        } else if name.eq_ignore_ascii_case("charset") && !value.trim_matches('"').eq_ignore_ascii_case("utf-8") {
            return None;
        }
    }
    Some(Preference { quality, precision })
}

/// `0.25` as 250; none for what is no quality.
fn thousandths(quality: &str) -> Option<u16> {
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || fraction.len() > 3 {
        return None;
    }
    let value = match whole {
        "0" => format!("{fraction:0<3}").parse().ok()?,
        "1" => 1_000,
        _ => return None,
    };
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn accept(value: &'static str) -> Option<ResponseType> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(value));
        negotiate(&headers)
    }

    #[test]
    fn who_does_not_care_gets_json() {
        assert_eq!(negotiate(&HeaderMap::new()), Some(ResponseType::Json));
        for value in ["", "*/*", "application/*", "text/html, */*;q=0.8", "application/json"] {
            assert_eq!(accept(value), Some(ResponseType::Json), "{value}");
        }
    }

    #[test]
    fn who_names_the_graphql_form_gets_it_unless_it_prefers_json() {
        for value in [
            "application/graphql-response+json",
            "Application/GraphQL-Response+JSON; charset=UTF-8",
            "application/graphql-response+json, application/json;q=0.9",
            "application/json, application/graphql-response+json",
            "application/graphql-response+json, */*",
            "application/json;q=0, */*",
        ] {
            assert_eq!(accept(value), Some(ResponseType::GraphqlResponse), "{value}");
        }
        let json_first = "application/graphql-response+json;q=0.25, application/json;q=0.3";
        assert_eq!(accept(json_first), Some(ResponseType::Json));
    }

    #[test]
    fn who_accepts_neither_gets_none() {
        for value in [
            "text/html",
            "application/json;q=0",
            "application/json; charset=utf-16",
            "application/json;q=2",
            "*/*;q=0",
            "nonsense",
        ] {
            assert_eq!(accept(value), None, "{value}");
        }
    }
}
