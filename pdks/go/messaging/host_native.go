//go:build !wasip1 && !tinygo.wasm

package messaging

import "github.com/plugwright/plugwright/pdks/go/contract"

// In tests the host's functions are those that the test declares.

func messagingPublish(subject, payload, headers uint64) uint64 {
	return contract.CallHostFunction("extism:host/user", "messaging_publish", subject, payload, headers)
}

func messagingRequest(subject, payload, timeout uint64) uint64 {
	return contract.CallHostFunction("extism:host/user", "messaging_request", subject, payload, timeout)
}
