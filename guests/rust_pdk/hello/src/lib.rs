//! Greets: the smallest plug-in that does something.

use plugwright_pdk::{FnResult, plugin_fn};

#[plugin_fn]
pub fn hello(name: String) -> FnResult<String> {
    Ok(format!("Hello, {name}!"))
}
