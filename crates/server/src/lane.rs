//! Where calls run: on the threads that serve connections as long as they are short, elsewhere with less priority when they
//! compute for long.
//!
//! A call runs on a stack of its own, and is suspended where it waits, and every 10 ms. So nothing that a guest does keeps a
//! thread for longer than that. A guest that computes through such a slice is moved to the *slow lane*: threads that the
//! system prefers less than those of the connections. One that goes on and on is moved once more, to threads that run when
//! nothing else does, so that one route's endless loops leave the time to others. A function begins where its last call ended.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::processor_time;

/// How long a call may compute on a connection's thread at once before it is moved.
const SLICE: Duration = Duration::from_millis(2);

/// How long a call may compute in the slow lane before it is moved again.
const PATIENCE: Duration = Duration::from_millis(250);

/// How much less the threads of the lanes are preferred, as `nice` has it: they get a tenth and a seventieth of a busy processor.
const NICENESS_OF_SLOW: i32 = 10;
const NICENESS_OF_LAST: i32 = 19;

/// Where a function's calls begin.
#[derive(Debug, Default)]
pub(crate) struct Pace(AtomicU8);

impl Pace {
    const QUICK: u8 = 0;
    const SLOW: u8 = 1;
    const ENDLESS: u8 = 2;

    fn is(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, pace: u8) {
        self.0.store(pace, Ordering::Relaxed);
    }
}

/// The threads for calls that compute for long.
#[derive(Debug)]
pub(crate) struct Lanes {
    slow: Lane,
    last: Lane,
}

/// The call's thread panicked.
#[derive(Debug)]
pub(crate) struct Panicked;

impl Lanes {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// When the system refuses them.
    pub(crate) fn start() -> std::io::Result<Self> {
        Ok(Self {
            slow: Lane::start("plugwright-slow", NICENESS_OF_SLOW)?,
            last: Lane::start("plugwright-last", NICENESS_OF_LAST)?,
        })
    }

    /// Runs a call to its end. `pace` tells how slow the function's last call was, and is told how slow this one is; `moved`
    /// counts those that were moved.
    ///
    /// Dropping the future drops the call.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        pace: &Pace,
        moved: &AtomicU64,
        mut call: Pin<Box<impl Future<Output = T> + Send + 'static>>,
    ) -> Result<T, Panicked> {
        if pace.is() == Pace::QUICK {
            if let Some(output) = until_slow(call.as_mut()).await {
                return Ok(output);
            }
            pace.set(Pace::SLOW);
        }
        moved.fetch_add(1, Ordering::Relaxed);
        if pace.is() == Pace::SLOW {
            match self.slow.run(watched(call, PATIENCE)).await? {
                Watched::Ended { output, longest, .. } => {
                    if longest < SLICE {
                        pace.set(Pace::QUICK);
                    }
                    return Ok(output);
                }
                Watched::GoesOn(rest) => call = rest,
            }
            pace.set(Pace::ENDLESS);
        }
        match self.last.run(watched(call, Duration::MAX)).await? {
            Watched::Ended { output, all, .. } => {
                if all < PATIENCE {
                    pace.set(Pace::SLOW);
                }
                Ok(output)
            }
            // Nobody is that old.
            Watched::GoesOn(rest) => Ok(rest.await),
        }
    }
}

/// Threads of one priority.
#[derive(Debug)]
struct Lane {
    /// Until it is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Lane {
    fn start(name: &str, niceness: i32) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .thread_name(name)
            .on_thread_start(move || lower_priority(niceness))
            .enable_all()
            .build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    async fn run<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Panicked> {
        AbortOnDrop(self.handle.spawn(task)).await.map_err(|_| Panicked)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for it is not allowed on a thread of another runtime.
            runtime.shutdown_background();
        }
    }
}

/// Polls a call until it ends, or has computed for a whole slice: then there is no output, and it can go on elsewhere.
///
/// A thread that was kept from its processor by others takes as long as one that computes. So what takes long is watched: it
/// goes on here, and the system is asked how long it computes then.
async fn until_slow<F: Future>(mut call: Pin<&mut F>) -> Option<F::Output> {
    let mut watched = false;
    poll_fn(|context| {
        let computed = watched.then(processor_time::of_thread);
        let began = Instant::now();
        match call.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if began.elapsed() < SLICE => Poll::Pending,
            Poll::Pending => match computed {
                Some(before) if processor_time::of_thread().saturating_sub(before) >= SLICE => {
                    Poll::Ready(None)
                }
                _ => {
                    watched = true;
                    Poll::Pending
                }
            },
        }
    })
    .await
}

/// What became of a call.
enum Watched<F: Future> {
    Ended {
        output: F::Output,
        /// For how long at most it computed at once, and for how long in all.
        longest: Duration,
        all: Duration,
    },
    /// It has computed for longer than it may here.
    GoesOn(Pin<Box<F>>),
}

/// Runs a call to its end, or until it has computed for `most`.
async fn watched<F: Future>(mut call: Pin<Box<F>>, most: Duration) -> Watched<F> {
    let (mut longest, mut all) = (Duration::ZERO, Duration::ZERO);
    let output = poll_fn(|context| {
        let before = processor_time::of_thread();
        let polled = call.as_mut().poll(context);
        let slice = processor_time::of_thread().saturating_sub(before);
        longest = longest.max(slice);
        all += slice;
        match polled {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if all >= most => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await;
    match output {
        Some(output) => Watched::Ended { output, longest, all },
        None => Watched::GoesOn(call),
    }
}

/// A task that ends when nobody waits for it any more.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Future for AbortOnDrop<T> {
    type Output = Result<T, tokio::task::JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(target_os = "linux")]
fn lower_priority(niceness: i32) {
    // A thread may always lower its own. Without it calls are as sound, but others feel them more.
    let lowered = rustix::process::setpriority_process(Some(rustix::thread::gettid()), niceness);
    if let Err(error) = lowered {
        tracing::debug!(%error, "slow calls run with usual priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority(_niceness: i32) {}
