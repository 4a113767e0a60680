//! Memory that both Rust and JavaScript hold: all `unsafe` of this crate.
#![allow(unsafe_code)]

use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

use napi::bindgen_prelude::Uint8Array;
use plugwright::CurrentPlugin;

/// Bytes that JavaScript and this module pass things to each other by.
///
/// They belong to an array of JavaScript's, and are touched on the thread of JavaScript alone, by one side at a time: while a function of this
/// module runs, JavaScript does not.
pub(crate) struct Scratch(Uint8Array);

impl Scratch {
    /// Takes the bytes of an array whose memory JavaScript must never detach: the package's own, which it shows to nobody.
    pub(crate) fn new(array: Uint8Array) -> Self {
        Self(array)
    }

    /// The bytes, for as long as a function of this module runs.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the memory stays in its place until the array is collected, which the value prevents, or detached, which the
        // package does not do. JavaScript waits for the function that runs; `environment::with` is entered on its thread alone, and
        // the borrow keeps this side from having the bytes twice.
        unsafe { self.0.as_mut() }
    }
}

/// A plug-in that calls a host function, lent to JavaScript for as long as the function runs.
///
/// JavaScript objects live as long as anybody keeps them. So they have the plug-in by this, which loses it when the function ends.
pub(crate) struct Lent(Mutex<Option<Pointer>>);

struct Pointer(NonNull<CurrentPlugin<'static>>);

// SAFETY: `CurrentPlugin` is `Send`, which `assert_send` checks, and whoever uses the pointer has the lock.
unsafe impl Send for Pointer {}

const fn assert_send<T: Send>() {}
const _: () = assert_send::<CurrentPlugin<'static>>();

/// Ends a loan when it goes.
struct Loan(Arc<Lent>);

impl Lent {
    /// Lends a plug-in until the future of `action` has ended, or is dropped. Nobody may forget the future that this is: the
    /// runtime, which gets it, does not.
    pub(crate) async fn during<R, F>(plugin: &mut CurrentPlugin<'_>, action: impl FnOnce(Arc<Self>) -> F) -> R
    where
        F: Future<Output = R>,
    {
        let loan = Loan(Arc::new(Self(Mutex::new(Some(Pointer(NonNull::from(plugin).cast()))))));
        action(loan.0.clone()).await
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
