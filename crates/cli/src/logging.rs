//! Printing what plug-ins and this program log to standard error, and the access log of `serve` to standard output.

use std::io;

use anstream::{AutoStream, ColorChoice};
use plugwright_server::ACCESS_LOG;
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::args::{AccessLog, Cli, Command, Global};

/// Our own messages and those of plug-ins; libraries below us are not anybody's concern here.
const TARGET: &str = "plugwright";

/// Starts printing what the command line asks for.
pub(crate) fn start(cli: &Cli) {
    let access = match &cli.command {
        Command::Serve(args) => args.access_log.map(access_log),
        _ => None,
    };
    let messages = messages(&cli.global);
    if access.is_none() && messages.is_none() {
        return;
    }
    let started = tracing_subscriber::registry().with(messages).with(access).try_init();
    debug_assert!(started.is_ok(), "logging is started once");
}

fn messages<S: Subscriber + for<'a> LookupSpan<'a>>(global: &Global) -> Option<impl Layer<S> + use<S>> {
    let filter = global.log_level.filter();
    if filter == LevelFilter::OFF {
        return None;
    }
    let colour = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
    let printed =
        fmt::layer().with_writer(io::stderr).with_ansi(colour).without_time().log_internal_errors(false);
    let filter = Targets::new().with_target(TARGET, filter).with_target(ACCESS_LOG, LevelFilter::OFF);
    Some(printed.with_filter(filter))
}

fn access_log<S: Subscriber + for<'a> LookupSpan<'a>>(format: AccessLog) -> Box<dyn Layer<S> + Send + Sync> {
    let only = Targets::new().with_target(ACCESS_LOG, LevelFilter::INFO);
    let lines =
        fmt::layer().with_writer(io::stdout).with_ansi(false).with_target(false).log_internal_errors(false);
    match format {
        AccessLog::Text => Box::new(lines.compact().with_filter(only)),
        AccessLog::Json => {
            let objects = lines.json().flatten_event(true).with_current_span(false).with_span_list(false);
            Box::new(objects.with_filter(only))
        }
    }
}
