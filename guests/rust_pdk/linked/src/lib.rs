//! Uses the module `shared`, which it is linked with.

use plugwright_pdk::{FnResult, host_fn, plugin_fn, var};

#[host_fn("shared")]
extern "Plugwright" {
    fn join(first: String, second: String) -> String;
    fn keep(number: u64);
}

/// Greets with a text that the other module makes.
#[plugin_fn]
pub fn greet(name: String) -> FnResult<String> {
    Ok(join("Hello,".into(), name)?)
}

/// Lets the other module fail.
#[plugin_fn]
pub fn fail() -> FnResult<String> {
    Ok(join(String::new(), String::new())?)
}

/// Reads what the other module keeps.
#[plugin_fn]
pub fn remember(number: &str) -> FnResult<String> {
    keep(number.parse()?)?;
    Ok(var::get::<u64>("kept")?.unwrap_or_default().to_string())
}
