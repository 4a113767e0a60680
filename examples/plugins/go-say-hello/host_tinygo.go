//go:build tinygo

package main

// hostMemoryGet takes the offset of a key and returns that of its value. TinyGo imports a function that has no
// body from the module env.
//
//export hostMemoryGet
func hostMemoryGet(offset uint64) uint64
