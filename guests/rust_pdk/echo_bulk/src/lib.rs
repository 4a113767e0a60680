//! Returns its input. With the feature `bulk` of the PDK the host copies it at once, instead of by loads and stores.

use plugwright_pdk::{plugin_fn, var};

#[plugin_fn]
pub fn echo(bytes: Vec<u8>) -> Vec<u8> {
    bytes
}

/// Sends its input through a variable.
#[plugin_fn]
pub fn through_a_variable(bytes: Vec<u8>) -> Result<Vec<u8>, plugwright_pdk::Error> {
    var::set("kept", bytes)?;
    Ok(var::get("kept")?.unwrap_or_default())
}
