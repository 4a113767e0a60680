//! The output of a call, where the plug-in left it.

use std::ffi::c_int;
use std::sync::Arc;

use pyo3::ffi;
use pyo3::prelude::*;

use crate::gate::{Export, Gate, Room};
use crate::sys::{self, Pinned};

/// The output of a call, as a buffer. As long as it lives, the plug-in cannot be called; and it lives as long as any buffer of it.
#[pyclass(frozen, module = "plugwright._native")]
pub(crate) struct OutputView {
    output: Pinned,
    // Declared after what it keeps in its place.
    _export: Export,
}

impl OutputView {
    /// The output of the call that has just ended in this room of the gate; nothing, if the room is closed.
    pub(crate) fn new(gate: &Arc<Gate>, room: &mut Room) -> Self {
        let output = room.instance().map_or(&[][..], |plugin| plugin.output());
        Self { output: Pinned::new(output), _export: gate.begin_export() }
    }
}

#[pymethods]
impl OutputView {
    /// # Safety
    /// `view` is a consumer's, to be filled.
    #[allow(unsafe_code)]
    unsafe fn __getbuffer__(slf: &Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        // SAFETY: the buffer keeps `self` alive, and while that lives, nobody enters the gate to change anything: neither does the plug-in
        // run, which could move or change its memory, nor is it closed. `self` keeps the gate, which keeps the plug-in.
        unsafe { sys::export(slf.as_any(), slf.get().output.bytes(), true, view, flags) }
    }
}
