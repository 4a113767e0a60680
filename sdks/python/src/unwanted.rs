//! Awaited calls that nobody awaits any more.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::task::block_in_place;

thread_local! {
    /// Whether the call that runs on this thread is unwanted.
    static CURRENT: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// Whether the call that runs on this thread is unwanted.
pub(crate) fn unwanted() -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_some_and(|unwanted| unwanted.load(Ordering::Relaxed)))
}

/// A call that ends soon after it has become unwanted, on a thread of the runtime for awaited calls.
///
/// A guest that waits on a stack of its own could be dropped instead. But one whose instance began with a blocking call occupies
/// its thread while it waits, as a plain Python function does: so others must not need that thread, and the guest is told.
pub(crate) struct Wanted<F> {
    call: Pin<Box<F>>,
    unwanted: Arc<AtomicBool>,
}

impl<F> Wanted<F> {
    pub(crate) fn new(call: F, unwanted: Arc<AtomicBool>) -> Self {
        Self { call: Box::pin(call), unwanted }
    }
}

impl<F: Future> Future for Wanted<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        struct Leave;
        impl Drop for Leave {
            fn drop(&mut self) {
                CURRENT.set(None);
            }
        }
        block_in_place(|| {
            CURRENT.set(Some(self.unwanted.clone()));
            let _leave = Leave;
            self.call.as_mut().poll(context)
        })
    }
}
