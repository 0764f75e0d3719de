//! One connection, from the handshake to its end.
//!
//! One task reads and writes; operations run in tasks of their own, and hand over what is to be sent through a short
//! queue. The credential is confirmed here, where things are sent, so that nothing leaves that was ready before it was
//! revoked.

use super::PROTOCOL;
use super::close::Close;
use super::credential::Credential;
use super::message::{ClientMessage, ServerMessage};
use super::operation::{Operation, Outgoing};
use super::sockets::Place;
use crate::domain::Error;
use crate::http::HttpState;
use crate::http::graphql::{Refusal, request, respond};
use crate::http::request_id::RequestId;
use axum::extract::ws::{Message, WebSocket};
use futures::{SinkExt, StreamExt};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tracing::Instrument;

/// How many answers may wait to be sent.
const QUEUE: usize = 16;
/// How many bytes are put together before they are written.
const BURST: usize = 64 * 1_024;
/// How long a client may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why a connection ends.
#[derive(Debug)]
enum End {
    /// The server has a reason, which the client is told.
    Closed(Close),
    /// The client has closed it, or is lost.
    Gone,
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        Self::Closed(close)
    }
}

/// An operation that runs, until this is dropped.
struct Running {
    number: u64,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A connection.
pub(super) struct Connection {
    state: Arc<HttpState>,
    request_id: RequestId,
    credential: Credential,
    /// Where the client is, if that is known.
    address: Option<IpAddr>,
    place: Place,
    is_acknowledged: bool,
    /// Whether anything was heard since the last ping.
    is_heard: bool,
    operations: HashMap<Arc<str>, Running>,
    /// How many operations there have been.
    count: u64,
    sender: mpsc::Sender<Outgoing>,
    queue: mpsc::Receiver<Outgoing>,
}

impl Connection {
    /// A connection that is about to begin.
    pub(super) fn new(
        state: Arc<HttpState>,
        request_id: RequestId,
        (credential, address): (Credential, Option<IpAddr>),
        place: Place,
    ) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE);
        let operations = HashMap::new();
        Self {
            state,
            request_id,
            credential,
            address,
            place,
            is_acknowledged: false,
            is_heard: true,
            operations,
            count: 0,
            sender,
            queue,
        }
    }

    /// Serves it until it ends.
    pub(super) async fn serve(mut self, mut socket: WebSocket) {
        let end = self.run(&mut socket).await;
        // What is under way is of no use to anybody any more.
        self.operations.clear();
        self.queue.close();
        let code = match &end {
            End::Closed(close) => close.code(),
            End::Gone => 0,
        };
        tracing::debug!(socket.close_code = code, socket.operations = self.count, "a WebSocket has ended");
        let farewell = async {
            if let End::Closed(close) = end {
                socket.send(Message::Close(Some(close.frame()))).await.ok()?;
            }
            // A connection that is dropped with something unread is reset, and the reason may be lost with it.
            while let Some(Ok(_)) = socket.next().await {}
            Some(())
        };
        drop(timeout(FAREWELL, farewell).await);
    }

    async fn run(&mut self, socket: &mut WebSocket) -> End {
        if socket.protocol().is_none_or(|protocol| protocol != PROTOCOL) {
            return Close::NotAcceptable.into();
        }
        let config = &self.state.subscriptions;
        let mut closing = self.state.sockets.closing();
        let pause = Duration::from_secs(config.ping_seconds);
        let mut pings = interval_at(Instant::now() + pause, pause);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let patience = sleep(Duration::from_secs(config.init_timeout_seconds));
        tokio::pin!(patience);
        loop {
            let done = tokio::select! {
                () = async { drop(closing.wait_for(|closing| *closing).await) } => Err(Close::GoingAway.into()),
                () = &mut patience, if !self.is_acknowledged => Err(Close::InitTimeout.into()),
                message = socket.next() => self.hear(socket, message).await,
                Some(outgoing) = self.queue.recv() => self.deliver(socket, outgoing).await,
                _ = pings.tick() => self.ping(socket).await,
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    /// Hears what has come in.
    async fn hear(&mut self, socket: &mut WebSocket, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.is_heard = true;
        match message {
            Some(Ok(Message::Text(text))) => match ClientMessage::parse(&text)? {
                ClientMessage::ConnectionInit(payload) => self.begin(socket, &payload).await,
                ClientMessage::Subscribe(id, payload) => self.subscribe(socket, id, payload).await,
                ClientMessage::Complete(id) => {
                    self.operations.remove(&id);
                    Ok(())
                }
                ClientMessage::Ping => self.say(socket, &ServerMessage::Pong).await,
                ClientMessage::Pong => Ok(()),
            },
            Some(Ok(Message::Binary(_))) => Err(Close::BadMessage("A message is text").into()),
            // The frames of WebSocket itself are answered by themselves.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_))) | None => Err(End::Gone),
            // Of a connection that is lost nobody is told.
            Some(Err(_)) => Err(Close::BadMessage("A message is larger than this server accepts, or broken").into()),
        }
    }

    async fn begin(&mut self, socket: &mut WebSocket, payload: &Map<String, Value>) -> Result<(), End> {
        if self.is_acknowledged {
            return Err(Close::TooManyInits.into());
        }
        self.credential.take(&self.state, self.address, payload).await?;
        if !self.place.count_as(self.credential.viewer()) {
            return Err(Close::TooManyConnections.into());
        }
        self.is_acknowledged = true;
        self.say(socket, &ServerMessage::ConnectionAck).await
    }

    async fn subscribe(
        &mut self,
        socket: &mut WebSocket,
        id: Arc<str>,
        payload: Map<String, Value>,
    ) -> Result<(), End> {
        if !self.is_acknowledged {
            return Err(Close::Unauthorized.into());
        }
        if self.operations.contains_key(&id) {
            return Err(Close::Exists((&*id).into()).into());
        }
        self.credential.confirm(&self.state.app).await?;
        let request = request::from_parameters(payload).map_err(|refusal| match refusal {
            Refusal::Malformed(reason) => Close::BadMessage(reason),
            _ => Close::BadMessage("The payload of subscribe is no GraphQL request"),
        })?;
        let limit = self.state.subscriptions.max_operations;
        if self.operations.len() >= limit {
            // What is refused has cost something too, so that whoever goes on all the same does not do so for ever.
            let charged = self.state.charge(self.credential.viewer(), self.address, 1).await;
            charged.map_err(|_| Close::TooMuch)?;
            let message = format!(
                "This connection runs {limit} operations, which is the limit; complete one, or open another connection."
            );
            let mut refusal = respond::request_error(&Error::too_complex(message));
            respond::complete_all(&mut refusal, &self.request_id);
            return self.say(socket, &ServerMessage::Error { id: &id, payload: &refusal.errors }).await;
        }
        self.count += 1;
        let operation = Operation {
            state: Arc::clone(&self.state),
            viewer: self.credential.viewer().clone(),
            address: self.address,
            request_id: self.request_id.clone(),
            id: Arc::clone(&id),
            number: self.count,
            queue: self.sender.clone(),
        };
        let task = tokio::spawn(operation.run(request).in_current_span()).abort_handle();
        self.operations.insert(id, Running { number: self.count, task });
        Ok(())
    }

    /// Sends what an operation has ready, and what others have by then.
    async fn deliver(&mut self, socket: &mut WebSocket, first: Outgoing) -> Result<(), End> {
        self.credential.confirm(&self.state.app).await?;
        let (mut next, mut texts, mut bytes) = (Some(first), Vec::new(), 0);
        while let Some(outgoing) = next {
            // A client that has completed an operation hears nothing more of it.
            let is_wanted = self.operations.get(&outgoing.id).is_some_and(|running| running.number == outgoing.number);
            if is_wanted {
                if outgoing.is_last {
                    self.operations.remove(&outgoing.id);
                }
                let text = outgoing.text.ok_or(Close::Failed)?;
                bytes += text.len();
                texts.push(text);
            }
            next = if bytes < BURST { self.queue.try_recv().ok() } else { None };
        }
        let sent = async {
            for text in texts {
                socket.feed(Message::Text(text.into())).await?;
            }
            socket.flush().await
        };
        self.in_time(sent).await
    }

    /// Asks whether the client is there, and whether its credential holds.
    async fn ping(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        if !std::mem::take(&mut self.is_heard) {
            return Err(Close::Silent.into());
        }
        self.credential.confirm(&self.state.app).await?;
        // The frame is answered by every client, the message by those who know the protocol.
        self.in_time(socket.send(Message::Ping(Vec::new().into()))).await?;
        if self.is_acknowledged { self.say(socket, &ServerMessage::Ping).await } else { Ok(()) }
    }

    async fn say(&self, socket: &mut WebSocket, message: &ServerMessage<'_>) -> Result<(), End> {
        let text = message.text().ok_or(Close::Failed)?;
        self.in_time(socket.send(Message::Text(text.into()))).await
    }

    /// Requires that something is sent before the client has taken too long to read.
    async fn in_time(&self, sent: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
        match timeout(Duration::from_secs(self.state.subscriptions.send_timeout_seconds), sent).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(Close::TooSlow.into()),
        }
    }
}
