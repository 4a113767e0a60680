package pdk

import "github.com/plugwright/plugwright/pdks/go/contract"

// Output makes data the call's output. It panics when the host has no room for it.
func Output(data []byte) {
	OutputMemory(AllocateBytes(data))
}

// OutputString makes s the call's output. It panics when the host has no room for it.
func OutputString(s string) {
	Output([]byte(s))
}

// OutputMemory makes a block the call's output, without a copy. The host reads it when the call has returned.
func OutputMemory(mem Memory) {
	contract.OutputSet(mem.offset, mem.length)
}
