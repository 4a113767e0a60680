//go:build !wasip1

package main

import "github.com/plugwright/plugwright/pdks/go/contract"

// kvRead stands for the host's function in tests.
func kvRead(key uint64) uint64 {
	return contract.CallHostFunction("extism:host/user", "kv_read", key)
}
