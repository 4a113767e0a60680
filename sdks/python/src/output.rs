//! The output of a call, where the plug-in left it.

use std::ffi::c_int;
use std::ptr::NonNull;
use std::sync::Arc;

use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::block::item;
use crate::gate::Gate;
use crate::sys;

/// The output of a call, until the next one. A buffer of it keeps the plug-in from being called.
#[pyclass(frozen, module = "plugwright._native", sequence)]
pub(crate) struct Output {
    gate: Arc<Gate>,
    generation: u64,
}

impl Output {
    /// The output of the last call, to be made with the gate entered.
    pub(crate) fn new(gate: Arc<Gate>, generation: u64) -> Self {
        Self { gate, generation }
    }

    fn with<R>(&self, py: Python<'_>, action: impl FnOnce(&[u8]) -> R) -> PyResult<R> {
        let mut room = self.gate.look_in()?;
        if room.generation != self.generation {
            return Err(PyBufferError::new_err(
                "the output is gone, for the plug-in was used again; copy it before that",
            ));
        }
        Ok(action(room.plugin(py)?.output()))
    }
}

#[pymethods]
impl Output {
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.with(py, <[u8]>::len)
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.with(py, |bytes| PyBytes::new(py, bytes))
    }

    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        item(&self.__bytes__(py)?, key)
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.__bytes__(py)?.as_any().eq(other)
    }

    /// # Safety
    /// `view` is a consumer's, to be filled.
    #[allow(unsafe_code)]
    unsafe fn __getbuffer__(slf: &Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        let this = slf.get();
        this.with(slf.py(), |bytes| {
            this.gate.begin_export();
            // SAFETY: while the export is counted, nobody enters the gate to change anything: neither does the plug-in run, which
            // could move or change its memory, nor is it closed. `self` keeps the gate, which keeps the plug-in.
            let exported = unsafe { sys::export(slf.as_any(), NonNull::from(bytes), true, view, flags) };
            if exported.is_err() {
                this.gate.end_export();
            }
            exported
        })?
    }

    /// # Safety
    /// `view` was filled by `__getbuffer__`.
    #[allow(unsafe_code)]
    unsafe fn __releasebuffer__(&self, _view: *mut ffi::Py_buffer) {
        self.gate.end_export();
    }
}
