// Command hello is a plug-in as small as plug-ins in Go can be.
package main

import pdk "github.com/plugwright/plugwright/pdks/go"

//go:wasmexport greet
func greet() int32 {
	pdk.OutputString("Hello, " + pdk.InputString() + "!")
	return 0
}

func main() {}
