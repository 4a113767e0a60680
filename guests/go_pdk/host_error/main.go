// Command host_error handles a host function's error as a value.
package main

import pdk "github.com/plugwright/plugwright/pdks/go"

//go:wasmexport handle
func handle() int32 {
	return pdk.Run(func() error {
		value := pdk.ParamString(hostTryFail())
		if err := pdk.HostError(); err != nil {
			value = "handled: " + err.Error()
		}
		pdk.OutputString(value)
		return nil
	})
}

//go:wasmexport pass_on
func passOn() int32 {
	return pdk.Run(func() error {
		hostTryFail()
		err := pdk.HostError()
		if again := pdk.HostError(); again != nil {
			return again
		}
		return pdk.WithReturnCode(err, 3)
	})
}

func main() {}
