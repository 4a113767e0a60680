//! The block allocator of a plug-in's *kernel memory*.
//!
//! A guest and its host exchange bytes through blocks in a WebAssembly memory. This crate decides
//! where those blocks lie. It keeps everything that it knows on its own side and never reads or
//! writes the bytes, so a guest that scribbles over the whole memory cannot make it lose track of a
//! block, loop, or hand out a range that does not exist.
//!
//! ```
//! use plugwright_kernel::{Allocator, Backing};
//!
//! struct Memory(Vec<u8>);
//!
//! impl Backing for Memory {
//!     fn size(&self) -> u64 {
//!         self.0.len() as u64
//!     }
//!     fn grow_to(&mut self, bytes: u64) -> bool {
//!         match usize::try_from(bytes) {
//!             Ok(bytes) if bytes <= 1 << 20 => self.0.resize(bytes, 0),
//!             _ => return false,
//!         }
//!         true
//!     }
//! }
//!
//! let mut memory = Memory(Vec::new());
//! let mut allocator = Allocator::new();
//! let offset = allocator.alloc(5, &mut memory).expect("memory for five bytes").get();
//! assert_eq!(allocator.length(offset), 5);
//! assert!(allocator.free(offset));
//! assert!(!allocator.free(offset), "the block is gone");
//! ```
//!
//! # How it works
//!
//! Memory is cut into *granules* of 16 bytes; a block is a run of granules. Free runs are kept in
//! size classes with bitmaps over them (two-level segregated fit), so finding one takes a fixed
//! number of steps; neighbours that are both free are merged at once. The offset of a live block
//! leads to its record through a three-level table indexed by the offset's bits. There is no hash
//! and hence no pattern of offsets that makes it slow.
#![no_std]

extern crate alloc;

mod allocator;
mod bins;
mod index;
mod nodes;

pub use allocator::{Allocator, DEFAULT_MAX_BLOCKS};

/// Every offset that [`Allocator::alloc`] returns is a multiple of this many bytes.
pub const ALIGNMENT: u64 = 16;

/// The memory behind an [`Allocator`]: how large it is and how to make it larger.
///
/// One allocator belongs to one memory, which never shrinks.
pub trait Backing {
    /// The current size in bytes.
    fn size(&self) -> u64;

    /// Makes the memory at least `bytes` long and returns true, or returns false and leaves the
    /// size as it was.
    ///
    /// The allocator asks for whole 64 KiB pages. It may first ask for more than it needs; when
    /// that is refused, it asks again for the least that will do.
    fn grow_to(&mut self, bytes: u64) -> bool;
}
