//! The way to a plug-in: one call at a time, first come, first served.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};

use plugwright::{Plugin, PooledPlugin, Uuid};
use pyo3::exceptions::PyBufferError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tokio::sync::{Mutex, MutexGuard, OwnedMutexGuard};

use crate::{asynchronous, error, python, waiting};

/// An instance: one's own, or one that goes back to its pool.
pub(crate) enum Instance {
    Own(Box<Plugin>),
    Pooled(PooledPlugin),
}

impl Deref for Instance {
    type Target = Plugin;

    fn deref(&self) -> &Plugin {
        match self {
            Self::Own(plugin) => plugin,
            Self::Pooled(plugin) => plugin,
        }
    }
}

impl DerefMut for Instance {
    fn deref_mut(&mut self) -> &mut Plugin {
        match self {
            Self::Own(plugin) => plugin,
            Self::Pooled(plugin) => plugin,
        }
    }
}

/// What the gate leads to.
pub(crate) struct Room {
    /// `None` once it is closed.
    instance: Option<Instance>,
}

impl Room {
    /// The plug-in.
    ///
    /// # Errors
    /// When it has been closed.
    pub(crate) fn plugin(&mut self, py: Python<'_>) -> PyResult<&mut Plugin> {
        self.instance().ok_or_else(|| error::new(py, "Closed", "the plug-in has been closed; make a new one"))
    }

    /// The plug-in, unless it has been closed.
    pub(crate) fn instance(&mut self) -> Option<&mut Plugin> {
        self.instance.as_deref_mut()
    }
}

/// The only way to a plug-in.
pub(crate) struct Gate {
    pub(crate) id: Uuid,
    room: Arc<Mutex<Room>>,
    /// How many outputs Python looks at. It grows only with the lock held.
    exports: AtomicUsize,
    /// The number of the thread that a blocking call occupies, 0 for none.
    occupied: AtomicU64,
    /// Where the call under way is awaited, if it is.
    awaited: std::sync::Mutex<Option<Awaited>>,
}

/// A call that is awaited.
pub(crate) struct Awaited {
    /// The number of the thread whose event loop awaits it.
    pub(crate) thread: u64,
    /// Whether nobody awaits it any more.
    pub(crate) unwanted: Arc<AtomicBool>,
}

thread_local! {
    /// The plug-ins whose host functions, or callbacks, run on this thread, innermost last.
    static CALLING: RefCell<Vec<Uuid>> = const { RefCell::new(Vec::new()) };
}

/// Runs a host function of a plug-in, or a callback, on this thread.
pub(crate) fn while_calling<R>(plugin: Uuid, function: impl FnOnce() -> R) -> R {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            CALLING.with_borrow_mut(|calling| calling.pop());
        }
    }
    CALLING.with_borrow_mut(|calling| calling.push(plugin));
    let _leave = Leave;
    function()
}

impl Gate {
    pub(crate) fn new(instance: Instance) -> Arc<Self> {
        Arc::new(Self {
            id: instance.id(),
            room: Arc::new(Mutex::new(Room { instance: Some(instance) })),
            exports: AtomicUsize::new(0),
            occupied: AtomicU64::new(0),
            awaited: std::sync::Mutex::new(None),
        })
    }

    /// Enters, after those who came before.
    ///
    /// # Errors
    /// When the call under way waits for this very thread; what signal handlers raise meanwhile.
    pub(crate) fn enter(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, Room>> {
        match self.room.try_lock() {
            Ok(room) => Ok(room),
            Err(_) => waiting::block_on(py, self.room.lock(), || self.check_waiting(py)),
        }
    }

    /// Enters to change something: not while Python looks at the output.
    ///
    /// # Errors
    /// As [`enter`](Self::enter), and `BufferError`.
    pub(crate) fn enter_to_change(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, Room>> {
        let room = self.enter(py)?;
        self.check_exports()?;
        Ok(room)
    }

    /// Like [`enter_to_change`](Self::enter_to_change), for a call that is awaited. The second is to be kept as long as the call
    /// lasts.
    pub(crate) async fn enter_async(
        self: Arc<Self>,
        awaited: Awaited,
    ) -> PyResult<(OwnedMutexGuard<Room>, IsAwaited)> {
        let room = self.room.clone().lock_owned().await;
        self.check_exports()?;
        *self.awaited() = Some(awaited);
        Ok((room, IsAwaited(self)))
    }

    /// Marks this thread as the one that a blocking call occupies, to be begun with the room entered. Whatever Python code the call
    /// runs on the thread cannot wait for the call: neither a host function, nor a signal's handler.
    pub(crate) fn occupy(&self) -> Occupied<'_> {
        // Only the thread itself looks for its own number.
        self.occupied.store(thread_number(), Ordering::Relaxed);
        Occupied(self)
    }

    /// Closes the plug-in. What is closed already stays so.
    ///
    /// # Errors
    /// As [`enter_to_change`](Self::enter_to_change).
    pub(crate) fn close(&self, py: Python<'_>) -> PyResult<()> {
        let instance = self.enter_to_change(py)?.instance.take();
        // It may have gigabytes to give back.
        py.detach(|| drop(instance));
        Ok(())
    }

    /// Keeps the output of the last call in its place, to be begun with the room entered.
    pub(crate) fn begin_export(self: &Arc<Self>) -> Export {
        self.exports.fetch_add(1, Ordering::AcqRel);
        Export(self.clone())
    }

    /// Closes the plug-in as soon as nobody is inside, without waiting for that. One whose output somebody looks at then is closed
    /// when the last one has gone.
    pub(crate) fn close_soon(self: &Arc<Self>) -> PyResult<()> {
        if let Ok(mut room) = self.room.try_lock() {
            self.empty(&mut room);
            return Ok(());
        }
        let gate = self.clone();
        asynchronous::runtime()?.spawn(async move { gate.empty(&mut *gate.room.lock().await) });
        Ok(())
    }

    fn empty(&self, room: &mut Room) {
        if self.check_exports().is_ok() {
            room.instance = None;
        }
    }

    fn check_exports(&self) -> PyResult<()> {
        match self.exports.load(Ordering::Acquire) {
            0 => Ok(()),
            held => Err(PyBufferError::new_err(format!(
                "{held} views of the plug-in's last output are in use; release them first"
            ))),
        }
    }

    fn awaited(&self) -> std::sync::MutexGuard<'_, Option<Awaited>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether waiting on this thread can come to an end.
    fn check_waiting(&self, py: Python<'_>) -> PyResult<()> {
        if CALLING.with_borrow(|calling| calling.contains(&self.id)) || self.waits_for_this_task(py)? {
            let message =
                "the plug-in is called by a host function that it is calling itself; use another instance";
            return Err(error::new(py, "Busy", message));
        }
        if self.occupied.load(Ordering::Relaxed) == thread_number() {
            let message = "a call of the plug-in is under way on this thread, which would wait for itself; use another instance";
            return Err(error::new(py, "Busy", message));
        }
        let here = |awaited: &Awaited| {
            awaited.thread == thread_number() && !awaited.unwanted.load(Ordering::Relaxed)
        };
        if self.awaited().as_ref().is_some_and(here) {
            let message = "a call of the plug-in is awaited on this thread's event loop, which a blocking call would stop; \
                 use call_async, or another instance";
            return Err(error::new(py, "Busy", message));
        }
        Ok(())
    }

    /// Whether this is Python code of a coroutine host function that the plug-in is calling.
    fn waits_for_this_task(&self, py: Python<'_>) -> PyResult<bool> {
        python::is_calling(py)?.call1((PyBytes::new(py, self.id.as_bytes()),))?.is_truthy()
    }
}

/// Lasts as long as a blocking call does.
pub(crate) struct Occupied<'a>(&'a Gate);

impl Drop for Occupied<'_> {
    fn drop(&mut self) {
        self.0.occupied.store(0, Ordering::Relaxed);
    }
}

/// Lasts as long as somebody looks at an output.
pub(crate) struct Export(Arc<Gate>);

impl Drop for Export {
    fn drop(&mut self) {
        self.0.exports.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Lasts as long as an awaited call does.
pub(crate) struct IsAwaited(Arc<Gate>);

impl Drop for IsAwaited {
    fn drop(&mut self) {
        *self.0.awaited() = None;
    }
}

/// A number that no other thread has, and that is not 0.
pub(crate) fn thread_number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        static NUMBER: u64 = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    }
    NUMBER.with(|number| *number)
}
