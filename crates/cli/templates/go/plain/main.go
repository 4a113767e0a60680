// A plug-in that greets.
package main

import pdk "github.com/plugwright/plugwright/pdks/go"

// greet greets whoever the input names. The greeting comes from the config, and is "Hello" without one.
//
//go:wasmexport greet
func greet() int32 {
	return pdk.Run(func() error {
		greeting, found := pdk.GetConfig("greeting")
		if !found {
			greeting = "Hello"
		}
		pdk.OutputString(greeting + ", " + pdk.InputString() + "!")
		return nil
	})
}

func main() {}
