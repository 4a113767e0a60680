//! What belongs to one thread of JavaScript: the main one, or that of a `worker_threads` worker.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Function, Uint8Array};
use napi_derive::napi;
use plugwright::Error;

use crate::bell::Bell;
use crate::call::Call;
use crate::error::{Failure, failure_of};
use crate::head_start::HeadStarts;
use crate::residents;
use crate::sys::Scratch;

/// The first bytes of the scratch memory hold single numbers, the others whatever is passed.
pub(crate) const HEADER: usize = 16;

/// Is in the numbers of queues of messages and in none of a call's: both ring the same bell.
const QUEUE: u32 = 1 << 31;

/// What belongs to the thread.
pub(crate) struct Environment {
    scratch: Scratch,
    pub(crate) bell: Arc<Bell>,
    calls: HashMap<u32, Box<Call>, BuildHasherDefault<Spread>>,
    last_number: u32,
    last_queue: u32,
    pub(crate) head_starts: HeadStarts,
    /// Why the last function that passes everything through the scratch memory has failed.
    failure: Option<Failure>,
}

/// The hash of a number that nobody chooses: numbers are counted up.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32((self.0 as u32) << 8 | u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        // The table looks at bits at both ends.
        self.0 = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

thread_local! {
    static HERE: RefCell<Option<Environment>> = const { RefCell::new(None) };
}

/// Prepares the thread: numbers and small bytes travel through `scratch`, and `listener` is called when there is something new to
/// [`taken`](take_ready).
#[napi]
pub(crate) fn open(env: Env, scratch: Uint8Array, listener: Function<'_, (), ()>) -> napi::Result<()> {
    if scratch.len() <= HEADER {
        return Err(napi::Error::from_reason("the scratch memory is too small"));
    }
    let environment = Environment {
        scratch: Scratch::new(scratch),
        bell: Bell::new(&listener)?,
        calls: HashMap::default(),
        last_number: 0,
        last_queue: 0,
        head_starts: HeadStarts::default(),
        failure: None,
    };
    HERE.with_borrow_mut(|here| *here = Some(environment));
    // Guests of this thread's end with it, and so do their calls on other threads.
    env.add_env_cleanup_hook((), |()| {
        residents::clear();
        drop(HERE.take());
    })?;
    Ok(())
}

/// The numbers of the calls and plug-ins that have something new.
#[napi]
pub(crate) fn take_ready() -> napi::Result<Vec<u32>> {
    with(|here| Ok(here.bell.take()))
}

/// Why a function has failed that says 1 by the last number of the header.
#[napi]
pub(crate) fn take_failure() -> napi::Result<Option<Failure>> {
    with(|here| Ok(here.failure.take()))
}

/// Does something with what belongs to this thread. `action` runs no JavaScript.
///
/// # Errors
/// Those of `action`, and when the thread is about to end.
pub(crate) fn with<R>(action: impl FnOnce(&mut Environment) -> napi::Result<R>) -> napi::Result<R> {
    HERE.with_borrow_mut(|here| match here {
        Some(here) => action(here),
        None => Err(napi::Error::from_reason("this thread of JavaScript is about to end")),
    })
}

impl Environment {
    /// A number for a call, which nothing else here has.
    pub(crate) fn number(&mut self) -> u32 {
        loop {
            self.last_number = (self.last_number + 1) % QUEUE;
            // After two billion calls the numbers begin again, and some call may still be under way.
            if !self.calls.contains_key(&self.last_number) {
                return self.last_number;
            }
        }
    }

    /// A number for the messages of a compiled plug-in, which no call has.
    pub(crate) fn queue_number(&mut self) -> u32 {
        self.last_queue = (self.last_queue + 1) % QUEUE;
        QUEUE | self.last_queue
    }

    pub(crate) fn begin(&mut self, number: u32, call: Box<Call>) {
        self.calls.insert(number, call);
    }

    pub(crate) fn call(&mut self, number: u32) -> napi::Result<&mut Call> {
        self.calls.get_mut(&number).map(Box::as_mut).ok_or_else(no_call)
    }

    pub(crate) fn end(&mut self, number: u32) -> napi::Result<Box<Call>> {
        self.calls.remove(&number).ok_or_else(no_call)
    }

    /// The bytes of the scratch memory after its header.
    pub(crate) fn data(&mut self) -> &mut [u8] {
        &mut self.scratch.bytes()[HEADER..]
    }

    /// The first `len` bytes of the scratch memory after its header.
    pub(crate) fn first(&mut self, len: u32) -> napi::Result<&[u8]> {
        let data = self.data();
        data.get(..len as usize)
            .ok_or_else(|| napi::Error::from_reason("more bytes than the scratch memory has"))
    }

    /// Passes an unsigned number to JavaScript, or gets one, as the 8 bytes at the beginning.
    pub(crate) fn number_passed(&mut self) -> &mut [u8; 8] {
        match self.scratch.bytes().first_chunk_mut() {
            Some(bytes) => bytes,
            None => unreachable!("`open` has seen that there is room"),
        }
    }

    /// The four numbers of the header, of 4 bytes each.
    pub(crate) fn header(&mut self) -> [u32; HEADER / 4] {
        let (words, _) = self.scratch.bytes().as_chunks();
        [0, 1, 2, 3].map(|word: usize| u32::from_ne_bytes(words[word]))
    }

    /// The last number of the header.
    pub(crate) fn set_last(&mut self, number: u32) {
        self.scratch.bytes()[12..16].copy_from_slice(&number.to_ne_bytes());
    }

    /// The third number of the header, which a call's number is passed by.
    pub(crate) fn set_call_number(&mut self, number: u32) {
        self.scratch.bytes()[8..12].copy_from_slice(&number.to_ne_bytes());
    }

    /// Passes a number, with 0 as the last number of the header; or keeps an error for [`take_failure`], with 1.
    pub(crate) fn pass(&mut self, result: Result<u64, Error>) {
        match result {
            Ok(number) => {
                *self.number_passed() = number.to_ne_bytes();
                self.set_last(0);
            }
            Err(error) => {
                self.failure = Some(failure_of(&error));
                self.set_last(1);
            }
        }
    }
}

fn no_call() -> napi::Error {
    napi::Error::from_reason("there is no such call; it has ended")
}
