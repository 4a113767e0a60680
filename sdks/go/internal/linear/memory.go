package linear

import (
	"runtime"

	"github.com/tetratelabs/wazero/experimental"
)

// leastReserved is how many bytes of address space a memory gets at least, so that most never have to move.
const leastReserved = 16 << 20

// mostOnHeap is how many bytes come from Go's heap at most when the system refuses a mapping: an allocation that fails there
// ends the process.
const mostOnHeap = 64 << 20

// Memory is the bytes of one WebAssembly memory. They never move to where a view of the host's would not find them: what was
// outgrown stays mapped, without content, until [Memory.Free].
type Memory struct {
	budget *Budget
	most   uint64
	bytes  []byte
	space  *space
	clean  runtime.Cleanup
}

// space is what a memory has of the system. It is apart from [Memory] so that it can be given back when nobody uses that any
// more.
type space struct {
	current  []byte
	outgrown [][]byte
}

// Allocator makes memories that count in the budget. What it made is in the list, for who has to free it when the engine
// does not.
func (b *Budget) Allocator(made *[]*Memory) experimental.MemoryAllocator {
	return experimental.MemoryAllocatorFunc(func(_, most uint64) experimental.LinearMemory {
		m := &Memory{budget: b, most: most, space: &space{}}
		m.clean = runtime.AddCleanup(m, (*space).release, m.space)
		*made = append(*made, m)
		return m
	})
}

// Reallocate makes the memory so many bytes long, or returns nil and leaves it as it was. What is added is 0.
func (m *Memory) Reallocate(size uint64) []byte {
	have := uint64(len(m.bytes))
	if size <= have && m.bytes != nil {
		return m.bytes
	}
	if size > m.most || !m.budget.claim(size-have) {
		return nil
	}
	if size <= uint64(cap(m.bytes)) && m.bytes != nil {
		m.bytes = m.bytes[:size]
		return m.bytes
	}
	larger, mapped := m.reserve(size)
	if larger == nil {
		m.budget.used -= size - have
		m.budget.refused = true
		return nil
	}
	copy(larger, m.bytes)
	m.bytes = larger[:size]
	if old := m.space.current; old != nil {
		discard(old)
		m.space.outgrown = append(m.space.outgrown, old)
	}
	m.space.current = mapped
	return m.bytes
}

// reserve gets bytes for size and more: those that it mapped, or some of Go's heap, or none.
func (m *Memory) reserve(size uint64) (bytes, mapped []byte) {
	for _, count := range []uint64{min(max(2*size, leastReserved), m.most), size} {
		if mapped = mapBytes(count); mapped != nil {
			return mapped, mapped
		}
	}
	if size > mostOnHeap {
		return nil, nil
	}
	return make([]byte, min(max(size, uint64(2*len(m.bytes))), mostOnHeap)), nil
}

// Free gives everything back. Nobody may use the memory, or a view of it, from then on.
func (m *Memory) Free() {
	m.clean.Stop()
	m.bytes = nil
	m.space.release()
}

// Discard gives the content of bytes [from, to) back to the system as far as it takes it. They may be anything afterwards.
func (m *Memory) Discard(from, to uint64) {
	if m.space.current != nil && from < to && to <= uint64(len(m.bytes)) {
		discard(m.bytes[from:to:to])
	}
}

func (s *space) release() {
	for _, mapped := range append(s.outgrown, s.current) {
		if mapped != nil {
			unmapBytes(mapped)
		}
	}
	s.current, s.outgrown = nil, nil
}
