//! What plug-ins log: to a file, or into a buffer that the program empties.
//!
//! Plug-ins that have no log of their own pass their messages to `tracing`, of which this library has a copy of its own. It listens
//! there.

use std::ffi::{CStr, c_char};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::level_filters::LevelFilter;

use crate::boundary::{guard, text};
use crate::error::{Failure, succeeds};
use crate::function::ExtismSize;

mod buffer;
mod filter;
mod line;
mod listener;

use buffer::Buffer;

/// How severe a message is.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "C asks for some of them by their numbers")]
pub enum PlugwrightLogLevel {
    /// The finest detail.
    Trace = 0,
    /// For whoever debugs the plug-in.
    Debug = 1,
    /// What the plug-in does.
    Info = 2,
    /// Something is odd.
    Warn = 3,
    /// Something failed.
    Error = 4,
    /// As a level to be logged: nothing.
    Off = 5,
}

/// Gets the lines of `extism_log_drain`: `line` has `len` bytes, the last of which ends the line; and a zero byte after them.
pub type ExtismLogDrainFunctionType = Option<unsafe extern "C" fn(line: *const c_char, len: ExtismSize)>;

/// Where lines go.
enum Sink {
    /// Nowhere.
    Nothing,
    /// To something that is written to at once.
    Writer(Box<dyn Write + Send>),
    /// Into the buffer.
    Buffer,
}

/// The lines of all plug-ins.
struct Log {
    sink: Sink,
    buffer: Buffer,
}

static LOG: Mutex<Log> = Mutex::new(Log { sink: Sink::Nothing, buffer: Buffer::new() });

fn log() -> MutexGuard<'static, Log> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a line, which ends with a line break.
fn write(line: &str) {
    let mut log = log();
    let Log { sink, buffer } = &mut *log;
    match sink {
        Sink::Nothing => {}
        Sink::Writer(writer) => {
            // Nobody could be told that the log cannot be written, and the plug-in has nothing to do with it.
            let _unwritten = writer.write_all(line.as_bytes()).and_then(|()| writer.flush());
        }
        Sink::Buffer => buffer.push(line),
    }
}

/// The level that C asks for.
///
/// # Safety
///
/// `level` is null or a text.
unsafe fn level(level: *const c_char) -> Result<LevelFilter, Failure> {
    if level.is_null() {
        return Ok(filter::DEFAULT);
    }
    // SAFETY: it is not null, and the caller promises a text.
    filter::parse(unsafe { text(level, "the log level") }?)
}

/// Sends what plug-ins log to `sink` from now on, as far as `filter` lets it through: that of living plug-ins too.
fn start(sink: Sink, filter: LevelFilter) -> Result<(), Failure> {
    listener::listen(filter)?;
    log().sink = sink;
    Ok(())
}

/// Opens what `name` says.
fn open(name: &str) -> Result<Sink, Failure> {
    let writer: Box<dyn Write + Send> = match name {
        "-" | "stderr" | "/dev/stderr" => Box::new(io::stderr()),
        "stdout" | "/dev/stdout" => Box::new(io::stdout()),
        _ => {
            let file = OpenOptions::new().create(true).append(true).open(name);
            Box::new(file.map_err(|error| Failure::argument(format!("cannot write to `{name}`: {error}")))?)
        }
    };
    Ok(Sink::Writer(writer))
}

/// Writes what plug-ins log to a file from now on, instead of where it went before. That of living plug-ins too, but for those that
/// have a log of their own.
///
/// - `filename`: the file, which is made if it does not exist and appended to if it does. `stdout` and `stderr` (also null and `-`)
///   are the streams of the process.
/// - `log_level`: the least severe level that is written: `trace`, `debug`, `info`, `warn`, `error` or `off`; `error` for null.
///   A list as `error,extism=info` is understood too: what it says about `extism`, `extism::pdk` or `plugwright` counts, what it
///   says about others does not.
///
/// Returns whether it was done: not if the file cannot be written or the level is not known. Then nothing changes, and
/// `plugwright_last_error` says why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_log_file(filename: *const c_char, log_level: *const c_char) -> bool {
    let begin = || {
        // SAFETY: the caller promises texts or null.
        let (level, name) = unsafe {
            let name = if filename.is_null() { "stderr" } else { text(filename, "the file's name")? };
            (level(log_level)?, name)
        };
        start(open(name)?, level)
    };
    guard(false, || succeeds(begin()))
}

/// Keeps what plug-ins log from now on in a buffer, for `extism_log_drain`. The rest is as with `extism_log_file`.
///
/// The buffer has room for 4 MiB, see `plugwright_log_buffer_limit`. When it is full the oldest lines are dropped, and a line says
/// how many.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_log_custom(log_level: *const c_char) -> bool {
    // SAFETY: the caller promises a text or null.
    let begin = || start(Sink::Buffer, unsafe { level(log_level) }?);
    guard(false, || succeeds(begin()))
}

/// Passes the lines in the buffer to `handler`, oldest first, and removes them. Nothing happens for null.
///
/// The handler may use this library in any way. What plug-ins log meanwhile waits for the next time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn extism_log_drain(handler: ExtismLogDrainFunctionType) {
    guard((), || {
        let Some(handler) = handler else { return };
        // No lock is held while the handler runs.
        let lines = log().buffer.take();
        for line in lines {
            let line: &CStr = &line;
            // SAFETY: the caller promises a function of this type, and the line stays until it returns.
            unsafe { handler(line.as_ptr(), line.count_bytes() as ExtismSize) };
        }
    });
}

/// Sets how many bytes of lines are kept for `extism_log_drain`: 4 MiB by default. If there are more, the oldest are dropped.
#[unsafe(no_mangle)]
pub extern "C" fn plugwright_log_buffer_limit(bytes: ExtismSize) {
    guard((), || log().buffer.set_limit(usize::try_from(bytes).unwrap_or(usize::MAX)));
}
