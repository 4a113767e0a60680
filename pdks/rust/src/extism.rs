//! The host's functions as raw imports, under the names and types that plug-ins of the public PDK know.
//!
//! All of them are declared `unsafe`, as imports are. The host checks what they are given, so none can break memory.

#![allow(unsafe_code)] // These functions are declared unsafe; there is no unsafe operation here.
#![allow(clippy::missing_safety_doc)] // The module says it for all.

use alloc::vec::Vec;

use crate::{copy, sys};

/// Declares each function as the one of [`sys`](crate::sys) with its name.
macro_rules! raw {
    ($($(#[$meta:meta])* $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {$(
        $(#[$meta])*
        pub unsafe fn $name($($argument: $type),*) $(-> $result)? {
            sys::$name($($argument),*)
        }
    )*};
}

raw! {
    /// The length of the input in bytes.
    input_length() -> u64;
    /// A byte of the input, 0 past its end.
    input_load_u8(index: u64) -> u8;
    /// Eight bytes of the input, 0 past its end.
    input_load_u64(index: u64) -> u64;
    /// The length of the block at `offset`, 0 if there is none.
    length(offset: u64) -> u64;
    /// The length of the block at `offset`; on some hosts it may be anything if there is none.
    length_unsafe(offset: u64) -> u64;
    /// A new block, 0 if there is no memory left.
    alloc(length: u64) -> u64;
    /// Frees a block.
    free(offset: u64);
    /// Makes a range of memory the output.
    output_set(offset: u64, length: u64);
    /// Makes a block the error message.
    error_set(offset: u64);
    /// Writes a byte.
    store_u8(offset: u64, value: u8);
    /// Reads a byte.
    load_u8(offset: u64) -> u8;
    /// Writes eight bytes.
    store_u64(offset: u64, value: u64);
    /// Reads eight bytes.
    load_u64(offset: u64) -> u64;
    /// A block with the value of a configuration key, 0 if it is not set.
    config_get(key: u64) -> u64;
    /// A block with the value of a variable, 0 if it is not set.
    var_get(key: u64) -> u64;
    /// Sets a variable; the value 0 removes it.
    var_set(key: u64, value: u64);
    /// Logs a block.
    log_info(message: u64);
    /// Logs a block.
    log_debug(message: u64);
    /// Logs a block.
    log_warn(message: u64);
    /// Logs a block.
    log_error(message: u64);
    /// Logs a block.
    log_trace(message: u64);
    /// The lowest level that the host writes, `i32::MAX` if none.
    get_log_level() -> i32;
}

#[cfg(feature = "http")]
raw! {
    /// Sends a request, and returns a block with the body of the response.
    http_request(request: u64, body: u64) -> u64;
    /// The status of the last response.
    http_status_code() -> i32;
    /// A block with the headers of the last response as JSON, 0 if the host does not tell.
    http_headers() -> u64;
}

/// Fills `data` with kernel memory from `offset`.
pub unsafe fn load(offset: u64, data: &mut [u8]) {
    copy::read(offset, data);
}

/// The call's input.
pub unsafe fn load_input() -> Vec<u8> {
    copy::input()
}

/// Writes `data` to kernel memory at `offset`.
pub unsafe fn store(offset: u64, data: &[u8]) {
    copy::write(offset, data);
}
