//! Blocks that free themselves.

use crate::memory::Memory;
use crate::memory::internal::memory_free;

/// A [`Memory`] that is freed when it is dropped.
#[derive(Debug, PartialEq)]
pub struct ManagedMemory(pub Memory);

impl ManagedMemory {
    /// Takes charge of a block.
    pub fn new(memory: Memory) -> Self {
        Self(memory)
    }

    /// Where the block starts in kernel memory, in bytes.
    pub fn offset(&self) -> u64 {
        self.0.offset()
    }

    /// The bytes in the block.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the block has no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for ManagedMemory {
    fn drop(&mut self) {
        memory_free(self.0.0);
    }
}

impl From<Memory> for ManagedMemory {
    fn from(memory: Memory) -> Self {
        Self(memory)
    }
}

impl AsRef<Memory> for ManagedMemory {
    fn as_ref(&self) -> &Memory {
        &self.0
    }
}

impl AsMut<Memory> for ManagedMemory {
    fn as_mut(&mut self) -> &mut Memory {
        &mut self.0
    }
}
