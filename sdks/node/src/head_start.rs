//! Head starts: a call that belongs to another thread, and was brief the last times, is begun on the thread of JavaScript.
//!
//! To hand a call over, two sleeping threads have to be woken, which takes longer than most calls and costs the thread of JavaScript about
//! as much. So what is likely to be done by then is done at once. What is not leaves: a guest has a stack of its own, which goes on on
//! another thread when the guest has computed for [`watch::LIMIT`].
//!
//! Such calls keep the event loop waiting: in each of its turns for [`TIME`] and one piece of a call at most. A call has more than one piece
//! when it calls host functions.

use std::sync::Arc;
use std::time::Duration;

use napi_derive::napi;

use crate::environment;
use crate::watch::Watched;

/// What computes for less than this is brief. In builds for tests everything takes ten times as long.
pub(crate) const BRIEF: Duration = Duration::from_micros(if cfg!(debug_assertions) { 300 } else { 30 });

/// The most pieces of calls in one turn of the event loop.
const PIECES: u32 = 32;

/// For how long they may keep one turn waiting.
const TIME: Duration = Duration::from_micros(100);

/// The head starts of one thread of JavaScript.
#[derive(Default)]
pub(crate) struct HeadStarts {
    /// How many pieces there were in this turn of the event loop, and how long they took.
    pieces: u32,
    time: Duration,
    /// From the first one on.
    watched: Option<Arc<Watched>>,
}

impl HeadStarts {
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

    /// Does a piece of a call and measures it, unless this turn has had enough of them. A guest makes way if that takes long.
    pub(crate) fn during<R>(&mut self, piece: impl FnOnce() -> R) -> Option<(R, Duration)> {
        let watched = self.watched.as_ref()?;
        if self.pieces >= PIECES || self.time >= TIME {
            return None;
        }
        let (result, time) = watched.during(piece);
        self.pieces += 1;
        self.time += time;
        Some((result, time))
    }
}

/// The event loop has taken a turn.
#[napi]
pub(crate) fn next_turn() -> napi::Result<()> {
    environment::with(|here| {
        here.head_starts.pieces = 0;
        here.head_starts.time = Duration::ZERO;
        Ok(())
    })
}
