//! The runtime's errors, as JavaScript gets them.

use napi_derive::napi;
use plugwright::{Error, ErrorKind};

/// What a call ends with whose guest trapped, where other hosts of the contract use numbers.
const TRAP_CODE: i32 = 134;

/// What a call ends with that failed on the side of the host.
const HOST_CODE: i32 = -1;

/// An error: what a `PluginError` is made of.
#[napi(object)]
pub(crate) struct Failure {
    pub kind: String,
    pub message: String,
    pub exit_code: i32,
    pub plugin_name: Option<String>,
    pub function_name: Option<String>,
    /// The host function that failed, if one did.
    pub host_function: Option<String>,
    /// What the guest said of its failure.
    pub guest_message: Option<String>,
    pub backtrace: Option<Vec<BacktraceFrame>>,
}

/// A function of the guest in a backtrace.
#[napi(object)]
pub(crate) struct BacktraceFrame {
    pub function_name: Option<String>,
    pub function_index: u32,
    /// In bytes from the beginning of the module.
    pub offset: Option<f64>,
    pub file: Option<String>,
    pub line: Option<u32>,
}

/// The error for JavaScript.
#[cold]
pub(crate) fn failure_of(error: &Error) -> Failure {
    let frames = error.backtrace().map(|backtrace| {
        let frames = backtrace.frames().iter().map(|frame| BacktraceFrame {
            function_name: frame.function.clone(),
            function_index: frame.function_index,
            offset: frame.offset.map(|offset| offset as f64),
            file: frame.file.clone(),
            line: frame.line,
        });
        frames.collect()
    });
    let (mut exit_code, mut host_function, mut guest_message) = (HOST_CODE, None, None);
    match error.kind() {
        ErrorKind::Guest { code, message } => {
            exit_code = *code;
            guest_message = Some(message.clone());
        }
        ErrorKind::Exit(code) => exit_code = *code,
        ErrorKind::Trap(_) => exit_code = TRAP_CODE,
        ErrorKind::HostFunction { name } => host_function = Some(name.clone()),
        _ => {}
    }
    Failure {
        kind: error.kind().name().to_owned(),
        message: error.to_string(),
        exit_code,
        plugin_name: error.plugin().map(str::to_owned),
        function_name: error.function().map(str::to_owned),
        host_function,
        guest_message,
        backtrace: frames,
    }
}
