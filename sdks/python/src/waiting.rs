//! Waiting on a Python thread: without the interpreter's lock, and with an open ear for signals.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use pyo3::prelude::*;

/// How often a thread that waits looks up.
const PERIOD: Duration = Duration::from_millis(50);

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future on this thread. From time to time signals are handled, and `check` is asked whether to wait on.
///
/// # Errors
/// What a signal's handler raised, or `check` returned. The future is dropped then.
pub(crate) fn block_on<F>(py: Python<'_>, future: F, check: impl Fn() -> PyResult<()>) -> PyResult<F::Output>
where
    F: Future<Output: Send> + Send,
{
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        check()?;
        let polled = py.detach(|| {
            let mut context = Context::from_waker(&waker);
            match future.as_mut().poll(&mut context) {
                Poll::Ready(output) => Some(output),
                Poll::Pending => {
                    thread::park_timeout(PERIOD);
                    None
                }
            }
        });
        match polled {
            Some(output) => return Ok(output),
            None => py.check_signals()?,
        }
    }
}
