//! Keys: what plug-ins pass, and what stores have.

use super::MAX_KEY_BYTES;
use crate::{Code, Failure, arguments};

/// Checks a key: text of 1 to 512 bytes.
///
/// # Errors
///
/// `Invalid`, or `TooLarge`.
pub(super) fn checked(key: &[u8]) -> Result<&str, Failure> {
    if key.is_empty() {
        return Err(Failure::invalid("the key is empty"));
    }
    text("the key", key)
}

/// Checks a prefix, which may be empty, or a cursor. `what` names it in errors.
///
/// # Errors
///
/// Like [`checked`].
pub(super) fn text<'a>(what: &str, bytes: &'a [u8]) -> Result<&'a str, Failure> {
    if bytes.len() > MAX_KEY_BYTES {
        let message = format!("{what} has {} bytes, and may have {MAX_KEY_BYTES}", bytes.len());
        return Err(Failure::new(Code::TooLarge, message));
    }
    arguments::text(what, bytes)
}
