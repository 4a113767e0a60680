//! Why a call in a unit test failed.

use std::fmt;

/// What kind of failure ended a call. The names are those that hosts use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The plug-in returned a code other than 0; see [`Error::code`].
    Guest,
    /// The plug-in panicked. On a host this is a trap.
    Trap,
    /// The plug-in broke a rule of the contract; the message names it.
    Contract,
    /// A limit was reached: variables.
    Limit,
    /// The plug-in called a host function that failed, or that the test did not declare.
    HostFunction,
    /// An HTTP request was refused, malformed, or failed.
    Http,
    /// The input or a variable could not be turned into bytes.
    Encode,
    /// Bytes could not be turned into the wanted type.
    Decode,
}

/// A failed call: what [`Host::call`](super::Host::call) returns instead of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    code: Option<i32>,
    message: String,
}

impl Error {
    pub(super) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, code: None, message: message.into() }
    }

    pub(super) fn contract(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Contract, message)
    }

    pub(super) fn guest(code: i32, message: String) -> Self {
        Self { kind: ErrorKind::Guest, code: Some(code), message }
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The code that the plug-in returned, if it returned at all.
    pub fn code(&self) -> Option<i32> {
        self.code
    }

    /// The plug-in's error message, or what the mock has to say.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) if self.message.is_empty() => write!(f, "the plug-in returned code {code}"),
            Some(code) => write!(f, "{} (code {code})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}
