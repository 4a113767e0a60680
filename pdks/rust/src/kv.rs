//! The key-value store that the host granted this plug-in.
//!
//! ```
//! use plugwright_pdk::{FnResult, kv, plugin_fn};
//!
//! #[plugin_fn]
//! pub fn visits(page: String) -> FnResult<i64> {
//!     Ok(kv::increment(&page, 1)?)
//! }
//! ```
//!
//! Keys are texts of 1 to 512 bytes. A plug-in that uses this module is loaded only where the host grants it a store:
//! `plugwright call --kv FILE`, or `capabilities` in `plugwright.toml`.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::Deserialize;

pub use crate::capability::{Code, Failure, Result};
use crate::capability::{argument, flag, found, json, number, result};
use crate::memory::ManagedMemory;
use crate::sys;

/// The value of a key, or `None` if it has none.
///
/// # Errors
/// When the store fails.
pub fn get(key: &str) -> Result<Option<Vec<u8>>> {
    let key = argument(key.as_bytes())?;
    found(sys::kv_get(key.offset()))
}

/// Sets the value of a key, until it is set again or deleted.
///
/// # Errors
/// When the store fails, or the plug-in may not write.
pub fn set(key: &str, value: impl AsRef<[u8]>) -> Result<()> {
    put(key, value.as_ref(), 0)
}

/// Sets the value of a key for so long, to the millisecond.
///
/// # Errors
/// As [`set`]; `Invalid` when the time is shorter than a millisecond.
pub fn set_for(key: &str, value: impl AsRef<[u8]>, time_to_live: Duration) -> Result<()> {
    put(key, value.as_ref(), millis(time_to_live)?)
}

fn put(key: &str, value: &[u8], millis: u64) -> Result<()> {
    let (key, value) = (argument(key.as_bytes())?, argument(value)?);
    result(sys::kv_set(key.offset(), value.offset(), millis)).map(drop)
}

/// Deletes a key. Whether it was there.
///
/// # Errors
/// As [`set`].
pub fn delete(key: &str) -> Result<bool> {
    let key = argument(key.as_bytes())?;
    flag(sys::kv_delete(key.offset()))
}

/// Adds to the number of a key, which is 0 if it has no value, and gives the sum. The value is the number as text.
///
/// # Errors
/// As [`set`]; `WrongType` when the value is not such a number; `Invalid` when the sum does not fit.
pub fn increment(key: &str, delta: i64) -> Result<i64> {
    let key = argument(key.as_bytes())?;
    number(sys::kv_increment(key.offset(), delta as u64))
}

/// Sets the value of a key if it has the expected one. Whether it was set. `None` stands for no value: expected, it means that there must
/// be none; as the new one, it deletes. An empty value can be neither.
///
/// # Errors
/// As [`set`].
pub fn compare_and_swap(key: &str, expected: Option<&[u8]>, new: Option<&[u8]>) -> Result<bool> {
    swap(key, expected, new, 0)
}

/// The same, and the new value lives for so long.
///
/// # Errors
/// As [`set_for`].
pub fn compare_and_swap_for(
    key: &str,
    expected: Option<&[u8]>,
    new: Option<&[u8]>,
    time_to_live: Duration,
) -> Result<bool> {
    swap(key, expected, new, millis(time_to_live)?)
}

fn swap(key: &str, expected: Option<&[u8]>, new: Option<&[u8]>, millis: u64) -> Result<bool> {
    let key = argument(key.as_bytes())?;
    let (expected, new) = (optional(expected)?, optional(new)?);
    flag(sys::kv_compare_and_swap(key.offset(), offset(&expected), offset(&new), millis))
}

fn optional(value: Option<&[u8]>) -> Result<Option<ManagedMemory>> {
    match value {
        Some([]) => Err(Failure::new(Code::Invalid, "an empty value cannot be compared and swapped")),
        Some(value) => argument(value).map(Some),
        None => Ok(None),
    }
}

fn offset(block: &Option<ManagedMemory>) -> u64 {
    block.as_ref().map_or(0, ManagedMemory::offset)
}

fn millis(time: Duration) -> Result<u64> {
    match u64::try_from(time.as_millis()) {
        Ok(0) | Err(_) => {
            Err(Failure::new(Code::Invalid, "a value lives for 1 ms at least, and for 100 years at most"))
        }
        Ok(millis) => Ok(millis),
    }
}

/// Some keys of those that begin with a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Page {
    /// The keys. There may be none, and yet more to come.
    pub keys: Vec<String>,
    /// To be given for the next page; `None` after the last one.
    pub cursor: Option<String>,
}

/// About `limit` keys (1 to 1000) that begin with a prefix; `cursor` is that of the page before, `None` for the first. A key that is there
/// all the time comes at least once.
///
/// # Errors
/// When the store fails.
pub fn list(prefix: &str, cursor: Option<&str>, limit: u32) -> Result<Page> {
    let prefix = argument(prefix.as_bytes())?;
    let cursor = argument(cursor.unwrap_or_default().as_bytes())?;
    json(sys::kv_list(prefix.offset(), cursor.offset(), limit.into()))
}
