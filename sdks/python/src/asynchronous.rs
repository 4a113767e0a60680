//! Calls that are awaited: they run on threads of this module, and tell an event loop when they have ended.

use std::future::Future;
use std::mem;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::AbortHandle;

use crate::error::to_python;
use crate::gate::{Awaited, Gate, thread_number};
use crate::host_function::CallContext;
use crate::input::Input;
use crate::python;
use crate::unwanted::Wanted;

/// How long the end of the interpreter waits for calls to notice it. Guests notice within 10 ms.
const SHUT_DOWN: Duration = Duration::from_secs(2);

/// The threads, and the process that they belong to.
static RUNTIME: Mutex<Option<(u32, Runtime)>> = Mutex::new(None);

/// The threads that calls run on. A forked process makes its own.
pub(crate) fn runtime() -> PyResult<Handle> {
    // It is locked by threads that have the interpreter's lock, without which nobody forks.
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    match &*runtime {
        Some((owner, runtime)) if *owner == process::id() => return Ok(runtime.handle().clone()),
        // Its threads are the parent's. Dropping it would wait for them.
        Some(_) => mem::forget(runtime.take()),
        None => {}
    }
    let made = Builder::new_multi_thread().thread_name("plugwright-python").enable_all().build();
    let made = made.map_err(|error| PyRuntimeError::new_err(format!("cannot start threads: {error}")))?;
    let handle = made.handle().clone();
    *runtime = Some((process::id(), made));
    Ok(handle)
}

/// Ends all calls that are awaited, before the interpreter goes.
#[pyfunction]
pub(crate) fn shut_down(py: Python<'_>) {
    let runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner).take();
    match runtime {
        Some((owner, runtime)) if owner == process::id() => py.detach(|| runtime.shutdown_timeout(SHUT_DOWN)),
        other => mem::forget(other),
    }
}

/// Something that goes on until its future has a result.
#[pyclass(frozen, module = "plugwright._native")]
pub(crate) struct PendingCall {
    task: AbortHandle,
    unwanted: Arc<AtomicBool>,
}

#[pymethods]
impl PendingCall {
    /// Gives it up: what the guest was doing is lost, with its instance.
    fn cancel(&self) {
        self.unwanted.store(true, Ordering::Relaxed);
        self.task.abort();
    }
}

/// Begins something, whose result a future gets on its event loop. Nobody waits for it when `unwanted` is set.
pub(crate) fn start<R>(
    event_loop: Py<PyAny>,
    future: Py<PyAny>,
    unwanted: Arc<AtomicBool>,
    action: impl Future<Output = R> + Send + 'static,
    result: impl FnOnce(Python<'_>, R) -> PyResult<Py<PyAny>> + Send + 'static,
) -> PyResult<PendingCall> {
    let action = Wanted::new(action, unwanted.clone());
    let task = runtime()?.spawn(async move {
        let ended = action.await;
        // Without an interpreter there is nobody to tell.
        Python::try_attach(|py| {
            let (value, error) = match result(py, ended) {
                Ok(value) => (Some(value), None),
                Err(error) => (None, Some(error)),
            };
            let delivered =
                python::deliver(py).and_then(|deliver| deliver.call1((event_loop, future, value, error)));
            if let Err(error) = delivered {
                error.write_unraisable(py, None);
            }
        });
    });
    Ok(PendingCall { task: task.abort_handle(), unwanted })
}

/// Begins a call of a plug-in.
pub(crate) fn start_call(
    gate: Arc<Gate>,
    event_loop: Py<PyAny>,
    future: Py<PyAny>,
    function: String,
    input: Input,
    host_context: Option<Py<PyAny>>,
) -> PyResult<PendingCall> {
    let context = Python::attach(|py| CallContext::awaited(host_context, event_loop.clone_ref(py)));
    let unwanted = Arc::new(AtomicBool::new(false));
    let awaited = Awaited { thread: thread_number(), unwanted: unwanted.clone() };
    let action = async move {
        let (mut room, is_awaited) = gate.enter_async(awaited).await?;
        let result = match room.instance() {
            Some(plugin) => {
                plugin.call_async_with_context::<&[u8], (), _>(&function, input.bytes()?, context).await
            }
            None => Ok(()),
        };
        PyResult::Ok((room, is_awaited, result))
    };
    start(event_loop, future, unwanted, action, |py, ended| {
        let (mut room, _is_awaited, result) = ended?;
        let plugin = room.plugin(py)?;
        result.map_err(|error| to_python(py, &error))?;
        Ok(PyBytes::new(py, plugin.output()).into_any().unbind())
    })
}
