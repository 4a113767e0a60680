//! The mock, called as the PDK calls it.

mod hosts;
mod rules;

use super::{Error, Host};
use crate::sys;

/// A block with these bytes, written as a PDK does.
fn block(bytes: &[u8]) -> u64 {
    let offset = sys::alloc(bytes.len() as u64);
    for (at, byte) in (offset..).zip(bytes) {
        sys::store_u8(at, *byte);
    }
    offset
}

/// The bytes of a block.
fn bytes(offset: u64) -> Vec<u8> {
    (offset..offset + sys::length(offset)).map(sys::load_u8).collect()
}

/// Makes a block the output, and succeeds.
fn answer(offset: u64) -> i32 {
    sys::output_set(offset, sys::length(offset));
    0
}

/// Calls a function that gets no input and returns its output as text.
fn call(host: &Host, function: impl FnOnce() -> i32) -> Result<String, Error> {
    host.call(function, "")
}
