//! The records of all runs of granules, live and free, chained in address order.

use alloc::vec::Vec;

/// The identifier that stands for "no node" and, in the offset index, for "no entry".
pub(crate) const NIL: u32 = u32::MAX;

/// After a reset, tables keep at most this many entries allocated.
pub(crate) const KEEP_ENTRIES: usize = 1 << 15;

/// A run of granules: a live block or a free range.
#[derive(Clone, Copy)]
pub(crate) struct Node {
    /// First granule.
    pub(crate) start: u32,
    /// Number of granules, at least one.
    pub(crate) size: u32,
    /// The bytes asked for, or 0 when the run is free.
    pub(crate) len: u32,
    /// The runs just below and above in memory.
    pub(crate) below: u32,
    pub(crate) above: u32,
    /// Neighbours in the list of the size class, for free runs. In a recycled record, `next`
    /// links the list of recycled records.
    pub(crate) prev: u32,
    pub(crate) next: u32,
}

impl Node {
    pub(crate) fn is_free(&self) -> bool {
        self.len == 0
    }
}

/// A slab of [`Node`]s addressed by index.
pub(crate) struct Nodes {
    slab: Vec<Node>,
    recycled: u32,
    /// The run that ends where the managed memory ends.
    pub(crate) tail: u32,
}

impl Nodes {
    pub(crate) const fn new() -> Self {
        Self { slab: Vec::new(), recycled: NIL, tail: NIL }
    }

    /// True when no run was recorded since the last [`clear`](Self::clear).
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.slab.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.slab.clear();
        self.slab.shrink_to(KEEP_ENTRIES);
        self.recycled = NIL;
        self.tail = NIL;
    }

    pub(crate) fn get(&self, id: u32) -> &Node {
        &self.slab[id as usize]
    }

    pub(crate) fn get_mut(&mut self, id: u32) -> &mut Node {
        &mut self.slab[id as usize]
    }

    /// Records a free run above all others.
    pub(crate) fn push_tail(&mut self, start: u32, size: u32) -> u32 {
        let below = self.tail;
        let id = self.record(Node { start, size, len: 0, below, above: NIL, prev: NIL, next: NIL });
        if below != NIL {
            self.get_mut(below).above = id;
        }
        self.tail = id;
        id
    }

    /// Cuts the run `id` down to `size` granules and returns the free run made of the rest, if
    /// anything is left.
    pub(crate) fn split(&mut self, id: u32, size: u32) -> Option<u32> {
        let node = *self.get(id);
        let rest = node.size - size;
        if rest == 0 {
            return None;
        }
        let new = self.record(Node {
            start: node.start + size,
            size: rest,
            len: 0,
            below: id,
            above: node.above,
            prev: NIL,
            next: NIL,
        });
        let node = self.get_mut(id);
        node.size = size;
        let above = core::mem::replace(&mut node.above, new);
        self.set_below(above, new);
        Some(new)
    }

    /// Adds the run above `id` to `id` and drops its record.
    pub(crate) fn merge_above(&mut self, id: u32) {
        let gone = self.get(id).above;
        let Node { size, above, .. } = *self.get(gone);
        let node = self.get_mut(id);
        node.size += size;
        node.above = above;
        self.set_below(above, id);
        self.get_mut(gone).next = self.recycled;
        self.recycled = gone;
    }

    /// Says that `below` is the run under `above`, or the last one when `above` is [`NIL`].
    fn set_below(&mut self, above: u32, below: u32) {
        if above == NIL {
            self.tail = below;
        } else {
            self.get_mut(above).below = below;
        }
    }

    fn record(&mut self, node: Node) -> u32 {
        if self.recycled == NIL {
            // At most 2^28 granules exist, so the index always fits.
            let id = self.slab.len() as u32;
            self.slab.push(node);
            return id;
        }
        let id = self.recycled;
        self.recycled = self.get(id).next;
        *self.get_mut(id) = node;
        id
    }
}
