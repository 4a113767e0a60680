//! A plug-in with its settings, ready for calls: a version of its code, its instances, and who gets which.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use plugwright::{CompiledPlugin, Error, Plugin, Pool};
use tokio::sync::Semaphore;
use tracing::Instrument;

use crate::config::{Grants, Isolation, SessionConfig};
use crate::memory::{Measured, TotalMemory};
use crate::metrics::{Gauges, PluginMetrics};
use crate::problem::Problem;
use crate::sessions::{NoSession, Sessions};

/// What tells a deployment from others. Routes for which it is the same share the instances.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct DeploymentKey {
    pub(crate) plugin: String,
    /// The number of the version.
    pub(crate) version: u64,
    pub(crate) grants: Grants,
    pub(crate) isolation: Isolation,
    /// Of [`Isolation::Session`].
    pub(crate) session: Option<SessionConfig>,
    pub(crate) concurrency: usize,
}

#[derive(Debug)]
pub(crate) struct Deployment {
    pub(crate) key: DeploymentKey,
    pub(crate) compiled: Compiled,
    instances: Instances,
    pub(crate) metrics: Arc<PluginMetrics>,
}

/// Compiled code, which has no `Debug` of its own.
#[derive(Clone)]
pub(crate) struct Compiled(pub(crate) CompiledPlugin);

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Compiled").field(&self.0.name()).finish()
    }
}

#[derive(Debug)]
enum Instances {
    Shared { pool: Pool, memory: TotalMemory },
    PerRequest { places: Semaphore, busy: AtomicUsize },
    Session { places: Semaphore, sessions: Sessions, busy: AtomicUsize },
}

/// Why there is no output.
#[derive(Debug)]
pub(crate) enum CallError {
    /// The call failed.
    Call(Error),
    /// There was no call.
    Refused(Problem),
}

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

/// What is called with what.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) function: Arc<str>,
    pub(crate) input: Bytes,
    pub(crate) session: Option<Box<str>>,
    /// How long to wait for an instance.
    pub(crate) wait: Duration,
    /// The span that the call belongs to.
    #[cfg(feature = "otlp")]
    pub(crate) parent: opentelemetry::Context,
}

impl Deployment {
    pub(crate) fn new(key: DeploymentKey, compiled: Compiled, metrics: Arc<PluginMetrics>) -> Self {
        let places = || Semaphore::new(key.concurrency.clamp(1, Semaphore::MAX_PERMITS));
        let instances = match key.isolation {
            Isolation::Shared => {
                let pool = Pool::new(compiled.0.clone(), key.concurrency);
                Instances::Shared { pool, memory: TotalMemory::default() }
            }
            Isolation::PerRequest => Instances::PerRequest { places: places(), busy: AtomicUsize::new(0) },
            Isolation::Session => {
                let session = key.session.clone().unwrap_or_default();
                let sessions = Sessions::new(session.max, session.idle_timeout);
                Instances::Session { places: places(), sessions, busy: AtomicUsize::new(0) }
            }
        };
        Self { key, compiled, instances, metrics }
    }

    /// Makes a call, as soon as there is an instance for it.
    pub(crate) async fn call(self: Arc<Self>, call: Call) -> Result<Bytes, CallError> {
        match &self.instances {
            Instances::Shared { pool, memory } => {
                let mut plugin = pool.acquire_async(Some(call.wait)).await?;
                let measured = Measured::new(&mut plugin, memory);
                self.run(measured.plugin, &call).await
            }
            Instances::PerRequest { places, busy } => {
                let _place = self.place(places, call.wait).await?;
                let _busy = Busy::new(busy);
                let mut plugin = self.compiled.0.instantiate()?;
                self.run(&mut plugin, &call).await
            }
            Instances::Session { places, sessions, busy } => {
                let id = call.session.as_deref().unwrap_or_default();
                // The session first: who waits for a session keeps no place from others.
                let entered = sessions.enter(id, &self.compiled.0, call.wait).await;
                let mut plugin = entered.map_err(|reason| self.no_session(reason))?;
                let _place = self.place(places, call.wait).await?;
                let _busy = Busy::new(busy);
                let measured = Measured::new(&mut plugin, sessions.memory());
                self.run(measured.plugin, &call).await
            }
        }
    }

    async fn place<'s>(
        &self,
        places: &'s Semaphore,
        wait: Duration,
    ) -> Result<tokio::sync::SemaphorePermit<'s>, CallError> {
        match tokio::time::timeout(wait, places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(CallError::Refused(Problem::busy(
                "queue-timeout",
                format!(
                    "all {} calls of this route at a time are running, and none ended in time",
                    self.key.concurrency
                ),
            ))),
        }
    }

    #[cold]
    fn no_session(&self, reason: NoSession) -> CallError {
        match reason {
            NoSession::Failed(error) => CallError::Call(error),
            NoSession::Full(max) => CallError::Refused(Problem::busy(
                "sessions-full",
                format!("there are {max} sessions, and no more at a time"),
            )),
            NoSession::Busy => CallError::Refused(Problem::busy(
                "queue-timeout",
                "another call of this session did not end in time",
            )),
        }
    }

    async fn run(&self, plugin: &mut Plugin, call: &Call) -> Result<Bytes, CallError> {
        let started = Instant::now();
        let called = plugin.call_async::<_, &[u8]>(&call.function, &call.input[..]);
        let output = if tracing::enabled!(target: "plugwright::call", tracing::Level::INFO) {
            called.instrument(self.span(call)).await
        } else {
            called.await
        };
        let output = output.map(Bytes::copy_from_slice);
        self.metrics.ended(started.elapsed(), plugin.memory_bytes(), plugin.fuel_consumed());
        Ok(output?)
    }

    #[cold]
    fn span(&self, call: &Call) -> tracing::Span {
        let (plugin, function) = (&*self.key.plugin, &*call.function);
        let span = tracing::info_span!(
            target: "plugwright::call",
            "call",
            otel.name = %format_args!("{plugin}.{function}"),
            otel.kind = "server",
            plugin,
            function,
            version = self.key.version,
        );
        #[cfg(feature = "otlp")]
        {
            use tracing_opentelemetry::OpenTelemetrySpanExt;
            // A span that nobody collects has no parent.
            let _ = span.set_parent(call.parent.clone());
        }
        span
    }

    /// Whether there is a session of this id.
    pub(crate) fn has_session(&self, id: &str) -> bool {
        matches!(&self.instances, Instances::Session { sessions, .. } if sessions.contain(id))
    }

    /// Ends sessions that were not used for long.
    pub(crate) fn sweep(&self) {
        if let Instances::Session { sessions, .. } = &self.instances {
            sessions.sweep();
        }
    }

    /// Adds what it has now.
    pub(crate) fn add_to(&self, gauges: &mut Gauges) {
        match &self.instances {
            Instances::Shared { pool, memory } => {
                gauges.instances += pool.max();
                gauges.busy += pool.max() - pool.available();
                gauges.memory_bytes += memory.bytes();
            }
            Instances::PerRequest { busy, .. } => {
                let busy = busy.load(Ordering::Relaxed);
                gauges.instances += self.key.concurrency;
                gauges.busy += busy;
                // Those that run will have, most likely, what the last one had.
                gauges.memory_bytes += busy as u64 * self.metrics.memory_bytes.load(Ordering::Relaxed);
            }
            Instances::Session { sessions, busy, .. } => {
                gauges.instances += sessions.count();
                gauges.sessions += sessions.count();
                gauges.memory_bytes += sessions.memory().bytes();
                gauges.busy += busy.load(Ordering::Relaxed);
            }
        }
    }
}

/// Counts a call while it runs.
struct Busy<'a>(&'a AtomicUsize);

impl<'a> Busy<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
