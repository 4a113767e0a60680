//! Blocks by their handles, for plug-ins that manage memory themselves.

use alloc::vec::Vec;

use crate::memory::MemoryHandle;
use crate::{copy, sys};

/// A new block of `n` bytes. Its offset is 0 when `n` is 0 or there is no memory left.
pub fn memory_alloc(n: u64) -> MemoryHandle {
    MemoryHandle { offset: sys::alloc(n), length: n }
}

/// Frees a block.
pub fn memory_free(handle: MemoryHandle) {
    sys::free(handle.offset);
}

/// A copy of a block's bytes.
pub fn memory_bytes(handle: MemoryHandle) -> Vec<u8> {
    let mut bytes = copy::buffer(handle.length);
    copy::read(handle.offset, &mut bytes);
    bytes
}

/// The length of the block that starts at `offset` in bytes, 0 if there is none.
pub fn memory_length(offset: u64) -> u64 {
    sys::length(offset)
}

/// The length of the block that starts at `offset` in bytes; on other hosts than this project's it may be anything when there
/// is none.
pub fn memory_length_unsafe(offset: u64) -> u64 {
    sys::length_unsafe(offset)
}

/// Copies a block to the start of `buffer`.
///
/// # Panics
/// When `buffer` is shorter than the block.
pub fn load(handle: MemoryHandle, mut buffer: impl AsMut<[u8]>) {
    copy::read(handle.offset, &mut buffer.as_mut()[..handle.len()]);
}

/// Fills a block from the start of `buffer`.
///
/// # Panics
/// When `buffer` is shorter than the block.
pub fn store(handle: MemoryHandle, buffer: impl AsRef<[u8]>) {
    copy::write(handle.offset, &buffer.as_ref()[..handle.len()]);
}

/// The block that starts at `offset`, or `None` if there is none.
pub fn find(offset: u64) -> Option<MemoryHandle> {
    match sys::length(offset) {
        0 => None,
        length => Some(MemoryHandle { offset, length }),
    }
}
