//! Variables: values that live as long as the plug-in, from call to call.

use crate::memory::ManagedMemory;
use crate::{Error, FromBytesOwned, Memory, ToMemory, sys};

/// The value of a variable, or `None` if it is not set or empty.
///
/// ```
/// use plugwright_pdk::{FnResult, plugin_fn, var};
///
/// #[plugin_fn]
/// pub fn count() -> FnResult<u64> {
///     let count = var::get("count")?.unwrap_or(0_u64) + 1;
///     var::set("count", count)?;
///     Ok(count)
/// }
/// ```
///
/// # Errors
/// When the bytes are not a `T`, or there is no memory left for the key.
pub fn get<T: FromBytesOwned>(key: impl AsRef<str>) -> Result<Option<T>, Error> {
    match get_memory(key)? {
        Some(value) => ManagedMemory(value).as_ref().to().map(Some),
        None => Ok(None),
    }
}

/// A block with the value of a variable, or `None` if it is not set or empty.
///
/// # Errors
/// When there is no memory left for the key.
pub fn get_memory(key: impl AsRef<str>) -> Result<Option<Memory>, Error> {
    let key = Memory::from_bytes(key.as_ref())?;
    Ok(Memory::find(sys::var_get(key.offset())))
}

/// Sets a variable. A value without bytes removes it.
///
/// A [`Memory`] as the value is given to the host: do not use it afterwards. The host bounds the size of all variables
/// together; exceeding it ends the call.
///
/// # Errors
/// When the value cannot be encoded, or there is no memory left.
pub fn set(key: impl AsRef<str>, value: impl ToMemory) -> Result<(), Error> {
    let value = value.to_memory()?;
    let key = Memory::from_bytes(key.as_ref())?;
    sys::var_set(key.offset(), value.offset());
    Ok(())
}

/// Removes a variable.
///
/// # Errors
/// When there is no memory left for the key.
pub fn remove(key: impl AsRef<str>) -> Result<(), Error> {
    let key = Memory::from_bytes(key.as_ref())?;
    sys::var_set(key.offset(), 0);
    Ok(())
}
