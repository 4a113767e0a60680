//! Blocks of kernel memory.

use alloc::string::String;
use alloc::vec::Vec;

use crate::failure::{Failure, NoRoom};
use crate::{Error, FromBytesOwned, LogLevel, ToBytes, copy, sys};

mod handle;
pub mod internal;
mod managed;
mod pointer;
#[cfg(test)]
mod tests;

pub use handle::MemoryHandle;
pub use managed::ManagedMemory;
pub use pointer::MemoryPointer;

/// A block of kernel memory: bytes that both the host and this plug-in reach.
///
/// A block lives until it is freed, given to the host, or the call ends. Dropping a `Memory` frees nothing, so that a block
/// can outlive the value: [`ManagedMemory`] frees.
///
/// Values seldom need it. It saves a copy where a plug-in passes on what it does not look at, such as the body of an HTTP
/// response.
#[derive(Debug, PartialEq)]
pub struct Memory(pub MemoryHandle);

impl Memory {
    /// A new block with the bytes of a value.
    ///
    /// # Errors
    /// When the value cannot be encoded, or there is no memory left.
    pub fn new<'a, T: ToBytes<'a>>(value: &T) -> Result<Self, Error> {
        Ok(value.with_bytes(Self::copy_of)??)
    }

    /// A new block with these bytes.
    ///
    /// # Errors
    /// When there is no memory left.
    pub fn from_bytes(data: impl AsRef<[u8]>) -> Result<Self, Error> {
        Ok(Self::copy_of(data.as_ref())?)
    }

    /// The block that stands for no bytes, at offset 0.
    pub fn null() -> Self {
        Self(MemoryHandle::null())
    }

    /// The block that starts at `offset`, or `None` if there is none.
    pub fn find(offset: u64) -> Option<Self> {
        internal::find(offset).map(Self)
    }

    /// Where the block starts in kernel memory, in bytes.
    pub fn offset(&self) -> u64 {
        self.0.offset
    }

    /// The bytes in the block.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the block has no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A copy of the bytes.
    pub fn to_vec(&self) -> Vec<u8> {
        internal::memory_bytes(self.0)
    }

    /// A copy of the bytes as text.
    ///
    /// # Errors
    /// When they are not UTF-8.
    pub fn to_string(&self) -> Result<String, Error> {
        self.to()
    }

    /// The bytes as a value.
    ///
    /// # Errors
    /// When they are not a value of this type.
    pub fn to<T: FromBytesOwned>(&self) -> Result<T, Error> {
        T::from_vec(self.to_vec()).map_err(Failure::into_error)
    }

    /// Makes the block the call's output. It must stay as it is until the call ends.
    pub fn set_output(self) {
        sys::output_set(self.0.offset, self.0.length);
    }

    /// Logs the block, which must be UTF-8, and gives it to the host: do not use it afterwards.
    pub fn log(&self, level: LogLevel) {
        match level {
            LogLevel::Trace => sys::log_trace(self.0.offset),
            LogLevel::Debug => sys::log_debug(self.0.offset),
            LogLevel::Info => sys::log_info(self.0.offset),
            LogLevel::Warn => sys::log_warn(self.0.offset),
            LogLevel::Error => sys::log_error(self.0.offset),
        }
    }

    /// Frees the block.
    pub fn free(self) {
        internal::memory_free(self.0);
    }

    /// As [`from_bytes`](Self::from_bytes), without an [`Error`].
    pub(crate) fn copy_of(data: &[u8]) -> Result<Self, NoRoom> {
        let handle = internal::memory_alloc(data.len() as u64);
        if handle.offset == 0 && !data.is_empty() {
            return Err(NoRoom(data.len()));
        }
        copy::write(handle.offset, data);
        Ok(Self(handle))
    }
}

impl From<Memory> for () {
    fn from(_: Memory) {}
}

impl From<()> for Memory {
    fn from((): ()) -> Self {
        Self::null()
    }
}

impl From<Memory> for u64 {
    fn from(memory: Memory) -> Self {
        memory.0.offset
    }
}

impl From<Memory> for i64 {
    fn from(memory: Memory) -> Self {
        memory.0.offset as i64
    }
}

/// The block that starts at the offset, or the null block if there is none.
impl From<u64> for Memory {
    fn from(offset: u64) -> Self {
        Self::find(offset).unwrap_or_else(Self::null)
    }
}

/// The block that starts at the offset, or the null block if there is none.
impl From<i64> for Memory {
    fn from(offset: i64) -> Self {
        (offset as u64).into()
    }
}
