//! Head starts: a call that belongs to another thread, and was brief the last times, is begun on the thread of JavaScript.
//!
//! To hand a call over, two sleeping threads have to be woken, which takes longer than most calls and costs the thread of JavaScript about
//! as much. So what is likely to be done by then is done at once. What is not leaves: a guest has a stack of its own, which goes on on
//! another thread when the guest has computed for [`watch::LIMIT`].
//!
//! Such calls keep the event loop waiting. They do so for [`TIME`] and one call in each of its turns at most, and for so many of them.

use std::sync::Arc;
use std::time::Duration;

use napi_derive::napi;

use crate::environment;
use crate::watch::Watched;

/// What computes for less than this is brief.
pub(crate) const BRIEF: Duration = Duration::from_micros(30);

/// The most head starts in one turn of the event loop.
const CALLS: u32 = 32;

/// For how long they may keep one turn waiting.
const TIME: Duration = Duration::from_micros(100);

/// The head starts of one thread of JavaScript.
#[derive(Default)]
pub(crate) struct HeadStarts {
    /// In this turn of the event loop.
    calls: u32,
    time: Duration,
    /// From the first one on.
    watched: Option<Arc<Watched>>,
}

impl HeadStarts {
    /// Whether one more call may have one in this turn.
    pub(crate) fn admit(&mut self) -> bool {
        let admitted = self.calls < CALLS && self.time < TIME;
        self.calls += u32::from(admitted);
        admitted
    }

    /// Sees to it that calls can be watched.
    ///
    /// # Errors
    /// When the system refuses a thread for that.
    pub(crate) fn prepare(&mut self) -> napi::Result<()> {
        if self.watched.is_none() {
            let watched = Watched::new();
            let refused = |error| napi::Error::from_reason(format!("cannot start a thread: {error}"));
            self.watched = Some(watched.map_err(refused)?);
        }
        Ok(())
    }

    /// Does a part of a call, and measures it. A guest makes way in it if that takes long.
    pub(crate) fn during<R>(&mut self, action: impl FnOnce() -> R) -> (R, Duration) {
        let Some(watched) = &self.watched else { return (action(), Duration::ZERO) };
        let (result, time) = watched.during(action);
        self.time += time;
        (result, time)
    }
}

/// The event loop has taken a turn.
#[napi]
pub(crate) fn next_turn() -> napi::Result<()> {
    environment::with(|here| {
        here.head_starts.calls = 0;
        here.head_starts.time = Duration::ZERO;
        Ok(())
    })
}
