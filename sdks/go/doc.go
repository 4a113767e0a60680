// Package plugwright runs plug-ins: WebAssembly modules that speak Extism's contract, in any language that has a plug-in kit
// for it. It is pure Go over the engine wazero, so that a host program is one static binary.
//
// It has the surface of github.com/extism/go-sdk: a program for that one compiles when its import becomes
//
//	extism "github.com/plugwright/plugwright/sdks/go"
//
// # Calling plug-ins
//
// A [Manifest] says what a plug-in is made of and what it may do. [NewPlugin] makes one instance of it, [NewCompiledPlugin] code
// that any number of instances can be made of. A [Plugin] makes one call at a time.
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
