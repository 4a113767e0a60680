//go:build wasip1

package main

//go:wasmimport extism:host/user kv_read
func kvRead(key uint64) uint64

//go:wasmimport extism:host/user kv_write
func kvWrite(key, value uint64)

//go:wasmimport extism:host/user host_mix
func hostMix(a int32, b int64, c float32, d float64) float64
