//! What is the same for everybody: where things are, and the public keys.

use super::refusal::Refusal;
use super::{Asked, INTROSPECT, KEYS, REVOKE, TOKEN, USERINFO, public};
use crate::domain::SigningAlgorithm;
use crate::domain::token::Scope;
use crate::resolvers::Viewer;
use axum::response::Response;
use serde_json::{Value, json};

/// What [userinfo](super::userinfo) may tell.
const CLAIMS: [&str; 23] = [
    "sub",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "email",
    "email_verified",
    "zoneinfo",
    "locale",
    "phone_number",
    "address",
    "updated_at",
    "organization",
    "owner",
    "id",
    "displayName",
    "avatar",
    "roles",
    "isAdmin",
];
/// How clients prove who they are.
const CLIENT_METHODS: [&str; 2] = ["client_secret_basic", "client_secret_post"];

/// Charges somebody who need not say who it is.
async fn charge(asked: &Asked<'_>) -> Result<(), Refusal> {
    asked.state.charge(&Viewer::nobody(asked.origin()), asked.address, 1).await?;
    Ok(())
}

/// The public keys.
pub(super) async fn keys(asked: &Asked<'_>) -> Result<Response, Refusal> {
    charge(asked).await?;
    Ok(public(&asked.state.app.public_keys(&Viewer::server(asked.origin())).await?))
}

/// Where things are.
pub(super) async fn metadata(asked: &Asked<'_>) -> Result<Response, Refusal> {
    charge(asked).await?;
    let state = asked.state;
    let issuance = state.app.issuance();
    let issuer = issuance.map_or(state.oauth.issuer.as_str(), |settings| settings.issuer.as_str());
    let at = |path: &str| format!("{}{path}", issuer.trim_end_matches('/'));
    let mut grants = Vec::new();
    if let Some(settings) = issuance {
        grants.push("client_credentials");
        grants.extend(settings.password_grant.then_some("password"));
    }
    let algorithm = issuance.map_or(SigningAlgorithm::Es256, |settings| settings.algorithm).name();
    let mut document = json!({
        "issuer": issuer,
        "token_endpoint": at(TOKEN),
        "introspection_endpoint": at(INTROSPECT),
        "revocation_endpoint": at(REVOKE),
        "userinfo_endpoint": at(USERINFO),
        "jwks_uri": at(KEYS),
        "grant_types_supported": grants,
        "response_types_supported": [],
        "scopes_supported": Scope::ALL.map(Scope::name),
        "claims_supported": CLAIMS,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [algorithm],
        "token_endpoint_auth_methods_supported": CLIENT_METHODS,
        "introspection_endpoint_auth_methods_supported": CLIENT_METHODS,
        "revocation_endpoint_auth_methods_supported": CLIENT_METHODS,
    });
    // People sign in at the IAM; where that is, is no matter of this server.
    if let Some(authorization) = &state.oauth.authorization_endpoint {
        document["authorization_endpoint"] = Value::from(authorization.as_str());
        document["response_types_supported"] = json!(["code"]);
    }
    Ok(public(&document))
}
