//! From the `Authorization` header to a viewer.
//!
//! There is one scheme, `Bearer` (RFC 6750), and no cookie: a browser sends nothing by itself that
//! another site could make use of. Sending no header is not an error, since policies decide what a
//! stranger may do; sending one that is of no use is.

use crate::domain::{Error, Origin, Result};
use crate::resolvers::{App, Viewer};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

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

/// The viewer that sent these headers.
pub(super) async fn viewer(app: &App, headers: &HeaderMap, origin: Origin) -> Result<Viewer> {
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
