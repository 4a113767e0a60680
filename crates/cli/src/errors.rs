//! Telling the user what went wrong: one line for people, or one JSON object, and the exit code.

use std::io::{self, ErrorKind as IoErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::AnsiColor;
use plugwright::{Backtrace, Error, ErrorKind};

use crate::args::Global;
use crate::build::BuildError;
use crate::output;

mod advice;
mod json;

/// The exit code for a call that took too long, as `timeout` has it.
const TIMED_OUT: u8 = 124;
/// The exit code for everything without one of its own.
const FAILED: u8 = 1;
/// How much of a backtrace is shown without --verbose.
const FRAMES: usize = 12;

/// What this program itself finds wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line asks for something that cannot be.
    #[error("{0}")]
    Usage(String),
    /// A file of a plug-in cannot be read.
    #[error("cannot read `{}`: {reason}; check the path", path.display())]
    Load { path: PathBuf, reason: io::Error },
    /// A plug-in's source does not become a plug-in.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// What is to be served cannot be.
    #[error(transparent)]
    Serve(#[from] plugwright_server::StartError),
    /// NATS does not do what is asked of it.
    #[error(transparent)]
    Nats(#[from] plugwright_remote::RemoteError),
}

impl Failure {
    /// An error of NATS, or the plug-in's where it is about one.
    pub(crate) fn from_remote(error: plugwright_remote::RemoteError) -> anyhow::Error {
        match error {
            plugwright_remote::RemoteError::Plugin(error) => error.into(),
            other => Self::from(other).into(),
        }
    }

    /// The kind's name, as the library has it; `Usage`, `Build`, `Serve` and `Nats` are our own.
    fn kind(&self) -> &'static str {
        match self {
            Self::Usage(_) => "Usage",
            Self::Load { .. } => "Load",
            Self::Build(_) => "Build",
            Self::Serve(_) => "Serve",
            Self::Nats(_) => "Nats",
        }
    }
}

/// Reports what is wrong with the flags; or prints what was asked for, when that is the help or the version.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match error.print() {
            Err(error) if error.kind() != IoErrorKind::BrokenPipe => ExitCode::from(FAILED),
            _ => ExitCode::SUCCESS,
        };
    }
    // The flags could not be parsed, so that nobody knows them but as words.
    if std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json") {
        print_json(&json::Report::of_usage(error));
    } else {
        // Without standard error nobody can be told.
        let _ = error.print();
    }
    ExitCode::from(FAILED)
}

/// Reports an error and gives its exit code.
pub(crate) fn report(error: &anyhow::Error, global: &Global) -> ExitCode {
    if global.json {
        print_json(&json::Report::of(error));
    } else {
        for_people(error, global);
    }
    ExitCode::from(exit_code(of_plugin(error)))
}

fn for_people(error: &anyhow::Error, global: &Global) {
    let plugin_error = of_plugin(error);
    let message = match plugin_error {
        Some(plugin_error) => format!("{}{}", context(error), advice::line(plugin_error)),
        None => format!("{error:#}"),
    };
    output::labelled("error", AnsiColor::Red, message);
    let Some(plugin_error) = plugin_error else { return };
    if let Some(backtrace) = plugin_error.backtrace()
        && (global.verbose || matches!(plugin_error.kind(), ErrorKind::Trap(_)))
    {
        print_backtrace(backtrace, global);
    }
    if global.verbose {
        let mut cause = std::error::Error::source(plugin_error);
        while let Some(error) = cause {
            output::line(format_args!("  caused by: {error}"));
            cause = error.source();
        }
    }
}

fn print_backtrace(backtrace: &Backtrace, global: &Global) {
    let shown = if global.verbose { usize::MAX } else { FRAMES };
    for frame in backtrace.to_string().lines().take(shown) {
        output::line(format_args!("  {frame}"));
    }
    let hidden = backtrace.frames().len().saturating_sub(shown);
    if hidden > 0 {
        output::line(format_args!("  … and {hidden} more; --verbose shows them"));
    }
}

fn print_json(report: &json::Report) {
    let text = serde_json::to_string(report).unwrap_or_else(|_| "{}".to_owned());
    // Without standard error nobody can be told.
    let _ = writeln!(io::stderr(), "{text}");
}

/// The error of the library, if it is one.
fn of_plugin(error: &anyhow::Error) -> Option<&Error> {
    error.chain().find_map(|cause| cause.downcast_ref())
}

/// What this program said about an error of the library, to stand in front of it.
fn context(error: &anyhow::Error) -> String {
    error.chain().take_while(|cause| !cause.is::<Error>()).map(|said| format!("{said}: ")).collect()
}

fn exit_code(error: Option<&Error>) -> u8 {
    match error.map(Error::kind) {
        Some(ErrorKind::Guest { code, .. } | ErrorKind::Exit(code)) => match u8::try_from(*code) {
            Ok(code @ 1..=125) => code,
            _ => FAILED,
        },
        Some(ErrorKind::Timeout) => TIMED_OUT,
        _ => FAILED,
    }
}
