//go:build !wasip1 && !tinygo.wasm

package kv

import "github.com/plugwright/plugwright/pdks/go/contract"

// In tests the host's functions are those that the test declares.

func call(name string, values ...uint64) uint64 {
	return contract.CallHostFunction("extism:host/user", name, values...)
}

func kvGet(key uint64) uint64 { return call("kv_get", key) }

func kvSet(key, value, timeToLive uint64) uint64 { return call("kv_set", key, value, timeToLive) }

func kvDelete(key uint64) uint64 { return call("kv_delete", key) }

func kvIncrement(key, delta uint64) uint64 { return call("kv_increment", key, delta) }

func kvCompareAndSwap(key, expected, value, timeToLive uint64) uint64 {
	return call("kv_compare_and_swap", key, expected, value, timeToLive)
}

func kvList(prefix, cursor, limit uint64) uint64 { return call("kv_list", prefix, cursor, limit) }
