// Package plugwright runs plug-ins in WebAssembly, written in any language for the Extism contract, in pure Go: without
// cgo, by wazero.
//
// A [Manifest] says what a plug-in is made of and what it may use; what is absent is forbidden. [NewPlugin] makes one
// instance of it, which makes one call at a time ([Plugin.Call]); [NewCompiledPlugin] compiles the code once, for any number of
// instances, and a [Pool] lends them to any number of goroutines. [Call] takes and returns values of Go, [HostFunc] makes a
// function of Go one that plug-ins call. For code that you do not know, give a timeout and a limit of memory pages.
//
// Whatever goes wrong is an [*Error], whose [Kind] [errors.Is] finds.
//
// Programs that were written for the public SDK of the contract, github.com/extism/go-sdk, compile with this package as
// "extism": its names are all here.
package plugwright
