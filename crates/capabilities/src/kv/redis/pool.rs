//! The connections of calls that occupy their threads: one for each call that asks, kept for the next one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::{Cmd, ConnectionInfo, Value};

use super::direct::{Direct, Login, Unanswered};
use super::failures::is_lost;
use crate::patience::Patience;

/// The most connections at a time. Who finds none left uses the one that all share.
const MOST: usize = 64;

/// A connection that was not used for so long may have been closed by the server: it is looked at before it is used.
const FRESH: Duration = Duration::from_millis(100);

/// Connections to one server.
pub(super) struct Pool {
    /// How to make one; none where only the shared connection will do.
    login: Option<Login>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// With the time since which nobody uses it.
    idle: Vec<(Direct, Instant)>,
    /// How many are in use.
    used: usize,
}

impl Pool {
    pub(super) fn new(info: &ConnectionInfo) -> Self {
        Self { login: Login::of(info), state: Mutex::default() }
    }

    /// How many connections there are.
    pub(super) fn len(&self) -> usize {
        let state = self.state();
        state.idle.len() + state.used
    }

    /// The server's answer to a command, for which this blocks the thread; `None` when the call does not occupy its thread, or there is no connection
    /// left for that.
    ///
    /// # Errors
    ///
    /// The inner ones: the server's own, and why there is no answer.
    pub(super) async fn ask(&self, command: &Cmd, patience: &Patience) -> Option<Result<Value, Unanswered>> {
        let login = self.login.as_ref().filter(|_| patience.occupies_thread())?;
        let (place, idle) = self.take()?;
        let mut direct = match idle {
            Some(direct) => direct,
            None => match Box::pin(Direct::connect(login, patience)).await {
                Ok(direct) => direct,
                Err(why) => return Some(Err(why)),
            },
        };
        let answer = direct.exchange(command, patience).and_then(|value| Ok(value.extract_error()?));
        match &answer {
            // The others were connected to the same server, which is gone now or not what it was.
            Err(Unanswered::Failed(error)) if is_lost(error) => self.state().idle.clear(),
            Err(Unanswered::Late | Unanswered::Stopped) => {}
            Ok(_) | Err(Unanswered::Failed(_)) => place.give_back(direct),
        }
        Some(answer)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection, with one if there is any.
    fn take(&self) -> Option<(InUse<'_>, Option<Direct>)> {
        let mut state = self.state();
        let now = Instant::now();
        let idle = loop {
            match state.idle.pop() {
                Some((direct, since)) if now.duration_since(since) < FRESH || direct.is_alive() => {
                    break Some(direct);
                }
                Some(_) => {}
                None if state.used >= MOST => return None,
                None => break None,
            }
        };
        state.used += 1;
        Some((InUse(self), idle))
    }
}

/// A place for a connection that is in use, however that ends.
struct InUse<'a>(&'a Pool);

impl InUse<'_> {
    fn give_back(self, direct: Direct) {
        self.0.state().idle.push((direct, Instant::now()));
    }
}

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        self.0.state().used -= 1;
    }
}
