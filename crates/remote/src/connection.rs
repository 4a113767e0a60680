//! A connection to NATS, which everything else shares.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use async_nats::{Client, Event, Subscriber};
use futures_util::StreamExt;
use plugwright::{Error, ErrorKind, ErrorReport};
use tokio::sync::{Mutex, watch};

use crate::caller::{Inbox, RemotePlugin};
use crate::error::RemoteError;
use crate::options::NatsOptions;
use crate::store::Store;
use crate::worker::WorkerBuilder;
use crate::{names, threads};

/// The pause before a new client is made once more.
const PAUSE: Duration = Duration::from_secs(1);

/// A connection to a NATS server or cluster, which is made again whenever it breaks. A clone is the same connection.
#[derive(Clone)]
pub struct Nats(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    inbox: Mutex<Option<Arc<Inbox>>>,
    /// The inbox of the moment, for calls, which are not to wait for each other.
    ready: ArcSwapOption<Inbox>,
    _keeping: threads::AbortOnDrop<()>,
}

/// What is the same for all connections that take each other's place.
struct Shared {
    client: ArcSwap<Client>,
    /// How often the client was replaced.
    renewals: watch::Sender<u64>,
    /// Whether there is a connection now.
    connected: watch::Sender<bool>,
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
        threads::there(async move {
            let connected = watch::channel(true).0;
            let (client, canary) = open(&options, connected.clone(), false).await?;
            let (client, renewals) = (ArcSwap::from_pointee(client), watch::channel(0).0);
            let shared = Arc::new(Shared { client, renewals, connected });
            let keeping = threads::messages()?.spawn(keep(shared.clone(), options, canary));
            let (inbox, ready) = (Mutex::default(), ArcSwapOption::empty());
            Ok(Self(Arc::new(Inner { shared, inbox, ready, _keeping: threads::AbortOnDrop(keeping) })))
        })
        .await?
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

    /// The client of the moment.
    pub(crate) fn client(&self) -> Arc<Client> {
        self.0.shared.client.load_full()
    }

    /// How often the client was replaced.
    pub(crate) fn renewals(&self) -> watch::Receiver<u64> {
        self.0.shared.renewals.subscribe()
    }

    /// The most bytes of a message's payload beside our headers.
    pub(crate) fn max_payload(&self) -> usize {
        self.client().max_payload().saturating_sub(crate::wire::HEADER_BYTES)
    }

    /// Waits for a connection.
    pub(crate) async fn connected(&self) {
        let mut connected = self.0.shared.connected.subscribe();
        // The sender lives as long as this value.
        let _ = connected.wait_for(|connected| *connected).await;
    }

    pub(crate) fn is_connected(&self) -> bool {
        *self.0.shared.connected.borrow()
    }

    /// Where replies arrive.
    pub(crate) async fn inbox(&self) -> Result<Arc<Inbox>, Error> {
        if let Some(inbox) = self.0.ready.load_full().filter(|inbox| inbox.is_open()) {
            return Ok(inbox);
        }
        let mut inbox = self.0.inbox.lock().await;
        match &*inbox {
            Some(inbox) if inbox.is_open() => Ok(inbox.clone()),
            _ => {
                let opened = inbox.insert(Arc::new(Inbox::open(&self.client()).await?));
                self.0.ready.store(Some(opened.clone()));
                Ok(opened.clone())
            }
        }
    }

    /// Sees to it that everything said so far has left this process, if that is possible until then.
    pub(crate) async fn flush(&self, until: Instant) {
        // Without a connection there is nothing to be done.
        let _ = tokio::time::timeout_at(until.into(), self.client().flush()).await;
    }
}

impl std::fmt::Debug for Nats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nats").field("connected", &self.is_connected()).finish_non_exhaustive()
    }
}

/// Makes a client, and a subscription that hears nothing and ends with it. With `retry` this does not wait for the connection.
async fn open(
    options: &NatsOptions,
    connected: watch::Sender<bool>,
    retry: bool,
) -> Result<(Client, Subscriber), RemoteError> {
    let (servers, shown, options) = options.resolve()?;
    let refused = |reason: String| RemoteError::Connect { servers: shown.clone(), reason };
    let mut options = options.event_callback(move |event| {
        note(&event, &connected);
        std::future::ready(())
    });
    if retry {
        options = options.retry_on_initial_connect();
    }
    let client = options.connect(servers).await.map_err(|error| refused(error.to_string()))?;
    let canary = client.subscribe(client.new_inbox()).await.map_err(|error| refused(error.to_string()))?;
    Ok((client, canary))
}

/// Replaces the client whenever it has ended for good. The library makes lost connections again by itself, but its task panics at
/// some headers that somebody may send.
async fn keep(shared: Arc<Shared>, options: NatsOptions, mut canary: Subscriber) {
    loop {
        while canary.next().await.is_some() {}
        shared.connected.send_replace(false);
        tracing::error!(target: "plugwright::nats", "the client has ended; making a new one");
        canary = loop {
            match open(&options, shared.connected.clone(), true).await {
                Ok((client, canary)) => {
                    shared.client.store(Arc::new(client));
                    break canary;
                }
                Err(error) => tracing::error!(target: "plugwright::nats", "{error}"),
            }
            tokio::time::sleep(PAUSE).await;
        };
        shared.renewals.send_modify(|renewals| *renewals += 1);
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
