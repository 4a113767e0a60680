//! The flags of `plugwright call`.
//!
//! Those that the public `extism` command has too keep its spelling.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use plugwright::Profiler;

use super::CapabilityArgs;
use super::values;
use crate::errors::Failure;

#[derive(Debug, Args)]
#[command(override_usage = "plugwright call [OPTIONS] <PLUGIN> <FUNCTION> [-- <ARGUMENT>...]")]
pub(crate) struct CallArgs {
    /// A file or URL that holds WebAssembly, WebAssembly text or a manifest
    plugin: Option<String>,
    /// The function to call
    function: Option<String>,
    /// The plug-in is a manifest, this one if a file is given
    ///
    /// Needed only to insist: a manifest is recognised without it.
    #[arg(short, long, value_name = "FILE", num_args = 0..=1)]
    manifest: Option<Option<String>>,
    /// Run compiled code from `plugwright compile`, trusted like a program
    ///
    /// Whoever can write the file can do whatever you can. Use it for files that you made yourself.
    #[arg(long, conflicts_with_all = ["manifest", "link"])]
    pub(crate) trust_compiled: bool,
    /// Link a further module, which the plug-in imports from under this name; may be repeated
    #[arg(long, value_name = "NAME=FILE", value_parser = values::link, allow_hyphen_values = true)]
    pub(crate) link: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) grants: GrantArgs,
    #[command(flatten)]
    pub(crate) capabilities: CapabilityArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    #[command(flatten)]
    pub(crate) diagnosis: DiagnosisArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Input and output")]
pub(crate) struct InputArgs {
    /// The input, as text
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with_all = ["input_file", "stdin"])]
    pub(crate) input: Option<String>,
    /// A file with the input
    #[arg(long, value_name = "FILE", conflicts_with = "stdin")]
    pub(crate) input_file: Option<PathBuf>,
    /// Read the input from standard input; with `_start` that is the plug-in's own standard input
    #[arg(long)]
    pub(crate) stdin: bool,
    /// Write the output to a file, once the call has succeeded
    #[arg(short, long, value_name = "FILE", conflicts_with = "loop_")]
    pub(crate) output: Option<PathBuf>,
    /// Call the function so many times, on one instance, and print the last output
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) repeat: u32,
    /// Call the function so many times, on one instance, and print each output, with a line break if N is more than 1
    #[arg(long = "loop", value_name = "N", conflicts_with = "repeat", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) loop_: Option<u32>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What the plug-in may use")]
pub(crate) struct GrantArgs {
    /// Set a value of the plug-in's config; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = values::config, allow_hyphen_values = true)]
    pub(crate) config: Vec<(String, String)>,
    /// Set config from a JSON object of strings
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    pub(crate) set_config: Option<String>,
    /// Set config from a file with a JSON object or a TOML table of strings
    #[arg(long, value_name = "FILE")]
    pub(crate) config_file: Option<PathBuf>,
    /// Allow HTTP requests to hosts that match this glob; may be repeated
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<String>,
    /// Show the plug-in a folder, read-only with `ro:` in front; may be repeated
    #[arg(long, value_name = "[ro:]HOST[:GUEST]")]
    pub(crate) allow_path: Vec<String>,
    /// Show the plug-in the headers of HTTP responses
    #[arg(long, alias = "enable-http-response-headers")]
    pub(crate) allow_http_response_headers: bool,
    /// Offer WASI preview 1
    ///
    /// What the plug-in writes to its standard error goes to standard error. Its standard output does too, because standard
    /// output is for the output of the call; that of `_start` goes to standard output.
    #[arg(long)]
    pub(crate) wasi: bool,
    /// Set an environment variable that the plug-in sees; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::env, requires = "wasi", allow_hyphen_values = true)]
    pub(crate) env: Vec<(String, String)>,
    /// Arguments that the plug-in sees, after its file's name; of a worker's plug-in, after the name that it is served under
    #[arg(last = true, value_name = "ARGUMENT", requires = "wasi")]
    pub(crate) arguments: Vec<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// End each call after this time: `2s`, `500ms`, `1m`; a plain number is milliseconds, 0 is no limit
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) timeout: Option<Duration>,
    /// The most memory, in pages of 64 KiB, over all memories of the plug-in
    #[arg(long, alias = "memory-max", value_name = "PAGES", value_parser = clap::value_parser!(u32).range(..=65_536))]
    pub(crate) memory_max_pages: Option<u32>,
    /// The most bytes of one HTTP response; -1 is the default, 50 MiB
    #[arg(long, value_name = "BYTES", value_parser = values::limit, allow_negative_numbers = true)]
    pub(crate) http_response_max: Option<values::Limit>,
    /// The most bytes of the plug-in's variables, 0 for none; -1 is the default, 1 MiB
    #[arg(long, value_name = "BYTES", value_parser = values::limit, allow_negative_numbers = true)]
    pub(crate) var_max: Option<values::Limit>,
    /// The most bytes that a call may log; what is more is dropped [default: 1 MiB]
    #[arg(long, value_name = "BYTES")]
    pub(crate) log_max: Option<u64>,
    /// The most bytes of output
    #[arg(long, value_name = "BYTES")]
    pub(crate) output_max: Option<u64>,
    /// End each call after this much work, about one unit for an instruction
    #[arg(long, value_name = "UNITS")]
    pub(crate) fuel: Option<u64>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Diagnosis")]
pub(crate) struct DiagnosisArgs {
    /// Write a WebAssembly core dump to a file when the plug-in traps
    #[arg(long, value_name = "FILE")]
    pub(crate) coredump: Option<PathBuf>,
    /// Write the plug-in's memory to a file after the call, whether it succeeded or not
    #[arg(long, value_name = "FILE")]
    pub(crate) memory_dump: Option<PathBuf>,
    /// Let a profiler see the plug-in's functions by name (Linux)
    #[arg(long, value_name = "FORMAT")]
    pub(crate) profile: Option<ProfilerName>,
    /// Neither read nor write the cache of compiled code
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Compile the plug-in as it is, for comparison: slower, otherwise the same
    #[arg(long)]
    pub(crate) no_rewrite: bool,
}

/// A profiler's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfilerName {
    /// `/tmp/perf-<pid>.map`, for `perf report`
    Perfmap,
    /// `jit-<pid>.dump`, for `perf inject`
    Jitdump,
}

impl From<ProfilerName> for Profiler {
    fn from(name: ProfilerName) -> Self {
        match name {
            ProfilerName::Perfmap => Self::PerfMap,
            ProfilerName::Jitdump => Self::JitDump,
        }
    }
}

/// Whether the plug-in has to be a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ManifestFlag {
    /// It may be one.
    Absent,
    /// It has to be one.
    Given,
}

/// What to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) plugin: String,
    pub(crate) function: String,
    pub(crate) manifest: ManifestFlag,
}

impl CallArgs {
    /// The plug-in and the function, however they are written.
    ///
    /// `--manifest` is a switch in the public command and takes a file in ours, so that its parser may have taken the word
    /// after it: `--manifest m.json run`, `m.json --manifest run`, `run --manifest m.json`, `m.json run --manifest`.
    ///
    /// # Errors
    ///
    /// `Usage` when a word is missing or one is too many.
    pub(crate) fn target(&self) -> Result<Target, Failure> {
        let words: Vec<&str> =
            [&self.plugin, &self.function].into_iter().flatten().map(String::as_str).collect();
        let target = |plugin: &str, function: &str, manifest| {
            Ok(Target { plugin: plugin.to_owned(), function: function.to_owned(), manifest })
        };
        match (&self.manifest, &*words) {
            (None, [plugin, function]) => target(plugin, function, ManifestFlag::Absent),
            (Some(None), [plugin, function]) => target(plugin, function, ManifestFlag::Given),
            (Some(Some(word)), [plugin, function]) if word == "true" => {
                target(plugin, function, ManifestFlag::Given)
            }
            (Some(Some(word)), [plugin, function]) if word == "false" => {
                target(plugin, function, ManifestFlag::Absent)
            }
            (Some(Some(word)), [other]) if !exists(word) && exists(other) => {
                target(other, word, ManifestFlag::Given)
            }
            (Some(Some(word)), [other]) => target(word, other, ManifestFlag::Given),
            (Some(Some(file)), [plugin, _]) => Err(Failure::Usage(format!(
                "there are two plug-ins, `{plugin}` and the manifest `{file}`; give one of them (a manifest names its modules in `wasm`)"
            ))),
            (None | Some(None), [plugin]) => Err(no_function(plugin)),
            (Some(Some(plugin)), []) => Err(no_function(plugin)),
            _ => Err(Failure::Usage("say what to call: `plugwright call PLUGIN FUNCTION`".to_owned())),
        }
    }
}

/// Whether a word can be a plug-in rather than a function.
fn exists(word: &str) -> bool {
    crate::source::is_url(word) || Path::new(word).exists()
}

fn no_function(plugin: &str) -> Failure {
    Failure::Usage(format!(
        "say which function to call: `plugwright call {plugin} FUNCTION`; `plugwright inspect {plugin}` lists them"
    ))
}
