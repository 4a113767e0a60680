//go:build !wasip1 && !tinygo.wasm

package pdk_test

import (
	"errors"

	"github.com/plugwright/plugwright/pdks/go/contract"
)

// kvRead stands for a function with the directive `go:wasmimport extism:host/user kv_read`.
func kvRead(key uint64) uint64 {
	return contract.CallHostFunction("extism:host/user", "kv_read", key)
}

// kv is the host's side of it.
func kv(key string) (string, error) {
	if key == "known" {
		return "value of known", nil
	}
	return "", errors.New("no such key: " + key)
}
