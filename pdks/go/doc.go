// Package pdk is what a plug-in in Go is written with: input and output, config, variables, logs, HTTP requests, and
// blocks of kernel memory for the parameters and results of host functions.
//
//	package main
//
//	import pdk "github.com/plugwright/plugwright/pdks/go"
//
//	//go:wasmexport greet
//	func greet() int32 {
//		return pdk.Run(func() error {
//			pdk.OutputString("Hello, " + pdk.InputString() + "!")
//			return nil
//		})
//	}
//
//	func main() {}
//
// It has every name of the public package github.com/extism/go-pdk, so that a plug-in moves by its import path alone.
// [Run], [Handle], [Recover], [Fail], [WithReturnCode], [HostError] and [SendHTTP] are additions.
//
// An export returns 0 for success; any other code is a failure, with the message that [SetError] has set.
//
// Build with
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -ldflags="-s -w" -o plugin.wasm .
//
// On any other target the same functions work against a host in the same process; see package pdktest.
package pdk
