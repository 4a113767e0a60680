package pdk

import (
	"strconv"

	"github.com/plugwright/plugwright/pdks/go/contract"
)

// Memory is a block of kernel memory, through which host and plug-in exchange bytes. Its zero value is null: no block,
// and an empty value.
//
// Blocks live until somebody frees them, or until the next call of the plug-in begins. A plug-in need not free
// anything, and must keep no block for the next call.
type Memory struct {
	offset, length uint64
}

// NewMemory returns the block of length bytes at offset, without asking the host whether there is one. [FindMemory]
// asks.
func NewMemory(offset uint64, length uint64) Memory {
	return Memory{offset, length}
}

// FindMemory returns the block that starts at offset, null if none does.
func FindMemory(offset uint64) Memory {
	length := contract.Length(offset)
	if length == 0 {
		return Memory{}
	}
	return Memory{offset, length}
}

// Allocate returns a new block of length bytes, whose content is unspecified: write all of it. A length of 0 gives null.
//
// It panics when length is negative or the host has no room for the block.
func Allocate(length int) Memory {
	memory, ok := allocate(length)
	if !ok {
		panic("pdk: the host has no room for a block of " + strconv.Itoa(length) + " bytes")
	}
	return memory
}

// AllocateBytes returns a new block with a copy of data, null if there are none. It panics when there is no room.
func AllocateBytes(data []byte) Memory {
	memory := Allocate(len(data))
	memory.Store(data)
	return memory
}

// AllocateString returns a new block with the bytes of data, null if there are none. It panics when there is no room.
func AllocateString(data string) Memory {
	return AllocateBytes([]byte(data))
}

// Load fills buffer from the start of the block. Where the buffer is longer than the block, its rest stays as it is.
func (m Memory) Load(buffer []byte) {
	if uint64(len(buffer)) > m.length {
		buffer = buffer[:m.length]
	}
	contract.Read(buffer, m.offset)
}

// Store writes data to the start of the block. It panics when data is longer than the block, since what lies behind
// belongs to others.
func (m Memory) Store(data []byte) {
	if uint64(len(data)) > m.length {
		panic("pdk: " + strconv.Itoa(len(data)) + " bytes do not fit into a block of " +
			strconv.FormatUint(m.length, 10) + " bytes")
	}
	contract.Write(m.offset, data)
}

// Free frees the block. Do not use it afterwards, and do not free a block that the host took, such as one that
// [LogMemory] got.
func (m Memory) Free() {
	contract.Free(m.offset)
}

// Length returns the length of the block in bytes.
func (m Memory) Length() uint64 {
	return m.length
}

// Offset returns where the block starts in kernel memory: its name in host functions.
func (m Memory) Offset() uint64 {
	return m.offset
}

// ReadBytes returns a copy of the block's bytes.
func (m Memory) ReadBytes() []byte {
	buffer := make([]byte, m.length)
	m.Load(buffer)
	return buffer
}

// allocate is Allocate for those who can do without the block.
func allocate(length int) (Memory, bool) {
	if length <= 0 {
		return Memory{}, length == 0
	}
	offset := contract.Alloc(uint64(length))
	return Memory{offset, uint64(length)}, offset != 0
}

// take returns the bytes of a block that the host made for the plug-in, and frees it.
func take(offset uint64) []byte {
	memory := FindMemory(offset)
	bytes := memory.ReadBytes()
	memory.Free()
	return bytes
}
