//! Compiled plug-ins, as Python shares them.

use plugwright::PluginBuilder;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::builder;
use crate::error::to_python;
use crate::host_function::HostFunction;

/// A plug-in's code, with its settings and host functions.
#[pyclass(frozen, module = "plugwright._native")]
pub(crate) struct CompiledPlugin {
    pub(crate) plugin: plugwright::CompiledPlugin,
}

#[pymethods]
impl CompiledPlugin {
    /// Compiles a source of this kind (`path`, `url`, `bytes`, or `compiled`), with options by their names.
    #[new]
    fn new(
        py: Python<'_>,
        kind: &str,
        source: &Bound<'_, PyAny>,
        wasi: bool,
        functions: Vec<PyRef<'_, HostFunction>>,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let builder = PluginBuilder::new(builder::source(kind, source)?)
            .wasi(wasi)
            .host_functions(functions.iter().map(|function| function.function.clone()));
        let builder = builder::with_options(builder, options)?;
        // Files, downloads, and the compiler take their time.
        let plugin = py.detach(|| builder.compile()).map_err(|error| to_python(py, &error))?;
        Ok(Self { plugin })
    }

    #[getter]
    fn name(&self) -> &str {
        self.plugin.name()
    }

    fn function_exists(&self, name: &str) -> bool {
        self.plugin.function_exists(name)
    }

    /// The compiled code.
    fn serialize<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let code = py.detach(|| self.plugin.serialize()).map_err(|error| to_python(py, &error))?;
        Ok(PyBytes::new(py, &code))
    }
}
