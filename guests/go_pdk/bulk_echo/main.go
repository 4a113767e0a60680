// Command bulk_echo is built with the tag plugwright_bulk, so that bytes are copied by one call each way.
package main

import pdk "github.com/plugwright/plugwright/pdks/go"

//go:wasmexport echo
func echo() int32 {
	pdk.Output(pdk.Input())
	return 0
}

// twice sends its input through a variable on the way.
//
//go:wasmexport twice
func twice() int32 {
	pdk.SetVar("input", pdk.Input())
	pdk.Output(append(pdk.GetVar("input"), pdk.Input()...))
	return 0
}

func main() {}
