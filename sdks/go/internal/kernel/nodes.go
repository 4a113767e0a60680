package kernel

import "math"

// none stands for "no node" and, in the index of offsets, for "no entry".
const none uint32 = math.MaxUint32

// keepEntries is how many entries a table keeps allocated at most after a reset.
const keepEntries = 1 << 15

// node is a run of granules: a live block or a free range.
type node struct {
	// start is the first granule, size the number of granules, at least one.
	start, size uint32
	// len is how many bytes were asked for, or 0 when the run is free.
	len uint32
	// below and above are the runs just below and above in memory.
	below, above uint32
	// prev and next are neighbours in the list of the size class, for free runs. In a recycled record, next links the list of
	// recycled records.
	prev, next uint32
}

// nodes has the records of all runs, live and free, chained in the order of their addresses.
type nodes struct {
	slab     []node
	recycled uint32
	// tail is the run that ends where the managed memory ends.
	tail uint32
}

func newNodes() nodes { return nodes{recycled: none, tail: none} }

func (n *nodes) clear() {
	n.slab = emptied(n.slab, keepEntries)
	n.recycled, n.tail = none, none
}

// emptied is the slice without entries, and without its memory if that is for more than so many.
func emptied[T any](slice []T, keep int) []T {
	if cap(slice) > keep {
		return nil
	}
	return slice[:0]
}

// pushTail records a free run above all others.
func (n *nodes) pushTail(start, size uint32) uint32 {
	below := n.tail
	id := n.record(node{start: start, size: size, below: below, above: none, prev: none, next: none})
	if below != none {
		n.slab[below].above = id
	}
	n.tail = id
	return id
}

// split cuts a run down to size granules and returns the free run made of the rest, or none.
func (n *nodes) split(id, size uint32) uint32 {
	cut := n.slab[id]
	rest := cut.size - size
	if rest == 0 {
		return none
	}
	added := n.record(node{
		start: cut.start + size, size: rest, below: id, above: cut.above, prev: none, next: none,
	})
	n.slab[id].size = size
	n.slab[id].above = added
	n.setBelow(cut.above, added)
	return added
}

// mergeAbove adds the run above to a run and drops its record.
func (n *nodes) mergeAbove(id uint32) {
	gone := n.slab[id].above
	merged := n.slab[gone]
	n.slab[id].size += merged.size
	n.slab[id].above = merged.above
	n.setBelow(merged.above, id)
	n.slab[gone].next = n.recycled
	n.recycled = gone
}

// setBelow says which run is under above, or the last one when there is none above.
func (n *nodes) setBelow(above, below uint32) {
	if above == none {
		n.tail = below
	} else {
		n.slab[above].below = below
	}
}

func (n *nodes) record(added node) uint32 {
	if n.recycled == none {
		// There are at most 2^28 granules, so the index always fits.
		n.slab = append(n.slab, added)
		return uint32(len(n.slab) - 1)
	}
	id := n.recycled
	n.recycled = n.slab[id].next
	n.slab[id] = added
	return id
}
