//! Counters in the text format of Prometheus.

use std::fmt::{self, Write};
use std::sync::atomic::Ordering;

use super::histogram::{BOUNDS_US, Counted};
use super::{Metrics, PluginMetrics, RouteKey};

/// The content type of the text format.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a plug-in has now, beside what it has counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gauges {
    pub(crate) instances: usize,
    pub(crate) busy: usize,
    pub(crate) sessions: usize,
    /// Of all instances.
    pub(crate) memory_bytes: u64,
}

impl Metrics {
    /// All counters, with the gauges of each plug-in.
    pub(crate) fn text(&self, gauges: impl Fn(&str) -> Gauges) -> String {
        let mut page = Page(String::with_capacity(16 << 10));
        // Writing to a string does not fail.
        let _ = self.server(&mut page);
        let _ = self.of_routes(&mut page);
        let _ = self.of_plugins(&mut page, gauges);
        page.0
    }

    fn server(&self, page: &mut Page) -> fmt::Result {
        let load = Ordering::Relaxed;
        page.family("plugwright_uptime_seconds", "gauge", "Time since the server started.")?;
        page.sample("plugwright_uptime_seconds", &[], self.uptime().as_secs_f64())?;
        page.family("plugwright_connections", "gauge", "Open connections.")?;
        page.sample("plugwright_connections", &[], self.connections.load(load) as f64)?;
        for (name, help, counter) in [
            ("plugwright_accepted_connections_total", "Connections accepted.", &self.accepted),
            (
                "plugwright_slow_clients_total",
                "Connections cut because the client was too slow.",
                &self.slow_clients,
            ),
            ("plugwright_unrouted_requests_total", "Requests that no route was found for.", &self.unrouted),
            ("plugwright_reloads_total", "Changes of what is served.", &self.reloads),
            ("plugwright_refused_reloads_total", "Changes that were refused.", &self.refused_reloads),
        ] {
            page.family(name, "counter", help)?;
            page.sample(name, &[], counter.load(load) as f64)?;
        }
        page.family("plugwright_buffered_bytes", "gauge", "Bytes of request bodies in memory.")?;
        page.sample("plugwright_buffered_bytes", &[], self.buffered_bytes.load(load) as f64)
    }

    fn of_routes(&self, page: &mut Page) -> fmt::Result {
        let routes = self.routes();
        let name = "plugwright_responses_total";
        page.family(name, "counter", "Responses by route and class of status.")?;
        for (key, metrics) in &routes {
            for (class, count) in ["2xx", "3xx", "4xx", "5xx"].into_iter().zip(metrics.responses()) {
                let [path, plugin, function] = key.labels();
                page.sample(name, &[path, plugin, function, ("status", class)], count as f64)?;
            }
        }
        let name = "plugwright_turned_away_total";
        page.family(name, "counter", "Requests that found the route's queue full.")?;
        each(&routes, |key, metrics| {
            page.sample(name, &key.labels(), metrics.turned_away.load(Ordering::Relaxed) as f64)
        })?;
        let name = "plugwright_in_flight";
        page.family(name, "gauge", "Requests that wait or run.")?;
        each(&routes, |key, metrics| {
            page.sample(name, &key.labels(), metrics.in_flight.load(Ordering::Relaxed) as f64)
        })?;
        let name = "plugwright_request_seconds";
        page.family(name, "histogram", "Time from a request's head to its response.")?;
        each(&routes, |key, metrics| page.histogram(name, &key.labels(), &metrics.latency.counted()))
    }

    fn of_plugins(&self, page: &mut Page, gauges: impl Fn(&str) -> Gauges) -> fmt::Result {
        let plugins = self.plugins();
        type Value = fn(&PluginMetrics) -> f64;
        let counters: [(&str, &str, &str, Value); 5] = [
            ("plugwright_calls_total", "counter", "Calls that ended.", |m| {
                m.calls.load(Ordering::Relaxed) as f64
            }),
            ("plugwright_fuel_total", "counter", "Fuel consumed, where it is counted.", |m| {
                m.fuel.load(Ordering::Relaxed) as f64
            }),
            (
                "plugwright_slow_calls_total",
                "counter",
                "Calls that computed for long, with less priority.",
                |m| m.slow_calls.load(Ordering::Relaxed) as f64,
            ),
            ("plugwright_instance_memory_bytes", "gauge", "Memory of the last call's instance.", |m| {
                m.memory_bytes.load(Ordering::Relaxed) as f64
            }),
            (
                "plugwright_instance_memory_max_bytes",
                "gauge",
                "The most memory that an instance had after a call.",
                |m| m.max_memory_bytes.load(Ordering::Relaxed) as f64,
            ),
        ];
        for (name, kind, help, value) in counters {
            page.family(name, kind, help)?;
            each(&plugins, |plugin, metrics| page.sample(name, &[("plugin", plugin)], value(metrics)))?;
        }
        let name = "plugwright_call_errors_total";
        page.family(name, "counter", "Calls that failed, by kind of error.")?;
        for (plugin, metrics) in &plugins {
            for (kind, count) in metrics.errors() {
                page.sample(name, &[("plugin", plugin), ("kind", kind)], count as f64)?;
            }
        }
        type Gauge = fn(&Gauges) -> f64;
        let kinds: [(&str, &str, Gauge); 4] = [
            ("plugwright_instances", "Instances that calls may use.", |gauges| gauges.instances as f64),
            ("plugwright_busy_instances", "Instances in a call.", |gauges| gauges.busy as f64),
            ("plugwright_sessions", "Sessions.", |gauges| gauges.sessions as f64),
            (
                "plugwright_memory_bytes",
                "Memory of all instances together, as their last calls left it.",
                |gauges| gauges.memory_bytes as f64,
            ),
        ];
        for (name, help, value) in kinds {
            page.family(name, "gauge", help)?;
            each(&plugins, |plugin, _| page.sample(name, &[("plugin", plugin)], value(&gauges(plugin))))?;
        }
        let name = "plugwright_call_seconds";
        page.family(name, "histogram", "Time of calls, without waiting for an instance.")?;
        each(&plugins, |plugin, metrics| {
            page.histogram(name, &[("plugin", plugin)], &metrics.duration.counted())
        })
    }
}

impl RouteKey {
    fn labels(&self) -> [(&'static str, &str); 3] {
        [("route", &self.path), ("plugin", &self.plugin), ("function", &self.function)]
    }
}

fn each<K, M>(all: &[(K, std::sync::Arc<M>)], mut write: impl FnMut(&K, &M) -> fmt::Result) -> fmt::Result {
    all.iter().try_for_each(|(key, metrics)| write(key, metrics))
}

struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) -> fmt::Result {
        writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}")
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) -> fmt::Result {
        self.0.push_str(name);
        if !labels.is_empty() {
            for (index, (label, text)) in labels.iter().enumerate() {
                self.0.push(if index == 0 { '{' } else { ',' });
                write!(self.0, "{label}=\"{}\"", escaped(text))?;
            }
            self.0.push('}');
        }
        writeln!(self.0, " {value}")
    }

    fn histogram(&mut self, name: &str, labels: &[(&str, &str)], counted: &Counted) -> fmt::Result {
        let mut cumulative = 0;
        let bucket = format!("{name}_bucket");
        for (index, count) in counted.buckets.iter().enumerate() {
            cumulative += count;
            let bound = BOUNDS_US.get(index);
            let bound = bound.map_or_else(|| "+Inf".to_owned(), |micros| (*micros as f64 / 1e6).to_string());
            let labels: Vec<_> = labels.iter().copied().chain([("le", bound.as_str())]).collect();
            self.sample(&bucket, &labels, cumulative as f64)?;
        }
        self.sample(&format!("{name}_sum"), labels, counted.sum_us as f64 / 1e6)?;
        self.sample(&format!("{name}_count"), labels, counted.count() as f64)
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
