package plugwright

import (
	"github.com/tetratelabs/wazero/api"

	"github.com/plugwright/plugwright/sdks/go/internal/kernel"
	"github.com/plugwright/plugwright/sdks/go/internal/linear"
)

// keepKernelBytes is what of a kernel memory stays resident from one call to the next: 4 MiB.
const keepKernelBytes = 4 << 20

// span is a range of bytes in kernel memory. Length 0 means that there are none.
type span struct {
	offset, length uint64
}

// kernelMemory is where a host and its guest exchange bytes: the blocks of one WebAssembly memory, and the roles that some of
// them have in the current call.
//
// Which bytes belong to which block is known here alone, out of the guest's reach, so nothing that a guest writes can mislead
// the host. The guest reaches the bytes by functions of the module that owns the memory, which know the bounds by globals that
// are written here and never read.
type kernelMemory struct {
	module  api.Module
	memory  api.Memory
	storage *linear.Memory
	budget  *linear.Budget
	globals kernelGlobals
	// shown is what the guest was told.
	shown shownToGuest

	// used is how many bytes of the memory are in use, from its start.
	used   uint64
	blocks *kernel.Allocator
	input  span
	output span
	// failure is the offset of the error message's block, or 0.
	failure uint64
}

// kernelGlobals are the globals by which the guest's functions know the bounds.
type kernelGlobals struct {
	limit, limit8, inputOffset, inputLength, inputLimit8 api.MutableGlobal
}

// shownToGuest is what the globals say.
type shownToGuest struct {
	limit uint64
	input span
}

// newKernelMemory takes over an instance of the kernel module. The storage is that of its memory.
func newKernelMemory(module api.Module, storage *linear.Memory, budget *linear.Budget) *kernelMemory {
	global := func(name string) api.MutableGlobal {
		return module.ExportedGlobal(name).(api.MutableGlobal)
	}
	return &kernelMemory{
		module:  module,
		memory:  module.ExportedMemory(kernel.Memory),
		storage: storage,
		budget:  budget,
		globals: kernelGlobals{
			limit: global(kernel.Limit), limit8: global(kernel.Limit8),
			inputOffset: global(kernel.InputOffset), inputLength: global(kernel.InputLength),
			inputLimit8: global(kernel.InputLimit8),
		},
		blocks: kernel.New(),
	}
}

// newCall makes the memory ready for another call: no blocks, and no more resident memory than a small call needs.
func (k *kernelMemory) newCall() {
	k.forget()
	if k.used <= keepKernelBytes {
		k.blocks.Reset()
		return
	}
	k.blocks.ResetTo(keepKernelBytes)
	k.storage.Discard(keepKernelBytes, k.used)
	k.used = keepKernelBytes
	k.publish()
}

func (k *kernelMemory) forget() { k.input, k.output, k.failure = span{}, span{}, 0 }

// reset frees every block and clears input, output and error.
func (k *kernelMemory) reset() {
	k.blocks.Reset()
	k.forget()
	k.publish()
}

// setInput makes these bytes the input.
func (k *kernelMemory) setInput(input span) {
	k.input = input
	k.publish()
}

// publish tells the guest what changed.
func (k *kernelMemory) publish() {
	limit := k.blocks.MemoryBytes()
	if limit != k.shown.limit {
		k.globals.limit.Set(limit)
		k.globals.limit8.Set(eightBelow(limit))
	}
	if k.input != k.shown.input {
		k.globals.inputOffset.Set(k.input.offset)
		k.globals.inputLength.Set(k.input.length)
		k.globals.inputLimit8.Set(eightBelow(k.input.length))
	}
	k.shown = shownToGuest{limit: limit, input: k.input}
}

// eightBelow is the limit below which eight bytes can be accessed.
func eightBelow(limit uint64) uint64 { return max(limit, 7) - 7 }

// Size is how many bytes the allocator may use.
func (k *kernelMemory) Size() uint64 { return k.used }

// GrowTo lets the allocator use more bytes, of the memory as it is or after growth.
func (k *kernelMemory) GrowTo(bytes uint64) bool {
	if have := memoryBytes(k.memory); bytes > have {
		if _, ok := k.memory.Grow(uint32((bytes - have) / kernel.PageBytes)); !ok {
			return false
		}
	}
	k.used = bytes
	return true
}

// memoryBytes is the size of a memory. [api.Memory.Size] says 0 for 4 GiB.
func memoryBytes(memory api.Memory) uint64 {
	pages, _ := memory.Grow(0)
	return uint64(pages) * kernel.PageBytes
}

// alloc makes a block of so many bytes, whose content is unspecified; 0 for none, and when memory is exhausted.
func (k *kernelMemory) alloc(length uint64) uint64 {
	used, refused := k.used, k.budget.Refused()
	offset := k.blocks.Alloc(length, k)
	if k.used != used {
		k.publish()
		// The allocator may have asked for more than it needed, in vain.
		k.budget.SetRefused(refused)
	}
	return offset
}

// free frees a block; freeing the input's makes the input empty.
func (k *kernelMemory) free(offset uint64) {
	if !k.blocks.Free(offset) {
		return
	}
	if k.failure == offset {
		k.failure = 0
	}
	if k.input.offset == offset {
		k.setInput(span{})
	}
}

// block is the block that starts at offset, empty if there is none.
func (k *kernelMemory) block(offset uint64) span { return span{offset, k.blocks.Length(offset)} }

// bytes are those of a range: a view, which lasts until the memory grows.
func (k *kernelMemory) bytes(s span) ([]byte, error) {
	if s.length == 0 {
		return nil, nil
	}
	if end := s.offset + s.length; end >= s.offset && end <= memoryBytes(k.memory) {
		if view, ok := k.memory.Read(uint32(s.offset), uint32(s.length)); ok {
			return view, nil
		}
	}
	return nil, newError(KindContract,
		"the plug-in names %d bytes at offset %d, which lie outside its kernel memory", s.length, s.offset)
}

// newBlock makes a block with these bytes, 0 for none. The error is an [*Error] of KindOutOfMemory.
func newBlock[T string | []byte](k *kernelMemory, content T) (uint64, error) {
	if len(content) == 0 {
		return 0, nil
	}
	length := uint64(len(content))
	offset := k.alloc(length)
	if offset == 0 {
		return 0, noRoom(length)
	}
	view, err := k.bytes(span{offset, length})
	if err != nil {
		return 0, err
	}
	copy(view, content)
	return offset, nil
}

func noRoom(length uint64) *Error {
	return newError(KindOutOfMemory,
		"no room for %d more bytes in the plug-in's memory; raise `memory.max_pages` if it needs more", length)
}

// checked is a range that the guest names to a function of the contract, if it lies in the memory.
func (k *kernelMemory) checked(function string, offset, length uint64) (span, error) {
	if length == 0 || k.blocks.InBounds(offset, length) {
		return span{offset, length}, nil
	}
	return span{}, newError(KindContract,
		"`%s` names %d bytes at offset %d, which lie outside the kernel memory", function, length, offset)
}
