//! A plug-in that is served: its version of the moment, the calls it has, and the counts.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwap;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};

use super::Limits;
use super::outputs::Outputs;
use super::stats::Stats;
use super::version::Version;
use crate::connection::Nats;

/// By where replies go: calls by their numbers, and how each is told.
type Cancellations = HashMap<String, Vec<(u64, oneshot::Sender<()>)>>;

pub(super) struct Service {
    pub(super) nats: Nats,
    /// Of this worker, for the micro-services protocol.
    pub(super) id: String,
    pub(super) started: SystemTime,
    pub(super) limits: Limits,
    pub(super) stats: Stats,
    /// Calls that run, whatever version they run on, and inputs and outputs in parts.
    pub(super) places: Arc<Semaphore>,
    pub(super) outputs: Outputs,
    /// The threads on which guests compute.
    pub(super) threads: Handle,
    name: String,
    version: ArcSwap<Version>,
    /// Calls that wait or run.
    admitted: AtomicUsize,
    ended: Notify,
    /// How to cancel the calls that run, by where their replies go. A caller may name the same place for several.
    cancellable: Mutex<Cancellations>,
    calls: AtomicU64,
}

/// A call that may wait and run. It counts until it is dropped.
pub(super) struct Admitted(Arc<Service>);

/// A call that can be cancelled until this is dropped.
pub(super) struct Cancellable<'a> {
    service: &'a Service,
    reply: String,
    number: u64,
    /// Completes when it is cancelled.
    pub(super) cancelled: oneshot::Receiver<()>,
}

impl Service {
    pub(super) fn new(nats: Nats, name: String, version: Version, limits: Limits, threads: Handle) -> Self {
        // An inbox has a random part, which is as good for this.
        let inbox = nats.client().new_inbox();
        let id = inbox.rsplit('.').next().unwrap_or_default().to_owned();
        let stats = Stats::default();
        stats.begin(&version.functions);
        Self {
            nats,
            id,
            started: SystemTime::now(),
            limits,
            stats,
            places: Arc::new(Semaphore::new(limits.concurrency.min(Semaphore::MAX_PERMITS))),
            outputs: Outputs::default(),
            threads,
            name,
            version: ArcSwap::from_pointee(version),
            admitted: AtomicUsize::new(0),
            ended: Notify::new(),
            cancellable: Mutex::default(),
            calls: AtomicU64::new(0),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The version that calls begin on now.
    pub(super) fn current(&self) -> Arc<Version> {
        self.version.load_full()
    }

    /// Serves another version from now on. Calls that have begun end on the one that they began on.
    pub(super) fn change(&self, version: Version) {
        self.stats.begin(&version.functions);
        self.version.store(Arc::new(version));
    }

    /// How many calls wait or run.
    pub(super) fn admitted(&self) -> usize {
        self.admitted.load(Ordering::SeqCst)
    }

    /// Admits a call, unless too many wait already.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Admitted> {
        let before = self.admitted.fetch_add(1, Ordering::SeqCst);
        let admitted = Admitted(self.clone());
        (before < self.limits.concurrency.saturating_add(self.limits.queue)).then_some(admitted)
    }

    /// Waits until no call waits or runs, at most until then.
    pub(super) async fn idle(&self, until: Instant) {
        loop {
            let ended = self.ended.notified();
            if self.admitted() == 0 || timeout_at(until, ended).await.is_err() {
                return;
            }
        }
    }

    fn cancellable(&self) -> MutexGuard<'_, Cancellations> {
        self.cancellable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how the call with these replies can be cancelled.
    pub(super) fn enter(&self, reply: &str) -> Cancellable<'_> {
        let (sender, cancelled) = oneshot::channel();
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        self.cancellable().entry(reply.to_owned()).or_default().push((number, sender));
        Cancellable { service: self, reply: reply.to_owned(), number, cancelled }
    }

    /// Cancels the calls with these replies that are here.
    pub(super) fn cancel(&self, reply: &str) {
        for (_, sender) in self.cancellable().remove(reply).into_iter().flatten() {
            // A call that has just ended needs none.
            let _ = sender.send(());
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        if self.0.admitted.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.ended.notify_waiters();
        }
    }
}

impl Drop for Cancellable<'_> {
    fn drop(&mut self) {
        let mut cancellable = self.service.cancellable();
        let Some(calls) = cancellable.get_mut(&self.reply) else { return };
        calls.retain(|(number, _)| *number != self.number);
        if calls.is_empty() {
            cancellable.remove(&self.reply);
        }
    }
}
