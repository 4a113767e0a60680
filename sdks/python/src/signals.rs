//! Signals while a plug-in runs: Ctrl-C ends the call.
//!
//! Python runs its signal handlers on the main thread, between two instructions of Python code. While that thread is in a plug-in
//! there are none, so the runtime asks here from time to time.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::python;

/// How often the main thread looks for signals. It has to wait for the interpreter's lock each time, which a busy thread gives
/// up after 5 ms only.
const PERIOD: Duration = Duration::from_millis(50);

thread_local! {
    static IS_MAIN: Cell<Option<bool>> = const { Cell::new(None) };
    static LOOKED_AT: Cell<Option<Instant>> = const { Cell::new(None) };
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Whether a signal's handler has raised an exception, so that the call on this thread is no longer wanted. The exception is kept
/// for [`take`].
pub(crate) fn interrupted() -> bool {
    if IS_MAIN.get() == Some(false) {
        return false;
    }
    let now = Instant::now();
    if LOOKED_AT.get().is_some_and(|before| now.duration_since(before) < PERIOD) {
        return false;
    }
    LOOKED_AT.set(Some(now));
    // Without an interpreter, the process is about to end.
    Python::try_attach(|py| {
        if !is_main(py) {
            return false;
        }
        match py.check_signals() {
            Ok(()) => false,
            Err(raised) => {
                RAISED.set(Some(raised));
                true
            }
        }
    })
    .unwrap_or(false)
}

/// The exception that a signal's handler has raised on this thread.
pub(crate) fn take() -> Option<PyErr> {
    RAISED.take()
}

/// Whether this is the thread that runs signal handlers.
fn is_main(py: Python<'_>) -> bool {
    if let Some(known) = IS_MAIN.get() {
        return known;
    }
    let ask = || -> PyResult<bool> {
        let main = python::main_thread(py)?.call0()?.getattr("ident")?;
        python::thread_ident(py)?.call0()?.eq(main)
    };
    // An interpreter that cannot tell is one that ends.
    let found = ask().unwrap_or(false);
    IS_MAIN.set(Some(found));
    found
}
