//! A pool: several instances of a plug-in for many callers.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use plugwright_convert::{FromBytesOwned, ToBytes};

use crate::compiled::CompiledPlugin;
use crate::error::{Error, ErrorKind, Result};
use crate::executor;
use crate::interrupt::{CancelHandle, Interrupts};
use crate::plugin::Plugin;

mod home;
mod lender;
mod sync;

use lender::{Lender, Lent};

/// Slots for each processor: more than one, so that threads seldom have to share.
const SLOTS_PER_PROCESSOR: usize = 2;

/// Instances of one plug-in for many callers, at most a fixed number at a time, handed out first come, first served.
///
/// Instances are made when they are needed and kept when they are returned. One that trapped is replaced at its next
/// call, as every [`Plugin`]'s is. What belongs to an instance stays with it from one borrower to the next: its memory, variables, and
/// what was changed: config, timeout, and whether it sees HTTP headers. Outputs do not, captured ones included; and a cancel handle
/// that one borrower got reaches no call of the next.
///
/// A pool may be shared by any number of threads and tasks; clones share the instances. As long as there are instances for
/// all of them, threads do not get in each other's way.
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

struct Shared {
    compiled: CompiledPlugin,
    instances: Lender<Box<Plugin>>,
}

impl Pool {
    /// A pool of at most `max` instances; 0 is taken as 1.
    pub fn new(compiled: CompiledPlugin, max: usize) -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let instances = Lender::new(max.max(1), processors * SLOTS_PER_PROCESSOR);
        Self(Arc::new(Shared { compiled, instances }))
    }

    /// The most instances that are out at a time.
    pub fn max(&self) -> usize {
        self.0.instances.max()
    }

    /// How many instances are neither out nor promised to a waiting caller. While others take and return instances, this
    /// is an estimate.
    pub fn available(&self) -> usize {
        self.0.instances.available()
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
        match self.0.instances.try_take() {
            Some(lent) => Ok(PooledPlugin { lent }),
            None => executor::block_on(self.wait(timeout))?,
        }
    }

    /// Like [`acquire`](Self::acquire), without occupying the thread. The place in the queue is taken when the future is
    /// polled first, and given up when it is dropped.
    ///
    /// # Errors
    ///
    /// As [`acquire`](Self::acquire).
    pub async fn acquire_async(&self, timeout: Option<Duration>) -> Result<PooledPlugin> {
        match self.0.instances.try_take() {
            Some(lent) => Ok(PooledPlugin { lent }),
            // On the heap, so that what need not wait is small.
            None => Box::pin(self.wait(timeout)).await,
        }
    }

    /// Calls a function of some instance, waiting on this thread for one to become free.
    ///
    /// The output is owned, for the instance is returned. To limit the waiting, or for several calls of the same instance,
    /// there is [`acquire`](Self::acquire).
    ///
    /// # Errors
    ///
    /// As [`Plugin::call`].
    pub fn call<'i, I, O>(&self, function: &str, input: I) -> Result<O>
    where
        I: ToBytes<'i>,
        O: FromBytesOwned,
    {
        self.acquire(None)?.call(function, input)
    }

    /// Like [`call`](Self::call), without occupying the thread: see [`Plugin::call_async`].
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    // Not an `async fn`, for the reason that `Plugin::call_async` gives.
    pub fn call_async<'i, I, O>(&self, function: &str, input: I) -> impl Future<Output = Result<O>> + Send
    where
        I: ToBytes<'i, Bytes: Send>,
        O: FromBytesOwned,
    {
        self.call_bytes(function, input.to_bytes())
    }

    async fn call_bytes<O: FromBytesOwned>(
        &self,
        function: &str,
        input: Result<impl AsRef<[u8]>, plugwright_convert::Error>,
    ) -> Result<O> {
        let input = input.map_err(|error| {
            Error::new(ErrorKind::Encode, format!("the input cannot be passed: {error}"))
                .with_source(error)
                .with_plugin(self.0.compiled.name())
                .with_function(function)
        })?;
        self.acquire_async(None).await?.call_async(function, input.as_ref()).await
    }

    #[cold]
    async fn wait(&self, timeout: Option<Duration>) -> Result<PooledPlugin> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let interrupts = Interrupts { deadline, cancel: CancelHandle::default() };
        let mut lent =
            interrupts.race(self.0.instances.wait()).await.map_err(|error| match error.kind() {
                ErrorKind::Timeout => self.timed_out(timeout.unwrap_or_default()),
                _ => error,
            })?;
        if lent.thing.is_none() {
            lent.thing = Some(Box::new(self.0.compiled.instantiate()?));
        }
        Ok(PooledPlugin { lent })
    }

    fn timed_out(&self, timeout: Duration) -> Error {
        let message = format!(
            "all {} instances are in use and none became free within {timeout:?}; raise the pool's size or the timeout",
            self.max(),
        );
        Error::new(ErrorKind::PoolTimeout, message).with_plugin(self.0.compiled.name())
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("plugin", &self.0.compiled.name())
            .field("max", &self.max())
            .finish_non_exhaustive()
    }
}

/// An instance taken from a [`Pool`]; it returns there when dropped.
pub struct PooledPlugin {
    /// Always with an instance.
    lent: Lent<Box<Plugin>>,
}

impl Deref for PooledPlugin {
    type Target = Plugin;

    fn deref(&self) -> &Plugin {
        match &self.lent.thing {
            Some(plugin) => plugin,
            None => unreachable!("the plug-in leaves only when this is gone"),
        }
    }
}

impl DerefMut for PooledPlugin {
    fn deref_mut(&mut self) -> &mut Plugin {
        match &mut self.lent.thing {
            Some(plugin) => plugin,
            None => unreachable!("the plug-in leaves only when this is gone"),
        }
    }
}

impl fmt::Debug for PooledPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl Drop for PooledPlugin {
    #[inline]
    fn drop(&mut self) {
        self.change_hands();
    }
}
