//! Where calls run: on the threads that serve connections as long as they are short, elsewhere with less priority when they
//! compute for long.
//!
//! A call runs on a stack of its own, and is suspended where it waits, and every 10 ms. So nothing that a guest does keeps a
//! thread for longer than that. A guest that computed through such a slice is moved to the *slow lane*: threads that the
//! system prefers less than those of the connections, so that one route's endless loops leave the time to others. A
//! function whose last call was slow begins there.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// How long a call may keep a connection's thread at once before it is moved.
const SLICE: Duration = Duration::from_millis(2);

/// How much less the slow lane's threads are preferred, as `nice` has it: they get a tenth of a busy processor.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// The threads for calls that compute for long.
#[derive(Debug)]
pub(crate) struct SlowLane {
    /// Until it is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
}

/// The call's thread panicked.
#[derive(Debug)]
pub(crate) struct Panicked;

impl SlowLane {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// When the system refuses them.
    pub(crate) fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .thread_name("plugwright-slow")
            .on_thread_start(lower_priority)
            .enable_all()
            .build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Runs a call to its end. `slow` tells whether the function's last call was slow, and is told whether this one is; `moved`
    /// counts those that were moved.
    ///
    /// Dropping the future drops the call.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        slow: &AtomicBool,
        moved: &AtomicU64,
        mut call: Pin<Box<impl Future<Output = T> + Send + 'static>>,
    ) -> Result<T, Panicked> {
        if !slow.load(Ordering::Relaxed) {
            if let Some(output) = until_slow(call.as_mut()).await {
                return Ok(output);
            }
            slow.store(true, Ordering::Relaxed);
        }
        moved.fetch_add(1, Ordering::Relaxed);
        let task = AbortOnDrop(self.handle.spawn(longest_slice(call)));
        let (output, longest) = task.await.map_err(|_| Panicked)?;
        if longest < SLICE {
            slow.store(false, Ordering::Relaxed);
        }
        Ok(output)
    }
}

impl Drop for SlowLane {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for it is not allowed on a thread of another runtime.
            runtime.shutdown_background();
        }
    }
}

/// Polls a call until it ends, or has kept the thread for a whole slice: then there is no output, and it can go on elsewhere.
async fn until_slow<F: Future>(mut call: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|context| {
        let began = Instant::now();
        match call.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if began.elapsed() >= SLICE => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Runs a call to its end, and says for how long at most it kept its thread.
async fn longest_slice<F: Future>(mut call: Pin<Box<F>>) -> (F::Output, Duration) {
    let mut longest = Duration::ZERO;
    let output = poll_fn(|context| {
        let began = Instant::now();
        let polled = call.as_mut().poll(context);
        longest = longest.max(began.elapsed());
        polled
    })
    .await;
    (output, longest)
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
fn lower_priority() {
    // A thread may always lower its own. Without it calls are as sound, but others feel them more.
    let lowered = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
    if let Err(error) = lowered {
        tracing::debug!(%error, "the slow lane runs with usual priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}
