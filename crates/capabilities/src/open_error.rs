//! Why a store cannot be opened.

/// Why a store cannot be opened. It never has a password in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot open {what}: {reason}")]
pub struct OpenError {
    what: String,
    reason: String,
}

#[cfg(feature = "kv")]
impl OpenError {
    /// `what` is the store, `reason` says what is wrong and what to do.
    pub(crate) fn new(what: impl Into<String>, reason: impl ToString) -> Self {
        Self { what: what.into(), reason: reason.to_string() }
    }
}
