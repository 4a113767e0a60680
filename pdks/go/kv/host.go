//go:build wasip1 || tinygo.wasm

package kv

//go:wasmimport extism:host/user kv_get
func kvGet(key uint64) uint64

//go:wasmimport extism:host/user kv_set
func kvSet(key, value, timeToLive uint64) uint64

//go:wasmimport extism:host/user kv_delete
func kvDelete(key uint64) uint64

//go:wasmimport extism:host/user kv_increment
func kvIncrement(key, delta uint64) uint64

//go:wasmimport extism:host/user kv_compare_and_swap
func kvCompareAndSwap(key, expected, value, timeToLive uint64) uint64

//go:wasmimport extism:host/user kv_list
func kvList(prefix, cursor, limit uint64) uint64
