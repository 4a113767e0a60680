//! What the end of a call means: the engine's errors as ours.

use wasmtime::{Trap, WasmBacktrace, WasmCoreDump};
use wasmtime_wasi::I32Exit;

use crate::error::{Backtrace, Error, ErrorKind, TrapKind};
use crate::kernel_memory::{self, Span};
use crate::source_map::SourceMap;
use crate::state::State;

/// The longest error message that is taken from a guest, in bytes.
const MAX_MESSAGE_BYTES: u64 = 64 * 1024;

/// What was kept of an instance that failed, see [`Plugin::post_mortem`](crate::Plugin::post_mortem).
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct PostMortem {
    /// A WebAssembly core dump, if one was asked for and the instance trapped.
    pub coredump: Option<Vec<u8>>,
    /// The linear memory that the instance exported as `memory`, if it was asked for.
    pub memory: Option<Vec<u8>>,
}

/// How a call that did not return ended.
pub(crate) enum Ending {
    /// The guest left by `proc_exit(0)`.
    Success,
    Failure(Error),
}

/// The meaning of an error that the engine returned from a call.
///
/// `entered` tells whether the function that was called had begun: an exit before that is not its success.
pub(crate) fn ending(
    error: wasmtime::Error,
    state: &State,
    said: &str,
    entered: bool,
    source_map: Option<&SourceMap>,
) -> Ending {
    let backtrace =
        error.downcast_ref::<WasmBacktrace>().and_then(|trace| Backtrace::from_engine(trace, source_map));
    if let Some(I32Exit(code)) = error.downcast_ref() {
        if *code == 0 && entered {
            return Ending::Success;
        }
        let when = if entered { "" } else { " while it started up, before the function was called" };
        let message = with_said(format!("the plug-in exited with code {code}{when}"), said);
        return Ending::Failure(Error::new(ErrorKind::Exit(*code), message));
    }
    let error = match error.downcast::<Error>() {
        Ok(ours) => return Ending::Failure(ours.with_backtrace(backtrace)),
        Err(error) => error,
    };
    let trap = error.downcast_ref::<Trap>().copied();
    let (kind, message) = match trap {
        Some(Trap::OutOfFuel) => {
            (ErrorKind::OutOfFuel, "the call used up its fuel; raise the limit if it needs more".to_owned())
        }
        Some(Trap::Interrupt) => (ErrorKind::Timeout, "the call was interrupted".to_owned()),
        // What a guest does that got no memory: it aborts. Other traps have reasons of their own.
        None | Some(Trap::UnreachableCodeReached) if state.budget.refused() => {
            (ErrorKind::OutOfMemory, state.budget.describe())
        }
        Some(Trap::AllocationTooLarge) => (ErrorKind::OutOfMemory, state.budget.describe()),
        Some(trap) => (ErrorKind::Trap(trap_kind(trap)), describe(trap, backtrace.as_ref())),
        None if lacks_memory(&error) => return Ending::Failure(no_room(&error)),
        None => (ErrorKind::Trap(TrapKind::Other), root_cause(&error)),
    };
    let message = match kind {
        // How guests panic: they say why, then trap. The reason is what their users want to read.
        ErrorKind::Trap(TrapKind::Unreachable) if !said.is_empty() => {
            format!("{} ({message})", one_line(said))
        }
        _ => with_said(message, said),
    };
    Ending::Failure(Error::new(kind, message).with_backtrace(backtrace))
}

/// Whether an error of the engine says that the system refused it memory or address space.
fn lacks_memory(error: &wasmtime::Error) -> bool {
    error.chain().any(|cause| {
        #[cfg(unix)]
        if cause.downcast_ref() == Some(&rustix::io::Errno::NOMEM) {
            return true;
        }
        cause
            .downcast_ref()
            .is_some_and(|error: &std::io::Error| error.kind() == std::io::ErrorKind::OutOfMemory)
    })
}

/// The error for an instance that the system has no room for.
pub(crate) fn no_room(error: &wasmtime::Error) -> Error {
    let message = format!(
        "the system has no room for another instance: {}; keep fewer at a time, or build the plug-in with \
         `compact_memory`",
        root_cause(error)
    );
    Error::new(ErrorKind::OutOfMemory, message)
}

/// The message that the guest set by `error_set`, empty if there is none.
pub(crate) fn guest_message(store: &impl wasmtime::AsContext<Data = State>) -> String {
    let kernel = &store.as_context().data().kernel;
    let Span { offset, len } = kernel.block(kernel.error);
    let span = Span { offset, len: len.min(MAX_MESSAGE_BYTES) };
    kernel_memory::bytes(store, span)
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .unwrap_or_default()
}

/// The error for a function that returned a code other than 0.
pub(crate) fn guest_error(code: i32, message: String) -> Error {
    let text = match message.as_str() {
        "" => format!("returned the code {code}"),
        said if code == 1 => said.to_owned(),
        said => format!("{said} (code {code})"),
    };
    Error::new(ErrorKind::Guest { code, message }, one_line(&text))
}

/// The core dump that came with an error.
pub(crate) fn coredump(
    error: &wasmtime::Error,
    name: &str,
    store: impl wasmtime::AsContextMut,
) -> Option<Vec<u8>> {
    error.downcast_ref::<WasmCoreDump>().map(|dump| dump.serialize(store, name))
}

fn with_said(message: String, said: &str) -> String {
    if said.is_empty() { message } else { format!("{message}; the plug-in said: {}", one_line(said)) }
}

/// A guest's text in one line, for messages that people read in logs.
pub(crate) fn one_line(text: &str) -> String {
    let line = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    // A terminal must not obey a guest.
    line.replace(char::is_control, "\u{fffd}")
}

fn root_cause(error: &wasmtime::Error) -> String {
    one_line(&error.root_cause().to_string())
}

/// What a trap is, and where it happened.
pub(crate) fn describe(trap: Trap, backtrace: Option<&Backtrace>) -> String {
    let place = backtrace.and_then(|backtrace| backtrace.frames().first());
    let trap = trap.to_string();
    let trap = trap.strip_prefix("wasm trap: ").unwrap_or(&trap);
    match place.and_then(|frame| frame.function.as_deref()) {
        Some(function) => format!("trapped in `{function}`: {trap}"),
        None => format!("trapped: {trap}"),
    }
}

/// The engine's trap as ours.
pub(crate) fn trap_kind(trap: Trap) -> TrapKind {
    match trap {
        Trap::UnreachableCodeReached => TrapKind::Unreachable,
        Trap::StackOverflow => TrapKind::StackOverflow,
        Trap::MemoryOutOfBounds => TrapKind::MemoryOutOfBounds,
        Trap::TableOutOfBounds => TrapKind::TableOutOfBounds,
        Trap::IndirectCallToNull => TrapKind::IndirectCallToNull,
        Trap::BadSignature => TrapKind::BadSignature,
        Trap::IntegerOverflow => TrapKind::IntegerOverflow,
        Trap::IntegerDivisionByZero => TrapKind::DivisionByZero,
        Trap::BadConversionToInteger => TrapKind::BadConversion,
        _ => TrapKind::Other,
    }
}
