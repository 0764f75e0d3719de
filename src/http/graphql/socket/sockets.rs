//! Every connection of the server: how many there may be, how many there are, and that the server stops.

use crate::config::SubscriptionsConfig;
use crate::resolvers::Viewer;
use prometheus_client::metrics::gauge::Gauge;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The connections of the server.
#[derive(Debug)]
pub(in crate::http) struct Sockets {
    max_connections: usize,
    max_per_credential: usize,
    /// How many connections there are of each credential; those of nobody have one together.
    of_credentials: Mutex<HashMap<String, usize>>,
    open: watch::Sender<usize>,
    closing: watch::Sender<bool>,
    /// How many connections are open, for whoever watches the server.
    pub(in crate::http) connections: Gauge,
    /// How many subscriptions they run.
    pub(in crate::http) subscriptions: Gauge,
}

impl Sockets {
    /// No connections yet.
    pub(in crate::http) fn new(config: &SubscriptionsConfig) -> Arc<Self> {
        Arc::new(Self {
            max_connections: config.max_connections,
            max_per_credential: config.max_connections_per_credential,
            of_credentials: Mutex::default(),
            open: watch::Sender::new(0),
            closing: watch::Sender::new(false),
            connections: Gauge::default(),
            subscriptions: Gauge::default(),
        })
    }

    /// A place for one more connection, if there is one.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Place> {
        let is_admitted = self.open.send_if_modified(|open| {
            let is_admitted = *open < self.max_connections;
            *open += usize::from(is_admitted);
            is_admitted
        });
        is_admitted.then(|| {
            self.connections.inc();
            Place { sockets: Arc::clone(self), credential: None }
        })
    }

    /// Tells a connection when the server stops.
    pub(super) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Tells every connection that the server stops, and waits until all of them have ended.
    pub(in crate::http) async fn close(&self) {
        self.closing.send_replace(true);
        // The sender is here, so that it cannot fail.
        drop(self.open.subscribe().wait_for(|open| *open == 0).await);
    }

    fn of_credentials(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.of_credentials.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one connection, which it leaves when it ends.
pub(super) struct Place {
    sockets: Arc<Sockets>,
    credential: Option<String>,
}

impl Place {
    /// Counts the connection as one of this viewer, once; false if it has as many as it may.
    pub(super) fn count_as(&mut self, viewer: &Viewer) -> bool {
        if self.credential.is_some() {
            return true;
        }
        let key = viewer.key();
        let mut of_credentials = self.sockets.of_credentials();
        let count = of_credentials.entry(key.clone()).or_default();
        let is_admitted = *count < self.sockets.max_per_credential;
        *count += usize::from(is_admitted);
        if is_admitted {
            self.credential = Some(key);
        }
        is_admitted
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(key) = self.credential.take() {
            let mut of_credentials = self.sockets.of_credentials();
            if let Some(count) = of_credentials.get_mut(&key) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    of_credentials.remove(&key);
                }
            }
        }
        self.sockets.connections.dec();
        self.sockets.open.send_modify(|open| *open = open.saturating_sub(1));
    }
}

/// A subscription that is counted as long as this lives.
pub(super) struct Counted(Arc<Sockets>);

impl Counted {
    /// Counts a subscription.
    pub(super) fn new(sockets: &Arc<Sockets>) -> Self {
        sockets.subscriptions.inc();
        Self(Arc::clone(sockets))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.subscriptions.dec();
    }
}
