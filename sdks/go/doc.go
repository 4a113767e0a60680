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
// "extism": its names are here, but for those of tracing and a few that no function takes.
//
// # What a plug-in can do to its host
//
// Nothing that the host did not allow. A call ends when its context does, at [Manifest.Timeout], and when it is out of memory,
// in loops as in start-up functions; whatever a plug-in does wrong is an [*Error] of that call, and the next call works. Host
// functions that panic end the call and not the program.
//
// # How it gets there
//
// Modules are rewritten when they are loaded. They count their steps, and look up after so many: the engine would let Go's
// scheduler and garbage collector wait for as long as a plug-in computes. Kernel memory, by which host and plug-in exchange
// bytes, belongs to a small module of each instance's own, so that a plug-in's loads and stores are calls from compiled code to
// compiled code.
package plugwright
