//go:build !wasip1 && !tinygo.wasm

package pdktest

import (
	"bytes"
	"sort"
)

const (
	pageBytes = 1 << 16
	// A real host has room for 4 GiB; a test that needs that much has a bug.
	maxMemoryBytes = 1 << 30
	maxBlocks      = 1 << 20
	blockAlignment = 16
	// unwritten is what new blocks are filled with, since their content is unspecified.
	unwritten = 0xa5
)

// memory is kernel memory. It never uses a place twice, so that it can tell what became of each block.
type memory struct {
	bytes []byte
	// blocks are all blocks that there ever were, by offset.
	blocks []block
	live   int
}

type block struct {
	span
	state blockState
	// taker is the function that took the block.
	taker string
}

type blockState int

const (
	live blockState = iota
	freed
	taken
)

// alloc makes a block, and gives its offset; 0 for no bytes, and when there is no room.
func (m *memory) alloc(length uint64) uint64 {
	if length == 0 || length > maxMemoryBytes || m.live == maxBlocks {
		return 0
	}
	offset := uint64(blockAlignment)
	if count := len(m.blocks); count > 0 {
		last := m.blocks[count-1].span
		offset = (last.offset + last.length + blockAlignment - 1) / blockAlignment * blockAlignment
	}
	end := offset + length
	if end > maxMemoryBytes {
		return 0
	}
	if missing := int(end) - len(m.bytes); missing > 0 {
		pages := (missing + pageBytes - 1) / pageBytes
		m.bytes = append(m.bytes, bytes.Repeat([]byte{unwritten}, pages*pageBytes)...)
	}
	m.blocks = append(m.blocks, block{span: span{offset, length}})
	m.live++
	return offset
}

// add makes a block with a copy of data; the null range when there are none or there is no room.
func (m *memory) add(data []byte) span {
	offset := m.alloc(uint64(len(data)))
	if offset == 0 {
		return span{}
	}
	copy(m.bytes[offset:], data)
	return span{offset, uint64(len(data))}
}

// find returns the live block that starts at offset, nil if none does.
func (m *memory) find(offset uint64) *block {
	if found := m.around(offset); found != nil && found.offset == offset && found.state == live {
		return found
	}
	return nil
}

// around returns the block that the byte at offset belongs to, or belonged to; nil if there is none.
func (m *memory) around(offset uint64) *block {
	after := sort.Search(len(m.blocks), func(i int) bool { return m.blocks[i].offset > offset })
	if after == 0 {
		return nil
	}
	if found := &m.blocks[after-1]; offset-found.offset < found.length {
		return found
	}
	return nil
}

// release makes a live block freed or taken.
func (m *memory) release(b *block, state blockState, taker string) {
	b.state, b.taker = state, taker
	m.live--
}

// block returns the bytes of the live block that starts at offset, none if none does.
func (m *memory) block(offset uint64) []byte {
	if found := m.find(offset); found != nil {
		return m.slice(found.span)
	}
	return nil
}

// contains says whether a range lies in memory.
func (m *memory) contains(r span) bool {
	size := uint64(len(m.bytes))
	return r.length == 0 || r.offset <= size && r.length <= size-r.offset
}

// slice returns the bytes of a range, none if it does not lie in memory.
func (m *memory) slice(r span) []byte {
	if r.length == 0 || !m.contains(r) {
		return nil
	}
	return m.bytes[r.offset : r.offset+r.length]
}
