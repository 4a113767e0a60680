//! The flags about NATS.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{CapabilityArgs, GrantArgs, LimitArgs, values};

/// Where the servers are, and who we are.
#[derive(Debug, Args)]
#[command(next_help_heading = "NATS")]
pub(crate) struct NatsArgs {
    /// The NATS server, such as nats://127.0.0.1:4222, or several of a cluster with commas between them
    ///
    /// Others on this machine see the flags of programs: a password belongs into --nats-login. Without this flag, `worker` takes the
    /// environment variable NATS_URL, and so does `serve` if it is given one of the other flags about NATS.
    #[arg(long, value_name = "URL")]
    pub(crate) nats: Option<String>,
    /// Log in by this file, which has USER:PASSWORD or a token in its only line
    #[arg(long, value_name = "FILE")]
    pub(crate) nats_login: Option<PathBuf>,
    /// Trust the certificate authorities in this PEM file too
    #[arg(long, value_name = "FILE")]
    pub(crate) nats_ca: Option<PathBuf>,
    /// Show this certificate, in a PEM file
    #[arg(long, value_name = "FILE", requires = "nats_key")]
    pub(crate) nats_cert: Option<PathBuf>,
    /// The certificate's private key, in a PEM file
    #[arg(long, value_name = "FILE", requires = "nats_cert")]
    pub(crate) nats_key: Option<PathBuf>,
}

impl NatsArgs {
    /// Whether any of them was given.
    pub(crate) fn is_given(&self) -> bool {
        // A certificate comes with its key.
        self.nats.is_some() || self.nats_login.is_some() || self.nats_ca.is_some() || self.nats_cert.is_some()
    }
}

#[derive(Debug, Args)]
#[command(
    mut_arg("timeout", |arg| arg.help("End each call after this time: `2s`, `500ms`, `1m`; a plain number is milliseconds, 0 is no limit [default: 10s]")),
    mut_arg("memory_max_pages", |arg| arg.help("The most memory, in pages of 64 KiB, over all memories of the plug-in [default: 4096]")),
    mut_arg("log_max", |arg| arg.help("The most bytes that a call may log; what is more is dropped [default: 64 KiB]")),
    mut_arg("output_max", |arg| arg.help("The most bytes of output [default: 16 MiB]"))
)]
pub(crate) struct WorkerArgs {
    /// Plug-ins to publish and serve: a file or URL, under its name or another: NAME=FILE
    #[arg(value_name = "[NAME=]PLUGIN", required_unless_present = "published")]
    pub(crate) plugins: Vec<String>,
    /// Serve what is published under this name; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) published: Vec<String>,
    /// Publish the plug-ins and do no more: workers that serve them change to them
    #[arg(long, conflicts_with_all = ["published", "no_store"])]
    pub(crate) publish: bool,
    /// Serve the plug-ins without publishing them; JetStream is not needed
    #[arg(long, conflicts_with = "published")]
    pub(crate) no_store: bool,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
    #[command(flatten)]
    pub(crate) work: WorkArgs,
    #[command(flatten)]
    pub(crate) grants: GrantArgs,
    #[command(flatten)]
    pub(crate) capabilities: CapabilityArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// How much a worker does.
#[derive(Debug, Args)]
#[command(next_help_heading = "Work")]
pub(crate) struct WorkArgs {
    /// The most calls of a plug-in at a time [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<usize>,
    /// The most calls of a plug-in that wait; further ones go to another worker [default: 64]
    #[arg(long, value_name = "N")]
    pub(crate) queue: Option<usize>,
    /// The most bytes of an input [default: 64 MiB]
    #[arg(long, value_name = "BYTES")]
    pub(crate) input_max: Option<usize>,
    /// How long calls that run may go on when the worker stops; a second signal cuts them at once
    #[arg(long, value_name = "TIME", value_parser = values::time, default_value = "30s")]
    pub(crate) shutdown_timeout: Duration,
    /// The most bytes of downloaded code that are kept on this machine, 0 for none [default: 1 GiB]
    #[arg(long, value_name = "BYTES")]
    pub(crate) code_cache_max: Option<u64>,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::CommandFactory;
    use plugwright_server::Limits;

    use crate::args::Cli;

    #[test]
    fn the_defaults_in_the_help_are_the_worker_s() {
        let command = Cli::command();
        let worker = command.find_subcommand("worker").unwrap();
        for (flag, default) in [
            ("timeout", "10s"),
            ("memory_max_pages", "4096"),
            ("log_max", "64 KiB"),
            ("output_max", "16 MiB"),
        ] {
            let arg = worker.get_arguments().find(|arg| arg.get_id() == flag).unwrap();
            let help = arg.get_help().unwrap().to_string();
            assert!(help.ends_with(&format!("[default: {default}]")), "{help}");
        }
        assert_eq!(Limits::TIMEOUT, Duration::from_secs(10));
        assert_eq!(Limits::MAX_PAGES, 4096);
        assert_eq!((Limits::MAX_LOG_BYTES, Limits::MAX_OUTPUT_BYTES), (64 << 10, 16 << 20));
    }
}
