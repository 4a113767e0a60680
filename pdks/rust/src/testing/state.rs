//! Everything that a test's host knows.

use std::collections::BTreeMap;

use super::blocks::Blocks;
use super::error::Error;
use super::host_function::HostFunction;
use super::http::{Responder, Response};
use super::vars::Vars;
use crate::LogLevel;

/// Bytes of all variables together, keys and values, unless the test says otherwise: a host's default.
const MAX_VAR_BYTES: u64 = 1 << 20;

/// Bytes that may be alive in kernel memory, unless the test says otherwise.
const MAX_MEMORY_BYTES: u64 = 1 << 30;

/// What a host reads of an error message.
const MAX_ERROR_BYTES: usize = 64 << 10;

/// A message that the plug-in logged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Log {
    /// Its severity.
    pub level: LogLevel,
    /// Its text.
    pub message: String,
}

/// A host: what the test said, and what the plug-in left behind.
pub(crate) struct State {
    pub(super) config: BTreeMap<String, String>,
    pub(super) vars: Vars,
    /// The least severe level that somebody listens to, if anybody does.
    pub(super) log_level: Option<LogLevel>,
    /// What the last call logged.
    pub(super) logs: Vec<Log>,
    pub(super) host_functions: Vec<HostFunction>,
    pub(super) responder: Option<Responder>,
    pub(super) shows_headers: bool,
    pub(super) last_response: Option<Response>,
    pub(crate) blocks: Blocks,
    pub(super) call: Call,
    /// What the test said that cannot be; each call reports it.
    pub(super) mistake: Option<Error>,
}

/// What belongs to one call.
#[derive(Default)]
pub(super) struct Call {
    pub(super) input: Range,
    pub(super) output: Range,
    /// The block with the error message, or 0.
    pub(super) error: u64,
    /// The message of the last fallible host function that failed.
    pub(super) host_error: Option<String>,
    /// Why the call must not go on.
    pub(super) ended: Option<Error>,
}

/// A range of kernel memory.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Range {
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            config: BTreeMap::new(),
            vars: Vars::new(MAX_VAR_BYTES),
            log_level: Some(LogLevel::Trace),
            logs: Vec::new(),
            host_functions: Vec::new(),
            responder: None,
            shows_headers: false,
            last_response: None,
            blocks: Blocks::new(MAX_MEMORY_BYTES),
            call: Call::default(),
            mistake: None,
        }
    }

    /// Forgets the last call and sets the input of the next.
    pub(super) fn begin(&mut self, input: Vec<u8>) {
        self.blocks.begin();
        self.logs.clear();
        let length = input.len() as u64;
        let input = Range { offset: self.blocks.insert(input), length };
        self.call = Call { input, ..Call::default() };
    }

    /// The result of the call that returned this code.
    pub(super) fn finish(&self, code: i32) -> Result<Vec<u8>, Error> {
        if code != 0 {
            return Err(Error::guest(code, self.error_message()?));
        }
        let Range { offset, length } = self.call.output;
        let mut output = vec![0; length as usize];
        self.blocks.read("output_set", offset, &mut output)?;
        Ok(output)
    }

    fn error_message(&self) -> Result<String, Error> {
        let bytes = self.blocks.block("error_set", self.call.error)?;
        Ok(String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_ERROR_BYTES)]).into_owned())
    }
}
