//! The kinds of errors. This list is the one that every SDK's error codes follow.

use std::fmt;

use crate::snapshot::SystemInput;

/// What happened. Match on it to decide what to do; print the [`Error`](crate::Error) to tell a person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The manifest is not valid: an unknown field, a wrong type, a value out of range.
    InvalidManifest,
    /// The plug-in's code could not be read: a missing file, an unreachable URL, too many bytes.
    Load,
    /// The code does not have the SHA-256 that the manifest gives.
    HashMismatch,
    /// The code is not valid WebAssembly, or uses a feature that is not supported.
    Compile,
    /// Imports of the plug-in that nothing satisfies. No guest code has run.
    Link {
        /// Every one of them.
        missing: Vec<MissingImport>,
    },
    /// The plug-in exports no function of this name.
    FunctionNotFound {
        /// The exported functions with the most similar names, best first.
        nearest: Vec<String>,
    },
    /// A function exists but its type is not the one that is needed.
    Signature,
    /// The plug-in's function returned a code other than 0.
    Guest {
        /// The code.
        code: i32,
        /// What the plug-in said by `error_set`, or an empty string.
        message: String,
    },
    /// The plug-in did something that WebAssembly forbids. Its next call gets a fresh instance.
    Trap(TrapKind),
    /// The plug-in broke the contract, for example by an output that lies outside its memory.
    Contract,
    /// The call did not end before its deadline.
    Timeout,
    /// The call was cancelled by a [`CancelHandle`](crate::CancelHandle).
    Cancelled,
    /// The call used up its fuel.
    OutOfFuel,
    /// The plug-in needs more memory than it may have.
    OutOfMemory,
    /// The plug-in left by `proc_exit` with a code other than 0.
    Exit(i32),
    /// A limit other than time, fuel and memory was reached; the message names it.
    Limit,
    /// A host function returned an error or panicked.
    HostFunction {
        /// The host function.
        name: String,
    },
    /// An HTTP request of the plug-in was refused or failed.
    Http,
    /// A value could not be turned into bytes.
    Encode,
    /// Bytes could not be turned into the value asked for.
    Decode,
    /// No instance of a pool became free in time.
    PoolTimeout,
    /// The compiled code is not from this version and configuration of the runtime.
    Incompatible,
    /// A [`Snapshot`](crate::Snapshot) of the plug-in cannot be made.
    Snapshot {
        /// What start-up read of the system without being allowed to; empty when that is not the reason.
        reads: Vec<SystemInput>,
    },
    /// Whoever runs the plug-in elsewhere could not be reached, or took no call. Nothing has run, so it may be tried again.
    Unavailable,
    /// Whoever ran the call elsewhere is gone, or the connection to it. The call may have run, wholly or in part.
    Lost,
}

impl ErrorKind {
    /// The kind's name, the same in every language and in the command line's JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::InvalidManifest => "InvalidManifest",
            Self::Load => "Load",
            Self::HashMismatch => "HashMismatch",
            Self::Compile => "Compile",
            Self::Link { .. } => "Link",
            Self::FunctionNotFound { .. } => "FunctionNotFound",
            Self::Signature => "Signature",
            Self::Guest { .. } => "Guest",
            Self::Trap(_) => "Trap",
            Self::Contract => "Contract",
            Self::Timeout => "Timeout",
            Self::Cancelled => "Cancelled",
            Self::OutOfFuel => "OutOfFuel",
            Self::OutOfMemory => "OutOfMemory",
            Self::Exit(_) => "Exit",
            Self::Limit => "Limit",
            Self::HostFunction { .. } => "HostFunction",
            Self::Http => "Http",
            Self::Encode => "Encode",
            Self::Decode => "Decode",
            Self::PoolTimeout => "PoolTimeout",
            Self::Incompatible => "Incompatible",
            Self::Snapshot { .. } => "Snapshot",
            Self::Unavailable => "Unavailable",
            Self::Lost => "Lost",
        }
    }
}

/// An import of a plug-in that nothing satisfies.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingImport {
    /// The module that it is imported from.
    pub module: String,
    /// Its name.
    pub name: String,
    /// Its type as the plug-in declares it, for example `(i64) -> i64`.
    pub ty: String,
    /// What to do about it, when something is known: another type is offered, or WASI is off.
    pub hint: Option<String>,
}

impl fmt::Display for MissingImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}.{}` {}", self.module, self.name, self.ty)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// Why WebAssembly code trapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrapKind {
    /// An `unreachable` instruction, which is how most languages end a panic or an abort.
    Unreachable,
    /// The guest's call stack is exhausted, usually by endless recursion.
    StackOverflow,
    /// A memory access outside linear memory.
    MemoryOutOfBounds,
    /// A table access outside the table.
    TableOutOfBounds,
    /// An indirect call of an empty table entry.
    IndirectCallToNull,
    /// An indirect call of a function of another type.
    BadSignature,
    /// An integer overflow in a division or a conversion.
    IntegerOverflow,
    /// An integer division by zero.
    DivisionByZero,
    /// A conversion to an integer of a number that is not one.
    BadConversion,
    /// Anything else; the message says what.
    Other,
}
