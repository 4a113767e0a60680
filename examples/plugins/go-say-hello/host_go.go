//go:build !tinygo

package main

// hostMemoryGet takes the offset of a key and returns that of its value.
//
//go:wasmimport env hostMemoryGet
func hostMemoryGet(offset uint64) uint64
