//! How many bytes a namespace takes.

use crate::{Code, Failure};

/// What an entry takes besides key and value, roughly. Without it, a million empty values would be free.
const OVERHEAD: u64 = 64;

/// How many entries that have ended are removed with each change.
pub(super) const SWEPT: usize = 16;

/// The bytes of an entry.
pub(super) fn of(key: &str, value: usize) -> u64 {
    OVERHEAD + key.len() as u64 + value as u64
}

/// Checks that there is room for so many more bytes.
///
/// # Errors
///
/// `TooLarge`.
pub(super) fn check(used: u64, more: u64, most: u64) -> Result<(), Failure> {
    if used.saturating_add(more) <= most {
        return Ok(());
    }
    let message = format!(
        "the namespace has {used} of {most} bytes (`max_namespace_bytes`), and no room for {more} more"
    );
    Err(Failure::new(Code::TooLarge, message))
}
