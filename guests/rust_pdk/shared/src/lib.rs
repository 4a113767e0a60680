//! Functions for other modules of the same plug-in.

use plugwright_pdk::{Error, SharedFnResult, shared_fn, var};

/// Joins two texts.
#[shared_fn]
pub fn join(first: String, second: String) -> SharedFnResult<String> {
    if first.is_empty() {
        return Err(Error::msg("the first text is empty"));
    }
    Ok(format!("{first} {second}"))
}

/// Keeps a number in a variable.
#[shared_fn]
pub fn keep(number: u64) -> SharedFnResult<()> {
    var::set("kept", number)
}
