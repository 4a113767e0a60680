//! Serving functions of plug-ins to whoever calls them over NATS.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use plugwright::{PluginBuilder, PluginSource};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::connection::Nats;
use crate::error::RemoteError;
use crate::store::{CodeCache, Published, unpacked};
use crate::{names, parts, threads};

mod call;
mod discovery;
mod outputs;
mod requests;
mod rollout;
mod service;
mod stats;
mod version;

use service::Service;
use version::Version;

/// How a plug-in from the store is built.
type Configure = Arc<dyn Fn(PluginSource) -> PluginBuilder + Send + Sync>;

/// Where a plug-in is from.
enum Origin {
    Local(Box<PluginBuilder>),
    Store(Configure),
}

/// What a worker does at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Calls of a plug-in that run at a time.
    concurrency: usize,
    /// Calls of a plug-in that wait.
    queue: usize,
    max_input_bytes: usize,
}

/// Describes a worker. Nothing is loaded and nothing sent before [`start`](Self::start).
pub struct WorkerBuilder {
    nats: Nats,
    plugins: BTreeMap<String, Origin>,
    limits: Limits,
    cache: Option<CodeCache>,
}

impl WorkerBuilder {
    pub(crate) fn new(nats: Nats) -> Self {
        let concurrency = thread::available_parallelism().map_or(1, usize::from);
        let limits = Limits { concurrency, queue: 64, max_input_bytes: parts::MAX_BYTES };
        Self { nats, plugins: BTreeMap::new(), limits, cache: None }
    }

    /// Serves this plug-in under this name.
    #[must_use]
    pub fn plugin(mut self, name: impl Into<String>, plugin: PluginBuilder) -> Self {
        self.plugins.insert(name.into(), Origin::Local(Box::new(plugin)));
        self
    }

    /// Serves what is published under this name, and changes to new code whenever it is published. `configure` makes a builder of
    /// it: with the grants and limits that code from there gets here.
    #[must_use]
    pub fn published(
        mut self,
        name: impl Into<String>,
        configure: impl Fn(PluginSource) -> PluginBuilder + Send + Sync + 'static,
    ) -> Self {
        self.plugins.insert(name.into(), Origin::Store(Arc::new(configure)));
        self
    }

    /// The most calls of each plug-in that run at a time: one for each processor by default; 0 is taken as 1.
    #[must_use]
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.limits.concurrency = calls.max(1);
        self
    }

    /// The most calls of each plug-in that wait for others to end: 64 by default. Further ones are refused before anything runs, and
    /// callers offer them to another worker.
    #[must_use]
    pub fn queue(mut self, calls: usize) -> Self {
        self.limits.queue = calls;
        self
    }

    /// The most bytes of an input: 64 MiB by default.
    #[must_use]
    pub fn max_input_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_input_bytes = bytes;
        self
    }

    /// Keeps downloaded code there; without, it is downloaded at each start.
    #[must_use]
    pub fn code_cache(mut self, cache: CodeCache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Loads and compiles the plug-ins, and serves them from then on.
    ///
    /// # Errors
    ///
    /// When a name is not valid, a plug-in cannot be loaded, nothing is published under a name, or NATS fails.
    pub async fn start(self) -> Result<Worker, RemoteError> {
        threads::there(self.begin()).await?
    }

    async fn begin(self) -> Result<Worker, RemoteError> {
        let calls = Builder::new_multi_thread().thread_name("plugwright-calls").enable_all().build();
        let calls = Calls(Some(calls.map_err(|error| RemoteError::Threads(error.to_string()))?));
        let (stop, stopped) = watch::channel(false);
        let mut worker =
            Worker { nats: self.nats.clone(), services: Vec::new(), tasks: JoinSet::new(), stop, calls };
        // All of them are loaded before the first is served.
        let mut loaded = Vec::new();
        for (name, origin) in self.plugins {
            names::plugin(&name)?;
            let loaded_one = load(&self.nats, &name, origin, self.limits, self.cache.as_ref()).await?;
            loaded.push((name, loaded_one));
        }
        for (name, (version, configure)) in loaded {
            let handle = worker.calls.handle();
            let service = Arc::new(Service::new(self.nats.clone(), name, version, self.limits, handle));
            outputs::serve(&service, &mut worker.tasks).await?;
            requests::serve(&service, &mut worker.tasks, &stopped).await?;
            discovery::serve(&service, &mut worker.tasks).await?;
            if let Some(configure) = configure {
                let follower =
                    rollout::Follower { service: service.clone(), configure, cache: self.cache.clone() };
                worker.tasks.spawn(async move {
                    follower.follow().await;
                    None
                });
            }
            worker.services.push(service);
        }
        Ok(worker)
    }
}

impl std::fmt::Debug for WorkerBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&String> = self.plugins.keys().collect();
        f.debug_struct("WorkerBuilder")
            .field("plugins", &names)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Loads a plug-in; of one from the store also how its next versions are built.
async fn load(
    nats: &Nats,
    name: &str,
    origin: Origin,
    limits: Limits,
    cache: Option<&CodeCache>,
) -> Result<(Version, Option<Configure>), RemoteError> {
    match origin {
        Origin::Local(builder) => {
            let version = Version::compile(*builder, name, limits.concurrency, None).await?;
            Ok((version, None))
        }
        Origin::Store(configure) => {
            let published = nats.store().published(name).await?.ok_or_else(|| RemoteError::Store {
                what: format!("serve the plug-in `{name}`"),
                reason: "nothing is published under this name; publish it with `plugwright worker --publish`"
                    .to_owned(),
            })?;
            let version = from_store(nats, name, &published, &configure, limits, cache).await?;
            Ok((version, Some(configure)))
        }
    }
}

/// Loads what is published.
async fn from_store(
    nats: &Nats,
    name: &str,
    published: &Published,
    configure: &Configure,
    limits: Limits,
    cache: Option<&CodeCache>,
) -> Result<Version, RemoteError> {
    let code = nats.store().code(name, published, cache).await?;
    let source = unpacked(code)?;
    let builder = configure(source);
    Ok(Version::compile(builder, name, limits.concurrency, Some(published.clone())).await?)
}

/// Plug-ins that are served. Dropping it stops at once; callers then hear nothing of the calls that run.
pub struct Worker {
    nats: Nats,
    services: Vec<Arc<Service>>,
    /// Those that end when a service has no request left give it.
    tasks: JoinSet<Option<Arc<Service>>>,
    stop: watch::Sender<bool>,
    calls: Calls,
}

impl Worker {
    /// The plug-ins that it serves.
    pub fn plugins(&self) -> impl Iterator<Item = &str> {
        self.services.iter().map(|service| service.name())
    }

    /// The number and the hash of what it serves under this name, if that is from the store.
    pub fn published(&self, plugin: &str) -> Option<Published> {
        let service = self.services.iter().find(|service| service.name() == plugin)?;
        service.current().published.clone()
    }

    /// Takes no more calls, and waits for those that it has, at most for this time. Gives how many were cut.
    ///
    /// NATS goes on giving it calls for a moment, and it makes them: none is lost.
    pub async fn drain(mut self, patience: Duration) -> usize {
        self.stop.send_replace(true);
        let drained = threads::there(async move {
            let until = tokio::time::Instant::now() + patience.min(LONGEST);
            let mut left = self.services.len();
            while left > 0 {
                match tokio::time::timeout_at(until, self.tasks.join_next()).await {
                    Ok(Some(Ok(Some(_)))) => left -= 1,
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => break,
                }
            }
            for service in &self.services {
                service.idle(until).await;
            }
            self.nats.flush(until.max(tokio::time::Instant::now() + FLUSH).into()).await;
            self.services.iter().map(|service| service.admitted()).sum()
        });
        drained.await.unwrap_or_default()
    }
}

/// The longest that clocks can be asked to wait.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// How long what was said last may take to leave, whatever else took long.
const FLUSH: Duration = Duration::from_secs(1);

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("plugins", &self.plugins().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

/// The threads on which guests compute.
struct Calls(Option<Runtime>);

impl Calls {
    fn handle(&self) -> tokio::runtime::Handle {
        match &self.0 {
            Some(runtime) => runtime.handle().clone(),
            None => unreachable!("the threads leave only when this is gone"),
        }
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Waiting for it is not allowed on a thread of another runtime.
            runtime.shutdown_background();
        }
    }
}
