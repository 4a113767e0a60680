//! The plug-in that is calling a host function.

use std::sync::Arc;

use plugwright::Result;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::block::Block;
use crate::error::of_the_call;
use crate::gate;
use crate::input::Input;
use crate::sys::Lent;

/// The plug-in that is calling a host function, for as long as that runs.
#[pyclass(frozen, module = "plugwright._native")]
pub(crate) struct CurrentPlugin {
    lent: Arc<Lent>,
    context: Option<Py<PyAny>>,
}

impl CurrentPlugin {
    pub(crate) fn new(lent: Arc<Lent>, context: Option<Py<PyAny>>) -> Self {
        Self { lent, context }
    }
}

/// Where a block starts: an integer, which may be negative as WebAssembly's are when they are large.
#[derive(Clone, Copy)]
struct Offset(u64);

impl<'py> FromPyObject<'_, 'py> for Offset {
    type Error = PyErr;

    fn extract(number: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match number.extract::<i64>() {
            Ok(offset) => Ok(Self(offset as u64)),
            Err(_) => number.extract().map(Self),
        }
    }
}

/// Does something with a plug-in that was lent.
///
/// # Errors
/// Those of `action`, marked as what ends the call in its own name; `RuntimeError` when the host function has ended.
pub(crate) fn use_lent<R>(
    py: Python<'_>,
    lent: &Lent,
    action: impl FnOnce(&mut plugwright::CurrentPlugin<'_>) -> Result<R>,
) -> PyResult<R> {
    match lent.with(action) {
        Some(Ok(result)) => Ok(result),
        Some(Err(error)) => Err(of_the_call(py, &error)),
        None => Err(PyRuntimeError::new_err(
            "the host function has ended, and with it the use of the plug-in that called it",
        )),
    }
}

#[pymethods]
impl CurrentPlugin {
    /// The length of the block at an offset, 0 for the null block and where none starts.
    fn length(&self, py: Python<'_>, offset: Offset) -> PyResult<u64> {
        use_lent(py, &self.lent, |plugin| Ok(plugin.memory(offset.0).map_or(0, |block| block.len())))
    }

    /// The first bytes of the block at an offset.
    fn block(&self, py: Python<'_>, offset: Offset, length: u64) -> PyResult<Block> {
        let len = use_lent(py, &self.lent, |plugin| Ok(plugin.memory(offset.0)?.len()))?;
        if length > len {
            let message = format!("the block at offset {} has {len} bytes, not {length}", offset.0);
            return Err(pyo3::exceptions::PyIndexError::new_err(message));
        }
        Ok(Block::new(self.lent.clone(), offset.0, usize::try_from(length)?))
    }

    /// A copy of the block at an offset.
    fn read<'py>(&self, py: Python<'py>, offset: Offset) -> PyResult<Bound<'py, PyBytes>> {
        use_lent(py, &self.lent, |plugin| Ok(PyBytes::new(py, plugin.read(plugin.memory(offset.0)?)?)))
    }

    /// The text of the block at an offset.
    fn read_text<'py>(&self, py: Python<'py>, offset: Offset) -> PyResult<Bound<'py, PyString>> {
        let text = use_lent(py, &self.lent, |plugin| {
            let bytes = plugin.read(plugin.memory(offset.0)?)?;
            Ok(str::from_utf8(bytes).ok().map(|text| PyString::new(py, text)))
        })?;
        match text {
            Some(text) => Ok(text),
            // Python explains better where it is not UTF-8.
            None => Ok(self.read(py, offset)?.call_method0("decode")?.cast_into()?),
        }
    }

    /// A new block with these bytes, or 0 for none.
    fn write(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<u64> {
        let input = Input::of(data)?;
        let bytes = input.bytes()?;
        use_lent(py, &self.lent, |plugin| Ok(plugin.alloc_bytes(bytes)?.offset()))
    }

    /// A new block of so many bytes, or 0 for none.
    fn alloc(&self, py: Python<'_>, length: u64) -> PyResult<u64> {
        use_lent(py, &self.lent, |plugin| Ok(plugin.alloc(length)?.offset()))
    }

    /// Frees the block at an offset. Nothing happens where none starts.
    fn free(&self, py: Python<'_>, offset: Offset) -> PyResult<()> {
        use_lent(py, &self.lent, |plugin| {
            if let Ok(memory) = plugin.memory(offset.0) {
                plugin.free(memory);
            }
            Ok(())
        })
    }

    /// What the caller of the plug-in gave to the call.
    fn host_context(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.context.as_ref().map(|context| context.clone_ref(py))
    }

    fn var<'py>(&self, py: Python<'py>, key: &str) -> PyResult<Option<Bound<'py, PyBytes>>> {
        use_lent(py, &self.lent, |plugin| Ok(plugin.var(key).map(|value| PyBytes::new(py, value))))
    }

    /// Sets a variable, or removes it for `None`.
    fn set_var(&self, py: Python<'_>, key: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let value = value.map(Input::of).transpose()?;
        let value = value.as_ref().map(Input::bytes).transpose()?;
        use_lent(py, &self.lent, |plugin| match value {
            Some(value) => plugin.set_var(key, value),
            None => {
                plugin.remove_var(key);
                Ok(())
            }
        })
    }

    fn config(&self, py: Python<'_>, key: &str) -> PyResult<Option<String>> {
        use_lent(py, &self.lent, |plugin| Ok(plugin.config(key).map(str::to_owned)))
    }

    #[getter]
    fn name(&self, py: Python<'_>) -> PyResult<String> {
        use_lent(py, &self.lent, |plugin| Ok(plugin.name().to_owned()))
    }

    /// The 16 bytes of the plug-in's id.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        use_lent(py, &self.lent, |plugin| Ok(PyBytes::new(py, plugin.id().as_bytes())))
    }

    /// The seconds until the call's deadline.
    fn time_left(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        use_lent(py, &self.lent, |plugin| Ok(plugin.time_left().map(|left| left.as_secs_f64())))
    }

    fn is_cancelled(&self, py: Python<'_>) -> PyResult<bool> {
        use_lent(py, &self.lent, |plugin| Ok(plugin.is_cancelled()))
    }
}

/// Does something while a plug-in is lent to Python on this thread.
pub(crate) fn lending<R>(
    py: Python<'_>,
    plugin: &mut plugwright::CurrentPlugin<'_>,
    context: Option<Py<PyAny>>,
    action: impl FnOnce(Bound<'_, CurrentPlugin>) -> PyResult<R>,
) -> PyResult<R> {
    gate::while_calling(plugin.id(), || {
        Lent::during(plugin, |lent| action(Bound::new(py, CurrentPlugin::new(lent, context))?))
    })
}
