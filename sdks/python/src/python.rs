//! What this module takes from the Python part of the package.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Declares functions that return something of a module, looked up once.
macro_rules! imports {
    ($($(#[$doc:meta])* $name:ident = $module:literal . $item:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $name(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
            static ITEM: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
            ITEM.import(py, $module, $item)
        }
    )*};
}

imports! {
    /// Makes an error of a `PluginError`'s class.
    make_error = "plugwright._errors"."make_error";
    /// The class of messages that plug-ins log.
    log_record = "plugwright._log"."LogRecord";
    /// Delivers the result of an awaited call to its future.
    deliver = "plugwright._awaiting"."deliver";
    /// Runs an async host function.
    run_coroutine = "plugwright._awaiting"."run_coroutine";
    /// Whether this task runs in a coroutine host function for which a plug-in waits.
    is_calling = "plugwright._awaiting"."is_calling";
    /// The function that gives the number of this thread. It is no Python code.
    thread_number = "_thread"."get_ident";
    /// Views memory of any kind as bytes.
    memory_view = "builtins"."memoryview";
}
