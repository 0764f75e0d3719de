//! Tokens for clients, and for those who sign in at one.

use super::client::client;
use super::form::Form;
use super::refusal::Refusal;
use super::{Asked, private};
use crate::domain::ApiToken;
use crate::domain::session::Whereabouts;
use crate::resolvers::oauth::{Issued, PasswordSignIn};
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use std::net::IpAddr;

/// How much of what a program calls itself is kept, in characters.
const MAX_USER_AGENT: usize = 500;

/// A token that was issued (RFC 6749 section 5.1).
#[derive(Serialize)]
struct Document {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
}

pub(super) async fn answer(asked: &Asked<'_>, body: Body) -> Result<Response, Refusal> {
    let form = Form::read(asked, body).await?;
    let client = client(asked, &form).await?;
    let issued = match form.require("grant_type")? {
        "client_credentials" => asked.state.app.grant_client(&client, form.get("scope"), asked.origin()).await?,
        "password" => password(asked, &client, &form).await?,
        "authorization_code" | "refresh_token" => {
            return Err(Refusal::grant("Codes and refresh tokens are the matter of the IAM that people sign in at."));
        }
        _ => return Err(Refusal::grant("The grants are client_credentials, and password where it is switched on.")),
    };
    let Issued { token, expires_in, scope } = issued;
    Ok(private(StatusCode::OK, &Document { access_token: token, token_type: "Bearer", expires_in, scope }))
}

async fn password(asked: &Asked<'_>, client: &ApiToken, form: &Form) -> Result<Issued, Refusal> {
    let sign_in = PasswordSignIn {
        username: form.require("username")?.to_owned(),
        password: form.require("password")?.to_owned(),
        whereabouts: whereabouts((&asked.parts.headers, asked.address), &client.name),
    };
    if asked.state.app.issuance().is_some_and(|settings| settings.password_grant) {
        // Before anything is looked at, and for accounts that do not exist too.
        let account = asked.state.app.attempt_key(client, &sign_in, asked.origin()).await?;
        asked.state.attempts.charge(asked.address, &account).await?;
    }
    let grant = asked.state.app.grant_password(client, sign_in, (form.get("scope"), asked.origin()));
    Ok(grant.await?)
}

/// From where somebody asks, and with what.
pub(in super::super) fn whereabouts(
    (headers, address): (&HeaderMap, Option<IpAddr>),
    application: &str,
) -> Whereabouts {
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let user_agent = user_agent.map(|text| text.chars().take(MAX_USER_AGENT).collect::<String>());
    let user_agent = user_agent.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    Whereabouts {
        address: address.map(|address| address.to_canonical()),
        user_agent,
        application: Some(application.to_owned()),
        ..Whereabouts::default()
    }
}
