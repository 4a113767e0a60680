//! Host functions from Python callables.

use plugwright::{Val, ValType};
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt, PyTuple};

use crate::coroutine;
use crate::current_plugin::lending;

/// What any error of a host function is to the runtime.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What belongs to one call, and host functions must know.
pub(crate) struct CallContext {
    /// What the caller gave.
    host_context: Option<Py<PyAny>>,
    /// The event loop that awaits the call.
    event_loop: Option<Py<PyAny>>,
}

impl CallContext {
    pub(crate) fn blocking(host_context: Py<PyAny>) -> Self {
        Self { host_context: Some(host_context), event_loop: None }
    }

    pub(crate) fn awaited(host_context: Option<Py<PyAny>>, event_loop: Py<PyAny>) -> Self {
        Self { host_context, event_loop: Some(event_loop) }
    }

    /// The caller's context of the call that a plug-in is in, and the event loop that awaits it.
    pub(crate) fn of(
        py: Python<'_>,
        plugin: &plugwright::CurrentPlugin<'_>,
    ) -> (Option<Py<PyAny>>, Option<Py<PyAny>>) {
        let Some(context) = plugin.host_context::<Self>() else { return (None, None) };
        let clone = |object: &Option<Py<PyAny>>| object.as_ref().map(|object| object.clone_ref(py));
        (clone(&context.host_context), clone(&context.event_loop))
    }
}

/// A function that Python lends to plug-ins.
#[pyclass(frozen, module = "plugwright._native")]
pub(crate) struct HostFunction {
    pub(crate) function: plugwright::HostFunction,
}

#[pymethods]
impl HostFunction {
    /// A function of numbers: `call(current, *params)` returns a number if there is one result, a tuple if there are several. With
    /// `asynchronous` it returns a coroutine, which does.
    #[new]
    fn new(
        namespace: Option<String>,
        name: String,
        params: Vec<u8>,
        results: Vec<u8>,
        call: Py<PyAny>,
        asynchronous: bool,
        errors_as_values: bool,
    ) -> PyResult<Self> {
        let params = params.into_iter().map(val_type).collect::<PyResult<Vec<_>>>()?;
        let results = results.into_iter().map(val_type).collect::<PyResult<Vec<_>>>()?;
        let mut function = if asynchronous {
            coroutine::host_function(name, params, results, call, errors_as_values)
        } else {
            plugwright::HostFunction::raw(name, params, results, move |plugin, params, results| {
                Python::attach(|py| -> PyResult<()> {
                    let (context, _) = CallContext::of(py, plugin);
                    lending(py, plugin, context, |current| {
                        let mut arguments = vec![current.into_any()];
                        for value in params {
                            arguments.push(number(py, *value)?);
                        }
                        let returned = call.bind(py).call1(PyTuple::new(py, arguments)?)?;
                        fill(&returned, results)
                    })
                })
                .map_err(|error| failure(error, errors_as_values))
            })
        };
        if let Some(namespace) = namespace {
            function = function.in_module(namespace);
        }
        if errors_as_values {
            function = function.errors_as_values();
        }
        Ok(Self { function })
    }
}

/// Why a host function failed. As a value for the plug-in that is the exception's message alone, without its type: plug-ins know
/// nothing of Python.
pub(crate) fn failure(error: PyErr, as_value: bool) -> BoxError {
    if !as_value {
        return error.into();
    }
    let message = Python::attach(|py| error.value(py).str().map(|text| text.to_string_lossy().into_owned()));
    match message {
        Ok(message) if !message.is_empty() => message.into(),
        _ => error.into(),
    }
}

/// The type of a number in the contract's C interface.
fn val_type(number: u8) -> PyResult<ValType> {
    match number {
        0 => Ok(ValType::I32),
        1 => Ok(ValType::I64),
        2 => Ok(ValType::F32),
        3 => Ok(ValType::F64),
        4 => Ok(ValType::V128),
        _ => Err(PyTypeError::new_err("a host function takes and returns numbers, no references")),
    }
}

/// A value as a Python number; integers are signed.
pub(crate) fn number(py: Python<'_>, value: Val) -> PyResult<Bound<'_, PyAny>> {
    Ok(match value {
        Val::I32(value) => PyInt::new(py, value).into_any(),
        Val::I64(value) => PyInt::new(py, value).into_any(),
        Val::F32(value) => PyFloat::new(py, value.into()).into_any(),
        Val::F64(value) => PyFloat::new(py, value).into_any(),
        Val::V128(value) => value.into_pyobject(py)?.into_any(),
        _ => return Err(PyTypeError::new_err("a value of a type that Python has no number for")),
    })
}

/// Fills in what a host function returned.
pub(crate) fn fill(returned: &Bound<'_, PyAny>, results: &mut [Val]) -> PyResult<()> {
    match results {
        [] => Ok(()),
        [result] => set(result, returned),
        results => {
            let returned = returned
                .cast::<PyTuple>()
                .map_err(|_| PyTypeError::new_err("a function of several results returns a tuple"))?;
            if returned.len() != results.len() {
                let message =
                    format!("the function returned {} values, not {}", returned.len(), results.len());
                return Err(PyValueError::new_err(message));
            }
            results.iter_mut().zip(returned).try_for_each(|(result, value)| set(result, &value))
        }
    }
}

/// Sets a value from a number; integers may be signed or unsigned.
fn set(result: &mut Val, value: &Bound<'_, PyAny>) -> PyResult<()> {
    *result = match result {
        Val::I32(_) => Val::I32(match value.extract::<i32>() {
            Ok(value) => value,
            Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => {
                value.extract::<u32>()? as i32
            }
            Err(error) => return Err(error),
        }),
        Val::I64(_) => Val::I64(match value.extract::<i64>() {
            Ok(value) => value,
            Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => {
                value.extract::<u64>()? as i64
            }
            Err(error) => return Err(error),
        }),
        Val::F32(_) => Val::F32(value.extract()?),
        Val::F64(_) => Val::F64(value.extract()?),
        Val::V128(_) => Val::V128(value.extract()?),
        _ => return Err(PyTypeError::new_err("a value of a type that Python has no number for")),
    };
    Ok(())
}
