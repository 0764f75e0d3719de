//! What a credential is good for, for those who were shown it (RFC 7662).
//!
//! Whoever asks hears of credentials of its own organization; about any other, as about one that is made up, has expired or
//! was revoked, it hears that it is not active, and nothing else. A credential that is in memory costs no statement.

use super::super::authenticate::PREFIX;
use super::super::viewer::Viewer;
use super::super::{App, policy};
use super::bearer::Bearer;
use super::jwt::{jwt_id, written};
use crate::domain::session::session_id;
use crate::domain::{ApiToken, Error, ErrorCode, OrganizationId, Result};
use serde::Serialize;

/// What is known of a credential that is active, in the words of RFC 7662 section 2.2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Introspection {
    /// That it is.
    pub active: bool,
    /// What it may be used for.
    pub scope: String,
    /// The API token, or the one that it was issued to.
    pub client_id: String,
    /// The name of the account that has signed in, or of the API token.
    pub username: String,
    /// How it is sent.
    pub token_type: &'static str,
    /// When it expires, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// When it was issued.
    pub iat: i64,
    /// From when it is good.
    pub nbf: i64,
    /// Whom it is about: a profile, or the API token.
    pub sub: String,
    /// For whom it is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// Who has issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Which it is, if it is a JWT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// The session, if somebody has signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The one organization that it gives access to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The role there.
    pub role: &'static str,
}

impl App {
    /// What a credential is good for; none if it is not active, or nothing that the viewer may know of.
    pub async fn introspect(&self, viewer: &Viewer, credential: &str) -> Result<Option<Introspection>> {
        policy::allow_introspection(viewer, None)?;
        let found = if credential.starts_with(PREFIX) {
            self.token_of(credential).await.map(|token| Some((self.told_of_token(&token), token.organization)))
        } else {
            let bearer = self.bearer(credential).await;
            bearer.map(|bearer| bearer.map(|bearer| (self.told_of(&bearer), bearer.access.organization)))
        };
        let found = match found {
            // Whatever is the matter with it.
            Err(Error { code: ErrorCode::Unauthenticated, .. }) => None,
            found => found?,
        };
        match found {
            Some((told, organization)) if policy::allow_introspection(viewer, organization)? => Ok(Some(told)),
            _ => Ok(None),
        }
    }

    fn told_of_token(&self, token: &ApiToken) -> Introspection {
        let since = token.meta.created_at.timestamp();
        Introspection {
            active: true,
            scope: written(&token.scopes),
            client_id: token.id.to_string(),
            username: token.name.clone(),
            token_type: "Bearer",
            exp: token.expires_at.map(|end| end.timestamp()),
            iat: since,
            nbf: since,
            sub: token.profile.unwrap_or(token.id).to_string(),
            aud: self.issuance().map(|settings| settings.audience.clone()),
            iss: self.issuance().map(|settings| settings.issuer.clone()),
            jti: None,
            sid: None,
            organization: token.organization.map(named),
            role: token.role.name(),
        }
    }

    fn told_of(&self, bearer: &Bearer) -> Introspection {
        let claims = &bearer.claims;
        Introspection {
            scope: written(&bearer.access.scopes),
            username: bearer.actor.name.clone(),
            exp: Some(claims.expires_at.timestamp()),
            iat: claims.issued_at.timestamp(),
            nbf: claims.issued_at.timestamp(),
            sub: claims.subject.to_string(),
            jti: Some(jwt_id(claims.jti)),
            sid: claims.signed_in.map(|signed_in| session_id(signed_in.session)),
            organization: bearer.access.organization.map(named),
            role: bearer.access.role.name(),
            ..self.told_of_token(&bearer.token)
        }
    }
}

fn named(organization: OrganizationId) -> String {
    organization.node().to_string()
}
