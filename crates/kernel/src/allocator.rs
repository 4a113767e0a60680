//! The allocator proper: what a guest or a host asks for, with every number checked.

use core::num::NonZeroU64;

use crate::bins::Bins;
use crate::index::Index;
use crate::nodes::{NIL, Nodes};
use crate::{ALIGNMENT, Backing};

/// The most live blocks that [`Allocator::new`] allows: 1 048 576.
///
/// The host spends at most about 250 bytes of its own memory per live block, plus a sixty-fourth
/// of the managed memory: some 300 MiB when a guest scatters this many blocks over 4 GiB.
pub const DEFAULT_MAX_BLOCKS: usize = 1 << 20;

/// Size of a WebAssembly page in bytes.
const PAGE: u64 = 64 * 1024;

/// End of the offsets that exist: the memory has 32-bit addresses.
const ADDRESS_SPACE: u64 = 1 << 32;

/// The most bytes asked for beyond the present need.
const MAX_HEADROOM: u64 = 4 << 20;

/// The first granule is never handed out, so that offset 0 can mean "null".
const FIRST_GRANULE: u32 = 1;

/// Granules in the largest block that can exist.
const MAX_SIZE: u32 = (ADDRESS_SPACE / ALIGNMENT) as u32 - FIRST_GRANULE;

/// Hands out blocks of a byte range that it never touches.
///
/// All operations take a bounded number of steps (growing tables are amortised), whatever blocks
/// exist and in whatever order they came and went.
///
/// The allocator belongs to the one [`Backing`] that every [`alloc`](Self::alloc) passes. A new
/// memory, for example that of a fresh instance, needs a new allocator.
pub struct Allocator {
    nodes: Nodes,
    bins: Bins,
    index: Index,
    max_blocks: usize,
    live_blocks: usize,
    live_bytes: u64,
    high_water: u64,
    /// The granules below this one are in `nodes`; the rest is not looked at yet.
    covered: u32,
    /// Like `covered`, but outlasts a reset, which leaves the memory as large as it is.
    managed: u32,
}

impl Default for Allocator {
    fn default() -> Self {
        Self::new()
    }
}

impl Allocator {
    /// An allocator without blocks, limited to [`DEFAULT_MAX_BLOCKS`]. Allocates nothing.
    pub const fn new() -> Self {
        Self::with_max_blocks(DEFAULT_MAX_BLOCKS)
    }

    /// An allocator that refuses to have more than `max_blocks` live blocks at a time.
    /// Allocates nothing.
    pub const fn with_max_blocks(max_blocks: usize) -> Self {
        Self {
            nodes: Nodes::new(),
            bins: Bins::new(),
            index: Index::new(),
            max_blocks,
            live_blocks: 0,
            live_bytes: 0,
            high_water: 0,
            covered: FIRST_GRANULE,
            managed: 0,
        }
    }

    /// Reserves a block of `len` bytes and returns its offset: a multiple of [`ALIGNMENT`], never 0,
    /// and such that the block ends at or below both 4 GiB and the end of `backing`.
    ///
    /// The bytes are whatever the memory holds there, which may be left over from a freed block.
    ///
    /// Returns `None` when `len` is 0, when as many blocks are live as allowed, and when no free
    /// range is large enough and `backing` refuses to grow. A failure changes no block.
    #[must_use = "the block stays reserved until it is freed"]
    pub fn alloc(&mut self, len: u64, backing: &mut impl Backing) -> Option<NonZeroU64> {
        let bytes = u32::try_from(len).ok().filter(|&len| len != 0)?;
        let size = bytes.div_ceil(ALIGNMENT as u32);
        if size > MAX_SIZE || self.live_blocks >= self.max_blocks {
            return None;
        }
        let id = match self.bins.find(&self.nodes, size) {
            Some(id) => id,
            None => self.extend(size, backing)?,
        };

        self.bins.remove(&mut self.nodes, id);
        if let Some(rest) = self.nodes.split(id, size) {
            self.bins.insert(&mut self.nodes, rest);
        }
        let node = self.nodes.get_mut(id);
        node.len = bytes;
        let start = node.start;
        self.index.insert(start, id);

        let offset = byte_offset(start);
        self.live_blocks += 1;
        self.live_bytes += len;
        self.high_water = self.high_water.max(offset + len);
        NonZeroU64::new(offset)
    }

    /// Frees the block that starts at `offset`.
    ///
    /// Returns false, and changes nothing, when no live block starts there: for 0, for an offset
    /// inside a block, for a block that was freed before.
    pub fn free(&mut self, offset: u64) -> bool {
        let Some(mut id) = granule(offset).and_then(|granule| self.index.remove(granule)) else {
            return false;
        };
        let node = self.nodes.get_mut(id);
        self.live_blocks -= 1;
        self.live_bytes -= u64::from(node.len);
        node.len = 0;

        let (below, above) = (node.below, node.above);
        if self.is_free(above) {
            self.bins.remove(&mut self.nodes, above);
            self.nodes.merge_above(id);
        }
        if self.is_free(below) {
            self.bins.remove(&mut self.nodes, below);
            self.nodes.merge_above(below);
            id = below;
        }
        self.bins.insert(&mut self.nodes, id);
        true
    }

    /// The bytes asked for by whoever reserved the block that starts at `offset`; 0 when no live
    /// block starts there.
    pub fn length(&self, offset: u64) -> u64 {
        granule(offset)
            .and_then(|granule| self.index.get(granule))
            .map_or(0, |id| u64::from(self.nodes.get(id).len))
    }

    /// Frees every block at once.
    ///
    /// The memory keeps its size. Tables that grew beyond some hundreds of kilobytes are given back,
    /// so that one call with many blocks does not burden the host for ever. Costs next to nothing
    /// when nothing was reserved since the last reset.
    #[inline]
    pub fn reset(&mut self) {
        if !self.nodes.is_empty() {
            self.clear();
        }
    }

    fn clear(&mut self) {
        self.nodes.clear();
        self.bins.clear();
        self.index.clear();
        self.live_blocks = 0;
        self.live_bytes = 0;
        self.high_water = 0;
        self.covered = FIRST_GRANULE;
    }

    /// Frees every block at once, and manages no more than `bytes` until more are needed again.
    ///
    /// For a host that gives the memory above back to the system: nothing up there is in bounds until
    /// [`alloc`](Self::alloc) looks at the backing memory again.
    pub fn reset_to(&mut self, bytes: u64) {
        self.reset();
        self.managed = self.managed.min((bytes.min(ADDRESS_SPACE) / ALIGNMENT) as u32);
    }

    /// Whether the `len` bytes from `offset` lie inside the managed memory, from 0 to
    /// [`memory_bytes`](Self::memory_bytes). An empty range may start at the very end.
    ///
    /// It asks nothing about blocks: the range may be free or span several.
    #[inline]
    pub fn in_bounds(&self, offset: u64, len: u64) -> bool {
        offset.checked_add(len).is_some_and(|end| end <= self.memory_bytes())
    }

    /// Bytes of memory that the allocator manages, live or free: the size of the backing memory
    /// when the allocator last had to look, at most 4 GiB. It is 0 before the first
    /// [`alloc`](Self::alloc), and shrinks by nothing but [`reset_to`](Self::reset_to).
    #[inline]
    pub fn memory_bytes(&self) -> u64 {
        byte_offset(self.managed)
    }

    /// How many blocks are live.
    pub fn live_blocks(&self) -> usize {
        self.live_blocks
    }

    /// The sum of the live blocks' lengths in bytes, as they were asked for.
    pub fn live_bytes(&self) -> u64 {
        self.live_bytes
    }

    /// The highest end offset of any block handed out since the last [`reset`](Self::reset), in
    /// bytes; 0 when there was none. Memory from here on is as it was at the reset, unless the
    /// guest wrote outside its blocks.
    pub fn high_water(&self) -> u64 {
        self.high_water
    }

    fn is_free(&self, id: u32) -> bool {
        id != NIL && self.nodes.get(id).is_free()
    }

    /// Makes the free run at the end of memory at least `size` granules long, growing the memory
    /// if it has to, and returns it.
    fn extend(&mut self, size: u32, backing: &mut impl Backing) -> Option<u32> {
        self.cover(backing.size());
        let available = self.tail_room();
        if available < size {
            let end = self.covered.checked_add(size - available)?;
            let need = byte_offset(end).next_multiple_of(PAGE);
            if need > ADDRESS_SPACE {
                return None;
            }
            let headroom = (need / 8).min(MAX_HEADROOM) / PAGE * PAGE;
            let wanted = (need + headroom).min(ADDRESS_SPACE);
            if !(wanted > need && backing.grow_to(wanted) || backing.grow_to(need)) {
                return None;
            }
            self.cover(backing.size());
        }
        (self.tail_room() >= size).then_some(self.nodes.tail)
    }

    /// Adds memory up to `bytes` to the free run at its end.
    fn cover(&mut self, bytes: u64) {
        let end = (bytes.min(ADDRESS_SPACE) / ALIGNMENT) as u32;
        if end <= self.covered {
            return;
        }
        let tail = self.nodes.tail;
        let added = end - self.covered;
        let id = if self.is_free(tail) {
            self.bins.remove(&mut self.nodes, tail);
            self.nodes.get_mut(tail).size += added;
            tail
        } else {
            self.nodes.push_tail(self.covered, added)
        };
        self.bins.insert(&mut self.nodes, id);
        self.covered = end;
        self.managed = end;
    }

    /// Granules in the free run at the end of memory.
    fn tail_room(&self) -> u32 {
        let tail = self.nodes.tail;
        if self.is_free(tail) { self.nodes.get(tail).size } else { 0 }
    }
}

fn byte_offset(granule: u32) -> u64 {
    u64::from(granule) * ALIGNMENT
}

/// The granule that starts at `offset`, if one does.
fn granule(offset: u64) -> Option<u32> {
    if !offset.is_multiple_of(ALIGNMENT) {
        return None;
    }
    u32::try_from(offset / ALIGNMENT).ok()
}
