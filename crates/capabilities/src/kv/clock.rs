//! The time, by which entries end.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970. Entries in a file outlive the process, so that no other clock will do.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
