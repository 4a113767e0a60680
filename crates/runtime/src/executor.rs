//! Waiting for futures: on the calling thread, and inside other people's executors.
//!
//! I/O and timers are driven by a small tokio runtime of our own, so that the library works from any thread and any
//! executor. Blocking is done by parking the thread, never by tokio's `block_on`, which panics inside a runtime.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Error, ErrorKind, Result};
use crate::fork::{self, PerProcess};

/// The runtime that drives I/O and timers.
///
/// # Errors
///
/// When the system refuses to start its threads.
pub(crate) fn handle() -> Result<&'static Handle> {
    static RUNTIME: PerProcess<Runtime> = PerProcess::new();
    let runtime = RUNTIME.get_or_try_init(|| {
        fork::watch()?;
        Builder::new_multi_thread().worker_threads(2).thread_name("plugwright-io").enable_all().build()
    });
    runtime.map(Runtime::handle).map_err(|error: std::io::Error| {
        Error::new(ErrorKind::Limit, format!("cannot start the I/O thread: {error}"))
    })
}

/// The runtime for futures of the host's own, when the host has none that could drive them: apart from the one above, so
/// that nothing a host function spawns keeps everybody's deadlines waiting.
fn host_handle() -> Result<&'static Handle> {
    static RUNTIME: PerProcess<Runtime> = PerProcess::new();
    let runtime = RUNTIME
        .get_or_try_init(|| Builder::new_multi_thread().thread_name("plugwright-host").enable_all().build());
    runtime.map(Runtime::handle).map_err(|error| {
        Error::new(ErrorKind::Limit, format!("cannot start the threads for host functions: {error}"))
    })
}

/// A thread that waits for one future.
struct Parked {
    thread: Thread,
    /// Whether the future wants to be polled. The thread's own token is not enough: what the future does on this thread may wait as
    /// well, and take it.
    woken: AtomicBool,
}

impl Parked {
    /// Waits until the future wants to be polled.
    fn park(&self) {
        while !self.woken.swap(false, Ordering::Acquire) {
            std::thread::park();
        }
    }
}

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// The runtime that a host function's future belongs to: the one that awaits the call, if it is awaited. A blocking
/// call occupies a thread of that, so that what it spawns there might never run; then it is one of ours.
pub(crate) fn for_host_function(awaiting: Option<Handle>) -> Result<Handle> {
    match awaiting {
        Some(runtime) => Ok(runtime),
        None => host_handle().cloned(),
    }
}

/// Runs `future` to its end on this thread. Sound in any context, though it occupies the thread.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output> {
    let _entered = handle()?.enter();
    let mut future = pin!(future);
    // Most futures here are ready at once: a file, a full pipe. They need no waker.
    if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        return Ok(output);
    }
    let parked = Arc::new(Parked { thread: std::thread::current(), woken: AtomicBool::new(false) });
    let waker = Waker::from(parked.clone());
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Ok(output);
        }
        parked.park();
    }
}

/// Awaits a future that finds this runtime's I/O and timers, whatever executor polls it.
pub(crate) async fn within<F: Future>(runtime: &Handle, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _entered = runtime.enter();
        future.as_mut().poll(context)
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;

    use super::block_on;

    /// A future that is ready when it is polled for the third time, and wants to be polled at once.
    fn third_time(mut before: impl FnMut()) -> impl Future<Output = ()> {
        let mut polls = 0;
        poll_fn(move |context| {
            polls += 1;
            if polls == 3 {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            before();
            Poll::Pending
        })
    }

    #[test]
    fn waiting_inside_of_waiting_takes_nobodys_wake_up() {
        block_on(third_time(|| block_on(third_time(|| ())).expect("the inner future ends")))
            .expect("the outer future ends");
    }
}
