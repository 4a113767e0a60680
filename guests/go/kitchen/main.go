// Command kitchen exports one function for each service that a host offers to plug-ins.
package main

import pdk "github.com/extism/go-pdk"

//go:wasmexport echo
func echo() int32 {
	pdk.Output(pdk.Input())
	return 0
}

//go:wasmexport config_get
func configGet() int32 {
	value, _ := pdk.GetConfig(pdk.InputString())
	pdk.OutputString(value)
	return 0
}

//go:wasmexport log_all
func logAll() int32 {
	for level := pdk.LogTrace; level <= pdk.LogError; level++ {
		pdk.Log(level, pdk.InputString())
	}
	return 0
}

// fail makes the host end the call with a message.
func fail(message string) int32 {
	pdk.SetErrorString(message)
	return 1
}

//go:wasmexport fail_message
func failMessage() int32 {
	return fail(pdk.InputString())
}

//go:wasmexport fail_code
func failCode() int32 {
	pdk.SetErrorString("refused with code 42")
	return 42
}

//go:wasmexport panic
func panics() int32 {
	panic(pdk.InputString())
}

func main() {}
