//! A case as a command line, and running it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use plugwright_conformance::{Case, LogLevel, Options, Source, Stdio as CaseStdio, Step, World};
use tempfile::TempDir;

/// After this time a run counts as hung.
const CASE_TIMEOUT: Duration = Duration::from_secs(60);

/// Longer inputs are given in a file: operating systems limit arguments.
const MAX_ARGUMENT_BYTES: usize = 10_000;

/// How a run of the command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; none after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// Runs the command: makes the calls of a step, or loads the plug-in of a case without steps.
pub(crate) fn run(case: &Case, step: Option<&Step>, calls: u32, world: &World) -> Result<Ended, String> {
    // Not the case's own folder, whose files the case knows.
    let folder = TempDir::new().map_err(|error| error.to_string())?;
    let command = command(case, step, calls, world, folder.path())
        .map_err(|error| format!("cannot prepare: {error}"))?;
    execute(command)
}

fn command(
    case: &Case,
    step: Option<&Step>,
    calls: u32,
    world: &World,
    folder: &Path,
) -> io::Result<Command> {
    let options = &case.options;
    let mut command = Command::new(env!("CARGO_BIN_EXE_plugwright"));
    command
        .current_dir(folder)
        .env("PLUGWRIGHT_CACHE_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .args(["call", "--json"])
        .arg(plugin(case, world, folder)?)
        .arg(step.map_or("run", |step| &step.function))
        .args(grants(options))
        .args(limits(options))
        .arg(format!("--log-level={}", level(options.log_level)))
        .arg(format!("--repeat={calls}"));
    if options.stdio == CaseStdio::Closed {
        command.arg("--quiet");
    }
    if let Some(text) = &options.stdin {
        let path = folder.join("stdin");
        fs::write(&path, text)?;
        command.arg("--stdin").stdin(File::open(path)?);
    } else if let Some(step) = step {
        input(&mut command, step, folder)?;
    }
    // The first argument is the file's name.
    if let Some(arguments) = options.args.get(1..) {
        command.arg("--").args(arguments);
    }
    Ok(command)
}

/// The plug-in's file, which is named as the program is to see it.
fn plugin(case: &Case, world: &World, folder: &Path) -> io::Result<PathBuf> {
    let name = case.options.args.first().map_or("plugin", String::as_str);
    let path = folder.join(name);
    match case.source().map_err(io::Error::other)? {
        Source::Guest(guest) if case.options.args.is_empty() => return Ok(world.guest(&guest)),
        Source::Guest(guest) => {
            fs::copy(world.guest(&guest), &path)?;
        }
        Source::Bytes(bytes) => fs::write(&path, bytes)?,
    }
    Ok(path)
}

fn input(command: &mut Command, step: &Step, folder: &Path) -> io::Result<()> {
    match &step.input {
        Some(text) if text.len() <= MAX_ARGUMENT_BYTES && !text.contains('\0') => {
            command.arg(format!("--input={text}"));
        }
        _ => {
            let path = folder.join("input");
            fs::write(&path, step.input().map_err(io::Error::other)?)?;
            command.arg("--input-file").arg(path);
        }
    }
    Ok(())
}

fn grants(options: &Options) -> Vec<OsString> {
    let Options { config, allowed_hosts, allowed_paths, env, .. } = options;
    let mut flags = Vec::new();
    if !config.is_empty() {
        // Other than `--config`, it can express every key.
        let json = serde_json::Value::from_iter(config.clone());
        flags.push(format!("--set-config={json}"));
    }
    flags.extend(allowed_hosts.iter().map(|host| format!("--allow-host={host}")));
    flags.extend(allowed_paths.iter().map(|(host, guest)| format!("--allow-path={host}:{guest}")));
    flags.extend(env.iter().map(|(name, value)| format!("--env={name}={value}")));
    if options.wasi {
        flags.push("--wasi".to_owned());
    }
    if options.http_response_headers {
        flags.push("--allow-http-response-headers".to_owned());
    }
    flags.into_iter().map(OsString::from).collect()
}

fn limits(options: &Options) -> impl Iterator<Item = String> {
    let flags = [
        ("timeout", options.timeout_ms),
        ("fuel", options.fuel),
        ("log-max", options.max_log_bytes),
        ("output-max", options.max_output_bytes),
        ("memory-max-pages", options.memory.max_pages.map(u64::from)),
        ("http-response-max", options.memory.max_http_response_bytes),
        ("var-max", options.memory.max_var_bytes),
    ];
    flags.into_iter().filter_map(|(flag, limit)| Some(format!("--{flag}={}", limit?)))
}

fn level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Trace => "trace",
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
        LogLevel::Off => "off",
    }
}

/// Runs a command to its end, or until it has hung for too long.
fn execute(mut command: Command) -> Result<Ended, String> {
    let shown = format!("{command:?}");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot run {shown}: {error}"))?;
    let (reading, read) = channel();
    let stdout = collect(child.stdout.take(), reading.clone());
    let stderr = collect(child.stderr.take(), reading);
    // Nothing is ever sent: the channel closes when both streams have ended.
    let hangs = read.recv_timeout(CASE_TIMEOUT) == Err(RecvTimeoutError::Timeout);
    finish(child, hangs, stdout, stderr).map_err(|error| format!("{shown}: {error}"))
}

fn finish(mut child: Child, hangs: bool, stdout: Stream, stderr: Stream) -> io::Result<Ended> {
    if hangs {
        child.kill()?;
    }
    let status = child.wait()?;
    if hangs {
        return Err(io::Error::other(format!("still running after {CASE_TIMEOUT:?}")));
    }
    let joined = |stream: Stream| stream.join().map_err(|_| io::Error::other("the reader panicked"))?;
    Ok(Ended { code: status.code(), stdout: joined(stdout)?, stderr: joined(stderr)? })
}

/// A stream that is being read to its end.
type Stream = JoinHandle<io::Result<Vec<u8>>>;

fn collect(stream: Option<impl Read + Send + 'static>, reading: Sender<()>) -> Stream {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let result = stream.map_or(Ok(0), |mut stream| stream.read_to_end(&mut bytes));
        drop(reading);
        result.map(|_| bytes)
    })
}
