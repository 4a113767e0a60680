//! Stopping a call: its deadline and its cancel flag.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use tokio::sync::Notify;

use crate::error::{Error, ErrorKind, Result};
use crate::executor;

const IDLE: u8 = 0;
const RUNNING: u8 = 1;
const CANCELLED: u8 = 2;

/// How often a call that waits asks the host whether it is still wanted.
const ASK_PERIOD: Duration = Duration::from_millis(20);

/// Asks the host whether a call is to be cancelled, see [`PluginBuilder::cancel_when`](crate::PluginBuilder::cancel_when).
pub(crate) type CancelWhen = Arc<dyn Fn() -> bool + Send + Sync>;

/// Written by each call of its plug-in: aligned such that no two share a cache line, nor a pair of them, which some processors
/// fetch together.
#[derive(Default)]
#[repr(align(128))]
struct CancelState {
    phase: AtomicU8,
    cancelled: Notify,
    when: Option<CancelWhen>,
}

impl fmt::Debug for CancelState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelState").field("phase", &self.phase).finish_non_exhaustive()
    }
}

/// Cancels the call that a plug-in is running, from any thread.
///
/// Get one from [`Plugin::cancel_handle`](crate::Plugin::cancel_handle). It may be cloned and may outlive the
/// plug-in.
#[derive(Debug, Clone, Default)]
pub struct CancelHandle(Arc<CancelState>);

impl CancelHandle {
    pub(crate) fn new(when: Option<CancelWhen>) -> Self {
        Self(Arc::new(CancelState { when, ..CancelState::default() }))
    }

    /// Cancels the call in progress and says whether there was one.
    ///
    /// The call ends with [`ErrorKind::Cancelled`] within about 10 ms, unless a host function occupies its thread:
    /// then when that returns. Nothing else is affected: neither the plug-in's next call nor any other plug-in.
    pub fn cancel(&self) -> bool {
        let cancelled =
            self.0.phase.compare_exchange(RUNNING, CANCELLED, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if cancelled {
            self.0.cancelled.notify_waiters();
        }
        cancelled
    }

    /// Marks the start of a call.
    pub(crate) fn begin(&self) {
        self.0.phase.store(RUNNING, Ordering::Release);
    }

    /// Marks the end of a call.
    pub(crate) fn end(&self) {
        self.0.phase.store(IDLE, Ordering::Release);
    }

    /// How many handles of this call there are, this one included.
    pub(crate) fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    /// Whether no call is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.phase.load(Ordering::Acquire) == IDLE
    }

    fn is_cancelled(&self) -> bool {
        self.0.phase.load(Ordering::Acquire) == CANCELLED
    }

    /// Cancels the call in progress if the host wants that when it is asked.
    fn ask(&self) {
        if self.0.when.as_ref().is_some_and(|when| when()) {
            self.cancel();
        }
    }
}

/// When the current call must stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupts {
    pub(crate) deadline: Option<Instant>,
    pub(crate) cancel: CancelHandle,
}

impl Interrupts {
    /// An error when the call must stop now.
    #[cold]
    pub(crate) fn check(&self) -> Result<()> {
        self.cancel.ask();
        if self.cancel.is_cancelled() {
            return Err(cancelled());
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(timeout()),
            _ => Ok(()),
        }
    }

    /// The time until the deadline, zero when it has passed, `None` without one.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether the call has been cancelled.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// The output of `future`, or an error as soon as the call must stop; the future is dropped then.
    pub(crate) async fn race<F: Future>(&self, future: F) -> Result<F::Output> {
        // On the heap when something has to wait: most calls do not, and it costs more than they.
        let (mut future, mut stop) = (pin!(future), None);
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(output));
            }
            let stop = stop.get_or_insert_with(|| Box::pin(self.stopped()));
            stop.as_mut().poll(context).map(Err)
        })
        .await
    }

    /// Ends when the call must stop, with the error that says why.
    async fn stopped(&self) -> Error {
        if self.cancel.0.when.is_none() {
            return self.stopped_by(self.deadline).await;
        }
        loop {
            let ask_at = Instant::now() + ASK_PERIOD;
            let stop_by = self.deadline.map_or(ask_at, |deadline| deadline.min(ask_at));
            let error = self.stopped_by(Some(stop_by)).await;
            // The host is asked on the thread that polls this, which is the one that waits.
            if let Err(error) = self.check() {
                return error;
            }
            if !matches!(error.kind(), ErrorKind::Timeout) {
                return error;
            }
        }
    }

    /// Ends at this deadline, or before that when the call is cancelled.
    async fn stopped_by(&self, deadline: Option<Instant>) -> Error {
        let mut notified = pin!(self.cancel.0.cancelled.notified());
        notified.as_mut().enable();
        // Looked at after `enable`, so that no cancellation falls between the two.
        if let Err(error) = self.check() {
            return error;
        }
        let Some(deadline) = deadline else {
            notified.await;
            return cancelled();
        };
        let sleep = match executor::handle() {
            Ok(handle) => {
                let _entered = handle.enter();
                tokio::time::sleep_until(deadline.into())
            }
            Err(error) => return error,
        };
        match select(notified, pin!(sleep)).await {
            Either::Left(_) => cancelled(),
            Either::Right(_) => timeout(),
        }
    }
}

fn timeout() -> Error {
    Error::new(
        ErrorKind::Timeout,
        "the call did not end before its deadline; raise the timeout if it needs longer",
    )
}

fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "the call was cancelled")
}
