//! Signals while a plug-in runs: Ctrl-C ends the call.
//!
//! Python runs its signal handlers on the main thread, between two instructions of Python code. While that thread is in a plug-in
//! there are none, so the runtime asks here from time to time.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::python;

/// How often the main thread looks for signals. It has to wait for the interpreter's lock each time, which a busy thread gives
/// up after 5 ms only.
const PERIOD: Duration = Duration::from_millis(50);

/// The number that Python has for the main thread. No thread has 0.
static MAIN_THREAD: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// The number that Python has for this thread.
    static THREAD: Cell<Option<u64>> = const { Cell::new(None) };
    static LOOKED_AT: Cell<Option<Instant>> = const { Cell::new(None) };
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Says which thread runs signal handlers.
#[pyfunction]
pub(crate) fn set_main_thread(number: u64) {
    MAIN_THREAD.store(number, Ordering::Relaxed);
}

/// Whether a signal's handler has raised an exception, so that the call on this thread is no longer wanted. The exception is kept
/// for [`take`].
pub(crate) fn interrupted() -> bool {
    if THREAD.get().is_some_and(|number| number != MAIN_THREAD.load(Ordering::Relaxed)) {
        return false;
    }
    let now = Instant::now();
    if LOOKED_AT.get().is_some_and(|before| now.duration_since(before) < PERIOD) {
        return false;
    }
    LOOKED_AT.set(Some(now));
    // Without an interpreter, the process is about to end.
    let looked = Python::try_attach(|py| {
        // Nothing here may run Python code: signal handlers would run in it.
        if THREAD.get().is_none() {
            THREAD.set(Some(python::thread_number(py)?.call0()?.extract()?));
        }
        if THREAD.get() == Some(MAIN_THREAD.load(Ordering::Relaxed)) { py.check_signals() } else { Ok(()) }
    });
    match looked {
        Some(Err(raised)) => {
            RAISED.set(Some(raised));
            true
        }
        Some(Ok(())) | None => false,
    }
}

/// The exception that a signal's handler has raised on this thread.
pub(crate) fn take() -> Option<PyErr> {
    RAISED.take()
}
