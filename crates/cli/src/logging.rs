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

/// What goes on until the end of the program, when it is to be dropped.
#[derive(Default)]
pub(crate) struct Logging {
    #[cfg(feature = "otlp")]
    traces: Option<plugwright_server::Traces>,
}

/// Starts printing what the command line asks for, and sending traces if it asks for those.
///
/// # Errors
///
/// When traces cannot be sent.
pub(crate) fn start(cli: &Cli) -> anyhow::Result<Logging> {
    let access = match &cli.command {
        // A file may ask for it too, which is read later: without that nothing comes here.
        Command::Serve(args) => {
            args.access_log.or_else(|| args.is_file().then_some(AccessLog::Text)).map(access_log)
        }
        _ => None,
    };
    let subscriber = tracing_subscriber::registry().with(messages(&cli.global)).with(access);
    #[cfg(feature = "otlp")]
    let (subscriber, logging) = {
        let traces = match &cli.command {
            Command::Serve(args) => args.otlp.as_deref().map(plugwright_server::Traces::start).transpose()?,
            _ => None,
        };
        let layer = traces.as_ref().map(plugwright_server::Traces::layer);
        (subscriber.with(layer), Logging { traces })
    };
    #[cfg(not(feature = "otlp"))]
    let logging = Logging::default();
    let started = subscriber.try_init();
    debug_assert!(started.is_ok(), "logging is started once");
    Ok(logging)
}

#[cfg(feature = "otlp")]
impl Drop for Logging {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.traces.take().map(plugwright_server::Traces::shutdown) {
            crate::output::warning(error);
        }
    }
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
