package plugwright

import "github.com/tetratelabs/wazero/api"

// bulkChunkBytes is how much is copied between looks at the deadline.
const bulkChunkBytes = 1 << 20

// contractRead copies kernel memory to the memory of the module that calls.
func contractRead(call *callContext, guest api.Module, stack []uint64) {
	to, offset, length := uint32(stack[0]), stack[1], stack[2]
	source := must(call.kernel().checked("read", offset, length))
	target := ownBytes(guest, "read", uint64(to), length)
	inChunks(call, length, func(start, count uint64) {
		copy(target[start:start+count], must(call.kernel().bytes(span{source.offset + start, count})))
	})
}

// contractWrite copies the memory of the module that calls to kernel memory.
func contractWrite(call *callContext, guest api.Module, stack []uint64) {
	offset, from, length := stack[0], uint32(stack[1]), stack[2]
	target := must(call.kernel().checked("write", offset, length))
	source := ownBytes(guest, "write", uint64(from), length)
	inChunks(call, length, func(start, count uint64) {
		copy(must(call.kernel().bytes(span{target.offset + start, count})), source[start:start+count])
	})
}

// ownBytes is a range of the calling module's own memory.
func ownBytes(guest api.Module, function string, address, length uint64) []byte {
	memory := guest.Memory()
	if memory == nil {
		panic(newError(KindContract, "`%s` needs the module to have a memory", function))
	}
	if address+length > memoryBytes(memory) {
		panic(newError(KindTrap, "trapped in `%s`: out of bounds memory access", function))
	}
	view, _ := memory.Read(uint32(address), uint32(length))
	return view
}

// inChunks copies a range chunk by chunk, until the call must stop.
func inChunks(call *callContext, length uint64, copyChunk func(start, count uint64)) {
	for start := uint64(0); start < length; start += bulkChunkBytes {
		call.mustGoOn()
		copyChunk(start, min(length-start, bulkChunkBytes))
	}
}
