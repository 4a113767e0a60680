// Package contract holds the plug-in contract's imports, one Go function each, without any convenience.
//
// Plug-ins use package pdk, which is built on this one. What is here is of use where pdk has no function for
// something, and for host functions in tests ([CallHostFunction]). Offsets and lengths are in bytes and address
// kernel memory; offset 0 means null. The documentation of the contract says what each function does.
//
// A plug-in imports only those functions of the host that it can reach, so what it does not use it does not need.
//
// Built for WebAssembly the functions are the host's. Built for any other target they are those of the [Host] in
// use, which package pdktest provides.
package contract
