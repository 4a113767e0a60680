//! How other threads get the attention of a JavaScript thread.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};

/// A function without parameters, which does not keep the process alive.
type Listener = ThreadsafeFunction<(), (), (), Status, false, true>;

/// What a JavaScript thread hears: the numbers of what has something new for it.
pub(crate) struct Bell {
    ready: Mutex<Vec<u32>>,
    listener: Listener,
}

impl Bell {
    /// A bell that `listener` is called for, once for any number of rings until [`take`](Self::take).
    pub(crate) fn new(listener: &Function<'_, (), ()>) -> napi::Result<Arc<Self>> {
        let listener = listener
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .callee_handled::<false>()
            .build_callback(|_| Ok(()))?;
        Ok(Arc::new(Self { ready: Mutex::default(), listener }))
    }

    /// Says that there is something new of this number.
    pub(crate) fn ring(&self, number: u32) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if ready.contains(&number) {
            return;
        }
        ready.push(number);
        let first = ready.len() == 1;
        drop(ready);
        if first {
            // A thread that is about to end hears nothing any more, which is as well.
            self.listener.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// The numbers since the last time.
    pub(crate) fn take(&self) -> Vec<u32> {
        mem::take(&mut self.ready.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Rings for a call whose future can go on.
pub(crate) struct Ringer {
    pub(crate) bell: Arc<Bell>,
    pub(crate) number: u32,
}

impl From<Ringer> for Waker {
    fn from(ringer: Ringer) -> Self {
        Arc::new(ringer).into()
    }
}

impl Wake for Ringer {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.bell.ring(self.number);
    }
}
