//! The flags of `plugwright serve`.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use plugwright_server::{Isolation, View};

use super::{CapabilityArgs, NatsArgs, values};

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// What to serve: a plug-in, a folder of plug-ins (as POST /PLUGIN/FUNCTION), or a file such as plugwright.toml
    #[arg(value_name = "WHAT")]
    pub(crate) what: String,
    /// The function of a plug-in, which is served at POST /
    #[arg(value_name = "FUNCTION")]
    pub(crate) function: Option<String>,
    #[command(flatten)]
    pub(crate) listen: ListenArgs,
    #[command(flatten)]
    pub(crate) route: RouteArgs,
    #[command(flatten)]
    pub(crate) capabilities: CapabilityArgs,
    #[command(flatten)]
    pub(crate) operation: OperationArgs,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
    /// Send traces to the OpenTelemetry collector at this URL, such as http://127.0.0.1:4318/v1/traces
    #[cfg(feature = "otlp")]
    #[arg(long, value_name = "URL")]
    pub(crate) otlp: Option<String>,
    /// Print a line for each request to standard output; a file's `access_log = true` does so as text
    #[arg(long, value_name = "FORMAT")]
    pub(crate) access_log: Option<AccessLog>,
}

impl ServeArgs {
    /// Whether what is served is said by a file such as `plugwright.toml`.
    pub(crate) fn is_file(&self) -> bool {
        let what = Path::new(&self.what);
        self.function.is_none() && what.extension().is_some_and(|ending| ending == "toml") && !what.is_dir()
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Address")]
pub(crate) struct ListenArgs {
    /// The port, 0 for a free one [default: 8080]
    #[arg(short, long)]
    pub(crate) port: Option<u16>,
    /// The address of this machine to listen on: 0.0.0.0 is all of them [default: 127.0.0.1]
    #[arg(long, value_name = "IP")]
    pub(crate) address: Option<IpAddr>,
    /// Encrypt by this certificate, in a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key, in a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// The most connections at a time [default: 16384]
    #[arg(long, value_name = "N")]
    pub(crate) max_connections: Option<usize>,
    /// Threads for connections and calls [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
}

/// What holds for a plug-in or a folder; a file says it for each route.
#[derive(Debug, Args)]
#[command(next_help_heading = "The plug-in")]
pub(crate) struct RouteArgs {
    /// How the function sees a request: its body, or all of it in JSON
    #[arg(long, value_enum, value_name = "VIEW")]
    pub(crate) view: Option<ViewName>,
    /// The content type of responses [default: application/octet-stream]
    #[arg(long, value_name = "TYPE")]
    pub(crate) content_type: Option<String>,
    /// What requests share: instances, nothing, or an instance with those of the same session
    #[arg(long, value_enum, value_name = "ISOLATION")]
    pub(crate) isolation: Option<IsolationName>,
    /// The most calls at a time [default: 32]
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<usize>,
    /// The most requests that wait; further ones get 503 [default: 256]
    #[arg(long, value_name = "N")]
    pub(crate) queue: Option<usize>,
    /// The most bytes of a request's body [default: 4 MiB]
    #[arg(long, value_name = "BYTES")]
    pub(crate) body_max: Option<u64>,
    /// End each call after this time, which is not 0: `2s`, `500ms`, `1m`; a plain number is milliseconds [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = values::some_time)]
    pub(crate) timeout: Option<Duration>,
    /// The most memory of an instance, in pages of 64 KiB [default: 4096]
    #[arg(long, value_name = "PAGES", value_parser = clap::value_parser!(u32).range(..=65_536))]
    pub(crate) memory_max_pages: Option<u32>,
    /// End each call after this much work, about one unit for an instruction
    #[arg(long, value_name = "UNITS")]
    pub(crate) fuel: Option<u64>,
    /// Set a value of the plug-in's config; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = values::config, allow_hyphen_values = true)]
    pub(crate) config: Vec<(String, String)>,
    /// Allow HTTP requests to hosts that match this glob; may be repeated
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<String>,
    /// Show the plug-in a folder, read-only with `ro:` in front; may be repeated
    #[arg(long, value_name = "[ro:]HOST[:GUEST]")]
    pub(crate) allow_path: Vec<String>,
    /// Offer WASI preview 1
    #[arg(long)]
    pub(crate) wasi: bool,
    /// Set an environment variable that the plug-in sees; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::env, requires = "wasi", allow_hyphen_values = true)]
    pub(crate) env: Vec<(String, String)>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Operation")]
pub(crate) struct OperationArgs {
    /// Listen to operators too, at this address [default without ADDRESS: 127.0.0.1:9090]
    ///
    /// They need the token that is in --admin-token-file, else in the environment as PLUGWRIGHT_ADMIN_TOKEN.
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true, default_missing_value = ADMIN_DEFAULT)]
    pub(crate) admin: Option<SocketAddr>,
    /// A file with the token that operators know
    #[arg(long, value_name = "FILE", requires = "admin")]
    pub(crate) admin_token_file: Option<PathBuf>,
    /// Do not look for changes of files; SIGHUP still reloads
    #[arg(long)]
    pub(crate) no_watch: bool,
    /// How long calls that run may go on when the server stops; a second signal cuts them at once [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) shutdown_timeout: Option<Duration>,
}

/// The default of `AdminConfig::listen`, as it is written.
const ADMIN_DEFAULT: &str = "127.0.0.1:9090";

/// How requests are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AccessLog {
    /// A line of text for each request
    Text,
    /// A JSON object for each request
    Json,
}

/// How a function sees a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViewName {
    Body,
    Request,
}

impl From<ViewName> for View {
    fn from(name: ViewName) -> Self {
        match name {
            ViewName::Body => Self::Body,
            ViewName::Request => Self::Request,
        }
    }
}

/// What requests share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IsolationName {
    Shared,
    PerRequest,
    Session,
}

impl From<IsolationName> for Isolation {
    fn from(name: IsolationName) -> Self {
        match name {
            IsolationName::Shared => Self::Shared,
            IsolationName::PerRequest => Self::PerRequest,
            IsolationName::Session => Self::Session,
        }
    }
}

impl RouteArgs {
    /// A flag that was given, of those that mean nothing for a file that says it all.
    pub(crate) fn given(&self) -> Option<&'static str> {
        [
            ("--view", self.view.is_some()),
            ("--content-type", self.content_type.is_some()),
            ("--isolation", self.isolation.is_some()),
            ("--concurrency", self.concurrency.is_some()),
            ("--queue", self.queue.is_some()),
            ("--body-max", self.body_max.is_some()),
            ("--timeout", self.timeout.is_some()),
            ("--memory-max-pages", self.memory_max_pages.is_some()),
            ("--fuel", self.fuel.is_some()),
            ("--config", !self.config.is_empty()),
            ("--allow-host", !self.allow_host.is_empty()),
            ("--allow-path", !self.allow_path.is_empty()),
            ("--wasi", self.wasi),
        ]
        .into_iter()
        .find_map(|(flag, given)| given.then_some(flag))
    }
}

#[cfg(test)]
mod tests {
    use plugwright_server::AdminConfig;

    use super::ADMIN_DEFAULT;

    #[test]
    fn the_default_address_for_operators_is_the_servers() {
        assert_eq!(ADMIN_DEFAULT.parse(), Ok(AdminConfig::default_listen()));
    }
}
