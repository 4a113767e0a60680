//! Blocks of a plug-in's memory, as host functions read and write them.

use std::ffi::c_int;
use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PySlice};

use crate::current_plugin::use_lent;
use crate::input::Input;
use crate::sys::{self, Lent};

/// A block of a plug-in's memory, or the beginning of one, for as long as the host function runs.
///
/// A buffer of it is a copy, which is written back when it is released: the block itself may move, and the guest may free it.
#[pyclass(frozen, module = "plugwright._native", sequence)]
pub(crate) struct Block {
    lent: Arc<Lent>,
    offset: u64,
    len: usize,
}

impl Block {
    /// `len` bytes from `offset`, where a block starts that has so many.
    pub(crate) fn new(lent: Arc<Lent>, offset: u64, len: usize) -> Self {
        Self { lent, offset, len }
    }

    /// Does something with the bytes.
    fn with<R>(&self, py: Python<'_>, action: impl FnOnce(&mut [u8]) -> R) -> PyResult<R> {
        use_lent(py, &self.lent, |plugin| {
            let memory = plugin.memory(self.offset)?;
            // A block that was freed may have given its place to a smaller one.
            let bytes = plugin.write(memory)?;
            let len = self.len.min(bytes.len());
            Ok(action(&mut bytes[..len]))
        })
    }
}

#[pymethods]
impl Block {
    fn __len__(&self) -> usize {
        self.len
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.with(py, |bytes| PyBytes::new(py, bytes))
    }

    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        item(&self.__bytes__(py)?, key)
    }

    fn __setitem__(&self, py: Python<'_>, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let (start, len) = range(key, self.len)?;
        let value = Input::of(value)?;
        let value = value.bytes()?;
        if value.len() != len {
            let message = format!("{} bytes do not fit in the place of {len}", value.len());
            return Err(PyValueError::new_err(message));
        }
        self.with(py, |bytes| match bytes.get_mut(start..start + len) {
            Some(bytes) => {
                bytes.copy_from_slice(value);
                Ok(())
            }
            None => Err(PyIndexError::new_err("the block has become smaller")),
        })?
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.__bytes__(py)?.as_any().eq(other)
    }

    /// # Safety
    /// `view` is a consumer's, to be filled.
    #[allow(unsafe_code)]
    unsafe fn __getbuffer__(slf: &Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        // SAFETY: `__releasebuffer__` ends the copy.
        slf.get().with(slf.py(), |bytes| unsafe { sys::export_copy(slf.as_any(), bytes, view, flags) })?
    }

    /// # Safety
    /// `view` was filled by `__getbuffer__`.
    #[allow(unsafe_code)]
    unsafe fn __releasebuffer__(&self, py: Python<'_>, view: *mut ffi::Py_buffer) {
        // SAFETY: `__getbuffer__` has exported a copy by this view.
        let Some(changed) = (unsafe { sys::end_copy(view) }) else { return };
        let written = self.with(py, |bytes| {
            let len = bytes.len().min(changed.len());
            bytes[..len].copy_from_slice(&changed[..len]);
        });
        if let Err(error) = written {
            // Releasing a buffer cannot fail: the program is told on the side that what it wrote came too late.
            error.write_unraisable(py, None);
        }
    }
}

/// A part of bytes: by a slice, or one of them by its index, as bytes as well.
fn item<'py>(bytes: &Bound<'py, PyBytes>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if key.is_instance_of::<PySlice>() {
        return bytes.as_any().get_item(key);
    }
    let (start, len) = range(key, bytes.as_bytes().len())?;
    Ok(PyBytes::new(bytes.py(), &bytes.as_bytes()[start..start + len]).into_any())
}

/// The start and the length of a slice or an index.
fn range(key: &Bound<'_, PyAny>, len: usize) -> PyResult<(usize, usize)> {
    if let Ok(slice) = key.cast::<PySlice>() {
        let indices = slice.indices(len.try_into()?)?;
        if indices.step != 1 {
            return Err(PyValueError::new_err("a slice of memory has the step 1"));
        }
        return Ok((indices.start.try_into()?, indices.slicelength));
    }
    let index: isize =
        key.extract().map_err(|_| PyTypeError::new_err("memory is indexed by integers and slices"))?;
    let from_start = if index < 0 { len.checked_add_signed(index) } else { usize::try_from(index).ok() };
    match from_start {
        Some(start) if start < len => Ok((start, 1)),
        _ => Err(PyIndexError::new_err(format!("index {index} is outside of {len} bytes"))),
    }
}
