use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// Why a server did not do what it was to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The servers are not installed.
    #[error("{program} is not in {}: run `cargo xtask brokers`", folder.display())]
    NotInstalled {
        /// What was looked for.
        program: &'static str,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// Nothing says where the user's cache folder is.
    #[error("set HOME, XDG_CACHE_HOME or PLUGWRIGHT_TEST_SERVERS, which say where the servers are")]
    NoCacheFolder,
    /// A folder or file could not be used, a program not be started, a signal not be sent.
    #[error("{server}: cannot {action}: {source}")]
    Io {
        /// The server's name.
        server: &'static str,
        /// What failed, as it follows "cannot".
        action: String,
        /// Why.
        source: io::Error,
    },
    /// A program ended that was to stay, or failed.
    #[error("{server} ended with {status}; it wrote: {log}")]
    Ended {
        /// The server's name.
        server: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it wrote.
        log: String,
    },
    /// The time was up.
    #[error("{server} did not {what} within {limit:?}; it wrote: {log}")]
    TimedOut {
        /// The server's name.
        server: &'static str,
        /// What it was to do.
        what: &'static str,
        /// How long was waited.
        limit: Duration,
        /// The end of what it wrote.
        log: String,
    },
    /// It was told to do what only a running server can.
    #[error("{server} is not running: call restart() first")]
    NotRunning {
        /// The server's name.
        server: &'static str,
    },
    /// No port on loopback is free.
    #[error("{server}: no free port on 127.0.0.1")]
    NoPort {
        /// The server's name.
        server: &'static str,
    },
}

impl Error {
    /// For `map_err`: says what failed with an [`io::Error`].
    pub(crate) fn io<E: Into<io::Error>>(
        server: &'static str,
        action: impl Into<String>,
    ) -> impl FnOnce(E) -> Self {
        let action = action.into();
        move |source| Self::Io { server, action, source: source.into() }
    }
}
