//! Who is at the other end of a connection.
//!
//! A request is over before much can change. A connection may last for days, so whether its credential still holds is
//! asked again and again: with each operation, before each delivery, and every now and then. That is cheap, because what
//! was found is kept for two seconds ([`authenticate`](crate::resolvers::authenticate)).

use super::close::Close;
use crate::domain::{Error, ErrorCode, Result};
use crate::http::auth;
use crate::http::graphql::FACE;
use crate::http::request_id::RequestId;
use crate::resolvers::{App, Viewer};
use axum::http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value};

/// What somebody has shown to say who it is.
pub(super) struct Credential {
    /// The bearer token; none for nobody in particular.
    bearer: Option<Box<str>>,
    viewer: Viewer,
}

impl Credential {
    /// The credential that came with the handshake.
    pub(super) async fn of_headers(app: &App, headers: &HeaderMap, request_id: &RequestId) -> Result<Self> {
        Ok(Self {
            bearer: auth::bearer(headers)?.map(Box::from),
            viewer: auth::viewer(app, headers, request_id.origin(FACE)).await?,
        })
    }

    /// Whether it says who somebody is.
    pub(super) fn is_known(&self) -> bool {
        self.bearer.is_some()
    }

    /// Who it is.
    pub(super) const fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// Takes the credential in the payload of `connection_init`, if there was none in the handshake.
    pub(super) async fn take(&mut self, app: &App, payload: &Map<String, Value>) -> Result<(), Close> {
        let mut members = payload.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let Some((_, value)) = members.next().filter(|_| self.bearer.is_none()) else { return Ok(()) };
        let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
        let headers = HeaderMap::from_iter(value.map(|value| (header::AUTHORIZATION, value)));
        // What is there but is no text, or twice, is no credential.
        let bearer = auth::bearer(&headers).ok().flatten().filter(|_| members.next().is_none());
        self.bearer = Some(bearer.ok_or(Close::Forbidden)?.into());
        self.viewer = self.look_up(app).await?;
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
