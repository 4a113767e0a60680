//! The instances of a thread by numbers, which JavaScript passes through the scratch memory.
//!
//! They are not part of the [`Environment`](crate::environment::Environment): the garbage collector may forget an instance while that is
//! in use.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::compiled::Names;
use crate::instance::Home;
use crate::log::LogQueue;

/// What is needed to call an instance.
#[derive(Clone)]
pub(crate) struct Resident {
    pub(crate) home: Home,
    pub(crate) names: Names,
    pub(crate) logs: Arc<LogQueue>,
}

#[derive(Default)]
struct Residents {
    /// By their places.
    all: Vec<Option<Resident>>,
    /// The places that nobody has.
    vacant: Vec<u32>,
}

thread_local! {
    static RESIDENTS: RefCell<Residents> = RefCell::default();
}

/// Keeps an instance, for the place that it returns.
pub(crate) fn admit(resident: Resident) -> u32 {
    RESIDENTS.with_borrow_mut(|Residents { all, vacant }| match vacant.pop() {
        Some(place) => {
            all[place as usize] = Some(resident);
            place
        }
        None => {
            all.push(Some(resident));
            all.len() as u32 - 1
        }
    })
}

/// Forgets an instance, if it still has this place: one that was closed has given it back before it is collected.
pub(crate) fn dismiss(place: u32, home: &Home) {
    let dismissed = RESIDENTS.with_borrow_mut(|Residents { all, vacant }| {
        let kept = all.get_mut(place as usize)?;
        if !kept.as_ref().is_some_and(|resident| Rc::ptr_eq(&resident.home, home)) {
            return None;
        }
        vacant.push(place);
        kept.take()
    });
    drop(dismissed);
}

/// Forgets all of them.
pub(crate) fn clear() {
    drop(RESIDENTS.take());
}

/// Does something with the instance of this place, if there is one. `action` runs no JavaScript, and makes nothing in it.
pub(crate) fn with<R>(place: u32, action: impl FnOnce(&Resident) -> R) -> Option<R> {
    RESIDENTS.with_borrow(|residents| residents.all.get(place as usize)?.as_ref().map(action))
}
