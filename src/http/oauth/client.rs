//! Who the client is (RFC 6749 section 2.3): the id of an API token and its secret, in the header or in the form.
//!
//! Whoever asks about tokens, or gives one back, may come with a token as the bearer too (RFC 7662 section 2.1).

use super::super::auth::{self, bearer};
use super::Asked;
use super::form::Form;
use super::refusal::Refusal;
use crate::domain::{ApiToken, Error, ErrorCode};
use crate::resolvers::Viewer;
use std::sync::Arc;

const SEND: &str =
    "Send the id of an API token and its secret as client_id and client_secret, in the header or in the form.";

/// The client that sent a form.
pub(super) async fn client(asked: &Asked<'_>, form: &Form) -> Result<Arc<ApiToken>, Refusal> {
    let sent = auth::basic(&asked.parts.headers)
        .map_err(|_| Refusal::client("The header Authorization is none that a client sends; use Basic."))?;
    let (id, secret) = match (sent, form.get("client_secret")) {
        (Some(_), Some(_)) => {
            return Err(Refusal::request("The client proves twice who it is; use the header or the form."));
        }
        (Some((id, _)), None) if form.get("client_id").is_some_and(|other| other != id) => {
            return Err(Refusal::request("The client in the form is another than the one in the header."));
        }
        (Some(sent), None) => sent,
        (None, Some(secret)) => {
            let id = form.get("client_id").ok_or_else(|| Refusal::client(SEND))?;
            (id.to_owned(), secret.to_owned())
        }
        (None, None) => return Err(Refusal::client(SEND)),
    };
    let client = match asked.state.app.client(&id, &secret).await {
        Ok(client) => client,
        Err(error) => return Err(denied(asked, error).await),
    };
    let viewer = Viewer::of_token(&client, asked.origin());
    asked.state.charge(&viewer, asked.address, 1).await?;
    Ok(client)
}

/// Whoever sent a form: a client, or the bearer of a token.
pub(super) async fn viewer(asked: &Asked<'_>, form: &Form) -> Result<Viewer, Refusal> {
    let headers = &asked.parts.headers;
    if !bearer(headers).is_ok_and(|token| token.is_some()) {
        return client(asked, form).await.map(|client| Viewer::of_token(&client, asked.origin()));
    }
    let viewer = auth::admit(asked.state, headers, (asked.address, asked.origin())).await?;
    asked.state.charge(&viewer, asked.address, 1).await?;
    Ok(viewer)
}

/// Why a client is not let in. Whoever tries secrets is held up as anybody who tries tokens.
async fn denied(asked: &Asked<'_>, error: Error) -> Refusal {
    if error.code != ErrorCode::Unauthenticated {
        return error.into();
    }
    let charged = asked.state.charge(&Viewer::nobody(asked.origin()), asked.address, 1).await;
    charged.map_or_else(Refusal::from, |_| {
        Refusal::client(
            "There is no such client, or the secret is not its own; the API token may be revoked or expired.",
        )
    })
}
