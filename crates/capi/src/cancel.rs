//! Cancelling calls.

use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use runtime::CancelHandle;

use crate::boundary::{guard, reference};
use crate::error::{Failure, set_last};
use crate::plugin::{ExtismPlugin, with};

/// Cancels the calls of a plug-in.
pub struct ExtismCancelHandle(Arc<Mutex<Option<CancelHandle>>>);

impl ExtismCancelHandle {
    pub(crate) fn new(handle: CancelHandle) -> Self {
        Self(Arc::new(Mutex::new(Some(handle))))
    }

    /// Leaves this handle, and those made of it, with nothing to cancel: an instance that returns to its pool runs other people's
    /// calls afterwards.
    pub(crate) fn revoke(&self) {
        *self.lock() = None;
    }

    fn cancel(&self) -> bool {
        self.lock().as_ref().is_some_and(CancelHandle::cancel)
    }

    fn lock(&self) -> MutexGuard<'_, Option<CancelHandle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The plug-in's cancel handle, which is valid until the plug-in is freed, and is not freed itself. Null for null.
///
/// For a thread that may come later than that there is `plugwright_cancel_handle_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_cancel_handle(
    plugin: *const ExtismPlugin,
) -> *const ExtismCancelHandle {
    guard(ptr::null(), || {
        // SAFETY: the caller promises a plug-in or null.
        unsafe { with(plugin, ptr::null(), |plugin| ptr::from_ref(&plugin.cancel)) }
    })
}

/// Cancels the call that the plug-in is in, from any thread, and returns whether there was one; false for null.
///
/// The call ends within about 10 ms, with the code 134 and an error of kind `Cancelled`; if a host function is running, when that
/// returns. Calls that come later, or that wait for this one, are not affected.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_plugin_cancel(handle: *const ExtismCancelHandle) -> bool {
    guard(false, || {
        // SAFETY: the caller promises a handle that is not freed meanwhile, or null.
        match unsafe { reference(handle) } {
            Some(handle) => handle.cancel(),
            None => {
                set_last(&Failure::argument("the cancel handle is null"));
                false
            }
        }
    })
}

/// A cancel handle that may outlive the plug-in: when that has been freed, or given back to its pool, there is no call to cancel. It
/// is freed by `plugwright_cancel_handle_free`. Null for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_cancel_handle_new(
    plugin: *const ExtismPlugin,
) -> *mut ExtismCancelHandle {
    guard(ptr::null_mut(), || {
        let handle =
            |plugin: &ExtismPlugin| Box::into_raw(Box::new(ExtismCancelHandle(plugin.cancel.0.clone())));
        // SAFETY: the caller promises a plug-in or null.
        unsafe { with(plugin, ptr::null_mut(), handle) }
    })
}

/// Frees a handle of `plugwright_cancel_handle_new`, and no other. Nothing happens for null. A handle is freed once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugwright_cancel_handle_free(handle: *mut ExtismCancelHandle) {
    guard((), || {
        if !handle.is_null() {
            // SAFETY: the caller got it from `plugwright_cancel_handle_new`, and nobody uses it any more.
            drop(unsafe { Box::from_raw(handle) });
        }
    });
}
