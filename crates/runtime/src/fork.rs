//! Processes that are forked from one that runs plug-ins, as Python's `multiprocessing` and pre-forking servers do.
//!
//! A fork takes along the thread that forks and no other. So whatever a thread of ours does must begin anew in the child: the
//! clock ([`crate::ticker`]) when the next call begins, everything else ([`PerProcess`]) when it is next asked for.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(unix)]
use crate::{sys, ticker};

/// How many forks lie between this process and the one that first ran plug-ins.
static FORKS: AtomicUsize = AtomicUsize::new(0);

/// Whether this process was forked from one that ran plug-ins.
pub(crate) fn is_child() -> bool {
    FORKS.load(Ordering::Relaxed) != 0
}

/// Counts the forks of this process from now on.
///
/// # Errors
///
/// When the system has no memory for that.
pub(crate) fn watch() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        static WATCHED: OnceLock<Result<(), i32>> = OnceLock::new();
        let watched = WATCHED.get_or_init(|| sys::at_fork(before, in_parent, in_child));
        watched.map_err(std::io::Error::from_raw_os_error)?;
    }
    Ok(())
}

/// The three run on the thread that forks, the last in the child.
#[cfg(unix)]
extern "C" fn before() {
    ticker::before_fork();
}

#[cfg(unix)]
extern "C" fn in_parent() {
    ticker::after_fork(false);
}

#[cfg(unix)]
extern "C" fn in_child() {
    FORKS.fetch_add(1, Ordering::Relaxed);
    ticker::after_fork(true);
}

/// A value that each process makes for itself, because threads belong to it. What a parent made stays in its children, unused.
pub(crate) struct PerProcess<T> {
    value: OnceLock<T>,
    /// The value of this process's children.
    children: OnceLock<Box<PerProcess<T>>>,
}

impl<T> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self { value: OnceLock::new(), children: OnceLock::new() }
    }

    /// This process's value, made by `make` if there is none yet.
    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        let mut own = self;
        for _ in 0..FORKS.load(Ordering::Relaxed) {
            own = own.children.get_or_init(|| Box::new(Self::new()));
        }
        own.value.get_or_init(make)
    }
}
