//! The counters of triggers in the text format of Prometheus.

use std::fmt::Write;

use plugwright_triggers::{Counts, Triggers};

type Value = fn(&Counts) -> f64;

/// Name, type, help and value of each family.
const FAMILIES: [(&str, &str, &str, Value); 8] = [
    ("received_total", "counter", "Messages that arrived, again included.", |c| c.received as f64),
    ("succeeded_total", "counter", "Messages whose function succeeded.", |c| c.succeeded as f64),
    ("failed_attempts_total", "counter", "Calls for messages that failed.", |c| c.failed as f64),
    ("dead_letters_total", "counter", "Messages that went to the dead letters.", |c| c.dead as f64),
    ("dropped_total", "counter", "Messages that were given up and kept nowhere.", |c| c.dropped as f64),
    ("skipped_total", "counter", "Times left out because a call still ran.", |c| c.skipped as f64),
    ("in_flight", "gauge", "Messages that are being handled.", |c| c.in_flight as f64),
    ("connected", "gauge", "Whether messages can arrive.", |c| f64::from(u8::from(c.connected))),
];

pub(super) fn text(triggers: &Triggers) -> String {
    let counts: Vec<(&str, Counts)> =
        triggers.metrics().map(|(name, metrics)| (name, metrics.counts())).collect();
    let mut page = String::new();
    if counts.is_empty() {
        return page;
    }
    for (family, kind, help, value) in FAMILIES {
        let family = format!("plugwright_trigger_{family}");
        // Writing to a string does not fail. Names of triggers have no characters that need an escape.
        let _ = writeln!(page, "# HELP {family} {help}\n# TYPE {family} {kind}");
        for (name, counts) in &counts {
            let _ = writeln!(page, "{family}{{trigger=\"{name}\"}} {}", value(counts));
        }
    }
    page
}
