//go:build wasip1 || tinygo.wasm

package messaging

//go:wasmimport extism:host/user messaging_publish
func messagingPublish(subject, payload, headers uint64) uint64

//go:wasmimport extism:host/user messaging_request
func messagingRequest(subject, payload, timeout uint64) uint64
