//! Instances by session: a bounded number, each for one client, until nobody asks for it any more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plugwright::{CompiledPlugin, Plugin};
use tokio::sync::OwnedMutexGuard;

use crate::memory::TotalMemory;

/// The longest id of a session.
pub(crate) const MAX_ID_BYTES: usize = 128;

/// The sessions of a plug-in.
#[derive(Debug)]
pub(crate) struct Sessions {
    max: usize,
    idle_timeout: Duration,
    by_id: Mutex<HashMap<Box<str>, Session>>,
    memory: TotalMemory,
}

#[derive(Debug)]
struct Session {
    /// Locked for a call; calls of one session come one after the other.
    plugin: Arc<tokio::sync::Mutex<Plugin>>,
    used: Instant,
}

/// Why there is no session.
#[derive(Debug)]
pub(crate) enum NoSession {
    /// There are as many as may be.
    Full(usize),
    /// The instance cannot be made.
    Failed(plugwright::Error),
    /// Another call of the session did not end in time.
    Busy,
}

impl Sessions {
    pub(crate) fn new(max: usize, idle_timeout: Duration) -> Self {
        Self { max, idle_timeout, by_id: Mutex::default(), memory: TotalMemory::default() }
    }

    /// The session's instance, as soon as its other calls are over.
    pub(crate) async fn enter(
        &self,
        id: &str,
        compiled: &CompiledPlugin,
        wait: Duration,
    ) -> Result<OwnedMutexGuard<Plugin>, NoSession> {
        let plugin = self.find_or_begin(id, compiled)?;
        tokio::time::timeout(wait, plugin.lock_owned()).await.map_err(|_| NoSession::Busy)
    }

    fn find_or_begin(
        &self,
        id: &str,
        compiled: &CompiledPlugin,
    ) -> Result<Arc<tokio::sync::Mutex<Plugin>>, NoSession> {
        let now = Instant::now();
        let mut by_id = self.lock();
        if let Some(session) = by_id.get_mut(id) {
            session.used = now;
            return Ok(session.plugin.clone());
        }
        if by_id.len() >= self.max {
            self.expire(&mut by_id, now);
        }
        if by_id.len() >= self.max {
            return Err(NoSession::Full(self.max));
        }
        let plugin = compiled.instantiate().map_err(NoSession::Failed)?;
        let plugin = Arc::new(tokio::sync::Mutex::new(plugin));
        by_id.insert(id.into(), Session { plugin: plugin.clone(), used: now });
        Ok(plugin)
    }

    /// Whether there is a session of this id.
    pub(crate) fn contain(&self, id: &str) -> bool {
        self.lock().contains_key(id)
    }

    /// Ends the sessions that were not used for long.
    pub(crate) fn sweep(&self) {
        self.expire(&mut self.lock(), Instant::now());
    }

    fn expire(&self, by_id: &mut HashMap<Box<str>, Session>, now: Instant) {
        by_id.retain(|_, session| {
            // Whoever is in a call, or about to be, holds the plug-in too.
            match Arc::get_mut(&mut session.plugin) {
                Some(plugin) if now.duration_since(session.used) >= self.idle_timeout => {
                    self.memory.forget(plugin.get_mut());
                    false
                }
                _ => true,
            }
        });
    }

    /// The memory of all of them.
    pub(crate) fn memory(&self) -> &TotalMemory {
        &self.memory
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, Session>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
