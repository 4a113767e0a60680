//! Where replies arrive: one subscription for all calls, whose messages are handed to the calls that wait for them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_nats::{Client, Message};
use futures_util::StreamExt;
use plugwright::Error;
use tokio::sync::mpsc;

use crate::connection::unavailable;
use crate::{threads, wire};

/// Messages that a call may not have looked at yet. One is its result, the others are signs of life.
const CAPACITY: usize = 4;

/// All replies to this connection.
pub(crate) struct Inbox {
    prefix: String,
    calls: Arc<Calls>,
    receiving: threads::AbortOnDrop<()>,
}

#[derive(Default)]
struct Calls {
    waiting: Mutex<HashMap<u64, mpsc::Sender<Message>>>,
    next: AtomicU64,
}

/// The replies to one call.
pub(crate) struct Replies {
    /// Where they are sent.
    pub(crate) subject: String,
    pub(crate) messages: mpsc::Receiver<Message>,
    number: u64,
    calls: Arc<Calls>,
}

impl Calls {
    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, mpsc::Sender<Message>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_over(&self, message: Message) {
        let number = message.subject.rsplit('.').next().and_then(|number| number.parse::<u64>().ok());
        let Some(sender) = number.and_then(|number| self.waiting().get(&number).cloned()) else { return };
        // A place is kept for the result, whoever may send signs of life.
        let is_heartbeat =
            message.headers.as_ref().is_some_and(|headers| headers.get(wire::HEARTBEAT).is_some());
        if is_heartbeat && sender.capacity() < CAPACITY {
            return;
        }
        // With no place left there is a result already.
        let _ = sender.try_send(message);
    }
}

impl Inbox {
    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// `Unavailable` when the connection is closed for good.
    pub(crate) async fn open(client: &Client) -> Result<Self, Error> {
        let prefix = client.new_inbox();
        let subscribed = client.subscribe(format!("{prefix}.*")).await;
        let mut messages = subscribed.map_err(|error| unavailable(error.to_string()))?;
        let calls = Arc::new(Calls::default());
        let receiver = calls.clone();
        let threads = threads::messages().map_err(|error| unavailable(error.to_string()))?;
        let receiving = threads.spawn(async move {
            while let Some(message) = messages.next().await {
                receiver.hand_over(message);
            }
            // Nothing comes any more: whoever waits is not to wait for silence.
            receiver.waiting().clear();
        });
        Ok(Self { prefix, calls, receiving: threads::AbortOnDrop(receiving) })
    }

    /// Whether replies arrive here.
    pub(crate) fn is_open(&self) -> bool {
        !self.receiving.0.is_finished()
    }

    /// A place for the replies to a call.
    pub(crate) fn replies(&self) -> Replies {
        let number = self.calls.next.fetch_add(1, Ordering::Relaxed);
        let (sender, messages) = mpsc::channel(CAPACITY);
        self.calls.waiting().insert(number, sender);
        let subject = format!("{}.{number}", self.prefix);
        Replies { subject, messages, number, calls: self.calls.clone() }
    }
}

impl Drop for Replies {
    fn drop(&mut self) {
        self.calls.waiting().remove(&self.number);
    }
}
