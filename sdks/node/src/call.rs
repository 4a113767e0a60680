//! Calls under way, as JavaScript advances them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use napi::bindgen_prelude::BufferSlice;
use napi_derive::napi;
use plugwright::Error;

use crate::environment::{self, Environment};
use crate::error::{Failure, failure_of};
use crate::exchange::{Exchange, Question};
use crate::head_start::{BRIEF, HeadStarts};
use crate::host_function;
use crate::instance::{Home, Instance};
use crate::log::LogQueue;
use crate::place::Place;

/// How a call ended.
pub(crate) enum Outcome {
    /// With this output, unless the instance has it.
    Output(Option<Vec<u8>>),
    Error(Error),
    Cancelled,
}

/// What the future of a call comes to: its instance, if it goes home on this thread, and how the call ended.
pub(crate) struct Ended {
    pub(crate) instance: Option<Instance>,
    pub(crate) outcome: Outcome,
}

/// The future of a call.
pub(crate) type Work = Pin<Box<dyn Future<Output = Ended> + Send>>;

/// How far a call is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Ended,
    /// There is a new question.
    Asks,
    Waits,
}

/// A call under way, or one that has ended and was not asked for its output yet.
pub(crate) struct Call {
    exchange: Arc<Exchange>,
    place: Place,
    /// Where the instance goes in the end.
    home: Option<Home>,
    logs: Arc<LogQueue>,
    /// The question that JavaScript is answering.
    pub(crate) question: Option<Question>,
    ended: Option<Ended>,
    /// For how long it has computed, as far as that was measured.
    computed: Duration,
}

impl Call {
    /// A call that runs there.
    pub(crate) fn new(
        exchange: Arc<Exchange>,
        place: Place,
        home: Option<Home>,
        logs: Arc<LogQueue>,
    ) -> Self {
        Self { exchange, place, home, logs, question: None, ended: None, computed: Duration::ZERO }
    }

    /// A call that has ended.
    pub(crate) fn over(home: Home, logs: Arc<LogQueue>, ended: Ended) -> Self {
        let exchange = Exchange::new(None);
        Self { ended: Some(ended), ..Self::new(exchange, Place::Over, Some(home), logs) }
    }

    /// Looks how far the call is, and advances it if it runs here. With `park` waits until there is something to do.
    fn advance(&mut self, head_starts: &mut HeadStarts, park: bool) -> Progress {
        if self.ended.is_some() {
            return Progress::Ended;
        }
        let parked = park.then(|| Waker::from(Arc::new(Unpark(thread::current()))));
        loop {
            let advanced =
                self.place.advance(&self.exchange, head_starts, parked.as_ref(), &mut self.computed);
            if let Poll::Ready(ended) = advanced {
                self.place = Place::Over;
                self.ended = Some(ended);
                return Progress::Ended;
            }
            if let Some(question) = self.exchange.take_question() {
                self.question = Some(question);
                return Progress::Asks;
            }
            // Unless it waits for JavaScript, there is no telling how long it will take.
            if self.question.is_none() {
                self.place.leave(&self.exchange);
            }
            if !park {
                return Progress::Waits;
            }
            thread::park();
        }
    }

    /// The plug-in that waits for the answer to a question.
    pub(crate) fn asking(&self) -> napi::Result<&Question> {
        self.question.as_ref().ok_or_else(|| napi::Error::from_reason("the host function has ended"))
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The call has ended; its output has as many bytes as the number passed, and if they fit they are there.
pub(crate) const DONE: u32 = 0;
/// The guest asks for the host function whose place is passed, with these parameters.
const ASKS: u32 = 1;
/// There is nothing to do until the bell rings.
const WAITS: u32 = 2;
/// The call has ended with an error, which `failure` tells.
pub(crate) const FAILED: u32 = 3;
/// Is added when there are messages of the plug-in's.
pub(crate) const HAS_LOGGED: u32 = 4;
/// Is added when a call has ended without an error that is not bound to the thread of JavaScript, and has not computed for longer than it
/// takes to hand one over.
const WAS_BRIEF: u32 = 16;

/// Advances a call as far as it goes on its own.
#[napi]
pub(crate) fn step(number: u32) -> napi::Result<u32> {
    environment::with(|here| advance(here, number, false))
}

/// Like `step`, waiting for all but host functions.
#[napi]
pub(crate) fn step_sync(number: u32) -> napi::Result<u32> {
    environment::with(|here| advance(here, number, true))
}

/// Begins a call, and advances it.
pub(crate) fn begin(here: &mut Environment, number: u32, call: Call) -> u32 {
    go_on(here, number, Box::new(call), false)
}

fn advance(here: &mut Environment, number: u32, park: bool) -> napi::Result<u32> {
    let call = here.end(number)?;
    Ok(go_on(here, number, call, park))
}

/// Advances a call, which stays there unless nothing more is to be known of it.
fn go_on(here: &mut Environment, number: u32, mut call: Box<Call>, park: bool) -> u32 {
    let progress = call.advance(&mut here.head_starts, park);
    let logged = if call.logs.is_empty() { 0 } else { HAS_LOGGED };
    let said = match progress {
        Progress::Ended => {
            let (said, is_over) = call.tell_end(here);
            if is_over {
                return logged | said;
            }
            said
        }
        Progress::Asks => call.tell_question(here),
        Progress::Waits => WAITS,
    };
    here.begin(number, call);
    logged | said
}

impl Call {
    /// Passes how the call has ended, and says whether that is all.
    fn tell_end(&mut self, here: &mut Environment) -> (u32, bool) {
        let was_brief = !self.computed.is_zero() && self.computed < BRIEF;
        let done = if was_brief { DONE | WAS_BRIEF } else { DONE };
        let Some(output) = self.output() else { return (FAILED, false) };
        let len = output.len();
        *here.number_passed() = (len as u64).to_ne_bytes();
        let Some(place) = here.data().get_mut(..len) else { return (done, false) };
        place.copy_from_slice(output);
        self.go_home();
        (done, true)
    }

    /// Passes what the guest asks for.
    fn tell_question(&mut self, here: &mut Environment) -> u32 {
        let Some(question) = &self.question else { return WAITS };
        if host_function::write_values(here.data(), &question.params).is_err() {
            // More than two thousand parameters, which the engine does not let a function have.
            self.exchange.cancel();
            return WAITS;
        }
        *here.number_passed() = (question.slot as u64).to_ne_bytes();
        ASKS
    }

    /// The output, if the call has ended with one.
    fn output(&self) -> Option<&[u8]> {
        let ended = self.ended.as_ref()?;
        match (&ended.outcome, &ended.instance) {
            (Outcome::Output(Some(output)), _) => Some(output),
            (Outcome::Output(None), Some(instance)) => Some(instance.output()),
            (Outcome::Output(None), None) => Some(&[]),
            (Outcome::Error(_) | Outcome::Cancelled, _) => None,
        }
    }

    /// Gives the instance back.
    fn go_home(&mut self) {
        let instance = self.ended.take().and_then(|ended| ended.instance);
        if let (Some(home), Some(instance)) = (&self.home, instance) {
            home.set(Some(instance));
        }
    }
}

/// Copies the output of a call that has ended, if it did not fit, to a buffer of its length.
#[napi]
pub(crate) fn output(number: u32, mut to: BufferSlice<'_>) -> napi::Result<()> {
    environment::with(|here| {
        let mut call = here.end(number)?;
        let output = call.output().unwrap_or_default();
        let len = output.len().min(to.len());
        to[..len].copy_from_slice(&output[..len]);
        call.go_home();
        Ok(())
    })
}

/// Why a call has failed; `null` when it was cancelled by `cancel`, or has not failed.
#[napi]
pub(crate) fn failure(number: u32) -> napi::Result<Option<Failure>> {
    environment::with(|here| {
        let mut call = here.end(number)?;
        let failure = match call.ended.as_ref().map(|ended| &ended.outcome) {
            Some(Outcome::Error(error)) => Some(failure_of(error)),
            _ => None,
        };
        call.go_home();
        Ok(failure)
    })
}

/// Answers the question of a call by the values in the scratch memory, and advances the call. The third number of the header is the call's.
/// The last one is 1 to wait as `step_sync` does, else 0; in the end it is what `step` says.
#[napi]
pub(crate) fn reply() -> napi::Result<()> {
    environment::with(|here| {
        let [.., number, park] = here.header();
        let said = answer(here, number, None, park != 0)?;
        here.set_last(said);
        Ok(())
    })
}

/// Answers the question of a call by the message of an error, and advances the call as `step` does.
#[napi]
pub(crate) fn reply_error(number: u32, message: String, park: bool) -> napi::Result<u32> {
    environment::with(|here| answer(here, number, Some(message), park))
}

fn answer(here: &mut Environment, number: u32, error: Option<String>, park: bool) -> napi::Result<u32> {
    let Some(question) = here.call(number)?.question.take() else { return Ok(WAITS) };
    let answer = match error {
        Some(message) => Err(message),
        None => Ok(host_function::read_values(here.data(), &question.results)?),
    };
    let call = here.end(number)?;
    call.exchange.answer(answer);
    Ok(go_on(here, number, call, park))
}

/// Cancels a call, at the cost of its instance.
#[napi]
pub(crate) fn cancel(number: u32) -> napi::Result<()> {
    environment::with(|here| {
        here.call(number)?.exchange.cancel();
        Ok(())
    })
}

/// A time from its milliseconds; infinity is none.
///
/// # Errors
/// When it is not one.
pub(crate) fn duration(milliseconds: f64) -> napi::Result<Option<Duration>> {
    if milliseconds == f64::INFINITY {
        return Ok(None);
    }
    match Duration::try_from_secs_f64(milliseconds / 1000.0) {
        Ok(duration) => Ok(Some(duration)),
        Err(error) => Err(napi::Error::from_reason(format!("{milliseconds} ms is not a time: {error}"))),
    }
}
