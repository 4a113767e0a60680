//go:build wasip1

package main

// kvRead is a function of the host. Keys and values travel as offsets of blocks in kernel memory.
//
//go:wasmimport extism:host/user kv_read
func kvRead(key uint64) uint64
