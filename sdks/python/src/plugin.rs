//! Plug-ins, as Python calls them.

use std::sync::Arc;

use plugwright::Error;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::asynchronous::{self, PendingCall};
use crate::compiled::CompiledPlugin;
use crate::error::to_python;
use crate::gate::{Gate, Instance, Room};
use crate::host_function::CallContext;
use crate::input::Input;
use crate::output::OutputView;
use crate::signals;

/// One instance of a plug-in.
#[pyclass(frozen, module = "plugwright._native")]
pub(crate) struct Plugin {
    pub(crate) gate: Arc<Gate>,
    cancel: plugwright::CancelHandle,
    name: String,
}

impl Plugin {
    pub(crate) fn new(instance: Instance) -> Self {
        Self { cancel: instance.cancel_handle(), name: instance.name().to_owned(), gate: Gate::new(instance) }
    }

    /// Runs a function of the plug-in to its end.
    fn run(
        &self,
        py: Python<'_>,
        room: &mut Room,
        function: &str,
        data: &Bound<'_, PyAny>,
        host_context: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let _occupied = self.gate.occupy();
        let input = Input::of(data)?;
        let bytes = input.bytes()?;
        let plugin = room.plugin(py)?;
        let result = py.detach(|| match host_context {
            None => plugin.call(function, bytes),
            Some(context) => plugin.call_with_context(function, bytes, CallContext::blocking(context)),
        });
        result.map_err(|error| failed(py, &error))
    }
}

/// What ended a call: a signal, if one did.
#[cold]
fn failed(py: Python<'_>, error: &Error) -> PyErr {
    signals::take().unwrap_or_else(|| to_python(py, error))
}

#[pymethods]
impl Plugin {
    #[new]
    fn from_compiled(py: Python<'_>, compiled: &CompiledPlugin) -> PyResult<Self> {
        let plugin = compiled.plugin.instantiate().map_err(|error| to_python(py, &error))?;
        Ok(Self::new(Instance::Own(Box::new(plugin))))
    }

    /// Calls a function and returns a copy of its output.
    #[pyo3(signature = (function, data, host_context=None))]
    fn call<'py>(
        &self,
        py: Python<'py>,
        function: &str,
        data: &Bound<'py, PyAny>,
        host_context: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let mut room = self.gate.enter_to_change(py)?;
        self.run(py, &mut room, function, data, host_context)?;
        Ok(PyBytes::new(py, room.plugin(py)?.output()))
    }

    /// Calls a function and returns its output where it is.
    #[pyo3(signature = (function, data, host_context=None))]
    fn call_in_place(
        &self,
        py: Python<'_>,
        function: &str,
        data: &Bound<'_, PyAny>,
        host_context: Option<Py<PyAny>>,
    ) -> PyResult<OutputView> {
        let mut room = self.gate.enter_to_change(py)?;
        self.run(py, &mut room, function, data, host_context)?;
        Ok(OutputView::new(&self.gate, &mut room))
    }

    /// Begins a call whose output, or error, the future will get on its event loop.
    fn start_call(
        &self,
        event_loop: Py<PyAny>,
        future: Py<PyAny>,
        function: String,
        data: &Bound<'_, PyAny>,
        host_context: Option<Py<PyAny>>,
    ) -> PyResult<PendingCall> {
        let input = Input::of(data)?;
        asynchronous::start_call(self.gate.clone(), event_loop, future, function, input, host_context)
    }

    /// The last call's fuel.
    fn fuel_consumed(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        Ok(self.gate.enter(py)?.plugin(py)?.fuel_consumed())
    }

    fn function_exists(&self, py: Python<'_>, name: &str) -> PyResult<bool> {
        Ok(self.gate.enter(py)?.plugin(py)?.function_exists(name))
    }

    /// The exported functions: name, type, and whether it can be called.
    fn exports(&self, py: Python<'_>) -> PyResult<Vec<(String, String, bool)>> {
        let mut room = self.gate.enter(py)?;
        let exports = room.plugin(py)?.exports().iter();
        Ok(exports.map(|export| (export.name.clone(), export.ty.clone(), export.callable)).collect())
    }

    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// The 16 bytes of the plug-in's id.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.gate.id.as_bytes())
    }

    fn cancel_handle(&self) -> CancelHandle {
        CancelHandle(self.cancel.clone())
    }

    /// Sets the keys with a value, removes those with `None`.
    fn update_config(&self, py: Python<'_>, changes: Vec<(String, Option<String>)>) -> PyResult<()> {
        self.gate.enter(py)?.plugin(py)?.update_config(changes);
        Ok(())
    }

    fn reset(&self, py: Python<'_>) -> PyResult<()> {
        self.gate.enter_to_change(py)?.plugin(py)?.reset();
        Ok(())
    }

    fn restart(&self, py: Python<'_>) -> PyResult<()> {
        self.gate.enter_to_change(py)?.plugin(py)?.restart();
        Ok(())
    }

    fn take_stdout<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.gate.enter(py)?.plugin(py)?.take_stdout()))
    }

    fn take_stderr<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.gate.enter(py)?.plugin(py)?.take_stderr()))
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.gate.close(py)
    }

    /// Closes the plug-in, of whose output there is no view, when the call under way has ended.
    fn close_soon(&self) -> PyResult<()> {
        self.gate.close_soon()
    }
}

/// Cancels calls of a plug-in.
#[pyclass(frozen, module = "plugwright._native")]
pub(crate) struct CancelHandle(plugwright::CancelHandle);

#[pymethods]
impl CancelHandle {
    fn cancel(&self) -> bool {
        self.0.cancel()
    }
}
