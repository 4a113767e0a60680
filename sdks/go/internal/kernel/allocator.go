// Package kernel decides where the blocks of a plug-in's kernel memory lie, and makes the WebAssembly module that owns that
// memory.
//
// The allocator is the Go form of the Rust crate plugwright-kernel, and both give the same offsets: they run the same
// recorded traces in their tests. It keeps everything that it knows on its own side and never reads or writes the bytes, so a
// guest that scribbles over the whole memory cannot make it lose track of a block, loop, or hand out a range that does not
// exist.
//
// Memory is cut into granules of 16 bytes; a block is a run of granules. Free runs are kept in size classes with bitmaps over
// them (two-level segregated fit), so finding one takes a fixed number of steps; neighbours that are both free are merged at
// once. The offset of a live block leads to its record through a table of three levels.
package kernel

const (
	// Alignment is what every block's offset is a multiple of, in bytes.
	Alignment = 16
	// DefaultMaxBlocks is how many blocks may be live at a time.
	DefaultMaxBlocks = 1 << 20
	// PageBytes is the size of a WebAssembly page.
	PageBytes = 64 << 10

	// addressSpace is the end of the offsets that exist: the memory has 32-bit addresses.
	addressSpace uint64 = 1 << 32
	// maxHeadroom is how many bytes are asked for at most beyond the present need.
	maxHeadroom uint64 = 4 << 20
	// firstGranule is the first that is handed out, so that offset 0 can mean "null".
	firstGranule uint32 = 1
	// maxSize is the number of granules in the largest block that can exist.
	maxSize = uint32(addressSpace/Alignment) - firstGranule
)

// Backing is the memory behind an [Allocator]. One allocator belongs to one memory, which never shrinks.
type Backing interface {
	// Size is the current size in bytes.
	Size() uint64
	// GrowTo makes the memory at least so many bytes long and returns true, or returns false and leaves it as it was. The
	// allocator asks for whole pages. It may first ask for more than it needs; when that is refused, it asks again for the
	// least that will do.
	GrowTo(bytes uint64) bool
}

// Allocator hands out blocks of a byte range that it never touches.
//
// All operations take a bounded number of steps (growing tables are amortised), whatever blocks exist and in whatever order
// they came and went.
type Allocator struct {
	nodes      nodes
	bins       bins
	index      index
	maxBlocks  int
	liveBlocks int
	// covered is the end of the granules in nodes; managed is the same, but outlasts a reset, which leaves the memory as large
	// as it is.
	covered, managed uint32
}

// New makes an allocator without blocks.
func New() *Allocator { return WithMaxBlocks(DefaultMaxBlocks) }

// WithMaxBlocks makes an allocator that refuses to have more live blocks at a time.
func WithMaxBlocks(most int) *Allocator {
	return &Allocator{nodes: newNodes(), index: newIndex(), maxBlocks: most, covered: firstGranule}
}

// Alloc reserves a block of length bytes and returns its offset: a multiple of [Alignment], never 0, and such that the block
// ends at or below both 4 GiB and the end of the memory. The bytes are whatever the memory holds there.
//
// It returns 0 when length is 0, when as many blocks are live as allowed, and when no free range is large enough and the
// memory refuses to grow. A failure changes no block.
func (a *Allocator) Alloc(length uint64, backing Backing) uint64 {
	if length == 0 || length >= addressSpace || a.liveBlocks >= a.maxBlocks {
		return 0
	}
	size := uint32((length + Alignment - 1) / Alignment)
	if size > maxSize {
		return 0
	}
	id := a.bins.find(&a.nodes, size)
	if id == none {
		if id = a.extend(size, backing); id == none {
			return 0
		}
	}
	a.bins.remove(&a.nodes, id)
	if rest := a.nodes.split(id, size); rest != none {
		a.bins.insert(&a.nodes, rest)
	}
	block := &a.nodes.slab[id]
	block.len = uint32(length)
	a.index.insert(block.start, id)
	a.liveBlocks++
	return byteOffset(block.start)
}

// Free frees the block that starts at offset. It returns false, and changes nothing, when no live block starts there.
func (a *Allocator) Free(offset uint64) bool {
	granule, ok := granuleAt(offset)
	if !ok {
		return false
	}
	id := a.index.remove(granule)
	if id == none {
		return false
	}
	a.liveBlocks--
	a.nodes.slab[id].len = 0
	below, above := a.nodes.slab[id].below, a.nodes.slab[id].above
	if a.isFree(above) {
		a.bins.remove(&a.nodes, above)
		a.nodes.mergeAbove(id)
	}
	if a.isFree(below) {
		a.bins.remove(&a.nodes, below)
		a.nodes.mergeAbove(below)
		id = below
	}
	a.bins.insert(&a.nodes, id)
	return true
}

// Length is how many bytes were asked for by whoever reserved the block that starts at offset; 0 when no live block starts
// there.
func (a *Allocator) Length(offset uint64) uint64 {
	granule, ok := granuleAt(offset)
	if !ok {
		return 0
	}
	id := a.index.get(granule)
	if id == none {
		return 0
	}
	return uint64(a.nodes.slab[id].len)
}

// Reset frees every block at once. The memory keeps its size. It costs next to nothing when nothing was reserved since the
// last one.
func (a *Allocator) Reset() {
	if len(a.nodes.slab) == 0 {
		return
	}
	a.nodes.clear()
	a.bins.clear()
	a.index.clear()
	a.liveBlocks = 0
	a.covered = firstGranule
}

// ResetTo frees every block at once, and manages no more than so many bytes until more are needed again: for a host that gives
// the memory above back to the system.
func (a *Allocator) ResetTo(bytes uint64) {
	a.Reset()
	a.managed = min(a.managed, uint32(min(bytes, addressSpace)/Alignment))
}

// InBounds reports whether so many bytes from offset lie inside the managed memory. An empty range may start at the very end.
// It asks nothing about blocks: the range may be free or span several.
func (a *Allocator) InBounds(offset, length uint64) bool {
	end := offset + length
	return end >= offset && end <= a.MemoryBytes()
}

// MemoryBytes is how many bytes of memory are managed, live or free: the size of the memory when the allocator last had to
// look. It is 0 before the first block, and shrinks by nothing but ResetTo.
func (a *Allocator) MemoryBytes() uint64 { return byteOffset(a.managed) }

// LiveBlocks is how many blocks are live.
func (a *Allocator) LiveBlocks() int { return a.liveBlocks }

func (a *Allocator) isFree(id uint32) bool { return id != none && a.nodes.slab[id].len == 0 }

// extend makes the free run at the end of memory at least size granules long, growing the memory if it has to, and returns it;
// or none.
func (a *Allocator) extend(size uint32, backing Backing) uint32 {
	a.cover(backing.Size())
	if available := a.tailRoom(); available < size {
		need := (byteOffset(a.covered) + byteOffset(size-available) + PageBytes - 1) / PageBytes * PageBytes
		if need > addressSpace {
			return none
		}
		headroom := min(need/8, maxHeadroom) / PageBytes * PageBytes
		wanted := min(need+headroom, addressSpace)
		if !(wanted > need && backing.GrowTo(wanted)) && !backing.GrowTo(need) {
			return none
		}
		a.cover(backing.Size())
	}
	if a.tailRoom() < size {
		return none
	}
	return a.nodes.tail
}

// cover adds memory up to so many bytes to the free run at its end.
func (a *Allocator) cover(bytes uint64) {
	end := uint32(min(bytes, addressSpace) / Alignment)
	if end <= a.covered {
		return
	}
	id, added := a.nodes.tail, end-a.covered
	if a.isFree(id) {
		a.bins.remove(&a.nodes, id)
		a.nodes.slab[id].size += added
	} else {
		id = a.nodes.pushTail(a.covered, added)
	}
	a.bins.insert(&a.nodes, id)
	a.covered = end
	a.managed = end
}

// tailRoom is the number of granules in the free run at the end of memory.
func (a *Allocator) tailRoom() uint32 {
	if !a.isFree(a.nodes.tail) {
		return 0
	}
	return a.nodes.slab[a.nodes.tail].size
}

func byteOffset(granule uint32) uint64 { return uint64(granule) * Alignment }

// granuleAt is the granule that starts at offset, if one does.
func granuleAt(offset uint64) (uint32, bool) {
	if offset%Alignment != 0 || offset/Alignment > 1<<32-1 {
		return 0, false
	}
	return uint32(offset / Alignment), true
}
