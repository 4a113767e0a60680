//! Printing what plug-ins and this program log to standard error.

use std::io;

use anstream::{AutoStream, ColorChoice};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::args::Global;

/// Our own messages and those of plug-ins; libraries below us are not anybody's concern here.
const TARGET: &str = "plugwright";

/// Starts printing messages from the level that the command line asks for.
pub(crate) fn start(global: &Global) {
    let filter = global.log_level.filter();
    if filter == LevelFilter::OFF {
        return;
    }
    let colour = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
    let printed =
        fmt::layer().with_writer(io::stderr).with_ansi(colour).without_time().log_internal_errors(false);
    let started = tracing_subscriber::registry()
        .with(Targets::new().with_target(TARGET, filter))
        .with(printed)
        .try_init();
    debug_assert!(started.is_ok(), "logging is started once");
}
