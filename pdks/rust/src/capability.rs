//! What the functions of ready-made capabilities ([`kv`](crate::kv) and others) have in common: their replies.
//!
//! A reply is a block: a status byte, and what belongs to it. [`Failure`]s are values, so that a plug-in can tell what it may try again.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Memory;
use crate::memory::ManagedMemory;

/// The kind of a [`Failure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Code {
    /// What was asked makes no sense: an empty key, a statement that cannot be parsed.
    Invalid,
    /// The host does not let this plug-in do that.
    Forbidden,
    /// A key, a value or a result is larger than this plug-in may have.
    TooLarge,
    /// This plug-in asked too often in a short time. It may try again in a while.
    RateLimited,
    /// Something else was there first.
    Conflict,
    /// The server cannot be reached, or the connection was lost. Whether a change was made may be unknown.
    Unavailable,
    /// The time ran out. Whether a change was made may be unknown.
    Timeout,
    /// Nobody answers requests of this subject.
    NoResponders,
    /// What is stored there cannot be used so.
    WrongType,
    /// The store failed.
    Internal,
    /// A kind that this version of the PDK does not know.
    #[serde(other)]
    Other,
}

impl Code {
    /// The code as the host writes it; `other` for [`Code::Other`].
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
            Self::Other => "other",
        }
    }
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Failure {
    /// The kind.
    pub code: Code,
    /// What happened, for people.
    pub message: String,
}

impl Failure {
    /// A failure that this PDK finds by itself.
    #[cold]
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for Failure {}

/// What the functions return.
pub type Result<T> = core::result::Result<T, Failure>;

/// An argument: a block that is freed after the call.
pub(crate) fn argument(bytes: &[u8]) -> Result<ManagedMemory> {
    let block = Memory::from_bytes(bytes).map(ManagedMemory);
    block.map_err(|error| Failure::new(Code::TooLarge, format!("cannot pass an argument: {error}")))
}

/// The result of a function that gives one.
pub(crate) fn result(reply: u64) -> Result<Vec<u8>> {
    match found(reply)? {
        Some(result) => Ok(result),
        None => Err(unexpected("there is no result")),
    }
}

/// The result of a function, `None` if there is nothing of that name.
pub(crate) fn found(reply: u64) -> Result<Option<Vec<u8>>> {
    let block = Memory::find(reply).map(ManagedMemory);
    let mut reply = block.map(|block| block.as_ref().to_vec()).unwrap_or_default();
    match reply.first() {
        Some(0) => {
            reply.remove(0);
            Ok(Some(reply))
        }
        Some(1) => Ok(None),
        Some(2) => {
            Err(serde_json::from_slice(&reply[1..])
                .unwrap_or_else(|_| unexpected("it fails without a reason")))
        }
        _ => Err(unexpected("its first byte is no status")),
    }
}

/// The result of a function that gives JSON.
pub(crate) fn json<T: DeserializeOwned>(reply: u64) -> Result<T> {
    serde_json::from_slice(&result(reply)?).map_err(|error| unexpected(&format!("{error}")))
}

/// The result of a function that says yes or no.
pub(crate) fn flag(reply: u64) -> Result<bool> {
    match *result(reply)? {
        [flag] => Ok(flag != 0),
        _ => Err(unexpected("it is not yes or no")),
    }
}

/// The result of a function that gives a number.
pub(crate) fn number(reply: u64) -> Result<i64> {
    let bytes = result(reply)?.try_into();
    bytes.map(i64::from_le_bytes).map_err(|_| unexpected("it is not a number of 64 bits"))
}

#[cold]
fn unexpected(why: &str) -> Failure {
    Failure::new(
        Code::Internal,
        format!("the host's reply cannot be read: {why}; is the host newer than this PDK?"),
    )
}
