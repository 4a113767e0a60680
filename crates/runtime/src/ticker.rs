//! The process's one clock for interrupting guests.
//!
//! Compiled code compares its engine's epoch with a deadline at loops and function entries. A thread advances the
//! epoch of every engine at a fixed period while any instance is alive; each store then looks at *its own*
//! deadline and cancel flag, so that stopping one plug-in never touches another.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wasmtime::Engine;

/// How often running guests look at their deadline and cancel flag.
const PERIOD: Duration = Duration::from_millis(10);

struct Ticker {
    state: Mutex<TickerState>,
    instances_exist: Condvar,
    ticks: AtomicU64,
}

struct TickerState {
    running: bool,
    engines: Vec<Engine>,
    instances: usize,
}

static TICKER: Ticker = Ticker {
    state: Mutex::new(TickerState { running: false, engines: Vec::new(), instances: 0 }),
    instances_exist: Condvar::new(),
    ticks: AtomicU64::new(0),
};

impl Ticker {
    fn lock(&self) -> MutexGuard<'_, TickerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        loop {
            {
                let mut state = self.lock();
                while state.instances == 0 {
                    state = self.instances_exist.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                state.engines.iter().for_each(Engine::increment_epoch);
                self.ticks.fetch_add(1, Ordering::Relaxed);
            }
            std::thread::sleep(PERIOD);
        }
    }
}

/// Starts advancing the epoch of `engine`.
///
/// # Errors
///
/// When the system refuses the clock's thread, without which nothing could stop a guest.
pub(crate) fn register(engine: &Engine) -> std::io::Result<()> {
    let mut state = TICKER.lock();
    if !state.running {
        let thread = std::thread::Builder::new().name("plugwright-ticker".into());
        thread.spawn(|| TICKER.run())?;
        state.running = true;
    }
    state.engines.push(engine.clone());
    Ok(())
}

/// A number that changes every [`PERIOD`] while an instance is alive: a clock that costs nothing to read.
pub(crate) fn ticks() -> u64 {
    TICKER.ticks.load(Ordering::Relaxed)
}

/// Keeps the clock running for as long as it lives: one for each instance.
pub(crate) struct Ticking(());

impl Ticking {
    pub(crate) fn start() -> Self {
        let mut state = TICKER.lock();
        state.instances += 1;
        if state.instances == 1 {
            TICKER.instances_exist.notify_one();
        }
        Self(())
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        TICKER.lock().instances -= 1;
    }
}
