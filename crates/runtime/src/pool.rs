//! A pool: several instances of a plug-in for many callers.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::compiled::CompiledPlugin;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::{self, WithRuntime};
use crate::interrupt::{CancelHandle, Interrupts};
use crate::plugin::Plugin;

/// Instances of one plug-in for many callers, at most a fixed number at a time, handed out first come, first served.
///
/// Instances are made when they are needed and kept when they are returned. One that trapped is replaced at its next
/// call, as every [`Plugin`]'s is. What belongs to an instance stays with it from one borrower to the next: variables, changed
/// config, captured output, and cancel handles.
///
/// A pool may be shared by any number of threads and tasks; clones share the instances.
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

struct Shared {
    compiled: CompiledPlugin,
    max: usize,
    /// A permit for each instance that may be out. It is handed on in the order of asking.
    permits: Arc<Semaphore>,
    /// The instances that are not out; the lock is held for a push or a pop alone.
    idle: Mutex<Vec<Plugin>>,
}

impl Pool {
    /// A pool of at most `max` instances; 0 is taken as 1.
    pub fn new(compiled: CompiledPlugin, max: usize) -> Self {
        let max = max.clamp(1, Semaphore::MAX_PERMITS);
        let permits = Arc::new(Semaphore::new(max));
        Self(Arc::new(Shared { compiled, max, permits, idle: Mutex::default() }))
    }

    /// The most instances that are out at a time.
    pub fn max(&self) -> usize {
        self.0.max
    }

    /// How many instances are neither out nor promised to a waiting caller.
    pub fn available(&self) -> usize {
        self.0.permits.available_permits()
    }

    /// The plug-in that the instances are of.
    pub fn compiled(&self) -> &CompiledPlugin {
        &self.0.compiled
    }

    /// An instance, waiting on this thread for one to become free, at most for `timeout`.
    ///
    /// # Errors
    ///
    /// `PoolTimeout` when none became free.
    pub fn acquire(&self, timeout: Option<Duration>) -> Result<PooledPlugin> {
        if let Ok(permit) = self.0.permits.clone().try_acquire_owned() {
            return self.take(permit);
        }
        executor::block_on(self.wait(timeout))?
    }

    /// Like [`acquire`](Self::acquire), without occupying the thread.
    ///
    /// # Errors
    ///
    /// As [`acquire`](Self::acquire).
    pub async fn acquire_async(&self, timeout: Option<Duration>) -> Result<PooledPlugin> {
        WithRuntime::new(self.wait(timeout))?.await
    }

    async fn wait(&self, timeout: Option<Duration>) -> Result<PooledPlugin> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let interrupts = Interrupts { deadline, cancel: CancelHandle::default() };
        match interrupts.race(self.0.permits.clone().acquire_owned()).await {
            Ok(Ok(permit)) => self.take(permit),
            _ => {
                let message = format!(
                    "all {} instances are in use and none became free within {:?}; raise the pool's size or the timeout",
                    self.0.max,
                    timeout.unwrap_or_default()
                );
                Err(Error::new(ErrorKind::PoolTimeout, message).with_plugin(self.0.compiled.name()))
            }
        }
    }

    fn take(&self, permit: OwnedSemaphorePermit) -> Result<PooledPlugin> {
        let idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let plugin = match idle {
            Some(plugin) => plugin,
            None => self.0.compiled.instantiate()?,
        };
        Ok(PooledPlugin { plugin: Some(plugin), shared: self.0.clone(), _permit: permit })
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("plugin", &self.0.compiled.name())
            .field("max", &self.0.max)
            .finish_non_exhaustive()
    }
}

/// An instance taken from a [`Pool`]; it returns there when dropped.
pub struct PooledPlugin {
    /// Always there until `drop`.
    plugin: Option<Plugin>,
    shared: Arc<Shared>,
    // Declared last, so that the instance is back before the next caller may take one.
    _permit: OwnedSemaphorePermit,
}

impl Deref for PooledPlugin {
    type Target = Plugin;

    fn deref(&self) -> &Plugin {
        match &self.plugin {
            Some(plugin) => plugin,
            None => unreachable!("the plug-in leaves only in `drop`"),
        }
    }
}

impl DerefMut for PooledPlugin {
    fn deref_mut(&mut self) -> &mut Plugin {
        match &mut self.plugin {
            Some(plugin) => plugin,
            None => unreachable!("the plug-in leaves only in `drop`"),
        }
    }
}

impl fmt::Debug for PooledPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plugin.fmt(f)
    }
}

impl Drop for PooledPlugin {
    fn drop(&mut self) {
        let Some(mut plugin) = self.plugin.take() else { return };
        // What one borrower put out is not for the next one.
        plugin.reset();
        self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(plugin);
    }
}
