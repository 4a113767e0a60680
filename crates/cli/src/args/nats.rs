//! The flags about NATS.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{GrantArgs, LimitArgs, values};

/// Where the servers are, and who we are.
#[derive(Debug, Args)]
#[command(next_help_heading = "NATS")]
pub(crate) struct NatsArgs {
    /// The NATS server, such as nats://127.0.0.1:4222, or several of a cluster with commas between them
    ///
    /// Others on this machine see the flags of programs: a password belongs into --nats-login.
    #[arg(long, value_name = "URL")]
    pub(crate) nats: Option<String>,
    /// Log in by this file, which has USER:PASSWORD or a token in its only line
    #[arg(long, value_name = "FILE", requires = "nats")]
    pub(crate) nats_login: Option<PathBuf>,
    /// Trust the certificate authorities in this PEM file too
    #[arg(long, value_name = "FILE", requires = "nats")]
    pub(crate) nats_ca: Option<PathBuf>,
    /// Show this certificate, in a PEM file
    #[arg(long, value_name = "FILE", requires = "nats_key", requires = "nats")]
    pub(crate) nats_cert: Option<PathBuf>,
    /// The certificate's private key, in a PEM file
    #[arg(long, value_name = "FILE", requires = "nats_cert")]
    pub(crate) nats_key: Option<PathBuf>,
}

#[derive(Debug, Args)]
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
