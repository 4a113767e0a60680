//! Where a guest and JavaScript meet during a call: questions one way, answers the other.

use std::future::poll_fn;
use std::mem;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use futures_util::task::AtomicWaker;
use plugwright::{Val, ValType};

use crate::bell::Bell;
use crate::sys::Lent;

/// A host function to be called.
pub(crate) struct Question {
    /// Which one, by its place in the plug-in's list.
    pub(crate) slot: usize,
    pub(crate) params: Vec<Val>,
    /// What it returns.
    pub(crate) results: Arc<[ValType]>,
    /// The plug-in that calls it.
    pub(crate) plugin: Arc<Lent>,
}

/// What a host function returned, or the message of what it threw.
pub(crate) type Answer = Result<Vec<Val>, String>;

#[derive(Default)]
enum State {
    /// Nobody waits for anything.
    #[default]
    Quiet,
    /// The guest has asked, and JavaScript does not know yet.
    Asked(Question),
    /// JavaScript knows.
    Asking,
    /// JavaScript has answered, and the guest does not know yet.
    Answered(Answer),
}

/// The meeting point of one call.
pub(crate) struct Exchange {
    state: Mutex<State>,
    /// Wakes the call, whatever it is to look at.
    waker: AtomicWaker,
    cancelled: AtomicBool,
    /// Who is to hear of questions, and of which number.
    bell: Option<(Arc<Bell>, u32)>,
    /// Whether the call runs on another thread. Else JavaScript itself advances it, and nobody need tell it.
    has_left: AtomicBool,
}

impl Exchange {
    pub(crate) fn new(bell: Option<(Arc<Bell>, u32)>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            waker: AtomicWaker::new(),
            cancelled: AtomicBool::new(false),
            has_left: AtomicBool::new(false),
            bell,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks JavaScript, and waits for its answer.
    pub(crate) async fn ask(&self, question: Question) -> Answer {
        *self.state() = State::Asked(question);
        let _asking = Asking(self);
        self.ring();
        // The waker is the whole call's, which `run` has registered.
        poll_fn(|_| {
            let mut state = self.state();
            match mem::take(&mut *state) {
                State::Answered(answer) => Poll::Ready(answer),
                other => {
                    *state = other;
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// The question that the guest has asked since the last time.
    pub(crate) fn take_question(&self) -> Option<Question> {
        let mut state = self.state();
        match mem::take(&mut *state) {
            State::Asked(question) => {
                *state = State::Asking;
                Some(question)
            }
            other => {
                *state = other;
                None
            }
        }
    }

    /// Answers the question, unless the call has ended meanwhile. JavaScript advances the call then if that runs on its thread.
    pub(crate) fn answer(&self, answer: Answer) {
        let mut state = self.state();
        if matches!(*state, State::Asking) {
            *state = State::Answered(answer);
            drop(state);
            // Who answers on the call's own thread advances it next: waking it would ring the bell for nothing.
            if self.has_left.load(Ordering::Acquire) {
                self.waker.wake();
            }
        }
    }

    /// Ends the call as soon as it looks, at the cost of the instance.
    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Runs `call`, which asks questions here, until it ends; `None` when it was cancelled before.
    pub(crate) async fn run<R>(&self, call: impl Future<Output = R>) -> Option<R> {
        let mut call = pin!(call);
        poll_fn(|context| {
            self.waker.register(context.waker());
            if self.cancelled.load(Ordering::Acquire) {
                return Poll::Ready(None);
            }
            call.as_mut().poll(context).map(Some)
        })
        .await
    }

    /// The call runs on another thread from now on.
    pub(crate) fn leave(&self) {
        self.has_left.store(true, Ordering::Release);
    }

    /// Tells JavaScript that there is something new, unless it looks by itself.
    pub(crate) fn ring(&self) {
        if let Some((bell, number)) = &self.bell
            && self.has_left.load(Ordering::Acquire)
        {
            bell.ring(*number);
        }
    }
}

/// Takes a question back that the call has not waited for: its deadline has passed, or it was cancelled.
struct Asking<'a>(&'a Exchange);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        *self.0.state() = State::Quiet;
    }
}
