//! Reads the environment and the arguments, and prints to the standard streams.

use std::env;

use extism_pdk::{plugin_fn, FnResult, Json};

/// Returns the environment variable named by the input, or nothing when it is unset.
#[plugin_fn]
pub fn env_get(name: String) -> FnResult<String> {
    Ok(env::var(name).unwrap_or_default())
}

/// Returns the arguments as a JSON array.
#[plugin_fn]
pub fn args() -> FnResult<Json<Vec<String>>> {
    Ok(Json(env::args().collect()))
}

/// Prints one line to standard output and one to standard error.
#[plugin_fn]
pub fn print(text: String) -> FnResult<()> {
    println!("out: {text}");
    eprintln!("err: {text}");
    Ok(())
}
