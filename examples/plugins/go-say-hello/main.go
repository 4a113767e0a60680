// A plug-in that greets, and quotes two messages that the host keeps in its memory.
package main

import (
	pdk "github.com/plugwright/plugwright/pdks/go"
)

//go:wasmexport say_hello
func sayHello() int32 {
	pdk.OutputString("👋 Hello " + pdk.InputString() +
		"\nkey: hello, value: " + recall("hello") +
		"\nkey: message, value: " + recall("message"))
	return 0
}

// recall asks the host for the text that it keeps under a key; it is empty when there is none.
func recall(key string) string {
	block := pdk.AllocateString(key)
	defer block.Free()

	value := pdk.FindMemory(hostMemoryGet(block.Offset()))
	text := make([]byte, value.Length())
	value.Load(text)
	return string(text)
}

func main() {}
