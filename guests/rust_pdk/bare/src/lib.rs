//! A plug-in without the standard library.

#![no_std]

extern crate alloc;

use alloc::format;
use alloc::string::String;

use plugwright_pdk::{Error, FnResult, config, info, plugin_fn, var};

/// Greets, in the language that the config names, and counts.
#[plugin_fn]
pub fn greet(name: &str) -> FnResult<String> {
    let greeting = config::get("greeting")?.unwrap_or_else(|| "Hello".into());
    let count = var::get::<u64>("greeted")?.unwrap_or(0) + 1;
    var::set("greeted", count)?;
    info!("greeting {name}");
    Ok(format!("{greeting}, {name}! ({count})"))
}

/// Fails with its input.
#[plugin_fn]
pub fn fail(reason: &str) -> FnResult<()> {
    Err(Error::msg(format!("no: {reason}")).into())
}

/// Panics with its input.
#[plugin_fn]
pub fn panic(reason: &str) {
    panic!("no: {reason}")
}
