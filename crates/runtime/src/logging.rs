//! What guests log: to `tracing`, or to a callback of the plug-in's own.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use uuid::Uuid;

/// The `tracing` target of guests' messages.
const TARGET: &str = "plugwright::guest";

/// The least that a message counts against the limit.
const MESSAGE_BYTES: usize = 16;

/// The severity of a guest's message, least severe first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// The finest detail.
    Trace,
    /// For whoever debugs the plug-in.
    Debug,
    /// What the plug-in does.
    Info,
    /// Something is odd.
    Warn,
    /// Something failed.
    Error,
}

impl LogLevel {
    /// The level's name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for LogLevel {
    type Err = String;

    /// The level of this name, in any case.
    fn from_str(name: &str) -> Result<Self, String> {
        [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error]
            .into_iter()
            .find(|level| level.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| format!("`{name}` is not a log level; use trace, debug, info, warn or error"))
    }
}

/// A message that a guest logged.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct LogRecord<'a> {
    /// The severity.
    pub level: LogLevel,
    /// The text; bytes that are not UTF-8 are replaced.
    pub message: &'a str,
    /// The plug-in's name.
    pub plugin: &'a str,
    /// The plug-in's id.
    pub plugin_id: Uuid,
}

/// Receives a plug-in's messages instead of `tracing`.
pub(crate) type LogCallback = Arc<dyn Fn(&LogRecord<'_>) + Send + Sync>;

/// Where a plug-in's messages go, and the least severe that go there.
#[derive(Clone, Default)]
pub(crate) struct LogSink {
    pub(crate) callback: Option<LogCallback>,
    pub(crate) level: Option<LogLevel>,
    pub(crate) off: bool,
}

impl LogSink {
    /// The least severe level that anybody listens to, `None` when nobody listens to any.
    pub(crate) fn level(&self) -> Option<LogLevel> {
        if self.off {
            return None;
        }
        if self.callback.is_some() {
            return Some(self.level.unwrap_or(LogLevel::Trace));
        }
        let filter = LevelFilter::current();
        let listened = match filter.into_level()? {
            tracing::Level::TRACE => LogLevel::Trace,
            tracing::Level::DEBUG => LogLevel::Debug,
            tracing::Level::INFO => LogLevel::Info,
            tracing::Level::WARN => LogLevel::Warn,
            tracing::Level::ERROR => LogLevel::Error,
        };
        Some(self.level.map_or(listened, |own| own.max(listened)))
    }

    fn emit(&self, record: &LogRecord<'_>) {
        if let Some(callback) = &self.callback {
            return callback(record);
        }
        let LogRecord { level, message, plugin, plugin_id } = record;
        match level {
            LogLevel::Trace => tracing::trace!(target: TARGET, plugin, %plugin_id, "{message}"),
            LogLevel::Debug => tracing::debug!(target: TARGET, plugin, %plugin_id, "{message}"),
            LogLevel::Info => tracing::info!(target: TARGET, plugin, %plugin_id, "{message}"),
            LogLevel::Warn => tracing::warn!(target: TARGET, plugin, %plugin_id, "{message}"),
            LogLevel::Error => tracing::error!(target: TARGET, plugin, %plugin_id, "{message}"),
        }
    }
}

/// How much a guest may still log in the current call, and what was dropped.
#[derive(Debug, Default)]
pub(crate) struct LogBudget {
    left: u64,
    dropped_bytes: u64,
    dropped_messages: u64,
    /// The most severe level of what was dropped.
    dropped_level: Option<LogLevel>,
}

impl LogBudget {
    pub(crate) fn new(max_bytes: u64) -> Self {
        Self { left: max_bytes, ..Self::default() }
    }

    /// Passes a message on, or what still fits of it.
    pub(crate) fn log(
        &mut self,
        sink: &LogSink,
        level: LogLevel,
        message: &[u8],
        plugin: &str,
        plugin_id: Uuid,
    ) {
        let fits = usize::try_from(self.left).unwrap_or(usize::MAX).min(message.len());
        if self.left == 0 || fits < message.len() {
            self.dropped_bytes += (message.len() - fits) as u64;
            self.dropped_messages += 1;
            self.dropped_level = self.dropped_level.max(Some(level));
        }
        if self.left > 0 {
            let message = String::from_utf8_lossy(&message[..fits]);
            sink.emit(&LogRecord { level, message: &message, plugin, plugin_id });
        }
        // Short messages are not free either: they cost a line each.
        self.left = self.left.saturating_sub(message.len().max(MESSAGE_BYTES) as u64);
    }

    /// Says in one line what was dropped, if anything was. The line is as severe as the most severe of that: who listens to what was
    /// dropped gets it, and nobody else.
    #[inline]
    pub(crate) fn finish(&mut self, sink: &LogSink, plugin: &str, plugin_id: Uuid) {
        if let Some(level) = self.dropped_level {
            self.report(sink, level, plugin, plugin_id);
        }
    }

    #[cold]
    fn report(&mut self, sink: &LogSink, level: LogLevel, plugin: &str, plugin_id: Uuid) {
        let message = format!(
            "dropped {} bytes of {} log messages: the call logged more than its limit",
            self.dropped_bytes, self.dropped_messages
        );
        sink.emit(&LogRecord { level, message: &message, plugin, plugin_id });
        *self = Self::default();
    }
}
