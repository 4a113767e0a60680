//! The runtime's errors as Python's.

use std::error::Error as _;

use plugwright::{Error, ErrorKind};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::python;

/// What a call ends with whose guest trapped, where other hosts of the contract use numbers.
const TRAP_CODE: i32 = 134;

/// What a call ends with that failed on the side of the host.
const HOST_CODE: i32 = -1;

/// The Python exception for an error of the runtime.
///
/// What a host function raised is its cause. An exception that is more than an error (`KeyboardInterrupt`, `SystemExit`,
/// `CancelledError`) is returned itself.
#[cold]
pub(crate) fn to_python(py: Python<'_>, error: &Error) -> PyErr {
    let raised = error.source().and_then(|source| source.downcast_ref::<PyErr>());
    if let Some(raised) = raised
        && !raised.is_instance_of::<PyException>(py)
    {
        return raised.clone_ref(py);
    }
    if let Some(raised) = raised
        && let Ok(true) = ends_the_call(py, raised, error)
    {
        return raised.clone_ref(py);
    }
    let made = match make(py, error) {
        Ok(made) => made,
        Err(failed) => return failed,
    };
    if let Some(raised) = raised {
        made.set_cause(py, Some(raised.clone_ref(py)));
    }
    made
}

/// The name of the mark on errors that are the plug-in's fault, though a host function met with them.
const OF_THE_CALL: &str = "_of_the_call";

/// An error of what the plug-in has passed to a host function. If that does not catch it, it ends the call by its own name.
#[cold]
pub(crate) fn of_the_call(py: Python<'_>, error: &Error) -> PyErr {
    let made = to_python(py, error);
    match made.value(py).setattr(OF_THE_CALL, true) {
        Ok(()) => made,
        Err(failed) => failed,
    }
}

/// Whether what a host function raised has that mark. Then it gets to know of the call that it ends, and loses the mark, for the call may
/// be one that another host function makes.
fn ends_the_call(py: Python<'_>, raised: &PyErr, error: &Error) -> PyResult<bool> {
    let value = raised.value(py);
    if !value.hasattr(OF_THE_CALL)? {
        return Ok(false);
    }
    value.delattr(OF_THE_CALL)?;
    let known = make(py, error)?;
    for name in ["plugin", "function", "backtrace"] {
        value.setattr(name, known.value(py).getattr(name)?)?;
    }
    Ok(true)
}

fn make(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let fields = PyDict::new(py);
    fields.set_item("kind", error.kind().name())?;
    fields.set_item("code", code(error.kind()))?;
    fields.set_item("plugin", error.plugin())?;
    fields.set_item("function", error.function())?;
    let frames = error.backtrace().map(|backtrace| {
        let frames = backtrace.frames().iter();
        frames
            .map(|frame| {
                (frame.function.clone(), frame.function_index, frame.offset, frame.file.clone(), frame.line)
            })
            .collect::<Vec<_>>()
    });
    fields.set_item("backtrace", frames)?;
    let message = match error.kind() {
        // What programs written for the public SDK look for: the guest's own words.
        ErrorKind::Guest { message, .. } if !message.is_empty() => message.clone(),
        _ => error.to_string(),
    };
    Ok(PyErr::from_value(python::make_error(py)?.call((message,), Some(&fields))?))
}

/// A new error of a kind that the runtime has, for what only this SDK can find out.
#[cold]
pub(crate) fn new(py: Python<'_>, kind: &str, message: &str) -> PyErr {
    let made = (|| {
        let fields = PyDict::new(py);
        fields.set_item("kind", kind)?;
        fields.set_item("code", HOST_CODE)?;
        python::make_error(py)?.call((message,), Some(&fields))
    })();
    made.map_or_else(|failed| failed, PyErr::from_value)
}

fn code(kind: &ErrorKind) -> i32 {
    match kind {
        ErrorKind::Guest { code, .. } | ErrorKind::Exit(code) => *code,
        ErrorKind::Trap(_) => TRAP_CODE,
        _ => HOST_CODE,
    }
}
