// Command recovers fails in every way that leaves the instance as it was.
package main

import (
	"errors"

	pdk "github.com/plugwright/plugwright/pdks/go"
)

// calls counts the calls that this instance has had.
var calls int

//go:wasmexport panic
func panics() int32 {
	return pdk.Run(func() error {
		calls++
		panic(pdk.InputString())
	})
}

//go:wasmexport index
func index() (code int32) {
	defer pdk.Recover(&code)
	calls++
	input := pdk.Input()
	input[len(input)] = 0
	return 0
}

//go:wasmexport nil_pointer
func nilPointer() int32 {
	return pdk.Run(func() error {
		calls++
		var none *int
		*none = 1
		return nil
	})
}

//go:wasmexport fail_code
func failCode() int32 {
	return pdk.Run(func() error {
		calls++
		return pdk.WithReturnCode(errors.New("refused with code 42"), 42)
	})
}

//go:wasmexport calls
func countCalls() int32 {
	pdk.Output(pdk.ParamBytes(pdk.ResultU32(uint32(calls))))
	return 0
}

func main() {}
