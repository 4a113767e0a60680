//go:build !wasip1

package main

import (
	"math"

	"github.com/plugwright/plugwright/pdks/go/contract"
)

// In tests the host's functions are those that the test declares.

func kvRead(key uint64) uint64 {
	return contract.CallHostFunction("extism:host/user", "kv_read", key)
}

func kvWrite(key, value uint64) {
	contract.CallHostFunction("extism:host/user", "kv_write", key, value)
}

func hostMix(a int32, b int64, c float32, d float64) float64 {
	return math.Float64frombits(contract.CallHostFunction("extism:host/user", "host_mix",
		uint64(a), uint64(b), uint64(math.Float32bits(c)), math.Float64bits(d)))
}
