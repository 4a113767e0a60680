//! What is counted of a trigger.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::message::one_line;

/// The counters of a trigger. They outlast changes of it.
#[derive(Debug, Default)]
pub struct TriggerMetrics {
    received: AtomicU64,
    succeeded: AtomicU64,
    failed: AtomicU64,
    dead: AtomicU64,
    dropped: AtomicU64,
    skipped: AtomicU64,
    in_flight: AtomicI64,
    connections: AtomicI64,
    last_error: Mutex<Option<LastError>>,
}

/// What went wrong last with a trigger: a call, a message that was given up, or the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LastError {
    /// When.
    pub time: SystemTime,
    /// What, in one line of 1024 bytes at most.
    pub message: String,
}

/// The counters at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counts {
    /// Messages that arrived, those that came again included, and times that were due.
    pub received: u64,
    /// Messages whose function succeeded.
    pub succeeded: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Messages that went to the dead letters.
    pub dead: u64,
    /// Messages that were given up without a place for dead letters, or found no room.
    pub dropped: u64,
    /// Times that were left out because a call still ran.
    pub skipped: u64,
    /// Messages that are being handled.
    pub in_flight: i64,
    /// Whether messages can arrive now.
    pub connected: bool,
}

impl TriggerMetrics {
    /// The counters now.
    pub fn counts(&self) -> Counts {
        let load = Ordering::Relaxed;
        Counts {
            received: self.received.load(load),
            succeeded: self.succeeded.load(load),
            failed: self.failed.load(load),
            dead: self.dead.load(load),
            dropped: self.dropped.load(load),
            skipped: self.skipped.load(load),
            in_flight: self.in_flight.load(load),
            connected: self.connections.load(load) > 0,
        }
    }

    /// What went wrong last, if anything ever has.
    pub fn last_error(&self) -> Option<LastError> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Something went wrong.
    pub(crate) fn error(&self, message: &str) {
        let error = LastError { time: SystemTime::now(), message: one_line(message) };
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    pub(crate) fn received(&self) -> InFlight<'_> {
        self.received.fetch_add(1, Ordering::Relaxed);
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self)
    }

    pub(crate) fn succeeded(&self) {
        self.succeeded.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn dead(&self) {
        self.dead.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn skipped(&self) {
        self.skipped.fetch_add(1, Ordering::Relaxed);
    }

    /// There is one more connection, or one less. A trigger that was changed may have one beside that of what it was before.
    pub(crate) fn connection(&self, is_there: bool) {
        self.connections.fetch_add(if is_there { 1 } else { -1 }, Ordering::Relaxed);
    }
}

/// Counts a message while it is being handled.
pub(crate) struct InFlight<'a>(&'a TriggerMetrics);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
