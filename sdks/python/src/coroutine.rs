//! Host functions from coroutine functions: they run on an event loop while the guest waits.

use std::sync::Arc;

use plugwright::{BoxFuture, Val, ValType};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use tokio::sync::oneshot;

use crate::current_plugin::CurrentPlugin;
use crate::host_function::{BoxError, CallContext, failure, fill, number};
use crate::python;
use crate::sys::Lent;

/// A host function from a callable that returns a coroutine.
pub(crate) fn host_function(
    name: String,
    params: Vec<ValType>,
    results: Vec<ValType>,
    call: Py<PyAny>,
    errors_as_values: bool,
) -> plugwright::HostFunction {
    let call = Arc::new(call);
    plugwright::HostFunction::raw_async(
        name,
        params,
        results,
        move |plugin, params, results| -> BoxFuture<'_, Result<(), BoxError>> {
            let call = call.clone();
            Box::pin(async move {
                let (host_context, event_loop) = Python::attach(|py| CallContext::of(py, plugin));
                let lent = |lent| run(lent, call, host_context, event_loop, params, results);
                Lent::during_async(plugin, lent).await.map_err(|error| failure(error, errors_as_values))
            })
        },
    )
}

/// Runs the coroutine on the event loop that awaits the call, or on that of the package, and waits for its result.
async fn run(
    lent: Arc<Lent>,
    call: Arc<Py<PyAny>>,
    host_context: Option<Py<PyAny>>,
    event_loop: Option<Py<PyAny>>,
    params: &[Val],
    results: &mut [Val],
) -> PyResult<()> {
    let (completion, completed) = oneshot::channel();
    let running = Python::attach(|py| {
        let current = Py::new(py, CurrentPlugin::new(lent, host_context))?;
        let params = params.iter().map(|value| number(py, *value)).collect::<PyResult<Vec<_>>>()?;
        let completion = Completion(std::sync::Mutex::new(Some(completion)));
        let arguments = (event_loop, &*call, current, PyTuple::new(py, params)?, completion);
        Ok::<_, PyErr>(Running(Some(python::run_coroutine(py)?.call1(arguments)?.unbind())))
    })?;
    let returned = completed.await;
    running.has_ended();
    match returned {
        Ok(returned) => Python::attach(|py| fill(returned?.bind(py), results)),
        Err(_) => Err(PyRuntimeError::new_err("the event loop has gone without finishing the host function")),
    }
}

/// Cancels a coroutine that is no longer wanted: because of the call's deadline, or because the call was cancelled.
struct Running(Option<Py<PyAny>>);

impl Running {
    /// There is nothing left to cancel.
    fn has_ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(future) = self.0.take() else { return };
        // Without an interpreter there is no coroutine either.
        Python::try_attach(|py| {
            if let Err(error) = future.call_method0(py, "cancel") {
                error.write_unraisable(py, None);
            }
        });
    }
}

/// Is called with the `concurrent.futures.Future` that has ended.
#[pyclass(frozen, module = "plugwright._native")]
struct Completion(std::sync::Mutex<Option<oneshot::Sender<PyResult<Py<PyAny>>>>>);

#[pymethods]
impl Completion {
    fn __call__(&self, future: &Bound<'_, PyAny>) {
        let result = future.call_method0("result").map(Bound::unbind);
        let sender = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // Nobody waits any more when the call has ended by its deadline.
            drop(sender.send(result));
        }
    }
}
