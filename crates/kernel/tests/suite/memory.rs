//! A memory that is only a number, so that tests can have gigabytes of it.

use plugwright_kernel::Backing;

pub(crate) const PAGE: u64 = 65_536;

/// A memory of `size` bytes that refuses to grow beyond `limit`.
pub(crate) struct Memory {
    pub(crate) size: u64,
    pub(crate) limit: u64,
}

impl Memory {
    pub(crate) fn with_limit(limit: u64) -> Self {
        Self { size: 0, limit }
    }
}

impl Backing for Memory {
    fn size(&self) -> u64 {
        self.size
    }

    fn grow_to(&mut self, bytes: u64) -> bool {
        assert_eq!(bytes % PAGE, 0, "memory grows in pages");
        assert!(bytes > self.size, "asked to grow from {} to {bytes}", self.size);
        if bytes > self.limit {
            return false;
        }
        self.size = bytes;
        true
    }
}
