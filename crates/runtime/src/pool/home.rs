//! Where a thread looks for an instance first.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Gives each thread a number of its own, so that threads begin at different slots.
static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static HOME: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed));
}

/// The number of this thread's slot, in every pool; to be reduced to the number of slots that there are.
pub(super) fn get() -> usize {
    HOME.get()
}

/// Moves this thread to the next slot, since another one uses this.
pub(super) fn leave() {
    HOME.set(HOME.get().wrapping_add(1));
}
