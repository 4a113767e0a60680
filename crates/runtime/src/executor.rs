//! Waiting for futures: on the calling thread, and inside other people's executors.
//!
//! I/O and timers are driven by a small tokio runtime of our own, so that the library works from any thread and any
//! executor. Blocking is done by parking the thread, never by tokio's `block_on`, which panics inside a runtime.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
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
    static RUNTIME: PerProcess<std::io::Result<Runtime>> = PerProcess::new();
    let runtime = RUNTIME.get_or_init(|| {
        fork::watch()?;
        Builder::new_multi_thread().worker_threads(2).thread_name("plugwright-io").enable_all().build()
    });
    match runtime {
        Ok(runtime) => Ok(runtime.handle()),
        Err(error) => Err(Error::new(ErrorKind::Limit, format!("cannot start the I/O thread: {error}"))),
    }
}

/// The runtime for futures of the host's own, when the host has none that could drive them: apart from the one above, so
/// that nothing a host function spawns keeps everybody's deadlines waiting.
fn host_handle() -> Result<&'static Handle> {
    static RUNTIME: PerProcess<std::io::Result<Runtime>> = PerProcess::new();
    let runtime = RUNTIME
        .get_or_init(|| Builder::new_multi_thread().thread_name("plugwright-host").enable_all().build());
    match runtime {
        Ok(runtime) => Ok(runtime.handle()),
        Err(error) => {
            Err(Error::new(ErrorKind::Limit, format!("cannot start the threads for host functions: {error}")))
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
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
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Ok(output);
        }
        std::thread::park();
    }
}

/// A future that finds a runtime's I/O and timers, whatever executor polls it.
pub(crate) struct WithRuntime<F> {
    handle: Handle,
    future: Pin<Box<F>>,
}

impl<F: Future> WithRuntime<F> {
    /// A future that finds our runtime.
    pub(crate) fn new(future: F) -> Result<Self> {
        Ok(Self { handle: handle()?.clone(), future: Box::pin(future) })
    }

    /// A future of the host's own, which finds this runtime.
    pub(crate) fn of(runtime: Handle, future: F) -> Self {
        Self { handle: runtime, future: Box::pin(future) }
    }
}

impl<F: Future> Future for WithRuntime<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _entered = self.handle.enter();
        self.future.as_mut().poll(context)
    }
}
