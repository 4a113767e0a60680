//! Pools of plug-ins.

use std::sync::Arc;
use std::time::Duration;

use pyo3::prelude::*;

use crate::asynchronous::{self, PendingCall};
use crate::builder::duration;
use crate::compiled::CompiledPlugin;
use crate::error::to_python;
use crate::gate::Instance;
use crate::plugin::Plugin;
use crate::waiting;

/// Instances of one plug-in, for many threads and tasks.
#[pyclass(frozen, module = "plugwright._native")]
pub(crate) struct Pool(plugwright::Pool);

#[pymethods]
impl Pool {
    #[new]
    fn new(compiled: &CompiledPlugin, max: usize) -> Self {
        Self(plugwright::Pool::new(compiled.plugin.clone(), max))
    }

    /// An instance, which goes back when it is closed.
    fn acquire(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Plugin> {
        let timeout: Option<Duration> = timeout.map(duration).transpose()?;
        let acquired = waiting::block_on(py, self.0.acquire_async(timeout), || Ok(()))?;
        let plugin = acquired.map_err(|error| to_python(py, &error))?;
        Ok(Plugin::new(Instance::Pooled(plugin)))
    }

    /// Begins to wait for an instance, which the future will get on its event loop.
    fn start_acquire(
        &self,
        event_loop: Py<PyAny>,
        future: Py<PyAny>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PendingCall> {
        let timeout: Option<Duration> = timeout.map(duration).transpose()?;
        let pool = self.0.clone();
        let action = async move { pool.acquire_async(timeout).await };
        asynchronous::start(event_loop, future, Arc::default(), action, |py, acquired| {
            let plugin = acquired.map_err(|error| to_python(py, &error))?;
            Ok(Py::new(py, Plugin::new(Instance::Pooled(plugin)))?.into_any())
        })
    }

    #[getter]
    fn max(&self) -> usize {
        self.0.max()
    }

    /// How many instances could be had at once, roughly.
    fn available(&self) -> usize {
        self.0.available()
    }
}
