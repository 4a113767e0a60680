package kernel

import "math/bits"

const (
	// columns is the number of classes per power of two. Below this size every size is a class of its own.
	columns    = 16
	columnBits = 4
	// rows: sizes are below 2^28 granules, so their logarithm is at most 27; row 0 holds all sizes below 16.
	rows = 25
	// ownClassProbes is how many runs of a request's own class are looked at. Only these may be too small; any run of a higher
	// class fits. A bound keeps the search constant, however a guest fragments its memory.
	ownClassProbes = 8
)

// bins has the free runs by size class: two-level segregated fit.
type bins struct {
	// rows has bit r set when row r has a run; columns[r] has bit c set when the list of that class is not empty.
	rows    uint32
	columns [rows]uint16
	// heads has the first run of each list, and counts only where the bit is set.
	heads [rows][columns]uint32
}

func (b *bins) clear() {
	b.rows = 0
	b.columns = [rows]uint16{}
}

func (b *bins) insert(n *nodes, id uint32) {
	row, column := class(n.slab[id].size)
	next := b.head(row, column)
	n.slab[id].prev = none
	n.slab[id].next = next
	if next != none {
		n.slab[next].prev = id
	}
	b.heads[row][column] = id
	b.columns[row] |= 1 << column
	b.rows |= 1 << row
}

func (b *bins) remove(n *nodes, id uint32) {
	gone := n.slab[id]
	if gone.next != none {
		n.slab[gone.next].prev = gone.prev
	}
	if gone.prev != none {
		n.slab[gone.prev].next = gone.next
		return
	}
	row, column := class(gone.size)
	b.heads[row][column] = gone.next
	if gone.next == none {
		b.columns[row] &^= 1 << column
		if b.columns[row] == 0 {
			b.rows &^= 1 << row
		}
	}
}

// find returns a free run of at least size granules, or none.
//
// It may miss a run of the request's own class, so of a size less than a sixteenth above size, when many smaller ones of
// that class come first.
func (b *bins) find(n *nodes, size uint32) uint32 {
	row, column := class(size)
	id := b.head(row, column)
	for range ownClassProbes {
		if id == none {
			break
		}
		if n.slab[id].size >= size {
			return id
		}
		id = n.slab[id].next
	}
	if higher := uint32(b.columns[row]) & (^uint32(0) << (column + 1)); higher != 0 {
		return b.heads[row][bits.TrailingZeros32(higher)]
	}
	higher := b.rows & (^uint32(0) << (row + 1))
	if higher == 0 {
		return none
	}
	first := bits.TrailingZeros32(higher)
	return b.heads[first][bits.TrailingZeros16(b.columns[first])]
}

func (b *bins) head(row, column int) uint32 {
	if b.columns[row]&(1<<column) == 0 {
		return none
	}
	return b.heads[row][column]
}

// class is the row and the column of the class that holds runs of size granules.
func class(size uint32) (row, column int) {
	if size < columns {
		return 0, int(size)
	}
	log := bits.Len32(size) - 1
	return log - columnBits + 1, int(size>>(log-columnBits)) % columns
}
