//! Copies between kernel memory and this plug-in's own.

use alloc::vec;
use alloc::vec::Vec;

use crate::sys;

/// Fills `to` with kernel memory from `offset`.
#[cfg(feature = "bulk")]
pub(crate) fn read(offset: u64, to: &mut [u8]) {
    sys::mem_read(to, offset);
}

/// Fills `to` with kernel memory from `offset`, 8 bytes at a time.
#[cfg(not(feature = "bulk"))]
pub(crate) fn read(offset: u64, to: &mut [u8]) {
    fill(to, |at| sys::load_u64(offset.wrapping_add(at)), |at| sys::load_u8(offset.wrapping_add(at)));
}

/// Writes `from` to kernel memory at `offset`.
#[cfg(feature = "bulk")]
pub(crate) fn write(offset: u64, from: &[u8]) {
    sys::mem_write(offset, from);
}

/// Writes `from` to kernel memory at `offset`, 8 bytes at a time.
#[cfg(not(feature = "bulk"))]
pub(crate) fn write(offset: u64, mut from: &[u8]) {
    let mut at = offset;
    while let Some((word, rest)) = from.split_first_chunk() {
        sys::store_u64(at, u64::from_le_bytes(*word));
        at = at.wrapping_add(8);
        from = rest;
    }
    for byte in from {
        sys::store_u8(at, *byte);
        at = at.wrapping_add(1);
    }
}

/// The call's input.
pub(crate) fn input() -> Vec<u8> {
    let mut bytes = buffer(sys::input_length());
    #[cfg(feature = "bulk")]
    sys::mem_read(&mut bytes, sys::input_offset());
    #[cfg(not(feature = "bulk"))]
    #[allow(clippy::redundant_closure)] // An import is no `Fn`.
    fill(&mut bytes, |at| sys::input_load_u64(at), |at| sys::input_load_u8(at));
    bytes
}

/// A buffer of `length` bytes; more than this plug-in's memory can hold ends the call, as any allocation of that size.
pub(crate) fn buffer(length: u64) -> Vec<u8> {
    vec![0; usize::try_from(length).unwrap_or(usize::MAX)]
}

#[cfg(not(feature = "bulk"))]
fn fill(to: &mut [u8], load_u64: impl Fn(u64) -> u64, load_u8: impl Fn(u64) -> u8) {
    let mut at = 0;
    let mut words = to.chunks_exact_mut(8);
    for word in &mut words {
        word.copy_from_slice(&load_u64(at).to_le_bytes());
        at += 8;
    }
    for byte in words.into_remainder() {
        *byte = load_u8(at);
        at += 1;
    }
}
