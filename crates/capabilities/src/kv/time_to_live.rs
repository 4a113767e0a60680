//! How long an entry lives.

use crate::Failure;

/// The longest time to live: a hundred years.
const MAX_MILLIS: u64 = 100 * 365 * 24 * 3600 * 1000;

/// How long an entry lives, in milliseconds; without end if `None`.
pub(super) type TimeToLive = Option<u64>;

/// Checks a time to live as a plug-in passed it.
///
/// # Errors
///
/// `Invalid`.
pub(super) fn checked(millis: u64) -> Result<TimeToLive, Failure> {
    match millis {
        0 => Ok(None),
        1..=MAX_MILLIS => Ok(Some(millis)),
        _ => Err(Failure::invalid(format!(
            "the time to live is {} ms; give 0 for no end, or 1 to {MAX_MILLIS} ms",
            millis.cast_signed()
        ))),
    }
}
