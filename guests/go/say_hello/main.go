// Command say_hello is the plug-in of the classic introduction to plug-ins in Go: it greets someone, and quotes
// two messages that it gets from a function of the host.
package main

import (
	"fmt"

	pdk "github.com/extism/go-pdk"
)

// hostMemoryGet returns the text that the host keeps under a key; both are offsets of blocks in kernel memory.
//
//go:wasmimport env hostMemoryGet
func hostMemoryGet(key uint64) uint64

func message(key string) string {
	block := pdk.AllocateString(key)
	defer block.Free()
	return pdk.ParamString(hostMemoryGet(block.Offset()))
}

//go:wasmexport say_hello
func sayHello() int32 {
	pdk.OutputString(fmt.Sprintf("👋 Hello %s\nkey: hello, value: %s\nkey: message, value: %s",
		pdk.InputString(), message("hello"), message("message")))
	return 0
}

func main() {}
