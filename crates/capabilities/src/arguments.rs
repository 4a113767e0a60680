//! Reading what a plug-in passed.

use plugwright::{CurrentPlugin, Result};

use crate::Failure;

/// The bytes of a block that the plug-in passed by its offset; none for the null block.
///
/// # Errors
///
/// `Contract` when no block starts there.
pub(crate) fn bytes<'a>(plugin: &'a CurrentPlugin<'_>, offset: u64) -> Result<&'a [u8]> {
    let block = plugin.memory(offset)?;
    plugin.read(block)
}

/// Bytes that must be a text. `what` names them in errors.
///
/// # Errors
///
/// `Invalid` when they are not UTF-8.
pub(crate) fn text<'a>(what: &str, bytes: &'a [u8]) -> std::result::Result<&'a str, Failure> {
    std::str::from_utf8(bytes).map_err(|_| Failure::invalid(format!("{what} is not UTF-8")))
}
