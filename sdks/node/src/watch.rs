//! The clock of calls that have a head start: sees to it that one which takes long leaves the thread of JavaScript.
//!
//! The runtime's own clock ticks every 10 ms, for which an event loop should not wait. This one looks every 50 µs or so, and only while such
//! calls are made: soon after the last one it sleeps until the next.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// How long a call may compute before it is asked to leave.
pub(crate) const LIMIT: Duration = Duration::from_micros(100);

/// How long the clock sleeps between two looks, to which the system adds about as much.
const PERIOD: Duration = Duration::from_micros(50);

/// For how long it goes on after the last call.
const LINGER: Duration = Duration::from_millis(2);

/// What times are counted from.
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The calls of one thread of JavaScript, of which one computes at a time.
pub(crate) struct Watched {
    /// When the last one began, in nanoseconds; the lowest bit says whether it computes just now.
    began: AtomicU64,
}

struct Watch {
    state: Mutex<State>,
    /// Whether the thread waits, or is about to, for a call.
    asleep: AtomicBool,
    woken: Condvar,
}

struct State {
    running: bool,
    watched: Vec<Weak<Watched>>,
}

static WATCH: Watch = Watch {
    state: Mutex::new(State { running: false, watched: Vec::new() }),
    asleep: AtomicBool::new(false),
    woken: Condvar::new(),
};

impl Watched {
    /// Begins to watch a thread of JavaScript.
    ///
    /// # Errors
    /// When the system refuses the clock's thread.
    pub(crate) fn new() -> io::Result<Arc<Self>> {
        let watched = Arc::new(Self { began: AtomicU64::new(nanoseconds()) });
        let mut state = WATCH.lock();
        if !state.running {
            thread::Builder::new().name("plugwright-watch".into()).spawn(|| WATCH.run())?;
            state.running = true;
        }
        state.watched.push(Arc::downgrade(&watched));
        Ok(watched)
    }

    /// Does something that is to make way if it takes long, and measures it.
    pub(crate) fn during<R>(&self, action: impl FnOnce() -> R) -> (R, Duration) {
        let began = nanoseconds();
        // In the one order of all `SeqCst` operations, either the thread sees this before it sleeps, or this sees it asleep.
        self.began.store(began | 1, Ordering::SeqCst);
        if WATCH.asleep.load(Ordering::SeqCst) {
            WATCH.wake();
        }
        let result = action();
        let ended = nanoseconds();
        self.began.store(began & !1, Ordering::Release);
        (result, Duration::from_nanos(ended.saturating_sub(began)))
    }
}

impl Watch {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn wake(&self) {
        let _state = self.lock();
        self.asleep.store(false, Ordering::SeqCst);
        self.woken.notify_one();
    }

    fn run(&self) {
        loop {
            let mut state = self.lock();
            if !state.look() {
                self.asleep.store(true, Ordering::SeqCst);
                // A call may have begun just before that.
                if state.look() {
                    self.asleep.store(false, Ordering::SeqCst);
                }
                while self.asleep.load(Ordering::SeqCst) {
                    state = self.woken.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            }
            drop(state);
            thread::sleep(PERIOD);
        }
    }
}

impl State {
    /// Interrupts what takes too long; whether there is a call, or was one lately.
    fn look(&mut self) -> bool {
        let (mut active, mut late) = (false, false);
        self.watched.retain(|watched| {
            let Some(watched) = watched.upgrade() else { return false };
            let began = watched.began.load(Ordering::SeqCst);
            let since = Duration::from_nanos(nanoseconds().saturating_sub(began));
            let computes = began & 1 == 1;
            active |= computes || since < LINGER;
            late |= computes && since >= LIMIT;
            true
        });
        if late {
            plugwright::make_way();
        }
        active
    }
}

/// Since the origin: enough for 584 years.
fn nanoseconds() -> u64 {
    ORIGIN.elapsed().as_nanos() as u64
}
