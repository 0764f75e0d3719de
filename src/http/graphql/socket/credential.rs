//! Who is at the other end of a connection.
//!
//! A request is over before much can change. A connection may last for days, so whether its credential still holds is
//! asked again and again: with each operation, before each delivery, and every now and then. That is cheap, because what
//! was found is kept for two seconds ([`authenticate`](crate::resolvers::authenticate)).

use super::close::Close;
use crate::domain::{Error, ErrorCode, Origin};
use crate::http::HttpState;
use crate::http::auth::{self, Denied};
use crate::resolvers::{App, Viewer};
use axum::http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value};
use std::net::IpAddr;

/// What somebody has shown to say who it is.
pub(super) struct Credential {
    /// The bearer token; none for nobody in particular.
    bearer: Option<Box<str>>,
    viewer: Viewer,
}

impl Credential {
    /// The credential that came from an address with the handshake.
    pub(super) async fn of_headers(
        state: &HttpState,
        headers: &HeaderMap,
        from: (Option<IpAddr>, Origin),
    ) -> Result<Self, Denied> {
        let viewer = auth::admit(state, headers, from).await?;
        let bearer = auth::bearer(headers).map_err(Denied::Credential)?.map(Box::from);
        Ok(Self { bearer, viewer })
    }

    /// Whether it says who somebody is.
    pub(super) fn is_known(&self) -> bool {
        self.bearer.is_some()
    }

    /// Who it is.
    pub(super) const fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// Takes the credential in the payload of a `connection_init` from an address, if there was none in the handshake.
    pub(super) async fn take(
        &mut self,
        state: &HttpState,
        address: Option<IpAddr>,
        payload: &Map<String, Value>,
    ) -> Result<(), Close> {
        let members = payload.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let mut headers = HeaderMap::new();
        for (_, value) in members {
            // What is there but is no text is as good as an empty one.
            let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
            headers.append(header::AUTHORIZATION, value.unwrap_or_else(|| HeaderValue::from_static("")));
        }
        if self.is_known() || headers.is_empty() {
            return Ok(());
        }
        let from = (address, self.viewer.origin.clone());
        *self = Self::of_headers(state, &headers, from).await.map_err(|denied| match denied {
            Denied::Credential(error) => refusal(&error),
            Denied::TooMuch(_) => Close::TooMuch,
        })?;
        Ok(())
    }

    /// Requires that the credential holds.
    pub(super) async fn confirm(&self, app: &App) -> Result<(), Close> {
        let viewer = self.look_up(app).await?;
        // What an IAM says of a token may come to mean somebody else, or other rights; operations that run go on as the one
        // who began them, so the client has to begin again.
        if viewer.access != self.viewer.access || viewer.key() != self.viewer.key() {
            return Err(Close::Forbidden);
        }
        Ok(())
    }

    async fn look_up(&self, app: &App) -> Result<Viewer, Close> {
        let Some(bearer) = &self.bearer else { return Ok(self.viewer.clone()) };
        app.authenticate(bearer, self.viewer.origin.clone()).await.map_err(|error| refusal(&error))
    }
}

fn refusal(error: &Error) -> Close {
    match error.code {
        ErrorCode::Unavailable | ErrorCode::Internal => Close::TryAgain,
        _ => Close::Forbidden,
    }
}
