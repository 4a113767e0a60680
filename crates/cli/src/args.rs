//! The commands and their flags. Parsing is all that happens here; what flags mean together is resolved by the commands.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use plugwright::SystemInput;
use tracing_subscriber::filter::LevelFilter;

use crate::language::Language;

mod call;
mod capabilities;
mod serve;
mod values;

pub(crate) use call::{CallArgs, DiagnosisArgs, GrantArgs, InputArgs, LimitArgs, ManifestFlag, Target};
pub(crate) use capabilities::CapabilityArgs;
pub(crate) use serve::{AccessLog, ListenArgs, OperationArgs, RouteArgs, ServeArgs};

/// Run plug-ins written in any language, and write them.
#[derive(Debug, Parser)]
#[command(name = "plugwright", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Global {
    /// Print results and errors as JSON: a result on standard output, an error on standard error
    ///
    /// The output of `call` stays as the plug-in gave it.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print timings, whole backtraces and the causes of errors to standard error
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Print nothing but output, errors and what --log-level asks for
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// The least severe messages to print to standard error, of plug-ins and of this program
    #[arg(long, global = true, value_name = "LEVEL", default_value = "error", ignore_case = true)]
    pub(crate) log_level: LogLevelName,
}

/// How severe a message must be to be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevelName {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Off,
}

impl LogLevelName {
    pub(crate) fn filter(self) -> LevelFilter {
        match self {
            Self::Trace => LevelFilter::TRACE,
            Self::Debug => LevelFilter::DEBUG,
            Self::Info => LevelFilter::INFO,
            Self::Warn => LevelFilter::WARN,
            Self::Error => LevelFilter::ERROR,
            Self::Off => LevelFilter::OFF,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Call a function of a plug-in and print its output
    Call(Box<CallArgs>),
    /// Serve plug-ins over HTTP
    Serve(Box<ServeArgs>),
    /// Show what a plug-in offers and what it needs, without running it
    Inspect(InspectArgs),
    /// Compile a plug-in ahead of time
    ///
    /// The file that comes out is machine code for this version of plugwright and processors like this one's. It is run by
    /// `plugwright call --trust-compiled`.
    Compile(CompileArgs),
    /// Begin a plug-in: write a small project that can be built, tested and called at once
    New(NewArgs),
    /// Build a plug-in from its source, and make it small
    Build(BuildArgs),
    /// Check manifests, or print their schema
    #[command(subcommand)]
    Manifest(ManifestCommand),
    /// Print a script that completes plugwright's commands and flags in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page of plugwright or of one of its commands
    Man(ManArgs),
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A file or URL that holds WebAssembly, WebAssembly text or a manifest
    #[arg(value_name = "PLUGIN")]
    pub(crate) plugin: String,
}

#[derive(Debug, Args)]
pub(crate) struct CompileArgs {
    /// A file or URL that holds WebAssembly, WebAssembly text or a manifest
    #[arg(value_name = "PLUGIN")]
    pub(crate) plugin: String,
    /// Where to write the compiled code
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Compile a further module in, which the plug-in imports from under this name; may be repeated
    #[arg(long, value_name = "NAME=FILE", value_parser = values::link, allow_hyphen_values = true)]
    pub(crate) link: Vec<(String, String)>,
    /// Make code that counts fuel, as `call --fuel` needs it
    #[arg(long)]
    pub(crate) fuel: bool,
    /// Neither read nor write the cache of compiled code
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Compile the plug-in as it is, for comparison: slower, otherwise the same
    #[arg(long)]
    pub(crate) no_rewrite: bool,
    #[command(flatten)]
    pub(crate) snapshot: SnapshotArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Snapshots")]
pub(crate) struct SnapshotArgs {
    /// Run the plug-in's start-up now, instead of before the first call of each instance
    ///
    /// That is `_initialize`, `__wasm_call_ctors`, `hs_init` and a start function. It is refused when start-up is more than
    /// computation, for example when it calls a host function.
    #[arg(long)]
    pub(crate) snapshot: bool,
    /// What start-up may read of this system: every instance then has what was read once; may be repeated
    ///
    /// `random` means that all instances share the seeds of their hash tables and random number generators, so that whoever
    /// knows one knows all. Standard Go reads all four.
    #[arg(long, value_name = "WHAT", requires = "snapshot", value_enum, value_delimiter = ',')]
    pub(crate) snapshot_freezes: Vec<SystemInputName>,
    /// End start-up after this time: `2s`, `500ms`, `1m`; a plain number is milliseconds [default: 30s]
    #[arg(long, value_name = "TIME", requires = "snapshot", value_parser = values::time)]
    pub(crate) snapshot_timeout: Option<Duration>,
    /// Set an environment variable that start-up sees; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::env, requires = "snapshot", allow_hyphen_values = true)]
    pub(crate) env: Vec<(String, String)>,
}

/// What start-up may read of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SystemInputName {
    Clock,
    Random,
    Environment,
    Arguments,
}

impl From<SystemInputName> for SystemInput {
    fn from(name: SystemInputName) -> Self {
        match name {
            SystemInputName::Clock => Self::Clock,
            SystemInputName::Random => Self::Random,
            SystemInputName::Environment => Self::Environment,
            SystemInputName::Arguments => Self::Arguments,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The plug-in's name, which its folder gets too; or a path to that folder
    #[arg(value_name = "NAME")]
    pub(crate) folder: PathBuf,
    /// The language
    #[arg(short, long, value_enum)]
    pub(crate) lang: Language,
    /// Let the plug-in call a function of its host, and show how a host lends it
    #[arg(long)]
    pub(crate) with_host_fn: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    /// The folder with the plug-in's source; or its first file, in JavaScript or TypeScript
    #[arg(value_name = "SOURCE", default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Where to write the plug-in; otherwise where its `plugwright.toml` says, else in its folder, under its name
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Keep names and debug information, for backtraces, and do not optimise
    #[arg(long)]
    pub(crate) debug: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ManifestCommand {
    /// Check that a manifest is valid
    Check(ManifestCheckArgs),
    /// Print the JSON Schema of manifests
    Schema,
}

#[derive(Debug, Args)]
pub(crate) struct ManifestCheckArgs {
    /// The manifest, in JSON or TOML
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Also check what it names: that modules can be read or downloaded and have their hashes, and that folders exist
    #[arg(long)]
    pub(crate) files: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// A command, such as `call` or `manifest check`; plugwright itself without one
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
    /// Write the pages of all commands to this folder instead
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub(crate) dir: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }
}
