//! Writes down what is to be sent of what has happened, and sends it.
//!
//! One looks which organizations have gone on, and has their events [collected](App::collect_deliveries); others take up one
//! outlet after the other and send what is due. What they have in hand they finish; what they do not come to, the database
//! knows. A look every now and then finds what servers that are gone have left.

mod receiver;

use self::receiver::Receivers;
use super::Stopping;
use super::backoff::Backoff;
use crate::config::DeliveriesConfig;
use crate::domain::{Delivery, Outlet, Result};
use crate::resolvers::App;
use crate::resolvers::outlets::Answer;
use futures::future::join_all;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How many receivers are sent to at once.
const AT_ONCE: usize = 4;

/// Does both until it is to stop.
pub(super) fn run(
    app: Arc<App>,
    config: &DeliveriesConfig,
    stopping: Stopping,
) -> impl Future<Output = ()> + Send + use<> {
    let poll = Duration::from_millis(config.poll_milliseconds.into());
    let receivers = Receivers::new(config.allow_private_networks, Duration::from_secs(config.timeout_seconds.into()));
    async move {
        // Without what it takes to sign and to seal there is nothing to send.
        if app.issuance().is_none() {
            return;
        }
        let receivers = match receivers {
            Ok(receivers) => receivers,
            Err(error) => {
                tracing::error!(error, "nothing can be sent to receivers of signals and to webhooks");
                return;
            }
        };
        let senders = (0..AT_ONCE).map(|_| send(&app, &receivers, (stopping.clone(), poll)));
        futures::join!(collect(&app, (stopping.clone(), poll)), join_all(senders));
    }
}

async fn collect(app: &App, (mut stopping, poll): (Stopping, Duration)) {
    let mut backoff = Backoff::of("what is to be sent of what has happened");
    while !stopping.is_set() {
        let wait = match app.collect_deliveries().await {
            Ok(has_more) => {
                backoff.succeeded();
                if has_more { Duration::ZERO } else { poll }
            }
            Err(error) => backoff.failed(&error),
        };
        stopping.pause(wait).await;
    }
}

async fn send(app: &App, receivers: &Receivers, (mut stopping, poll): (Stopping, Duration)) {
    let mut backoff = Backoff::of("signals and webhooks");
    while !stopping.is_set() {
        let claim = app.clock().new_id();
        let announced = app.deliveries_announced();
        let wait = match serve_one(app, receivers, (claim, &stopping)).await {
            Ok(true) => {
                backoff.succeeded();
                continue;
            }
            Ok(false) => {
                backoff.succeeded();
                poll
            }
            Err(error) => backoff.failed(&error),
        };
        tokio::select! {
            () = stopping.pause(wait) => {}
            () = announced => {}
        }
    }
}

/// Takes up an outlet and sends what is due to it. Says whether there was one.
async fn serve_one(app: &App, receivers: &Receivers, (claim, stopping): (Uuid, &Stopping)) -> Result<bool> {
    let Some(outlet) = app.claim_outlet(claim).await? else { return Ok(false) };
    match send_page(app, receivers, (&outlet, stopping)).await? {
        Some(failure) => app.back_off_outlet(&outlet, claim, &failure).await?,
        None => app.release_outlet(&outlet, claim).await?,
    }
    Ok(true)
}

/// Sends what is due to an outlet, some of it if it is much. Says why its receiver is away, if it is.
async fn send_page(
    app: &App,
    receivers: &Receivers,
    (outlet, stopping): (&Outlet, &Stopping),
) -> Result<Option<String>> {
    let mut arrived = Vec::new();
    let mut away = None;
    // What is about the same as something that was refused waits for that.
    let mut held: HashSet<Uuid> = HashSet::new();
    let begun = tokio::time::Instant::now();
    for delivery in app.due_deliveries(outlet).await? {
        // The outlet is another's when the lease is over.
        if stopping.is_set() || begun.elapsed() > Duration::from_secs(60) {
            break;
        }
        if held.contains(&delivery.subject) {
            continue;
        }
        match attempt(app, receivers, (outlet, &delivery)).await {
            Answer::Arrived => arrived.push(delivery.id),
            answer => {
                app.note_failed(outlet, &delivery, &answer).await?;
                held.insert(delivery.subject);
                if let Answer::Away { failure, .. } = answer {
                    away = Some(failure);
                    break;
                }
            }
        }
    }
    app.note_arrived(outlet, &arrived).await?;
    Ok(away)
}

async fn attempt(app: &App, receivers: &Receivers, (outlet, delivery): (&Outlet, &Delivery)) -> Answer {
    match app.prepare_delivery(outlet, delivery).await {
        Ok(prepared) => receivers.send(&prepared).await,
        Err(error) => Answer::Away { status: None, failure: error.message.into_owned() },
    }
}
