//! What is counted, and the registry of it. Counters survive reloads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use plugwright::ErrorKind;

mod histogram;
mod text;

pub(crate) use histogram::{BOUNDS_US, Histogram};
pub(crate) use text::{CONTENT_TYPE, Gauges};

/// The counters of a server.
#[derive(Debug)]
pub(crate) struct Metrics {
    started: Instant,
    /// Connections that are open.
    pub(crate) connections: AtomicI64,
    /// Connections since the start.
    pub(crate) accepted: AtomicU64,
    /// Connections that were cut because the client was too slow.
    pub(crate) slow_clients: AtomicU64,
    /// Requests that no route was found for.
    pub(crate) unrouted: AtomicU64,
    /// Bytes of bodies in memory.
    pub(crate) buffered_bytes: AtomicU64,
    /// Reloads, and those that were refused.
    pub(crate) reloads: AtomicU64,
    pub(crate) refused_reloads: AtomicU64,
    routes: Mutex<BTreeMap<RouteKey, Arc<RouteMetrics>>>,
    plugins: Mutex<BTreeMap<String, Arc<PluginMetrics>>>,
}

/// What tells a route from others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RouteKey {
    pub(crate) path: String,
    pub(crate) plugin: String,
    pub(crate) function: String,
}

/// The counters of a route.
#[derive(Debug, Default)]
pub(crate) struct RouteMetrics {
    /// By class of status: 2xx, 3xx, 4xx, 5xx.
    responses: [AtomicU64; 4],
    /// From the request's head to the response, calls and waiting included.
    pub(crate) latency: Histogram,
    /// Requests that were admitted and are not answered yet.
    pub(crate) in_flight: AtomicI64,
    /// Requests that found the queue full.
    pub(crate) turned_away: AtomicU64,
}

/// The counters of a plug-in.
#[derive(Debug, Default)]
pub(crate) struct PluginMetrics {
    /// Calls that ended.
    pub(crate) calls: AtomicU64,
    /// How long they took, without waiting for an instance.
    pub(crate) duration: Histogram,
    pub(crate) fuel: AtomicU64,
    /// The memory of the instance of the last call, and the most that one had.
    pub(crate) memory_bytes: AtomicU64,
    pub(crate) max_memory_bytes: AtomicU64,
    /// Calls that computed for long, and so went on with less priority.
    pub(crate) slow_calls: AtomicU64,
    errors: Mutex<BTreeMap<&'static str, u64>>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            connections: AtomicI64::new(0),
            accepted: AtomicU64::new(0),
            slow_clients: AtomicU64::new(0),
            unrouted: AtomicU64::new(0),
            buffered_bytes: AtomicU64::new(0),
            reloads: AtomicU64::new(0),
            refused_reloads: AtomicU64::new(0),
            routes: Mutex::default(),
            plugins: Mutex::default(),
        }
    }

    pub(crate) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// The counters of this route, from now on.
    pub(crate) fn route(&self, key: RouteKey) -> Arc<RouteMetrics> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone()
    }

    /// The counters of this plug-in, from now on.
    pub(crate) fn plugin(&self, name: &str) -> Arc<PluginMetrics> {
        let mut plugins = self.plugins.lock().unwrap_or_else(PoisonError::into_inner);
        plugins.entry(name.to_owned()).or_default().clone()
    }

    /// Forgets routes and plug-ins that are no longer served, so that renaming for ever costs nothing.
    pub(crate) fn retain(
        &self,
        mut route: impl FnMut(&RouteKey) -> bool,
        mut plugin: impl FnMut(&str) -> bool,
    ) {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner).retain(|key, _| route(key));
        self.plugins.lock().unwrap_or_else(PoisonError::into_inner).retain(|name, _| plugin(name));
    }

    pub(crate) fn routes(&self) -> Vec<(RouteKey, Arc<RouteMetrics>)> {
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        routes.iter().map(|(key, metrics)| (key.clone(), metrics.clone())).collect()
    }

    pub(crate) fn plugins(&self) -> Vec<(String, Arc<PluginMetrics>)> {
        let plugins = self.plugins.lock().unwrap_or_else(PoisonError::into_inner);
        plugins.iter().map(|(name, metrics)| (name.clone(), metrics.clone())).collect()
    }
}

impl RouteMetrics {
    pub(crate) fn answered(&self, status: http::StatusCode, time: Duration) {
        let class = usize::from(status.as_u16() / 100).clamp(2, 5) - 2;
        self.responses[class].fetch_add(1, Ordering::Relaxed);
        self.latency.observe(time);
    }

    /// By class of status, from 2xx to 5xx.
    pub(crate) fn responses(&self) -> [u64; 4] {
        [0, 1, 2, 3].map(|class| self.responses[class].load(Ordering::Relaxed))
    }
}

impl PluginMetrics {
    pub(crate) fn ended(&self, time: Duration, memory_bytes: u64, fuel: Option<u64>) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.duration.observe(time);
        // A load and, seldom, a store: what many threads write costs more than what they read.
        if memory_bytes > 0 && self.memory_bytes.load(Ordering::Relaxed) != memory_bytes {
            self.memory_bytes.store(memory_bytes, Ordering::Relaxed);
            self.max_memory_bytes.fetch_max(memory_bytes, Ordering::Relaxed);
        }
        if let Some(fuel) = fuel {
            self.fuel.fetch_add(fuel, Ordering::Relaxed);
        }
    }

    #[cold]
    pub(crate) fn failed(&self, kind: &ErrorKind) {
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        *errors.entry(kind.name()).or_default() += 1;
    }

    pub(crate) fn errors(&self) -> Vec<(&'static str, u64)> {
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        errors.iter().map(|(kind, count)| (*kind, *count)).collect()
    }
}
