//! Handles the error of a host function.

use plugwright_pdk::{FnResult, host, host_fn, plugin_fn};

#[host_fn]
extern "Plugwright" {
    fn kv_read(key: String) -> Option<String>;
    fn kv_write(key: String, value: String) -> host::Result<()>;
    fn host_try_fail() -> host::Result<Vec<u8>>;
    fn host_fail() -> host::Result<Vec<u8>>;
}

/// Asks for a value that may not be there.
#[plugin_fn]
pub fn read(key: String) -> FnResult<String> {
    Ok(format!("{:?}", kv_read(key)?))
}

/// Answers with the error of a host function, which it gets as a value.
#[plugin_fn]
pub fn handle() -> FnResult<String> {
    match host_try_fail() {
        Ok(_) => Ok("no failure".into()),
        Err(host::Error::Failed(message)) => Ok(format!("handled: {message}")),
        Err(error) => Err(error.into()),
    }
}

/// Hands the error of a host function on.
#[plugin_fn]
pub fn hand_on() -> FnResult<Vec<u8>> {
    Ok(host_try_fail()?)
}

/// A success after a failure is a success.
#[plugin_fn]
pub fn recover(value: String) -> FnResult<String> {
    if host_try_fail().is_ok() {
        return Ok("no failure".into());
    }
    kv_write("key".into(), value)?;
    Ok(kv_read("key".into())?.unwrap_or_default())
}

/// A host function that was not declared fallible ends the call.
#[plugin_fn]
pub fn fail() -> FnResult<String> {
    Ok(format!("{:?}", host_fail()))
}
