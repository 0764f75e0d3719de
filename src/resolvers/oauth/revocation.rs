//! Taking back what was issued (RFC 7009).
//!
//! A client takes back what is its own: its API token, or a JWT that was issued to it, which ends the session that comes with
//! it. Somebody who has signed in gives up a session of its own. About what is not, nobody is told anything, and nothing happens.

use super::super::authenticate::PREFIX;
use super::super::command::{RevokeJwt, RevokeOwnToken, SignOut};
use super::super::viewer::Viewer;
use super::super::{App, RunOptions};
use super::jwt::Claims;
use crate::domain::{Error, ErrorCode, Result};
use crate::store::Scope;

impl App {
    /// Revokes a credential, if it is one of the viewer's own. Says whether it was.
    pub async fn revoke(&self, viewer: &Viewer, credential: &str) -> Result<bool> {
        viewer.access.as_ref().ok_or_else(Error::unauthenticated)?;
        let done = if credential.starts_with(PREFIX) {
            self.revoke_token(viewer, credential).await
        } else {
            self.revoke_jwt(viewer, credential).await
        };
        match done {
            // It is of no use already, or was never there.
            Err(Error { code: ErrorCode::Unauthenticated | ErrorCode::NotFound, .. }) => Ok(false),
            done => done,
        }
    }

    async fn revoke_token(&self, viewer: &Viewer, credential: &str) -> Result<bool> {
        let token = self.token_of(credential).await?;
        if viewer.actor.id != Some(token.id) {
            return Ok(false);
        }
        self.run(viewer, RevokeOwnToken { id: token.id }, RunOptions::default()).await?;
        Ok(true)
    }

    async fn revoke_jwt(&self, viewer: &Viewer, credential: &str) -> Result<bool> {
        let Some(settings) = self.issuance() else { return Ok(false) };
        let now = self.clock().now();
        let Some(claims) = self.claims(settings, credential, now).await? else { return Ok(false) };
        let Claims { jti, client, signed_in, expires_at, .. } = claims?;
        let is_client = viewer.actor.id == Some(client);
        let is_holder = signed_in.is_some_and(|signed_in| viewer.actor.id == Some(signed_in.profile));
        if !(is_client || is_holder) || now >= expires_at {
            return Ok(false);
        }
        // That of somebody who has signed in is worth what the session is.
        if is_client {
            self.run(viewer, RevokeJwt { token: client, jti, expires_at }, RunOptions::default()).await?;
        }
        if let Some(signed_in) = signed_in {
            let found = self.store().sessions_by_ids(Scope::EVERYTHING, &[signed_in.session]).await?;
            if let Some(session) = found.get(&signed_in.session) {
                let sign_out = SignOut { identity: session.identity, session: session.id };
                self.run(viewer, sign_out, RunOptions::default()).await?;
            }
        }
        Ok(true)
    }
}
