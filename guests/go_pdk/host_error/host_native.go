//go:build !wasip1

package main

import "github.com/plugwright/plugwright/pdks/go/contract"

func hostTryFail() uint64 {
	return contract.CallHostFunction("extism:host/user", "host_try_fail")
}
