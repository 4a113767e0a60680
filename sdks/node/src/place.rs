//! Where a call runs, and how it goes to another thread.

use std::future::poll_fn;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::call::{Ended, Work};
use crate::exchange::Exchange;
use crate::head_start::HeadStarts;
use crate::watch;

/// Where a call runs.
pub(crate) enum Place {
    /// On this thread, as it is advanced.
    Here { work: Work, waker: Waker },
    /// On this thread until it takes long.
    HeadStart { work: Work, waker: Waker, threads: Handle },
    /// On another thread, which leaves here what the call comes to, and how long it computed there.
    There { _task: Task, arrived: Arc<Mutex<Option<(Ended, Duration)>>> },
    /// Nowhere: it has ended.
    Over,
}

/// A call on another thread. Dropping this ends it in the middle.
pub(crate) struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Place {
    /// Lets a call run on these threads. Its exchange rings from now on.
    pub(crate) fn there(threads: &Handle, exchange: Arc<Exchange>, work: Work) -> Self {
        exchange.leave();
        let arrived = Arc::new(Mutex::new(None));
        let left_here = arrived.clone();
        let task = threads.spawn(async move {
            let end = timed(work).await;
            *left_here.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
            exchange.ring();
        });
        Self::There { _task: Task(task.abort_handle()), arrived }
    }

    /// Advances a call that runs on this thread, or looks whether it has ended on another. With `parked` that is woken when there is more
    /// to do, instead of the bell. `computed` adds up for how long a call has computed that is not bound to this thread.
    pub(crate) fn advance(
        &mut self,
        exchange: &Arc<Exchange>,
        head_starts: &mut HeadStarts,
        parked: Option<&Waker>,
        computed: &mut Duration,
    ) -> Poll<Ended> {
        match self {
            Self::Here { work, waker } => {
                work.as_mut().poll(&mut Context::from_waker(parked.unwrap_or(waker)))
            }
            Self::HeadStart { work, waker, threads } => {
                if *computed < watch::LIMIT {
                    // As on those threads, for what asks where it is.
                    let _entered = threads.enter();
                    let context = &mut Context::from_waker(waker);
                    if let Some((polled, time)) = head_starts.during(|| work.as_mut().poll(context)) {
                        *computed += time;
                        return polled;
                    }
                }
                self.leave(exchange);
                Poll::Pending
            }
            Self::There { arrived, .. } => {
                match arrived.lock().unwrap_or_else(PoisonError::into_inner).take() {
                    Some((ended, time)) => {
                        *computed += time;
                        Poll::Ready(ended)
                    }
                    None => Poll::Pending,
                }
            }
            Self::Over => Poll::Pending,
        }
    }

    /// Lets a call with a head start go on on the other threads.
    pub(crate) fn leave(&mut self, exchange: &Arc<Exchange>) {
        *self = match mem::replace(self, Self::Over) {
            Self::HeadStart { work, threads, .. } => Self::there(&threads, exchange.clone(), work),
            other => other,
        };
    }
}

/// What a call comes to, and how long it computed.
async fn timed(mut work: Work) -> (Ended, Duration) {
    let mut computed = Duration::ZERO;
    let ended = poll_fn(|context| {
        let start = Instant::now();
        let polled = work.as_mut().poll(context);
        computed += start.elapsed();
        polled
    })
    .await;
    (ended, computed)
}
