//! A connection to an MQTT broker, made again whenever it is lost.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::JoinHandle;

use super::packet::{Arrived, Publication};
use super::wire::{self, Client, Events, MAX_PACKET_BYTES, MAX_UNACKNOWLEDGED, Signal};
use crate::messaging::Address;
use crate::servers;

/// How long is waited before the first attempt to connect again, and the most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// The most bytes of all publications together that are not acknowledged yet: one of the largest, or as many as there may be.
const ROOM: usize = MAX_PACKET_BYTES as usize;

/// What a connection is for.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name that the broker knows the client by.
    pub client_id: String,
    /// Whether the broker keeps what was not acknowledged while the client is away.
    pub lasting: bool,
    /// Filters to subscribe to, in each session anew.
    pub filters: Vec<String>,
    /// The most messages that the broker sends before one of them is acknowledged, in MQTT 5.
    pub receive_maximum: Option<u16>,
}

impl Settings {
    /// For a client of this name that publishes.
    pub fn new(client_id: String) -> Self {
        Self { client_id, lasting: false, filters: Vec::new(), receive_maximum: None }
    }
}

/// Why a message was not published, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// There is no connection, or it was lost before the broker had acknowledged the message.
    #[error("the connection to the message server was lost; the message may have arrived, try again")]
    Lost,
    /// Too many messages wait for their acknowledgement.
    #[error("the message server takes no more messages now; try again in a while")]
    Full,
    /// The packet would be too large for the broker.
    #[error("the message server takes packets of {most} bytes at most")]
    TooLarge {
        /// The most bytes.
        most: usize,
    },
    /// MQTT 3.1.1 has no headers.
    #[error("MQTT 3.1.1 has no headers; leave them out, or use a broker with MQTT 5")]
    NoHeaders,
    /// Nobody has subscribed to the topic.
    #[error("nobody listens to this subject now")]
    NoListeners,
    /// The broker does not allow it.
    #[error("the message server does not let this host publish on this subject")]
    Forbidden,
    /// The broker refused it for another reason.
    #[error("the message server refused the message")]
    Refused,
}

/// A connection to an MQTT broker. Clones share it; it ends with the last one.
#[derive(Clone)]
pub struct Link {
    shared: Arc<Shared>,
    _driver: Arc<Driver>,
}

struct Shared {
    client: Client,
    state: Mutex<State>,
    /// The number of the session, or none without a connection.
    session: watch::Sender<Option<u64>>,
    /// Sent to whenever a session has ended.
    ended: watch::Sender<()>,
    /// Whether the connection is not to be made again.
    closing: AtomicBool,
    /// What is left of [`ROOM`].
    room: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    session: Option<u64>,
    max_packet_bytes: usize,
    /// Handed to the event loop and not sent, in this order.
    unsent: VecDeque<Waiting>,
    unacknowledged: HashMap<u16, Waiting>,
    /// Messages that arrived and were not acknowledged, in this order, and whether they may be.
    arrived: VecDeque<(u16, bool)>,
}

type Verdict = Result<(), PublishError>;

/// A publication that is not acknowledged yet.
struct Waiting {
    verdict: oneshot::Sender<Verdict>,
    /// Not of whoever publishes, who may give up: the publication stays with the event loop until the broker acknowledges it, or
    /// the session ends.
    _room: OwnedSemaphorePermit,
}

/// The task that drives the connection.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A name for a client that nobody can guess.
pub(super) fn new_client_id() -> io::Result<String> {
    let mut bytes = [0; 11];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    // 23 letters and digits: brokers need not take more.
    Ok(format!("p{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

impl Link {
    /// Connects in the background, and calls this with each message that arrives. It must not block. Messages are
    /// [acknowledged](Self::acknowledge) by whoever has done with them; those without a number are dropped where they must be.
    ///
    /// # Errors
    ///
    /// When the system refuses a thread.
    pub fn open(
        address: &Address,
        settings: Settings,
        arrived: impl Fn(&Self, Arrived) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (client, events) = wire::open(address, &settings);
        let shared = Arc::new(Shared {
            client,
            state: Mutex::default(),
            session: watch::channel(None).0,
            ended: watch::channel(()).0,
            closing: AtomicBool::new(false),
            room: Arc::new(Semaphore::new(ROOM)),
        });
        let server = address.to_string();
        let (sender, receiver) = oneshot::channel::<std::sync::Weak<Driver>>();
        let driven = shared.clone();
        let driver = Arc::new(Driver(servers::spawn(async move {
            let Ok(driver) = receiver.await else { return };
            let deliver = |message| {
                // Without its last owner the connection is over.
                if let Some(driver) = driver.upgrade() {
                    arrived(&Self { shared: driven.clone(), _driver: driver }, message);
                }
            };
            drive(&driven, events, &settings.filters, &server, deliver).await;
        })?));
        // The task has just begun to wait for it.
        let _ = sender.send(Arc::downgrade(&driver));
        Ok(Self { shared, _driver: driver })
    }

    /// Whether there is a connection now.
    pub fn is_connected(&self) -> bool {
        self.shared.session.borrow().is_some()
    }

    /// Whether messages have headers: in MQTT 5.
    pub fn has_headers(&self) -> bool {
        matches!(self.shared.client, Client::New(_))
    }

    /// Says goodbye, after what was acknowledged before, and waits until the broker has noticed, no longer than this.
    pub async fn close(&self, patience: Duration) {
        self.shared.closing.store(true, Ordering::Relaxed);
        let mut ended = self.shared.ended.subscribe();
        // A session counts from its first message, also while the broker has not answered the subscriptions yet.
        if self.shared.lock().session.is_none() || !self.shared.client.disconnect() {
            return;
        }
        if tokio::time::timeout(patience, ended.changed()).await.is_err() {
            tracing::debug!("the broker did not answer a goodbye");
        }
    }

    /// Waits for a connection; the number of its session.
    pub async fn session(&self) -> u64 {
        let mut session = self.shared.session.subscribe();
        loop {
            if let Some(session) = *session.borrow_and_update() {
                return session;
            }
            if session.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Waits until this session is over.
    pub async fn lost(&self, session: u64) {
        let mut now = self.shared.session.subscribe();
        // The sender lives as long as this value.
        let _ = now.wait_for(|now| *now != Some(session)).await;
    }

    /// Publishes a message, as soon as there is a connection, and waits until the broker has acknowledged it.
    ///
    /// # Errors
    ///
    /// Why it was not published, or may not have been.
    pub async fn publish(&self, publication: Publication) -> Result<(), PublishError> {
        // What is larger than a packet may be fails below.
        let bytes = publication.packet_len().clamp(ROOM / usize::from(MAX_UNACKNOWLEDGED), ROOM);
        let bytes = u32::try_from(bytes).unwrap_or(MAX_PACKET_BYTES);
        let Ok(room) = self.shared.room.clone().acquire_many_owned(bytes).await else {
            return Err(PublishError::Lost);
        };
        self.session().await;
        let verdict = self.shared.hand_over(publication, room)?;
        verdict.await.unwrap_or(Err(PublishError::Lost))
    }

    /// Acknowledges a message, once those are acknowledged that had arrived before it: brokers count on this order. Nothing
    /// happens if its session is over: the broker delivers it again.
    pub fn acknowledge(&self, message: &Arrived) {
        let mut state = self.shared.lock();
        if message.id == 0 || state.session != Some(message.session) {
            return;
        }
        if let Some(entry) = state.arrived.iter_mut().find(|(id, _)| *id == message.id) {
            entry.1 = true;
        }
        while let Some((id, true)) = state.arrived.front().copied() {
            if !self.shared.client.acknowledge(id) {
                // No room: the next acknowledgement takes it along.
                return;
            }
            state.arrived.pop_front();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a publication to the event loop. The order is the one in which the event loop says that it sends them.
    fn hand_over(
        &self,
        publication: Publication,
        room: OwnedSemaphorePermit,
    ) -> Result<oneshot::Receiver<Verdict>, PublishError> {
        let mut state = self.lock();
        if state.session.is_none() {
            return Err(PublishError::Lost);
        }
        if publication.packet_len() > state.max_packet_bytes {
            return Err(PublishError::TooLarge { most: state.max_packet_bytes });
        }
        self.client.publish(publication)?;
        let (verdict, receiver) = oneshot::channel();
        state.unsent.push_back(Waiting { verdict, _room: room });
        Ok(receiver)
    }

    /// What the event loop has still to send of a session is forgotten under the lock: nothing is handed over meanwhile.
    fn end(&self, events: &mut Events) {
        let mut state = self.lock();
        *state = State::default();
        events.forget();
        drop(state);
        self.session.send_replace(None);
        self.ended.send_replace(());
    }
}

async fn drive(
    shared: &Shared,
    mut events: Events,
    filters: &[String],
    server: &str,
    deliver: impl Fn(Arrived),
) {
    let mut sessions = 0;
    let mut backoff = BACKOFF.0;
    loop {
        match events.next().await {
            Ok(Signal::Connected { max_packet_bytes }) => {
                sessions += 1;
                backoff = BACKOFF.0;
                let mut state = shared.lock();
                *state = State { session: Some(sessions), max_packet_bytes, ..State::default() };
                for filter in filters {
                    if !shared.client.subscribe(filter) {
                        tracing::warn!(server, filter, "the subscription could not be sent");
                    }
                }
                drop(state);
                // With nothing to subscribe to, it is ready.
                if filters.is_empty() {
                    shared.session.send_replace(Some(sessions));
                }
                tracing::debug!(server, "connected");
            }
            Ok(Signal::Subscribed(granted)) => {
                if !granted {
                    tracing::warn!(server, "the broker refuses a subscription; check its access rules");
                }
                shared.session.send_replace(Some(sessions));
            }
            Ok(Signal::Sent(id)) => {
                let mut state = shared.lock();
                if let Some(waiting) = state.unsent.pop_front() {
                    state.unacknowledged.insert(id, waiting);
                }
            }
            Ok(Signal::Acknowledged(id, outcome)) => {
                if let Some(waiting) = shared.lock().unacknowledged.remove(&id) {
                    // Whoever waited may have given up.
                    let _ = waiting.verdict.send(outcome);
                }
            }
            Ok(Signal::Arrived(mut message)) => {
                message.session = sessions;
                if message.id != 0 {
                    shared.lock().arrived.push_back((message.id, false));
                }
                deliver(message);
            }
            Ok(Signal::Other) => {}
            Err(lost) => {
                tracing::debug!(server, "not connected: {}", lost.reason);
                shared.end(&mut events);
                if shared.closing.load(Ordering::Relaxed) {
                    return;
                }
                tokio::time::sleep(backoff).await;
                backoff = (backoff * 2).min(BACKOFF.1);
            }
        }
    }
}
