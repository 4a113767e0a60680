//! Memory that both Rust and Python hold: all `unsafe` of this crate but that of the buffer protocol, in `output.rs` and `block.rs`.
#![allow(unsafe_code)]

use std::ffi::c_int;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

use plugwright::CurrentPlugin;
use pyo3::buffer::PyBuffer;
use pyo3::ffi;
use pyo3::prelude::*;

/// The bytes of a buffer that is contiguous.
///
/// While the interpreter's lock is released, other threads may write to what they share. Whoever reads the slice then must do no
/// more than copy its bytes, as the runtime does with an input, and as Python's own modules do with theirs.
pub(crate) fn buffer_bytes(buffer: &PyBuffer<u8>) -> Option<&[u8]> {
    let bytes = buffer.as_slice_ptr()?;
    // SAFETY: the exporter keeps the memory where it is, and as long as it is, until the buffer is released, which the
    // borrow prevents. The bytes may change meanwhile, if the Python program writes to them from another thread; they are read
    // once, to be copied, and any values are valid.
    Some(unsafe { bytes.as_ref() })
}

/// Exports `bytes` as a buffer that belongs to `owner`.
///
/// # Errors
/// `BufferError` when the consumer wants to write what is read-only.
///
/// # Safety
/// `view` is a consumer's, to be filled. `bytes` stays where it is, and is changed by nobody while Python could read it, until
/// `owner` is told that the buffer is released. If it is not `readonly`, nobody else reads it until then either.
pub(crate) unsafe fn export(
    owner: &Bound<'_, PyAny>,
    bytes: NonNull<[u8]>,
    readonly: bool,
    view: *mut ffi::Py_buffer,
    flags: c_int,
) -> PyResult<()> {
    let len = bytes.len() as ffi::Py_ssize_t;
    // SAFETY: by the contract of this function; `owner` gets a reference of the view's own.
    let failed = unsafe {
        ffi::PyBuffer_FillInfo(view, owner.as_ptr(), bytes.as_ptr().cast(), len, readonly.into(), flags)
    };
    if failed != 0 { Err(PyErr::fetch(owner.py())) } else { Ok(()) }
}

/// Bytes of somebody else's, who keeps them where they are.
pub(crate) struct Pinned(NonNull<[u8]>);

// SAFETY: it is an address. Whoever reads there proves that it may.
unsafe impl Send for Pinned {}
// SAFETY: as above.
unsafe impl Sync for Pinned {}

impl Pinned {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self(NonNull::from(bytes))
    }

    pub(crate) fn bytes(&self) -> NonNull<[u8]> {
        self.0
    }
}

/// A copy of bytes that is exported as a buffer to be written to.
struct Copy {
    bytes: Box<[u8]>,
    original: Box<[u8]>,
}

/// Exports a copy of `bytes`, which its consumer may change; [`end_copy`] tells how.
///
/// # Errors
/// Those of the interpreter.
///
/// # Safety
/// `view` is a consumer's, to be filled. When it is released, it is given to [`end_copy`].
pub(crate) unsafe fn export_copy(
    owner: &Bound<'_, PyAny>,
    bytes: &[u8],
    view: *mut ffi::Py_buffer,
    flags: c_int,
) -> PyResult<()> {
    let mut copy = Box::new(Copy { bytes: bytes.into(), original: bytes.into() });
    // SAFETY: the bytes are on the heap and belong to the view alone, until `end_copy`.
    unsafe {
        export(owner, NonNull::from(&mut *copy.bytes), false, view, flags)?;
        (*view).internal = Box::into_raw(copy).cast();
    }
    Ok(())
}

/// Ends an exported copy, and returns its bytes if they were changed.
///
/// # Safety
/// `view` was filled by [`export_copy`], and is being released.
pub(crate) unsafe fn end_copy(view: *mut ffi::Py_buffer) -> Option<Box<[u8]>> {
    // SAFETY: `export_copy` put it there, and a view is released once.
    let copy = unsafe { Box::from_raw((*view).internal.cast::<Copy>()) };
    (copy.bytes != copy.original).then_some(copy.bytes)
}

/// A plug-in that calls a host function, lent to Python for as long as the function runs.
///
/// Python objects live as long as anybody keeps them. So they have the plug-in by this, which loses it when the function ends.
pub(crate) struct Lent(Mutex<Option<Pointer>>);

struct Pointer(NonNull<CurrentPlugin<'static>>);

// SAFETY: `CurrentPlugin` is `Send`, which `assert_send` checks, and whoever uses the pointer has the lock.
unsafe impl Send for Pointer {}

const fn assert_send<T: Send>() {}
const _: () = assert_send::<CurrentPlugin<'static>>();

/// Ends a loan when it goes.
struct Loan(Arc<Lent>);

impl Lent {
    /// Lends a plug-in while `action` runs.
    pub(crate) fn during<R>(plugin: &mut CurrentPlugin<'_>, action: impl FnOnce(Arc<Self>) -> R) -> R {
        let loan = Loan(Self::new(plugin));
        action(loan.0.clone())
    }

    /// Lends a plug-in until the future of `action` has ended, or is dropped. Nobody may forget the future that this is: the
    /// runtime, which gets it, does not.
    pub(crate) async fn during_async<R, F>(
        plugin: &mut CurrentPlugin<'_>,
        action: impl FnOnce(Arc<Self>) -> F,
    ) -> R
    where
        F: Future<Output = R>,
    {
        let loan = Loan(Self::new(plugin));
        action(loan.0.clone()).await
    }

    fn new(plugin: &mut CurrentPlugin<'_>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Some(Pointer(NonNull::from(plugin).cast())))))
    }

    /// Does something with the plug-in; `None` when the function that it was lent to has ended.
    pub(crate) fn with<R>(&self, action: impl FnOnce(&mut CurrentPlugin<'_>) -> R) -> Option<R> {
        let mut plugin = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let plugin = plugin.as_mut()?;
        // SAFETY: the pointer comes from an exclusive borrow that lasts until the `Loan` is dropped, which takes the pointer away
        // under the lock that is held here. The lock also makes this the only use. `action` can keep nothing: its argument lives
        // for any lifetime that is chosen for it, and `CurrentPlugin` gives nothing out that lives longer than a borrow of it.
        Some(action(unsafe { plugin.0.as_mut() }))
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
