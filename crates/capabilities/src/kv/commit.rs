//! Writing for several at once: who finds nobody writing writes for all who wait, so that one flush of the disk does for all of them.

use std::collections::{HashMap, HashSet};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::patience::{LOOK, Patience};
use crate::{Code, Failure};

/// The most jobs that are done together.
const MAX_BATCH: usize = 1024;

/// Something to be done with others of its kind.
#[derive(Debug)]
pub(super) struct Job<J, T> {
    pub(super) job: J,
    /// What came of it, once it is known.
    pub(super) outcome: Option<Result<T, Failure>>,
}

/// Those who want something done together.
#[derive(Debug)]
pub(super) struct Committer<J, T> {
    state: Mutex<State<J, T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<J, T> {
    /// Whether somebody writes.
    busy: bool,
    next: u64,
    waiting: Vec<(u64, Job<J, T>)>,
    done: HashMap<u64, Result<T, Failure>>,
    /// Jobs that are being done, and for which nobody waits any more.
    given_up: HashSet<u64>,
}

impl<J, T> Default for Committer<J, T> {
    fn default() -> Self {
        let state = State {
            busy: false,
            next: 0,
            waiting: Vec::new(),
            done: HashMap::new(),
            given_up: HashSet::new(),
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }
}

impl<J, T> Committer<J, T> {
    /// Has a job done by `commit`, here or by somebody else who calls this now. `commit` gives each of its jobs an outcome.
    ///
    /// # Errors
    ///
    /// The job's own failure; `Timeout` when others took too long, or the call must stop.
    pub(super) fn run(
        &self,
        job: J,
        patience: &Patience,
        commit: impl Fn(&mut [Job<J, T>]),
    ) -> Result<T, Failure> {
        let job = Job { job, outcome: None };
        let mut state = self.state();
        if !state.busy && state.waiting.is_empty() {
            state.busy = true;
            drop(state);
            let mut jobs = [job];
            let busy = Busy { committer: self, own: None, numbers: Vec::new() };
            commit(&mut jobs);
            drop(busy);
            let [job] = jobs;
            return job.outcome.unwrap_or_else(|| Err(without_outcome()));
        }
        let number = state.next;
        state.next += 1;
        state.waiting.push((number, job));
        loop {
            if let Some(outcome) = state.done.remove(&number) {
                return outcome;
            }
            if !state.busy {
                state.busy = true;
                let count = state.waiting.len().min(MAX_BATCH);
                let (numbers, mut jobs): (Vec<u64>, Vec<_>) = state.waiting.drain(..count).unzip();
                drop(state);
                let mut busy = Busy { committer: self, own: Some(number), numbers };
                commit(&mut jobs);
                state = self.state();
                for (number, job) in busy.numbers.drain(..).zip(jobs) {
                    state.tell(number, job.outcome.unwrap_or_else(|| Err(without_outcome())));
                }
                drop(state);
                drop(busy);
                state = self.state();
                continue;
            }
            // Asked without the lock: the host may take its time to answer.
            drop(state);
            let is_over = patience.is_over();
            state = self.state();
            if !state.busy || state.done.contains_key(&number) {
                continue;
            }
            if is_over {
                return Err(give_up(&mut state, number));
            }
            let wait = patience.time_left().min(LOOK);
            state = self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn state(&self) -> MutexGuard<'_, State<J, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J, T> State<J, T> {
    /// Tells whoever waits for it, if somebody still does, what came of a job.
    fn tell(&mut self, number: u64, outcome: Result<T, Failure>) {
        if !self.given_up.remove(&number) {
            self.done.insert(number, outcome);
        }
    }
}

/// Somebody writes until this is dropped, even by a panic.
struct Busy<'a, J, T> {
    committer: &'a Committer<J, T>,
    /// The job of who writes.
    own: Option<u64>,
    /// The jobs whose outcomes have not been told.
    numbers: Vec<u64>,
}

impl<J, T> Drop for Busy<'_, J, T> {
    fn drop(&mut self) {
        let mut state = self.committer.state();
        // Left after a panic.
        for number in self.numbers.drain(..) {
            if Some(number) != self.own {
                state.tell(number, Err(without_outcome()));
            }
        }
        state.busy = false;
        drop(state);
        self.committer.changed.notify_all();
    }
}

#[cold]
fn give_up<J, T>(state: &mut State<J, T>, number: u64) -> Failure {
    match state.waiting.iter().position(|(waiting, _)| *waiting == number) {
        Some(index) => {
            state.waiting.remove(index);
            Failure::new(Code::Timeout, "others kept the store busy for too long; nothing was written")
        }
        None => {
            state.given_up.insert(number);
            let message = "the store did not answer in time; whether it was written is not known";
            Failure::new(Code::Timeout, message)
        }
    }
}

#[cold]
fn without_outcome() -> Failure {
    Failure::new(Code::Internal, "the store forgot to answer")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::{Committer, Job};
    use crate::patience::Patience;
    use crate::{Code, Failure};

    fn double(jobs: &mut [Job<u64, u64>]) {
        for job in jobs {
            job.outcome = Some(Ok(job.job * 2));
        }
    }

    fn soon() -> Patience {
        Patience::until(Instant::now() + Duration::from_secs(60))
    }

    #[test]
    fn those_who_wait_are_done_together() {
        let committer = Committer::default();
        let batches = AtomicUsize::new(0);
        let (entered, inside) = mpsc::channel();
        let (leave, left) = mpsc::channel::<()>();
        let (committer, batches) = (&committer, &batches);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let outcome = committer.run(1, &soon(), |jobs| {
                    entered.send(()).expect("somebody waits for this");
                    left.recv().expect("somebody ends this");
                    double(jobs);
                });
                assert_eq!(outcome, Ok(2));
            });
            inside.recv().expect("the first is busy");
            let others: Vec<_> = (2..10)
                .map(|number| {
                    scope.spawn(move || {
                        committer.run(number, &soon(), |jobs| {
                            batches.fetch_add(1, Ordering::Relaxed);
                            double(jobs);
                        })
                    })
                })
                .collect();
            while committer.state().waiting.len() < 8 {
                std::thread::yield_now();
            }
            leave.send(()).expect("the first waits for this");
            for (other, number) in others.into_iter().zip(2..) {
                assert_eq!(other.join().expect("no panic"), Ok(number * 2));
            }
        });
        assert_eq!(batches.load(Ordering::Relaxed), 1, "eight jobs, one batch");
    }

    #[test]
    fn a_panic_with_the_jobs_of_others_is_their_failure() {
        let committer = Committer::default();
        let committer = &committer;
        let (entered, inside) = mpsc::channel();
        let (leave, left) = mpsc::channel::<()>();
        let panics = |jobs: &mut [Job<u64, u64>]| {
            if jobs.iter().any(|job| job.job == 2) {
                panic!("a test");
            }
            double(jobs);
        };
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let outcome = committer.run(1, &soon(), |jobs| {
                    entered.send(()).expect("somebody waits for this");
                    left.recv().expect("somebody ends this");
                    double(jobs);
                });
                assert_eq!(outcome, Ok(2));
            });
            inside.recv().expect("the first is busy");
            let others: Vec<_> =
                (2..6).map(|number| scope.spawn(move || committer.run(number, &soon(), panics))).collect();
            while committer.state().waiting.len() < 4 {
                std::thread::yield_now();
            }
            leave.send(()).expect("the first waits for this");
            let outcomes: Vec<_> = others.into_iter().map(|other| other.join()).collect();
            assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 1, "who wrote panicked");
            let told = outcomes.into_iter().filter_map(Result::ok);
            let codes: Vec<_> = told.map(|outcome| outcome.map_err(|failure| failure.code)).collect();
            assert_eq!(codes, [Err(Code::Internal), Err(Code::Internal), Err(Code::Internal)]);
        });
        let state = committer.state();
        assert!(state.done.is_empty() && state.given_up.is_empty() && !state.busy);
    }

    #[test]
    fn waiting_ends_at_the_deadline_and_a_panic_keeps_nobody() {
        let committer = Committer::<u64, u64>::default();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            committer.run(1, &soon(), |_| panic!("a test"))
        }));
        assert!(panicked.is_err());
        assert_eq!(committer.run(1, &soon(), double), Ok(2));
        committer.state().busy = true;
        let late = committer.run(1, &Patience::until(Instant::now()), double);
        assert_eq!(late.map_err(|failure: Failure| failure.code), Err(Code::Timeout));
        assert!(committer.state().waiting.is_empty(), "what was given up is not done later");
    }
}
