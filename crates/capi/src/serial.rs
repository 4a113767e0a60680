//! One thread at a time, and none twice.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A value that threads use one after the other. A thread that asks for it while it has it already, from a callback, gets an
/// error and not a deadlock.
pub(crate) struct Serial<T> {
    /// The token of the thread that has the value, 0 if none has.
    owner: AtomicUsize,
    value: Mutex<T>,
}

/// The thread that asks has the value already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reentered;

impl<T> Serial<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { owner: AtomicUsize::new(0), value: Mutex::new(value) }
    }

    /// The value, waiting for other threads that have it.
    ///
    /// # Errors
    ///
    /// When this thread has it.
    #[inline]
    pub(crate) fn enter(&self) -> Result<Entered<'_, T>, Reentered> {
        let me = token();
        // Each thread looks for its own token, which nobody else writes: what others write may be seen late.
        if self.owner.load(Ordering::Relaxed) == me {
            return Err(Reentered);
        }
        let value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        self.owner.store(me, Ordering::Relaxed);
        Ok(Entered { owner: &self.owner, value })
    }
}

/// The value of a [`Serial`], for the thread that asked.
pub(crate) struct Entered<'a, T> {
    owner: &'a AtomicUsize,
    value: MutexGuard<'a, T>,
}

impl<T> Deref for Entered<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Entered<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> Drop for Entered<'_, T> {
    fn drop(&mut self) {
        // Before the mutex is released: this is dropped before its fields.
        self.owner.store(0, Ordering::Relaxed);
    }
}

/// A number that no other living thread has, never 0.
#[inline]
fn token() -> usize {
    thread_local! {
        static PLACE: u8 = const { 0 };
    }
    PLACE.with(|place| std::ptr::from_ref(place).addr())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Barrier};
    use std::thread;

    use super::{Reentered, Serial};

    #[test]
    fn a_thread_cannot_enter_twice() {
        let serial = Serial::new(5);
        let mut entered = serial.enter().unwrap();
        assert_eq!(serial.enter().err(), Some(Reentered));
        *entered += 1;
        drop(entered);
        assert_eq!(*serial.enter().unwrap(), 6);
    }

    #[test]
    fn threads_enter_one_after_the_other() {
        let serial = Arc::new(Serial::new(0u64));
        let start = Arc::new(Barrier::new(4));
        let threads = (0..4).map(|_| {
            let (serial, start) = (serial.clone(), start.clone());
            thread::spawn(move || {
                start.wait();
                for _ in 0..1000 {
                    let mut count = serial.enter().unwrap();
                    // Read, then written: lost if two threads were inside.
                    let seen = *count;
                    assert_eq!(serial.enter().err(), Some(Reentered));
                    *count = seen + 1;
                }
            })
        });
        for thread in threads.collect::<Vec<_>>() {
            thread.join().unwrap();
        }
        assert_eq!(*serial.enter().unwrap(), 4000);
    }

    #[test]
    fn a_panic_inside_leaves_it_usable() {
        let serial = Arc::new(Serial::new(1));
        let other = serial.clone();
        let panicked = thread::spawn(move || {
            let _entered = other.enter().unwrap();
            panic!("inside");
        });
        panicked.join().unwrap_err();
        assert_eq!(*serial.enter().unwrap(), 1);
    }
}
