//! What plug-ins log: to a callback of their own, or to the sink of the whole process.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use plugwright::{LogLevel, LogRecord};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::{gate, python};

/// Where events of the runtime have their names from: others, those of libraries, are not passed on.
const TARGET: &str = "plugwright";

/// A callback of a plug-in's own, as the runtime calls it. What it raises is reported as for `__del__`: the plug-in goes on.
pub(crate) fn callback(call: Py<PyAny>) -> impl Fn(&LogRecord<'_>) + Send + Sync + 'static {
    move |record| {
        let LogRecord { level, message, plugin, plugin_id, .. } = record;
        Python::attach(|py| {
            let logged = gate::while_calling(*plugin_id, || {
                python::log_record(py)
                    .and_then(|class| class.call1((level.name(), *message, *plugin, plugin_id.to_string())))
                    .and_then(|record| call.bind(py).call1((record,)))
            });
            if let Err(error) = logged {
                error.write_unraisable(py, Some(call.bind(py)));
            }
        });
    }
}

/// The process's sink: `call(level, target, message, fields)`, where `fields` is text.
static SINK: Mutex<Option<Py<PyAny>>> = Mutex::new(None);

/// How much the sink wants: a level by its number, 0 for nothing.
static WANTED: AtomicU8 = AtomicU8::new(0);

const LEVELS: [LevelFilter; 6] = [
    LevelFilter::OFF,
    LevelFilter::ERROR,
    LevelFilter::WARN,
    LevelFilter::INFO,
    LevelFilter::DEBUG,
    LevelFilter::TRACE,
];

/// Passes what is logged to `call` from now on, if it is at least of this level (a name, or `off`), as far as plug-ins have no callback
/// of their own.
#[pyfunction]
pub(crate) fn set_log_sink(call: Py<PyAny>, level: &str) -> PyResult<()> {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    let number = if level.eq_ignore_ascii_case("off") {
        0
    } else {
        let level: LogLevel = level.parse().map_err(PyValueError::new_err)?;
        5 - level as u8
    };
    if !INSTALLED.get_or_init(|| tracing::subscriber::set_global_default(Sink).is_ok()) {
        return Err(PyRuntimeError::new_err("this module's messages go elsewhere already"));
    }
    *SINK.lock().unwrap_or_else(PoisonError::into_inner) = Some(call);
    WANTED.store(number, Ordering::Relaxed);
    // The runtime tells plug-ins how much is wanted, by what `tracing` remembers of this.
    tracing::callsite::rebuild_interest_cache();
    Ok(())
}

/// Passes events on.
struct Sink;

fn sink(py: Python<'_>) -> Option<Py<PyAny>> {
    let sink = SINK.lock().unwrap_or_else(PoisonError::into_inner);
    sink.as_ref().map(|sink| sink.clone_ref(py))
}

fn wanted() -> LevelFilter {
    LEVELS[usize::from(WANTED.load(Ordering::Relaxed)) % LEVELS.len()]
}

impl Subscriber for Sink {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= wanted() && metadata.target().starts_with(TARGET) && metadata.is_event()
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        if metadata.target().starts_with(TARGET) && metadata.is_event() {
            tracing::subscriber::Interest::sometimes()
        } else {
            tracing::subscriber::Interest::never()
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(wanted())
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let metadata = event.metadata();
        Python::attach(|py| {
            let Some(sink) = sink(py) else { return };
            let arguments = (name(*metadata.level()), metadata.target(), text.message, text.fields);
            if let Err(error) = sink.call1(py, arguments) {
                error.write_unraisable(py, Some(sink.bind(py)));
            }
        });
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        // No span is enabled.
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn name(level: Level) -> &'static str {
    match level {
        Level::TRACE => "trace",
        Level::DEBUG => "debug",
        Level::INFO => "info",
        Level::WARN => "warn",
        Level::ERROR => "error",
    }
}

/// The message of an event, and its fields as text.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, format_args!("{value:?}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else {
            self.add(field, format_args!("{value:?}"));
        }
    }
}

impl Text {
    fn add(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let space = if self.fields.is_empty() { "" } else { " " };
        self.fields.push_str(&format!("{space}{}={value}", field.name()));
    }
}
