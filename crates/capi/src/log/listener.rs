//! Listening to what the runtime passes to `tracing`.

use std::fmt::Debug;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, set_global_default};
use tracing::{Event, Metadata, Subscriber, callsite};

use super::line;
use crate::error::Failure;

/// The crates that are listened to.
const OURS: &str = "plugwright";

/// The level that is wanted now.
static WANTED: Mutex<LevelFilter> = Mutex::new(LevelFilter::OFF);

fn wanted() -> LevelFilter {
    *WANTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Listens to messages up to this level from now on.
///
/// # Errors
///
/// When somebody else listens: a Rust program that this library is part of.
pub(super) fn listen(level: LevelFilter) -> Result<(), Failure> {
    static LISTENING: OnceLock<bool> = OnceLock::new();
    if !*LISTENING.get_or_init(|| set_global_default(Listener).is_ok()) {
        return Err(Failure::argument("another part of this program has taken over the log"));
    }
    *WANTED.lock().unwrap_or_else(PoisonError::into_inner) = level;
    callsite::rebuild_interest_cache();
    Ok(())
}

struct Listener;

impl Subscriber for Listener {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        // The answer is remembered until the level changes.
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with(OURS) && *metadata.level() <= wanted()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(wanted())
    }

    fn event(&self, event: &Event<'_>) {
        let mut words = Words::default();
        event.record(&mut words);
        let metadata = event.metadata();
        super::write(&line::format(*metadata.level(), metadata.target(), &words.message, &words.fields()));
    }

    // Spans are not listened to; one would do for all.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What an event says.
#[derive(Default)]
struct Words {
    message: String,
    plugin_id: Option<String>,
    others: Vec<(&'static str, String)>,
}

impl Words {
    /// The fields that a line has. A message of a plug-in has its id, as with the public library, which has no names for plug-ins.
    fn fields(&self) -> Vec<(&'static str, String)> {
        match &self.plugin_id {
            Some(id) => vec![("plugin", format!("{id:?}"))],
            None => self.others.clone(),
        }
    }
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "plugin_id" => self.plugin_id = Some(format!("{value:?}")),
            name => self.others.push((name, format!("{value:?}"))),
        }
    }
}
