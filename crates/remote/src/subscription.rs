//! Subscriptions that outlast the client.

use async_nats::{Client, Message, SubscribeError, Subscriber};
use futures_util::StreamExt;
use tokio::sync::watch;

use crate::connection::Nats;

/// A subscription that is made again with each new client of a connection.
pub(crate) struct Subscription {
    nats: Nats,
    subject: String,
    queue: Option<&'static str>,
    renewals: watch::Receiver<u64>,
    pub(crate) current: Subscriber,
    /// How many messages were taken from the client of the moment.
    pub(crate) taken: u64,
}

impl Subscription {
    /// Subscribes, as one of a queue group if there is one.
    ///
    /// # Errors
    ///
    /// When the connection is closed, or the subject is none.
    pub(crate) async fn open(
        nats: &Nats,
        subject: String,
        queue: Option<&'static str>,
    ) -> Result<Self, SubscribeError> {
        let mut renewals = nats.renewals();
        renewals.borrow_and_update();
        let current = subscribe(&nats.client(), &subject, queue).await?;
        Ok(Self { nats: nats.clone(), subject, queue, renewals, current, taken: 0 })
    }

    /// The next message. Waiting for it may be given up and begun again.
    pub(crate) async fn next(&mut self) -> Message {
        loop {
            if let Some(message) = self.current.next().await {
                self.taken += 1;
                return message;
            }
            if self.renewals.changed().await.is_err() {
                // Whoever asks has the connection, so there are more to come.
                std::future::pending::<()>().await;
            }
            // A client that has ended again is replaced again.
            if let Ok(current) = subscribe(&self.nats.client(), &self.subject, self.queue).await {
                (self.current, self.taken) = (current, 0);
            }
        }
    }
}

async fn subscribe(
    client: &Client,
    subject: &str,
    queue: Option<&'static str>,
) -> Result<Subscriber, SubscribeError> {
    match queue {
        Some(queue) => client.queue_subscribe(subject.to_owned(), queue.to_owned()).await,
        None => client.subscribe(subject.to_owned()).await,
    }
}
