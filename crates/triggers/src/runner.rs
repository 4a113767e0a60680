//! What all kinds of triggers have in common: places for calls, attempts, stopping.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
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
    stopping: watch::Receiver<bool>,
    /// Without its sender, all that the trigger has begun ends at once.
    alive: watch::Receiver<()>,
}

/// A place for a message, which is free again when this is dropped.
pub(crate) type Place = OwnedSemaphorePermit;

/// All attempts failed.
pub(crate) struct Exhausted {
    pub(crate) attempts: u64,
    pub(crate) failed: CallFailed,
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
        Self { config: Arc::new(config), metrics, target, places, stopping, alive }
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

    /// Calls the function, once.
    pub(crate) async fn attempt(&self, message: &Message, attempt: u64) -> Result<Bytes, CallFailed> {
        let input = message.input(self.config.view, self.name(), attempt);
        let outcome = self.target.call(input).await;
        if let Err(failed) = &outcome {
            self.metrics.failed();
            tracing::warn!(
                trigger = self.name(),
                subject = message.subject,
                attempt,
                "the call failed: {failed}"
            );
        }
        outcome
    }

    /// Calls the function until it succeeds, or as often as it may be tried. It gives up early when the trigger stops, and says so
    /// by no outcome: then the message is not settled.
    pub(crate) async fn call(&self, message: &Message) -> Option<Result<Bytes, Exhausted>> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.attempt(message, attempts).await {
                Ok(output) => return Some(Ok(output)),
                Err(failed) if attempts >= self.config.attempts() => {
                    return Some(Err(Exhausted { attempts, failed }));
                }
                Err(_) => tokio::select! {
                    () = self.stopped() => return None,
                    () = tokio::time::sleep(self.wait_after(attempts)) => {}
                },
            }
        }
    }

    /// The wait after so many failed attempts.
    pub(crate) fn wait_after(&self, attempts: u64) -> std::time::Duration {
        backoff::after(self.config.backoff, self.config.max_backoff, attempts)
    }

    /// A message is given up, and there is no place for dead letters.
    pub(crate) fn drop_message(&self, message: &Message, exhausted: &Exhausted) {
        self.metrics.dropped();
        let Exhausted { attempts, failed } = exhausted;
        tracing::error!(
            trigger = self.name(),
            subject = message.subject,
            attempts,
            "a message is dropped, since there is no `dead_letter`: {failed}"
        );
    }

    /// Whatever messages come from is out of reach.
    pub(crate) fn disconnected(&self, reason: &dyn std::fmt::Display) {
        self.metrics.connected(false);
        tracing::warn!(trigger = self.name(), "no messages for now, trying again: {reason}");
    }
}
