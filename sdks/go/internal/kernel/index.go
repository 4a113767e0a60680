package kernel

const (
	leafSize   = 16
	branchSize = 64
)

type leaf struct {
	// entries are identifiers of nodes. In a recycled leaf the first links the next recycled one.
	entries [leafSize]uint32
	used    uint32
}

// index leads from the first granule of a live block to its node.
//
// It is a trie over the granule's number: a root entry covers 1024 granules (16 KiB), a branch entry 16 (256 bytes), a leaf
// entry one. Leaves without entries are recycled, so there are never more leaves than live blocks; branches cost at most a
// sixty-fourth of the memory that they cover.
type index struct {
	root     []uint32
	branches [][branchSize]uint32
	leaves   []leaf
	recycled uint32
}

var (
	emptyBranch = func() (b [branchSize]uint32) {
		for i := range b {
			b[i] = none
		}
		return b
	}()
	emptyLeaf = func() (l leaf) {
		for i := range l.entries {
			l.entries[i] = none
		}
		return l
	}()
)

func newIndex() index { return index{recycled: none} }

func (x *index) clear() {
	x.root = emptied(x.root, keepEntries)
	x.branches = emptied(x.branches, keepEntries/branchSize)
	x.leaves = emptied(x.leaves, keepEntries/leafSize)
	x.recycled = none
}

// get returns the node of a granule, or none.
func (x *index) get(granule uint32) uint32 {
	root, branch, entry := split(granule)
	id := x.leaf(root, branch)
	if id == none {
		return none
	}
	return x.leaves[id].entries[entry]
}

// insert adds an entry for a granule that has none.
func (x *index) insert(granule, node uint32) {
	root, branch, entry := split(granule)
	for root >= len(x.root) {
		x.root = append(x.root, none)
	}
	if x.root[root] == none {
		x.root[root] = uint32(len(x.branches))
		x.branches = append(x.branches, emptyBranch)
	}
	branches := &x.branches[x.root[root]]
	if branches[branch] == none {
		branches[branch] = x.newLeaf()
	}
	l := &x.leaves[branches[branch]]
	l.entries[entry] = node
	l.used++
}

// remove removes an entry and returns what it said, or none.
func (x *index) remove(granule uint32) uint32 {
	root, branch, entry := split(granule)
	id := x.leaf(root, branch)
	if id == none {
		return none
	}
	l := &x.leaves[id]
	node := l.entries[entry]
	if node == none {
		return none
	}
	l.entries[entry] = none
	l.used--
	if l.used == 0 {
		l.entries[0] = x.recycled
		x.recycled = id
		x.branches[x.root[root]][branch] = none
	}
	return node
}

func (x *index) leaf(root, branch int) uint32 {
	if root >= len(x.root) || x.root[root] == none {
		return none
	}
	return x.branches[x.root[root]][branch]
}

func (x *index) newLeaf() uint32 {
	if x.recycled == none {
		x.leaves = append(x.leaves, emptyLeaf)
		return uint32(len(x.leaves) - 1)
	}
	id := x.recycled
	// All other entries of a recycled leaf are empty already.
	x.recycled = x.leaves[id].entries[0]
	x.leaves[id].entries[0] = none
	return id
}

func split(granule uint32) (root, branch, entry int) {
	g := int(granule)
	return g / (leafSize * branchSize), g / leafSize % branchSize, g % leafSize
}
