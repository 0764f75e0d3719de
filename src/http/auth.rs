//! From the `Authorization` header to a viewer.
//!
//! There is one scheme, `Bearer` (RFC 6750), and no cookie: a browser sends nothing by itself that
//! another site could make use of. Sending no header is not an error, since policies decide what a
//! stranger may do; sending one that is of no use is, and it [costs](admit) something: whoever tries
//! one after the other is held up as [anybody](super::rate_limit) who asks for too much.

use super::HttpState;
use super::problem::Problem;
use super::rate_limit::TooMuch;
use super::request_id::RequestId;
use crate::domain::{Error, ErrorCode, Origin, Result};
use crate::resolvers::{App, Viewer};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use std::net::IpAddr;

/// What a 401 names as the way to authenticate.
pub(super) const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer");

/// What a 401 says besides to somebody whose token is of no use (RFC 6750 section 3.1).
const INVALID_TOKEN: HeaderValue = HeaderValue::from_static(r#"Bearer error="invalid_token""#);

/// Tells those who have sent a token that was refused from those who have sent none.
pub(super) async fn challenge(request: Request, next: Next) -> Response {
    let has_token = bearer(request.headers()).is_ok_and(|token| token.is_some());
    let mut response = next.run(request).await;
    if has_token && response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, INVALID_TOKEN);
    }
    response
}

/// Why somebody is not let in.
pub(super) enum Denied {
    /// The credential is of no use, or cannot be looked up.
    Credential(Error),
    /// It is of no use, as too many were that came from there.
    TooMuch(TooMuch),
}

impl Denied {
    /// The answer that tells it where HTTP speaks for itself.
    pub(super) fn response(self, request_id: &RequestId) -> Response {
        match self {
            Self::Credential(error) => Problem::from(error).response(request_id),
            Self::TooMuch(too_much) => {
                let mut response = Problem::from(too_much.error()).response(request_id);
                too_much.tell(response.headers_mut());
                response
            }
        }
    }
}

/// The viewer that sent these headers from an address. A credential of no use is charged, by 1, to those without one who
/// come from there.
///
/// Only then: whoever has a good one is never held up by others behind the same address.
pub(super) async fn admit(
    state: &HttpState,
    headers: &HeaderMap,
    (address, origin): (Option<IpAddr>, Origin),
) -> Result<Viewer, Denied> {
    settle(state, viewer(&state.app, headers, origin.clone()).await, (address, origin)).await
}

/// The viewer that is a client of OAuth: the id of an API token, and its secret. The same is charged.
pub(super) async fn admit_client(
    state: &HttpState,
    (id, secret): (&str, &str),
    (address, origin): (Option<IpAddr>, Origin),
) -> Result<Viewer, Denied> {
    let client = state.app.client(id, secret).await;
    settle(state, client.map(|client| Viewer::of_token(&client, origin.clone())), (address, origin)).await
}

async fn settle(
    state: &HttpState,
    viewer: Result<Viewer>,
    (address, origin): (Option<IpAddr>, Origin),
) -> Result<Viewer, Denied> {
    match viewer {
        Ok(viewer) => Ok(viewer),
        Err(error) => Err(refuse(state, error, (address, origin)).await),
    }
}

/// Why somebody is not let in whose credential is of no use, or cannot be looked up; if it is of no use, that is charged.
pub(super) async fn refuse(state: &HttpState, error: Error, (address, origin): (Option<IpAddr>, Origin)) -> Denied {
    // What the server cannot find out is nobody's fault.
    if !matches!(error.code, ErrorCode::Unavailable | ErrorCode::Internal)
        && let Err(too_much) = state.charge(&Viewer::nobody(origin), address, 1).await
    {
        return Denied::TooMuch(too_much);
    }
    Denied::Credential(error)
}

/// The viewer that sent these headers.
async fn viewer(app: &App, headers: &HeaderMap, origin: Origin) -> Result<Viewer> {
    match bearer(headers)? {
        Some(token) => app.authenticate(token, origin).await,
        None => Ok(Viewer::nobody(origin)),
    }
}

/// The token in the headers, none if nothing was sent.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    // Two headers could be read differently by a proxy and by us.
    if values.next().is_some() {
        return Err(Error::unauthenticated());
    }
    let token = value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        let token = token.trim_matches(' ');
        let well_formed = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        (scheme.eq_ignore_ascii_case("bearer") && well_formed).then_some(token)
    });
    token.map(Some).ok_or_else(Error::unauthenticated)
}

/// The id and the secret in the headers (RFC 7617), none if nothing was sent; an error, if something else was.
pub(super) fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Error::unauthenticated());
    }
    let credentials = value.to_str().ok().and_then(|value| value.split_once(' '));
    let credentials = credentials.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    let decoded = credentials.and_then(|(_, credentials)| STANDARD.decode(credentials.trim()).ok());
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(Error::unauthenticated)?;
    let (id, secret) = decoded.split_once(':').ok_or_else(Error::unauthenticated)?;
    // Both are encoded as in a form (RFC 6749 section 2.3.1).
    let plain = |text: &str| percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned);
    match (plain(id), plain(secret)) {
        (Ok(id), Ok(secret)) => Ok(Some((id, secret))),
        _ => Err(Error::unauthenticated()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let values = values.iter().map(|value| {
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header value");
            (header::AUTHORIZATION, value)
        });
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn a_token_is_found_whatever_the_case_of_the_scheme() {
        for value in ["Bearer idg_x", "bearer idg_x", "BEARER   idg_x"] {
            let headers = headers(&[value]);
            assert_eq!(bearer(&headers).expect("well-formed"), Some("idg_x"));
        }
        assert_eq!(bearer(&headers(&[])).expect("nobody"), None);
    }

    #[test]
    fn anything_else_is_refused() {
        let malformed = ["", "Bearer", "Bearer ", "Basic eDp5", "idg_x", "Bearer a b", "Bearer é"];
        for value in malformed {
            assert!(bearer(&headers(&[value])).is_err(), "{value:?} was read");
        }
        assert!(bearer(&headers(&["Bearer idg_x", "Bearer idg_y"])).is_err());
    }
}
