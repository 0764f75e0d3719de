//! Streams, as their receivers manage them (SSF 1.0 section 8.1).

use super::body::{object, patch, read};
use super::{Asked, POLL, Refused, empty, private};
use crate::domain::outlet::{OutletKind, OutletStatus};
use crate::domain::signal::{SignalKind, SubjectFormat};
use crate::domain::{Error, NodeId, NodeKind, Outlet, Patch};
use crate::resolvers::Viewer;
use crate::resolvers::outlets::{MIN_VERIFICATION_INTERVAL, StreamDelivery, StreamSettings};
use axum::body::Body;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// How pushing is called (section 6.1.1).
pub(super) const PUSH: &str = "urn:ietf:rfc:8935";
/// How fetching is called (section 6.1.2).
pub(super) const POLL_METHOD: &str = "urn:ietf:rfc:8936";

/// What a receiver says about a stream.
#[derive(Deserialize)]
struct Configuration {
    #[serde(default, deserialize_with = "patch")]
    events_requested: Patch<Vec<String>>,
    #[serde(default, deserialize_with = "patch")]
    delivery: Patch<Delivery>,
    #[serde(default, deserialize_with = "patch")]
    format: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    description: Patch<String>,
}

#[derive(Deserialize)]
struct Delivery {
    method: String,
    endpoint_url: Option<String>,
    authorization_header: Option<String>,
}

impl Configuration {
    fn settings(self) -> Result<StreamSettings, Error> {
        let format = self.format.try_map(|name| {
            let known = SubjectFormat::ALL.map(SubjectFormat::name).join(", ");
            let wrong = || Error::invalid("format", format!("This is no format that is known; there are {known}."));
            SubjectFormat::from_name(&name).ok_or_else(wrong)
        })?;
        let delivery = self.delivery.try_map(|delivery| {
            let kind = match delivery.method.as_str() {
                PUSH => OutletKind::Push,
                POLL_METHOD => OutletKind::Poll,
                _ => {
                    let message = format!("This is no method that is known; there are {PUSH} and {POLL_METHOD}.");
                    return Err(Error::invalid("delivery.method", message));
                }
            };
            Ok(StreamDelivery { kind, url: delivery.endpoint_url, authorization: delivery.authorization_header })
        })?;
        Ok(StreamSettings { delivery, events: self.events_requested, format, description: self.description })
    }
}

pub(super) async fn answer(asked: &Asked<'_>, viewer: &Viewer, body: Body) -> Result<Response, Refused> {
    let app = &asked.state.app;
    let sent = object(asked, body).await?;
    match asked.parts.method {
        Method::POST => {
            let stream = app.create_stream(viewer, read::<Configuration>(sent)?.settings()?).await?;
            Ok(private(StatusCode::CREATED, &shown(asked, &stream)?))
        }
        Method::PATCH | Method::PUT => {
            let id = member(&sent, "stream_id")?;
            let stream = app.stream(viewer, &id).await?;
            check_own(&shown(asked, &stream)?, &sent)?;
            let mut settings = read::<Configuration>(sent)?.settings()?;
            if asked.parts.method == Method::PUT {
                settings = whole(settings);
            }
            let stream = app.change_stream(viewer, &id, settings).await?;
            Ok(private(StatusCode::OK, &shown(asked, &stream)?))
        }
        Method::DELETE => {
            app.delete_stream(viewer, &named(asked)?).await?;
            Ok(empty(StatusCode::NO_CONTENT))
        }
        _ => match asked.query("stream_id") {
            Some(id) => Ok(private(StatusCode::OK, &shown(asked, &app.stream(viewer, &id).await?)?)),
            None => {
                let streams = app.streams(viewer).await?;
                let shown: Result<Vec<Value>, Error> = streams.iter().map(|stream| shown(asked, stream)).collect();
                Ok(private(StatusCode::OK, &Value::Array(shown?)))
            }
        },
    }
}

/// Settings in which what is not said is as in a stream of which nothing is said.
fn whole(settings: StreamSettings) -> StreamSettings {
    fn or_null<T>(said: Patch<T>) -> Patch<T> {
        match said {
            Patch::Absent => Patch::Null,
            said => said,
        }
    }
    StreamSettings {
        delivery: or_null(settings.delivery),
        events: or_null(settings.events),
        format: or_null(settings.format),
        description: or_null(settings.description),
    }
}

/// Requires that what is ours to say is what we say (section 8.1.1.3).
fn check_own(shown: &Value, sent: &Map<String, Value>) -> Result<(), Error> {
    const OWN: [&str; 5] = ["iss", "aud", "events_supported", "events_delivered", "min_verification_interval"];
    for name in OWN {
        if sent.get(name).is_some_and(|said| said != &shown[name]) {
            return Err(Error::invalid(name, "This is for the transmitter to say; leave it out, or as it is."));
        }
    }
    Ok(())
}

/// A stream, without what is secret about it.
fn shown(asked: &Asked<'_>, stream: &Outlet) -> Result<Value, Error> {
    let issuer = &asked.state.app.sending()?.issuer;
    let supported = SignalKind::ALL.map(SignalKind::uri);
    let delivered: Vec<&String> = supported.iter().filter(|uri| stream.wants(uri)).collect();
    let requested = if stream.events.is_empty() { supported.to_vec() } else { stream.events.clone() };
    let id = stream.public_id();
    let delivery = match &stream.url {
        Some(url) => json!({"method": PUSH, "endpoint_url": url}),
        None => json!({"method": POLL_METHOD, "endpoint_url": format!("{issuer}{POLL}{id}")}),
    };
    let audience = NodeId::new(NodeKind::Token, stream.token.unwrap_or_default());
    let mut shown = json!({
        "stream_id": id,
        "iss": issuer,
        "aud": audience.to_string(),
        "events_supported": supported,
        "events_requested": requested,
        "events_delivered": delivered,
        "delivery": delivery,
        "min_verification_interval": MIN_VERIFICATION_INTERVAL,
        "format": stream.format.unwrap_or_default().name(),
    });
    if let Some(description) = &stream.description {
        shown["description"] = description.as_str().into();
    }
    Ok(shown)
}

/// The stream that the query names.
fn named(asked: &Asked<'_>) -> Result<String, Error> {
    asked.query("stream_id").ok_or_else(|| Error::invalid("stream_id", "Say which stream."))
}

/// A text that an object has to have.
fn member(sent: &Map<String, Value>, name: &'static str) -> Result<String, Error> {
    let text = sent.get(name).and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| Error::invalid(name, "This has to be there, and a text."))
}

/// A text that an object may have.
fn optional(sent: &Map<String, Value>, name: &'static str) -> Result<Option<String>, Error> {
    match sent.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => member(sent, name).map(Some),
    }
}

fn status_of(stream: &Outlet) -> Value {
    let mut shown = json!({"stream_id": stream.public_id(), "status": stream.status.name()});
    if let Some(reason) = &stream.status_reason {
        shown["reason"] = reason.as_str().into();
    }
    shown
}

pub(super) async fn status(asked: &Asked<'_>, viewer: &Viewer, body: Body) -> Result<Response, Refused> {
    super::super::body::discard(body).await;
    let stream = asked.state.app.stream(viewer, &named(asked)?).await?;
    Ok(private(StatusCode::OK, &status_of(&stream)))
}

pub(super) async fn set_status(asked: &Asked<'_>, viewer: &Viewer, body: Body) -> Result<Response, Refused> {
    let sent = object(asked, body).await?;
    let (id, status) = (member(&sent, "stream_id")?, member(&sent, "status")?);
    let wrong = || Error::invalid("status", "A stream is enabled, paused or disabled.");
    let status = OutletStatus::from_name(&status).ok_or_else(wrong)?;
    let reason = optional(&sent, "reason")?;
    let stream = asked.state.app.set_stream_status(viewer, &id, (status, reason)).await?;
    Ok(private(StatusCode::OK, &status_of(&stream)))
}

pub(super) async fn set_subject(
    asked: &Asked<'_>,
    viewer: &Viewer,
    (body, is_wanted): (Body, bool),
) -> Result<Response, Refused> {
    let mut sent = object(asked, body).await?;
    let id = member(&sent, "stream_id")?;
    let subject = sent.remove("subject").filter(Value::is_object);
    let subject = subject.ok_or_else(|| Error::invalid("subject", "Say whom, as an object (RFC 9493)."))?;
    asked.state.app.set_stream_subject(viewer, &id, (subject, is_wanted)).await?;
    Ok(empty(if is_wanted { StatusCode::OK } else { StatusCode::NO_CONTENT }))
}

pub(super) async fn verify(asked: &Asked<'_>, viewer: &Viewer, body: Body) -> Result<Response, Refused> {
    let sent = object(asked, body).await?;
    let (id, state) = (member(&sent, "stream_id")?, optional(&sent, "state")?);
    asked.state.app.verify_stream(viewer, &id, state).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}
