//! What triggers call.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

/// A function that is called with bytes. It outlasts changes of what it stands for.
pub trait Target: Send + Sync + 'static {
    /// Calls it.
    fn call(&self, input: Bytes) -> Pin<Box<dyn Future<Output = Result<Bytes, CallFailed>> + Send>>;
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallFailed {
    /// The kind of error, such as `guest` or `timeout`.
    pub kind: String,
    /// What happened, in one line.
    pub message: String,
    /// Whether the function was called at all. An attempt without a call does not count, and is made again.
    pub called: bool,
}
