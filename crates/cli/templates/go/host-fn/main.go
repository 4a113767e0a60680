// A plug-in that greets, with a greeting that its host keeps.
package main

import pdk "github.com/plugwright/plugwright/pdks/go"

// greet greets whoever the input names. The greeting comes from the host's store, and is "Hello" without one.
//
//go:wasmexport greet
func greet() int32 {
	return pdk.Run(func() error {
		greeting := read("greeting")
		if greeting == "" {
			greeting = "Hello"
		}
		pdk.OutputString(greeting + ", " + pdk.InputString() + "!")
		return nil
	})
}

// read gives the value that the host stores under a key, empty if there is none.
func read(key string) string {
	return pdk.ParamString(kvRead(pdk.ResultString(key)))
}

func main() {}
