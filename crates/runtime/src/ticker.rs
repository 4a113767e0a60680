//! The process's one clock for interrupting guests.
//!
//! Compiled code compares its engine's epoch with a deadline at loops and function entries. A thread advances the
//! epoch of every engine at a fixed period while any instance is alive; each store then looks at *its own*
//! deadline and cancel flag, so that stopping one plug-in never touches another.

#[cfg(unix)]
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wasmtime::Engine;

use crate::fork;

/// How often running guests look at their deadline and cancel flag.
const PERIOD: Duration = Duration::from_millis(10);

/// How many periods the clock goes on after the last instance, so that a host that makes one after the other does not wake it
/// each time.
const LINGER: u32 = 100;

struct Ticker {
    state: Mutex<TickerState>,
    instances_exist: Condvar,
    instances: AtomicUsize,
    /// Whether the thread waits, or is about to, for an instance.
    asleep: AtomicBool,
    /// Whether this is a forked process, into which the thread did not come along.
    lost: AtomicBool,
    ticks: AtomicU64,
}

struct TickerState {
    running: bool,
    engines: Vec<Engine>,
}

impl TickerState {
    /// Starts the thread if it does not run.
    fn start(&mut self) -> std::io::Result<()> {
        if !self.running {
            let thread = std::thread::Builder::new().name("plugwright-ticker".into());
            thread.spawn(|| TICKER.run())?;
            self.running = true;
        }
        Ok(())
    }
}

static TICKER: Ticker = Ticker {
    state: Mutex::new(TickerState { running: false, engines: Vec::new() }),
    instances_exist: Condvar::new(),
    instances: AtomicUsize::new(0),
    asleep: AtomicBool::new(false),
    lost: AtomicBool::new(false),
    ticks: AtomicU64::new(0),
};

impl Ticker {
    fn lock(&self) -> MutexGuard<'_, TickerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut idle = 0;
        loop {
            let mut state = self.lock();
            idle = if self.instances.load(Ordering::Relaxed) == 0 { idle + 1 } else { 0 };
            if idle > LINGER {
                state = self.sleep(state);
                idle = 0;
            }
            state.engines.iter().for_each(Engine::increment_epoch);
            self.ticks.fetch_add(1, Ordering::Relaxed);
            drop(state);
            std::thread::sleep(PERIOD);
        }
    }

    /// Waits for an instance. In the one order of all `SeqCst` operations, either the new instance is counted before it is looked
    /// for here, or `asleep` is set before [`Ticking::start`] looks at it, which then notifies under the lock.
    fn sleep<'a>(&self, mut state: MutexGuard<'a, TickerState>) -> MutexGuard<'a, TickerState> {
        self.asleep.store(true, Ordering::SeqCst);
        while self.instances.load(Ordering::SeqCst) == 0 {
            state = self.instances_exist.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        self.asleep.store(false, Ordering::SeqCst);
        state
    }
}

/// Starts advancing the epoch of `engine`.
///
/// # Errors
///
/// When the system refuses the clock's thread, without which nothing could stop a guest.
pub(crate) fn register(engine: &Engine) -> std::io::Result<()> {
    fork::watch()?;
    let mut state = TICKER.lock();
    state.start()?;
    state.engines.push(engine.clone());
    Ok(())
}

/// Sees to it that the clock runs: after a fork it does not.
///
/// # Errors
///
/// As [`register`].
#[inline]
pub(crate) fn attend() -> std::io::Result<()> {
    if TICKER.lost.load(Ordering::Relaxed) { restart() } else { Ok(()) }
}

#[cold]
fn restart() -> std::io::Result<()> {
    TICKER.lock().start()?;
    TICKER.lost.store(false, Ordering::Relaxed);
    Ok(())
}

#[cfg(unix)]
thread_local! {
    /// The clock's lock while this thread forks. Were it another thread's then, it would stay locked in the child for ever.
    static FORKING: RefCell<Option<MutexGuard<'static, TickerState>>> = const { RefCell::new(None) };
}

/// Runs on the thread that is about to fork.
#[cfg(unix)]
pub(crate) fn before_fork() {
    // A thread that is ending has no such place any more, and cannot hold the lock across its fork.
    let _gone = FORKING.try_with(|forking| *forking.borrow_mut() = Some(TICKER.lock()));
}

/// Runs on the thread that has forked, in the parent and in the child.
#[cfg(unix)]
pub(crate) fn after_fork(child: bool) {
    let held = FORKING.try_with(|forking| forking.borrow_mut().take()).ok().flatten();
    if child {
        held.unwrap_or_else(|| TICKER.lock()).running = false;
        TICKER.asleep.store(false, Ordering::Relaxed);
        TICKER.lost.store(true, Ordering::Relaxed);
    }
}

/// Lets every guest of this process that runs in an async call make way for other futures as soon as it notices, which is at its next
/// loop or call of a function. On its own it makes way when the clock ticks, about every 10 ms.
///
/// For hosts that poll such calls on a thread which has other things to do, and want to move one that takes long to another. Guests in
/// blocking calls look at their deadline, and go on.
pub fn make_way() {
    TICKER.lock().engines.iter().for_each(Engine::increment_epoch);
}

/// A number that changes every [`PERIOD`] while an instance is alive: a clock that costs nothing to read.
pub(crate) fn ticks() -> u64 {
    TICKER.ticks.load(Ordering::Relaxed)
}

/// Keeps the clock running for as long as it lives: one for each instance.
pub(crate) struct Ticking(());

impl Ticking {
    pub(crate) fn start() -> Self {
        TICKER.instances.fetch_add(1, Ordering::SeqCst);
        if TICKER.asleep.load(Ordering::SeqCst) {
            let _state = TICKER.lock();
            TICKER.instances_exist.notify_one();
        }
        Self(())
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        TICKER.instances.fetch_sub(1, Ordering::Relaxed);
    }
}
