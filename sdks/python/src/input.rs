//! What Python passes to a plug-in: text, or memory of any kind.

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{PyBytes, PyString};

use crate::{python, sys};

/// Bytes of a Python object, kept where they are.
pub(crate) enum Input {
    Text(PyBackedStr),
    Bytes(PyBackedBytes),
    Buffer(PyBuffer<u8>),
}

impl Input {
    /// The bytes of `str`, `bytes`, or whatever exports a contiguous buffer.
    ///
    /// # Errors
    /// `TypeError` for anything else, `BufferError` for memory that is not contiguous.
    pub(crate) fn of(data: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(text) = data.cast::<PyString>() {
            return Ok(Self::Text(text.clone().try_into()?));
        }
        if let Ok(bytes) = data.cast::<PyBytes>() {
            return Ok(Self::Bytes(bytes.clone().into()));
        }
        if let Ok(buffer) = PyBuffer::get(data)
            && buffer.is_c_contiguous()
        {
            return Ok(Self::Buffer(buffer));
        }
        // Elements that are not bytes: arrays of numbers.
        let view = python::memory_view(data.py())?.call1((data,)).map_err(|_| {
            let name = data.get_type().name().map_or_else(|_| "this".to_owned(), |name| name.to_string());
            PyTypeError::new_err(format!("a plug-in takes str, bytes or a buffer, not {name}"))
        })?;
        Ok(Self::Buffer(PyBuffer::get(&view.call_method1("cast", ("B",))?)?))
    }

    /// The bytes. Those of a buffer may only be copied, see [`sys::buffer_bytes`].
    pub(crate) fn bytes(&self) -> PyResult<&[u8]> {
        match self {
            Self::Text(text) => Ok(text.as_bytes()),
            Self::Bytes(bytes) => Ok(bytes),
            Self::Buffer(buffer) => sys::buffer_bytes(buffer)
                .ok_or_else(|| PyTypeError::new_err("a plug-in takes contiguous memory; copy it to bytes")),
        }
    }
}
