//go:build wasip1

package main

//go:wasmimport extism:host/user host_try_fail
func hostTryFail() uint64
