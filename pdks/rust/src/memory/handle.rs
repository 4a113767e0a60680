//! Where a block is.

#![allow(unsafe_code)] // `new` is declared unsafe; there is no unsafe operation here.

/// A range of kernel memory.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Eq, Ord)]
pub struct MemoryHandle {
    /// Where it starts, in bytes.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
}

impl MemoryHandle {
    /// The range of `length` bytes from `offset`.
    ///
    /// # Safety
    /// The host checks every range, so a wrong one breaks no memory; but nothing useful can be done with a range that is
    /// no block.
    pub unsafe fn new(offset: u64, length: u64) -> Self {
        Self { offset, length }
    }

    /// The range that stands for no bytes, at offset 0.
    pub fn null() -> Self {
        Self { offset: 0, length: 0 }
    }

    /// Where it starts, in bytes.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        usize::try_from(self.length).unwrap_or(usize::MAX)
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}
