//! What all kinds of triggers have in common: places for calls, attempts, stopping.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use plugwright_capabilities::messaging::Headers;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::backoff;
use crate::config::TriggerConfig;
use crate::message::Message;
use crate::metrics::TriggerMetrics;
use crate::target::{CallFailed, Target};

/// A trigger that runs.
#[derive(Clone)]
pub(crate) struct Runner {
    pub(crate) config: Arc<TriggerConfig>,
    pub(crate) metrics: Arc<TriggerMetrics>,
    target: Arc<dyn Target>,
    places: Arc<Semaphore>,
    connection: Arc<Connection>,
    /// Why no messages come, as it was told last; none while they can come.
    trouble: Arc<Mutex<Option<String>>>,
    stopping: watch::Receiver<bool>,
    /// Without its sender, all that the trigger has begun ends at once.
    alive: watch::Receiver<()>,
}

/// When a trigger has ended, for those that must not run beside it.
#[derive(Clone, Debug)]
pub(crate) struct Over(watch::Receiver<()>);

impl Over {
    /// Of whoever keeps the sender.
    pub(crate) fn new() -> (watch::Sender<()>, Self) {
        let (sender, receiver) = watch::channel(());
        (sender, Self(receiver))
    }

    pub(crate) async fn wait(mut self) {
        // Nothing is ever sent.
        let _ = self.0.changed().await;
    }
}

/// Whether a trigger has a connection, as its metrics count it.
struct Connection {
    is_there: AtomicBool,
    metrics: Arc<TriggerMetrics>,
}

impl Connection {
    fn set(&self, is_there: bool) {
        if self.is_there.swap(is_there, Ordering::Relaxed) != is_there {
            self.metrics.connection(is_there);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.set(false);
    }
}

/// Why a message is dropped, mostly.
pub(crate) const NO_DEAD_LETTER: &str = "there is no `dead_letter`";

/// A place for a message, which is free again when this is dropped.
pub(crate) type Place = OwnedSemaphorePermit;

/// So many attempts failed, the last of them for this reason.
pub(crate) struct Exhausted {
    pub(crate) attempts: u64,
    pub(crate) failed: CallFailed,
}

/// How the handling of a message came to its end.
pub(crate) enum Ended {
    Succeeded(Bytes),
    /// There is no attempt left.
    Failed(Exhausted),
    /// There are attempts left, and the trigger stops: whoever still has the message delivers it again.
    Stopped(Exhausted),
}

impl Runner {
    pub(crate) fn new(
        config: TriggerConfig,
        target: Arc<dyn Target>,
        metrics: Arc<TriggerMetrics>,
        stopping: watch::Receiver<bool>,
        alive: watch::Receiver<()>,
    ) -> Self {
        let places = Arc::new(Semaphore::new(config.concurrency));
        let connection = Arc::new(Connection { is_there: AtomicBool::new(false), metrics: metrics.clone() });
        Self {
            config: Arc::new(config),
            metrics,
            target,
            places,
            connection,
            trouble: Arc::default(),
            stopping,
            alive,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.config.name
    }

    /// A place for one more message; none once the trigger stops.
    pub(crate) async fn place(&self) -> Option<Place> {
        tokio::select! {
            biased;
            () = self.stopped() => None,
            place = self.places.clone().acquire_owned() => place.ok(),
        }
    }

    /// A place for a message that is here already, also when the trigger stops.
    pub(crate) async fn last_place(&self) -> Option<Place> {
        self.places.clone().acquire_owned().await.ok()
    }

    /// A place, if there is one now.
    pub(crate) fn place_now(&self) -> Option<Place> {
        self.places.clone().try_acquire_owned().ok()
    }

    /// Waits until the trigger is to stop.
    pub(crate) async fn stopped(&self) {
        let mut stopping = self.stopping.clone();
        // Without a sender nobody wants it any more.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow() || self.stopping.has_changed().is_err()
    }

    /// Waits until nothing is being handled.
    pub(crate) async fn drained(&self) {
        let all = u32::try_from(self.config.concurrency).unwrap_or(u32::MAX);
        // It is never closed.
        let _ = self.places.acquire_many(all).await;
    }

    /// Handles a message, as long as the trigger lives.
    pub(crate) fn spawn(&self, handling: impl Future<Output = ()> + Send + 'static) {
        let mut alive = self.alive.clone();
        tokio::spawn(async move {
            tokio::select! {
                biased;
                // Nothing is ever sent.
                _ = alive.changed() => {}
                () = handling => {}
            }
        });
    }

    /// Calls the function, once. While it cannot be called this waits, and counts nothing: a failure without a call comes only when
    /// the trigger stops meanwhile.
    pub(crate) async fn attempt(&self, message: &Message, attempt: u64) -> Result<Bytes, CallFailed> {
        let input = message.input(self.config.view, self.name(), attempt);
        let mut waits = 0;
        loop {
            let outcome = self.target.call(input.clone()).await;
            let Err(failed) = &outcome else { return outcome };
            self.metrics.error(&format!("{}: {failed}", failed.kind));
            let (trigger, subject) = (self.name(), &message.subject);
            if failed.called {
                self.metrics.failed();
                tracing::warn!(trigger, subject, attempt, "the call failed: {failed}");
                return outcome;
            }
            tracing::warn!(trigger, subject, attempt, "not called yet, trying again: {failed}");
            waits += 1;
            tokio::select! {
                biased;
                () = self.stopped() => return outcome,
                () = tokio::time::sleep(self.wait_after(waits)) => {}
            }
        }
    }

    /// Calls the function until it succeeds, or as often as it may be tried. It gives up early when the trigger stops.
    pub(crate) async fn call(&self, message: &Message) -> Ended {
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.attempt(message, attempts).await {
                Ok(output) => return Ended::Succeeded(output),
                Err(failed) if !failed.called => {
                    return Ended::Stopped(Exhausted { attempts: attempts - 1, failed });
                }
                Err(failed) if attempts >= self.config.attempts() => {
                    return Ended::Failed(Exhausted { attempts, failed });
                }
                Err(failed) => tokio::select! {
                    () = self.stopped() => return Ended::Stopped(Exhausted { attempts, failed }),
                    () = tokio::time::sleep(self.wait_after(attempts)) => {}
                },
            }
        }
    }

    /// The wait after so many failed attempts.
    pub(crate) fn wait_after(&self, attempts: u64) -> std::time::Duration {
        backoff::after(self.config.backoff, self.config.max_backoff, attempts)
    }

    /// The headers of a message's dead letter, as many as fit into so many bytes.
    pub(crate) fn letter_headers(&self, message: &Message, exhausted: &Exhausted, room: usize) -> Headers {
        let Exhausted { attempts, failed } = exhausted;
        let (headers, complete) = message.fitting_obituary(self.name(), *attempts, failed, room);
        if !complete {
            tracing::error!(
                trigger = self.name(),
                subject = message.subject,
                attempts,
                "the dead letter has no room for all headers: {failed}"
            );
        }
        headers
    }

    /// A dead letter is not stored, and the message is kept until it is.
    pub(crate) fn not_buried(&self, dead_letter: &str, reason: &dyn std::fmt::Display) {
        let dead_letter = dead_letter.escape_debug();
        self.metrics.error(&format!("the dead letter is not stored in `{dead_letter}`: {reason}"));
        tracing::error!(
            trigger = self.name(),
            "the dead letter is not stored in `{dead_letter}`, trying again: {reason}"
        );
    }

    /// A message is given up, for there is no place for dead letters, or that takes none; why.
    pub(crate) fn drop_message(&self, message: &Message, exhausted: &Exhausted, why: &str) {
        self.metrics.dropped();
        let Exhausted { attempts, failed } = exhausted;
        self.metrics.error(&format!("a message is dropped, since {why}: {failed}"));
        tracing::error!(
            trigger = self.name(),
            subject = message.subject,
            attempts,
            "a message is dropped, since {why}: {failed}"
        );
    }

    /// Messages can come now.
    pub(crate) fn connected(&self) {
        self.connection.set(true);
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// No messages can come now, whyever.
    pub(crate) fn unconnected(&self) {
        self.connection.set(false);
    }

    /// Whatever messages come from is out of reach.
    pub(crate) fn disconnected(&self, reason: &dyn std::fmt::Display) {
        self.unconnected();
        self.trouble(reason);
    }

    /// Tells why no messages come: aloud the first time, and whenever the reason is another.
    pub(crate) fn trouble(&self, reason: &dyn std::fmt::Display) {
        let reason = reason.to_string();
        self.metrics.error(&format!("no messages for now: {reason}"));
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble.as_ref() == Some(&reason) {
            tracing::debug!(trigger = self.name(), "still no messages, trying again: {reason}");
        } else {
            tracing::error!(trigger = self.name(), "no messages for now, trying again: {reason}");
            *trouble = Some(reason);
        }
    }

    /// Whether it was told why no messages come.
    pub(crate) fn is_in_trouble(&self) -> bool {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}
