//! Uses a key-value store that the host offers as two functions.

use extism_pdk::{host_fn, plugin_fn, Error, FnResult};

#[host_fn]
extern "ExtismHost" {
    fn kv_read(key: String) -> Vec<u8>;
    fn kv_write(key: String, value: Vec<u8>);
}

/// Returns what the store holds under the key that is the input.
#[plugin_fn]
pub fn kv_get(key: String) -> FnResult<Vec<u8>> {
    Ok(read(key)?)
}

/// Stores a value; the input is `key=value`.
#[plugin_fn]
pub fn kv_set(pair: String) -> FnResult<()> {
    let (key, value) = pair.split_once('=').ok_or_else(|| Error::msg("expected key=value"))?;
    Ok(write(key.to_owned(), value.into())?)
}

/// Adds one to the decimal number stored under the key that is the input, and returns the sum.
#[plugin_fn]
pub fn kv_count(key: String) -> FnResult<String> {
    let stored = String::from_utf8(read(key.clone())?)?;
    let number: u64 = if stored.is_empty() { 0 } else { stored.parse()? };
    let next = (number + 1).to_string();
    write(key, next.clone().into())?;
    Ok(next)
}

fn read(key: String) -> Result<Vec<u8>, Error> {
    // SAFETY: the host declares this function with the type given above.
    unsafe { kv_read(key) }
}

fn write(key: String, value: Vec<u8>) -> Result<(), Error> {
    // SAFETY: as in `read`.
    unsafe { kv_write(key, value) }
}
