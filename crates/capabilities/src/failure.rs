//! What a plug-in is told when something it asked for was not done.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kind of a failure, as plug-ins see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Code {
    /// What the plug-in asked is not valid: an empty key, a statement that cannot be parsed. Asking again is of no use.
    Invalid,
    /// The plug-in may not do that: write with a read-only grant, leave its namespace.
    Forbidden,
    /// A key, a value, a statement or a result is larger than the grant allows.
    TooLarge,
    /// The plug-in asked too often, or for too much, in a short time. It may try again in a while.
    RateLimited,
    /// Something else was there first: a transaction that lost, a constraint that does not hold.
    Conflict,
    /// The server cannot be reached, or the connection was lost. Whether a write happened may be unknown. It may be tried again.
    Unavailable,
    /// The time ran out: the call's deadline or the grant's limit.
    Timeout,
    /// Nobody answers requests of this subject.
    NoResponders,
    /// What is stored there cannot be used so, such as a text that is to be incremented.
    WrongType,
    /// The store, or whoever answered a request, failed for a reason of its own.
    Internal,
}

impl Code {
    /// The code as it is written in replies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Forbidden => "forbidden",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::Conflict => "conflict",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::NoResponders => "no_responders",
            Self::WrongType => "wrong_type",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why something that a plug-in asked for was not done. The plug-in sees all of it: it must not hold what the host keeps secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The kind.
    pub code: Code,
    /// What happened and what to do, for people.
    pub message: String,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The plug-in asked for something that makes no sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::Invalid, message)
    }
}
