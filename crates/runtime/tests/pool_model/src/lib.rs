//! The pool's core, explored: every order in which its threads' steps can happen, as far as the memory model allows.
//!
//! The core is compiled once more for it, with the explorer's locks and atomics in the place of the standard ones. A lost wake-up
//! shows as a deadlock.
//!
//! ```text
//! cargo test --release --manifest-path crates/runtime/tests/pool_model/Cargo.toml
//! ```
#![cfg(test)]

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use loom::future::block_on;
use loom::thread;

use lender::Lender;
use sync::{Arc, AtomicUsize};

#[path = "../../../src/pool/lender.rs"]
mod lender;

/// As the pool's, of the explorer.
mod sync {
    pub(super) use loom::sync::atomic::AtomicUsize;
    pub(super) use loom::sync::{Arc, Mutex, MutexGuard};
}

/// As the pool's, with a number that the test chooses.
mod home {
    use std::cell::Cell;

    loom::thread_local! {
        static HOME: Cell<usize> = Cell::new(0);
    }

    pub(super) fn get() -> usize {
        HOME.with(Cell::get)
    }

    pub(super) fn leave() {
        set(get() + 1);
    }

    pub(super) fn set(home: usize) {
        HOME.with(|number| number.set(home));
    }
}

/// Things to borrow, each with a count of its borrowers.
struct Things {
    lender: Lender<Arc<AtomicUsize>>,
    made: AtomicUsize,
}

impl Things {
    fn new(max: usize, threads: usize) -> Arc<Self> {
        Arc::new(Self { lender: Lender::new(max, threads), made: AtomicUsize::new(0) })
    }

    /// Borrows a thing and returns it. It must be nobody else's in between.
    async fn borrow(&self) {
        let mut lent = match self.lender.try_take() {
            Some(lent) => lent,
            None => self.lender.wait().await,
        };
        let thing = lent.thing.get_or_insert_with(|| {
            assert!(self.made.fetch_add(1, Ordering::Relaxed) < self.lender.max());
            Arc::new(AtomicUsize::new(0))
        });
        assert_eq!(thing.fetch_add(1, Ordering::Relaxed), 0);
        assert_eq!(thing.fetch_sub(1, Ordering::Relaxed), 1);
    }

    /// All is back.
    fn check(&self) {
        assert_eq!(self.lender.available(), self.lender.max());
    }
}

/// Runs `work` in threads with the given homes, of which the first one is this thread's.
fn in_threads<const N: usize>(
    things: &Arc<Things>,
    homes: [usize; N],
    work: impl Fn(&Things) + Copy + Send + 'static,
) {
    let [first, others @ ..] = &homes[..] else { return };
    let threads: Vec<_> = others
        .iter()
        .map(|&other| {
            let things = things.clone();
            thread::spawn(move || {
                home::set(other);
                work(&things);
            })
        })
        .collect();
    home::set(*first);
    work(things);
    for thread in threads {
        thread.join().unwrap();
    }
    things.check();
}

fn borrow_once(things: &Things) {
    block_on(things.borrow());
}

fn borrow_twice(things: &Things) {
    borrow_once(things);
    borrow_once(things);
}

/// Explores with at most so many preemptions, which bounds the time that it takes.
fn explore(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut explorer = loom::model::Builder::new();
    explorer.preemption_bound = Some(preemptions);
    explorer.check(model);
}

#[test]
fn one_thing_for_two_threads() {
    explore(3, || in_threads(&Things::new(1, 1), [0, 0], borrow_twice));
}

#[test]
fn one_thing_for_three_threads() {
    explore(2, || in_threads(&Things::new(1, 1), [0, 0, 0], borrow_once));
}

#[test]
fn two_slots_that_a_waiter_looks_into() {
    explore(2, || {
        let things = Things::new(2, 2);
        // Both things exist, and lie in two slots.
        {
            let (one, other) = (block_on(things.lender.wait()), block_on(things.lender.wait()));
            for mut lent in [one, other] {
                lent.thing.get_or_insert_with(|| Arc::new(AtomicUsize::new(0)));
            }
            things.made.store(2, Ordering::Relaxed);
        }
        in_threads(&things, [0, 1, 0], borrow_once);
    });
}

#[test]
fn a_waiter_that_gives_up() {
    explore(2, || {
        let things = Things::new(1, 1);
        let held = block_on(things.lender.wait());
        let quitter = thread::spawn({
            let things = things.clone();
            move || {
                let mut waiting = pin!(things.lender.wait());
                // Whether it got something or not, it gives that back or leaves.
                let _: Poll<_> = waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).map(drop);
            }
        });
        let patient = thread::spawn({
            let things = things.clone();
            move || borrow_once(&things)
        });
        drop(held);
        quitter.join().unwrap();
        patient.join().unwrap();
        things.check();
    });
}
