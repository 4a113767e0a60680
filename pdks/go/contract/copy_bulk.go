//go:build plugwright_bulk && (wasip1 || tinygo.wasm)

package contract

import "unsafe"

//go:wasmimport plugwright:host/mem read
func memRead(to unsafe.Pointer, offset, length uint64)

//go:wasmimport plugwright:host/mem write
func memWrite(offset uint64, from unsafe.Pointer, length uint64)

// Read fills to with the bytes of kernel memory from offset, which must all be there: else the call ends.
func Read(to []byte, offset uint64) {
	if len(to) > 0 {
		memRead(unsafe.Pointer(unsafe.SliceData(to)), offset, uint64(len(to)))
	}
}

// Write copies from into kernel memory at offset, where there must be room for all of it: else the call ends.
func Write(offset uint64, from []byte) {
	if len(from) > 0 {
		memWrite(offset, unsafe.Pointer(unsafe.SliceData(from)), uint64(len(from)))
	}
}
