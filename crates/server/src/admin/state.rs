//! Everything at once, as the page for people shows it.

use std::sync::atomic::Ordering;

use serde::Serialize;

use super::plugins::{self, PluginView};
use crate::app::App;
use crate::metrics::{BOUNDS_US, PluginMetrics, RouteKey, RouteMetrics};
use crate::recent::RecentError;

/// The state of a server.
#[derive(Debug, Serialize)]
pub(super) struct State {
    version: &'static str,
    uptime_s: u64,
    connections: i64,
    reloads: u64,
    refused_reloads: u64,
    slow_clients: u64,
    unrouted: u64,
    buffered_bytes: u64,
    /// The upper bounds of the buckets of times, in microseconds; there is one more bucket without.
    bounds_us: &'static [u64],
    routes: Vec<RouteState>,
    plugins: Vec<PluginState>,
    triggers: Vec<TriggerState>,
    /// Newest first.
    recent_errors: Vec<RecentError>,
}

#[derive(Debug, Serialize)]
struct RouteState {
    route: String,
    methods: String,
    plugin: String,
    function: String,
    /// By class of status: 2xx, 3xx, 4xx, 5xx.
    responses: [u64; 4],
    in_flight: i64,
    turned_away: u64,
    latency: Times,
}

/// A histogram of times.
#[derive(Debug, Serialize)]
struct Times {
    count: u64,
    sum_us: u64,
    /// By bucket, each on its own.
    buckets: Vec<u64>,
}

#[derive(Debug, Serialize)]
struct PluginState {
    #[serde(flatten)]
    plugin: PluginView,
    calls: u64,
    slow_calls: u64,
    errors: Vec<ErrorCount>,
    fuel: u64,
    memory_bytes: u64,
    max_memory_bytes: u64,
    /// Of all instances together.
    total_memory_bytes: u64,
    instances: usize,
    busy: usize,
    sessions: usize,
    duration: Times,
}

/// A function that is called for messages or at times.
#[derive(Debug, Serialize)]
#[cfg_attr(not(feature = "triggers"), expect(dead_code, reason = "there are no triggers"))]
pub(crate) struct TriggerState {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) source: String,
    pub(crate) plugin: String,
    pub(crate) function: String,
    pub(crate) connected: bool,
    pub(crate) received: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) dead_letters: u64,
    pub(crate) dropped: u64,
    pub(crate) skipped: u64,
    pub(crate) in_flight: i64,
    pub(crate) last_error: Option<TriggerError>,
}

/// What went wrong last.
#[derive(Debug, Serialize)]
#[cfg_attr(not(feature = "triggers"), expect(dead_code, reason = "there are no triggers"))]
pub(crate) struct TriggerError {
    /// In UTC, as RFC 3339 has it.
    pub(crate) time: String,
    pub(crate) message: String,
}

#[derive(Debug, Serialize)]
struct ErrorCount {
    kind: &'static str,
    count: u64,
}

pub(super) async fn of(app: &App) -> State {
    let served = app.served().await;
    let site = app.site.load_full();
    let metrics = &app.metrics;
    let routes = site.routes.iter().map(|route| {
        let key = RouteKey {
            path: route.pattern.clone(),
            plugin: route.plugin.clone(),
            function: route.function.to_string(),
        };
        of_route(key, route.methods.to_string(), &route.metrics)
    });
    let plugins = served.plugins.iter().map(|(name, entry)| {
        let gauges = site.gauges(name);
        of_plugin(plugins::view(app, name, entry), &metrics.plugin(name), gauges)
    });
    let load = Ordering::Relaxed;
    State {
        version: env!("CARGO_PKG_VERSION"),
        uptime_s: metrics.uptime().as_secs(),
        connections: metrics.connections.load(load),
        reloads: metrics.reloads.load(load),
        refused_reloads: metrics.refused_reloads.load(load),
        slow_clients: metrics.slow_clients.load(load),
        unrouted: metrics.unrouted.load(load),
        buffered_bytes: metrics.buffered_bytes.load(load),
        bounds_us: &BOUNDS_US,
        routes: routes.collect(),
        plugins: plugins.collect(),
        #[cfg(feature = "triggers")]
        triggers: app.triggers.states(),
        #[cfg(not(feature = "triggers"))]
        triggers: Vec::new(),
        recent_errors: app.recent.all(),
    }
}

fn of_route(key: RouteKey, methods: String, metrics: &RouteMetrics) -> RouteState {
    RouteState {
        route: key.path,
        methods,
        plugin: key.plugin,
        function: key.function,
        responses: metrics.responses(),
        in_flight: metrics.in_flight.load(Ordering::Relaxed),
        turned_away: metrics.turned_away.load(Ordering::Relaxed),
        latency: Times::of(&metrics.latency),
    }
}

fn of_plugin(plugin: PluginView, metrics: &PluginMetrics, gauges: crate::metrics::Gauges) -> PluginState {
    let load = Ordering::Relaxed;
    PluginState {
        plugin,
        calls: metrics.calls.load(load),
        slow_calls: metrics.slow_calls.load(load),
        errors: metrics.errors().into_iter().map(|(kind, count)| ErrorCount { kind, count }).collect(),
        fuel: metrics.fuel.load(load),
        memory_bytes: metrics.memory_bytes.load(load),
        max_memory_bytes: metrics.max_memory_bytes.load(load),
        total_memory_bytes: gauges.memory_bytes,
        instances: gauges.instances,
        busy: gauges.busy,
        sessions: gauges.sessions,
        duration: Times::of(&metrics.duration),
    }
}

impl Times {
    fn of(histogram: &crate::metrics::Histogram) -> Self {
        let counted = histogram.counted();
        Self { count: counted.count(), sum_us: counted.sum_us, buckets: counted.buckets }
    }
}
