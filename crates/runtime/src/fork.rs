//! Processes that are forked from one that runs plug-ins, as Python's `multiprocessing` and pre-forking servers do.
//!
//! A fork takes along the thread that forks and no other. So whatever a thread of ours does must begin anew in the child: the
//! clock ([`crate::ticker`]) when the next call begins, everything else ([`PerProcess`]) when it is next asked for.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

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
    /// Held while the value is made.
    making: Mutex<()>,
    /// The value of this process's children.
    children: OnceLock<Box<PerProcess<T>>>,
}

impl<T> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self { value: OnceLock::new(), making: Mutex::new(()), children: OnceLock::new() }
    }

    /// This process's value, made by `make` if there is none yet.
    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        let Ok(value) = self.get_or_try_init(|| Ok::<_, Infallible>(make()));
        value
    }

    /// This process's value, made by `make` if there is none yet.
    ///
    /// # Errors
    ///
    /// Those of `make`. The next to ask makes another attempt: what the system lacks now it may have then.
    pub(crate) fn get_or_try_init<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let mut own = self;
        for _ in 0..FORKS.load(Ordering::Relaxed) {
            own = own.children.get_or_init(|| Box::new(Self::new()));
        }
        if let Some(value) = own.value.get() {
            return Ok(value);
        }
        let _making = own.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = own.value.get() {
            return Ok(value);
        }
        let value = make()?;
        Ok(own.value.get_or_init(|| value))
    }
}

#[cfg(test)]
mod tests {
    use super::PerProcess;

    #[test]
    fn what_could_not_be_made_is_tried_again() {
        static VALUE: PerProcess<u32> = PerProcess::new();
        assert_eq!(VALUE.get_or_try_init(|| Err("not now")), Err("not now"));
        assert_eq!(VALUE.get_or_try_init(|| Ok::<_, &str>(7)), Ok(&7));
        assert_eq!(VALUE.get_or_try_init(|| Err("not again")), Ok(&7));
        assert_eq!(VALUE.get_or_init(|| 8), &7);
    }
}
