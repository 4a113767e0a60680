//! Returns its input: the shortest plug-in there is, and the one to measure calls with.

use extism_pdk::{plugin_fn, FnResult};

#[plugin_fn]
pub fn echo(bytes: Vec<u8>) -> FnResult<Vec<u8>> {
    Ok(bytes)
}
