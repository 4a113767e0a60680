//! Configuration: texts that the host gave to the plug-in. They do not change while it is loaded.

use alloc::string::String;

use crate::memory::ManagedMemory;
use crate::{Error, Memory, sys};

/// The value of a configuration key, or `None` if it is not set or empty.
///
/// ```
/// use plugwright_pdk::{FnResult, config, plugin_fn};
///
/// #[plugin_fn]
/// pub fn vowels() -> FnResult<String> {
///     Ok(config::get("vowels")?.unwrap_or_else(|| "aeiou".to_owned()))
/// }
/// ```
///
/// # Errors
/// When the value is not UTF-8, or there is no memory left for the key.
pub fn get(key: impl AsRef<str>) -> Result<Option<String>, Error> {
    match get_memory(key)? {
        Some(value) => ManagedMemory(value).as_ref().to_string().map(Some),
        None => Ok(None),
    }
}

/// A block with the value of a configuration key, or `None` if it is not set or empty.
///
/// # Errors
/// When there is no memory left for the key.
pub fn get_memory(key: impl AsRef<str>) -> Result<Option<Memory>, Error> {
    let key = Memory::from_bytes(key.as_ref())?;
    Ok(Memory::find(sys::config_get(key.offset())))
}
