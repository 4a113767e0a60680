//! A connection to NATS, which everything else shares.

use std::sync::Arc;
use std::time::Instant;

use async_nats::{Client, Event};
use plugwright::{Error, ErrorKind, ErrorReport};
use tokio::sync::{OnceCell, watch};

use crate::caller::{Inbox, RemotePlugin};
use crate::error::RemoteError;
use crate::options::NatsOptions;
use crate::store::Store;
use crate::worker::WorkerBuilder;
use crate::{names, threads};

/// A connection to a NATS server or cluster, which is made again whenever it breaks. A clone is the same connection.
#[derive(Clone)]
pub struct Nats(Arc<Inner>);

struct Inner {
    client: Client,
    /// Whether there is a connection now.
    connected: watch::Receiver<bool>,
    inbox: OnceCell<Inbox>,
}

impl Nats {
    /// Connects to these servers, as [`NatsOptions::new`] has them.
    ///
    /// # Errors
    ///
    /// When an address is not one, or no server answers and admits us.
    pub async fn connect(address: impl Into<String>) -> Result<Self, RemoteError> {
        Self::connect_with(NatsOptions::new(address)).await
    }

    /// Connects with options.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), and when a file of the options cannot be read.
    pub async fn connect_with(options: NatsOptions) -> Result<Self, RemoteError> {
        let (servers, shown, options) = options.resolve()?;
        let (sender, connected) = watch::channel(true);
        let options = options.event_callback(move |event| {
            note(&event, &sender);
            std::future::ready(())
        });
        let client = threads::there(options.connect(servers)).await?;
        let client =
            client.map_err(|error| RemoteError::Connect { servers: shown, reason: error.to_string() })?;
        Ok(Self(Arc::new(Inner { client, connected, inbox: OnceCell::new() })))
    }

    /// Connects like [`connect_with`](Self::connect_with), occupying the thread: for programs without an executor.
    ///
    /// # Errors
    ///
    /// As [`connect_with`](Self::connect_with).
    pub fn connect_blocking(options: NatsOptions) -> Result<Self, RemoteError> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        threads::messages()?.spawn(async move {
            // Whoever waits for it is there.
            let _ = sender.send(Self::connect_with(options).await);
        });
        receiver.recv().map_err(|error| RemoteError::Threads(error.to_string()))?
    }

    /// The plug-in of this name, wherever it runs. This sends nothing: whether there are workers shows at the first call.
    ///
    /// # Errors
    ///
    /// When the name cannot be part of a subject.
    pub fn plugin(&self, name: &str) -> Result<RemotePlugin, RemoteError> {
        Ok(RemotePlugin::new(self.clone(), names::plugin(name)?))
    }

    /// Describes a worker.
    pub fn worker(&self) -> WorkerBuilder {
        WorkerBuilder::new(self.clone())
    }

    /// The plug-ins that are published on the server, which needs JetStream.
    pub fn store(&self) -> Store {
        Store::new(self.clone())
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    /// The most bytes of a message's payload beside our headers.
    pub(crate) fn max_payload(&self) -> usize {
        self.0.client.max_payload().saturating_sub(crate::wire::HEADER_BYTES)
    }

    /// Waits for a connection.
    pub(crate) async fn connected(&self) {
        let mut connected = self.0.connected.clone();
        // The sender lives as long as the client.
        let _ = connected.wait_for(|connected| *connected).await;
    }

    pub(crate) fn is_connected(&self) -> bool {
        *self.0.connected.borrow()
    }

    /// Where replies arrive.
    pub(crate) async fn inbox(&self) -> Result<&Inbox, Error> {
        self.0.inbox.get_or_try_init(|| Inbox::open(&self.0.client)).await
    }

    /// Sees to it that everything said so far has left this process, if that is possible until then.
    pub(crate) async fn flush(&self, until: Instant) {
        // Without a connection there is nothing to be done.
        let _ = tokio::time::timeout_at(until.into(), self.0.client.flush()).await;
    }
}

impl std::fmt::Debug for Nats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nats").field("connected", &self.is_connected()).finish_non_exhaustive()
    }
}

/// What the connection does is logged, without what it is made with.
fn note(event: &Event, connected: &watch::Sender<bool>) {
    match event {
        Event::Connected => {
            connected.send_replace(true);
            tracing::info!(target: "plugwright::nats", "connected");
        }
        Event::Disconnected => {
            connected.send_replace(false);
            tracing::warn!(target: "plugwright::nats", "the connection is lost; trying again");
        }
        Event::SlowConsumer(_) => {
            tracing::warn!(target: "plugwright::nats", "messages were dropped, for too many waited");
        }
        other => tracing::info!(target: "plugwright::nats", "{other}"),
    }
}

/// A call cannot be made, and nothing has run.
pub(crate) fn unavailable(message: impl Into<String>) -> Error {
    ErrorReport::new(&ErrorKind::Unavailable, message).into()
}
