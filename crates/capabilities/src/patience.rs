//! How long an operation waits, and for whom.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use plugwright::{CurrentPlugin, StopCheck};

/// How long anything waits before it looks whether it is still wanted.
pub(crate) const LOOK: Duration = Duration::from_millis(20);

/// How long an operation waits. Clones are for the same operation.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    pub(crate) deadline: Instant,
    caller: Caller,
}

#[derive(Debug, Clone)]
enum Caller {
    /// The call occupies its thread, so that the thread itself waits, and asks the host.
    Waits(StopCheck),
    /// The call is awaited. Whoever works for it on another thread is told here that nobody awaits that any more.
    Awaits(Arc<AtomicBool>),
}

/// Tells those who work for an awaited call that nobody awaits them any more, when it is dropped.
pub(crate) struct Awaited(Arc<AtomicBool>);

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Patience {
    /// That of an operation that begins now, and may take so long if the call may.
    pub(crate) fn of(plugin: &CurrentPlugin<'_>, timeout: Duration) -> Self {
        let caller = if plugin.occupies_thread() {
            Caller::Waits(plugin.stop_check())
        } else {
            Caller::Awaits(Arc::default())
        };
        let time = plugin.time_left().map_or(timeout, |left| left.min(timeout));
        Self { deadline: Instant::now() + time, caller }
    }

    /// That of a call that is awaited, until then.
    #[cfg(test)]
    pub(crate) fn until(deadline: Instant) -> Self {
        Self { deadline, caller: Caller::Awaits(Arc::default()) }
    }

    /// Whether the call occupies its thread, which may then block.
    #[cfg(feature = "redis")]
    pub(crate) fn occupies_thread(&self) -> bool {
        matches!(self.caller, Caller::Waits(_))
    }

    /// What its future is to keep as long as it is awaited; none for a call that occupies its thread.
    pub(crate) fn awaited(&self) -> Option<Awaited> {
        match &self.caller {
            Caller::Waits(_) => None,
            Caller::Awaits(is_gone) => Some(Awaited(is_gone.clone())),
        }
    }

    /// Whether the call must stop, or nobody awaits the operation any more. Asks the host: not to be called more often than every few
    /// milliseconds.
    pub(crate) fn must_stop(&self) -> bool {
        match &self.caller {
            Caller::Waits(call) => call.must_stop(),
            Caller::Awaits(is_gone) => is_gone.load(Ordering::Acquire),
        }
    }

    /// What is left of the time.
    pub(crate) fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Whether the operation must end now, for whatever reason.
    pub(crate) fn is_over(&self) -> bool {
        self.time_left().is_zero() || self.must_stop()
    }
}
