//! Lending a bounded number of things to many callers, first come, first served.
//!
//! # How it works
//!
//! Things that are not out lie in *slots*. A thread has a slot of its own, where it takes a thing and to which it returns
//! it: as long as there is a thing for each thread, no two threads touch the same memory. Nothing but the slot's lock is
//! taken, which nobody else wants.
//!
//! When a thread finds its slot empty, it goes to the *desk*, which is shared and has a lock. There lie things that
//! found no room in a slot, there is the right to make another thing as long as there are less than the most, and there
//! callers wait in a queue. What is returned goes to the first one in the queue directly.
//!
//! # Why nobody is passed over
//!
//! [`Desk::waiting`] says how many wait. Whoever asks while it is not 0 joins the queue and looks at no slot.
//!
//! # Why no wake-up is lost
//!
//! The first caller in an empty queue (1) sets `waiting`, then (2) looks into every slot. Whoever returns a thing
//! (3) puts it into its slot, then (4) looks at `waiting`. Both (2) and (3) hold the slot's lock, so one is before the other:
//!
//! * (3) before (2): the caller finds the thing, unless somebody took it, who will return it.
//! * (2) before (3): releasing the lock in (2) happens before taking it in (3), hence (1) happens before (4), which sees
//!   that somebody waits. The thing is taken from the slot again and given to the desk.
//!
//! Callers further back need not look: from the first caller's (1) on, `waiting` was never 0, so that whoever returned a
//! thing after that either saw it or was seen. `waiting` is stored under the desk's lock only. It needs no ordering of its
//! own; the locks give it all there is.
//!
//! What lies on the desk is looked at under the desk's lock, so that after each visit either nobody waits, or the desk is empty
//! and no more things may be made.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use super::home;
use super::sync::{Arc, AtomicUsize, Mutex, MutexGuard};

/// Lends at most `max` things of type `T`, which its borrowers make.
pub(super) struct Lender<T> {
    /// As many as a power of two, so that a thread's number is quickly reduced to a slot's.
    slots: Box<[Arc<Slot<T>>]>,
    desk: Arc<Desk<T>>,
    max: usize,
}

/// Where threads leave a thing for themselves. Aligned such that no two slots share a cache line, nor a pair of them,
/// which some processors fetch together.
#[repr(align(128))]
struct Slot<T> {
    thing: Mutex<Option<T>>,
    desk: Arc<Desk<T>>,
}

struct Desk<T> {
    /// How many wait: the length of `queue.waiting`. Read without the lock.
    waiting: AtomicUsize,
    queue: Mutex<Queue<T>>,
}

struct Queue<T> {
    /// Things that found their slot taken.
    spare: Vec<T>,
    /// How many more things may be made.
    to_make: usize,
    next_ticket: u64,
    /// By ticket, hence in the order of asking.
    waiting: BTreeMap<u64, Waker>,
    /// What was given to callers that have not fetched it yet; `None` is the right to make a thing.
    granted: BTreeMap<u64, Option<T>>,
}

/// A thing that is out, or the right to make one. It is returned when dropped.
pub(super) struct Lent<T> {
    /// `None` is the right to make one.
    pub(super) thing: Option<T>,
    /// Where to return it. It keeps alive what that needs, and its count says how many things are out.
    slot: Arc<Slot<T>>,
}

/// A place in the queue, from the first poll on. Dropping it gives the place up.
pub(super) struct Waiting<'a, T> {
    lender: &'a Lender<T>,
    ticket: Option<u64>,
}

impl<T> Lender<T> {
    /// Lends at most `max` things, with room for `threads` threads that do not get in each other's way.
    pub(super) fn new(max: usize, threads: usize) -> Self {
        let desk = Arc::new(Desk {
            waiting: AtomicUsize::new(0),
            queue: Mutex::new(Queue {
                spare: Vec::new(),
                to_make: max,
                next_ticket: 0,
                waiting: BTreeMap::new(),
                granted: BTreeMap::new(),
            }),
        });
        let slot = || Arc::new(Slot { thing: Mutex::new(None), desk: desk.clone() });
        let slots = (0..max.min(threads).next_power_of_two()).map(|_| slot()).collect();
        Self { slots, desk, max }
    }

    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// How many things are neither out nor granted. Exact when nobody takes or returns one at the moment.
    pub(super) fn available(&self) -> usize {
        let granted = self.desk.lock().granted.len();
        let out: usize = self.slots.iter().map(|slot| Arc::strong_count(slot) - 1).sum();
        self.max.saturating_sub(out + granted)
    }

    /// The thing in this thread's slot, if nobody waits.
    pub(super) fn try_take(&self) -> Option<Lent<T>> {
        if self.desk.somebody_waits() {
            return None;
        }
        let slot = self.home();
        let thing = slot.thing.try_lock().ok()?.take()?;
        Some(Lent { thing: Some(thing), slot: slot.clone() })
    }

    /// Waits for a thing, or for the right to make one.
    pub(super) fn wait(&self) -> Waiting<'_, T> {
        Waiting { lender: self, ticket: None }
    }

    /// Joins the queue, unless there is something to be had at once.
    fn ask(&self, waker: Waker) -> Result<Option<T>, u64> {
        let mut queue = self.desk.lock();
        if queue.waiting.is_empty() {
            if let Some(thing) = queue.spare.pop() {
                return Ok(Some(thing));
            }
            self.desk.waiting.store(1, Ordering::Relaxed);
            let thing = self.search();
            if thing.is_some() || queue.to_make > 0 {
                self.desk.waiting.store(0, Ordering::Relaxed);
                if thing.is_none() {
                    queue.to_make -= 1;
                }
                return Ok(thing);
            }
        }
        let ticket = queue.next_ticket;
        queue.next_ticket += 1;
        queue.waiting.insert(ticket, waker);
        self.desk.note_length(&queue);
        Err(ticket)
    }

    /// A thing from any slot. Each is looked into under its lock, however long that takes.
    fn search(&self) -> Option<T> {
        let home = home::get();
        (0..self.slots.len()).find_map(|further| self.slot(home.wrapping_add(further)).take())
    }

    fn home(&self) -> &Arc<Slot<T>> {
        self.slot(home::get())
    }

    fn slot(&self, number: usize) -> &Arc<Slot<T>> {
        &self.slots[number & (self.slots.len() - 1)]
    }
}

impl<T> Slot<T> {
    fn take(&self) -> Option<T> {
        self.thing.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn replace(&self, thing: T) -> Option<T> {
        self.thing.lock().unwrap_or_else(PoisonError::into_inner).replace(thing)
    }
}

impl<T> Desk<T> {
    fn lock(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn somebody_waits(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    fn note_length(&self, queue: &Queue<T>) {
        self.waiting.store(queue.waiting.len(), Ordering::Relaxed);
    }

    /// Gives a thing, or the right to make one, to the first one in the queue; keeps it when nobody waits.
    fn accept(&self, thing: Option<T>) {
        let mut queue = self.lock();
        let Some((ticket, waker)) = queue.waiting.pop_first() else {
            match thing {
                Some(thing) => queue.spare.push(thing),
                None => queue.to_make += 1,
            }
            return;
        };
        queue.granted.insert(ticket, thing);
        self.note_length(&queue);
        drop(queue);
        // Not under the lock: a waker is somebody else's code.
        waker.wake();
    }

    /// What was granted to this ticket; otherwise `waker` is noted for it.
    fn fetch(&self, ticket: u64, waker: Waker) -> Option<Option<T>> {
        let mut queue = self.lock();
        let granted = queue.granted.remove(&ticket);
        let former = if granted.is_none() { queue.waiting.insert(ticket, waker) } else { None };
        drop(queue);
        // Not under the lock, see above.
        drop(former);
        granted
    }

    /// Leaves the queue. What was granted already goes to the next one.
    fn leave(&self, ticket: u64) {
        let mut queue = self.lock();
        let waker = queue.waiting.remove(&ticket);
        self.note_length(&queue);
        let granted = queue.granted.remove(&ticket);
        drop(queue);
        drop(waker);
        if let Some(thing) = granted {
            self.accept(thing);
        }
    }
}

impl<T> Future for Waiting<'_, T> {
    type Output = Lent<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Lent<T>> {
        let lender = self.lender;
        let waker = context.waker().clone();
        let thing = match self.ticket {
            None => match lender.ask(waker) {
                Ok(thing) => {
                    // It will be returned to a slot that may be this thread's alone.
                    home::leave();
                    thing
                }
                Err(ticket) => {
                    self.ticket = Some(ticket);
                    return Poll::Pending;
                }
            },
            Some(ticket) => match lender.desk.fetch(ticket, waker) {
                Some(thing) => thing,
                None => return Poll::Pending,
            },
        };
        self.ticket = None;
        Poll::Ready(Lent { thing, slot: lender.home().clone() })
    }
}

impl<T> Drop for Waiting<'_, T> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.lender.desk.leave(ticket);
        }
    }
}

impl<T> Drop for Lent<T> {
    fn drop(&mut self) {
        let desk = &self.slot.desk;
        let Some(thing) = self.thing.take() else { return desk.accept(None) };
        if let Some(former) = self.slot.replace(thing) {
            desk.accept(Some(former));
        }
        if desk.somebody_waits()
            && let Some(thing) = self.slot.take()
        {
            desk.accept(Some(thing));
        }
    }
}
