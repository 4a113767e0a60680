//go:build !wasip1 && !tinygo.wasm

package contract

import "sync"

// Host is what the functions of this package do when they are not built for WebAssembly. Each method is the function of
// the same name.
type Host interface {
	Alloc(length uint64) uint64
	Free(offset uint64)
	Length(offset uint64) uint64
	LoadU8(offset uint64) uint32
	LoadU64(offset uint64) uint64
	StoreU8(offset uint64, value uint32)
	StoreU64(offset uint64, value uint64)
	InputLength() uint64
	InputOffset() uint64
	OutputSet(offset, length uint64)
	ErrorSet(offset uint64)
	ConfigGet(key uint64) uint64
	VarGet(key uint64) uint64
	VarSet(key, value uint64)
	HTTPRequest(request, body uint64) uint64
	HTTPStatusCode() int32
	HTTPHeaders() uint64
	Log(level int32, message uint64)
	GetLogLevel() int32
	HostErrorTake() uint64
	CallHostFunction(module, name string, params []uint64) uint64
}

var (
	// running is held while a plug-in's function runs: there is one host at a time, as there is in a plug-in.
	running sync.Mutex
	host    Host
)

// Run calls function while h is the host. Calls from several goroutines take turns; function must not call Run.
func Run(h Host, function func()) {
	running.Lock()
	defer running.Unlock()
	host = h
	defer func() { host = nil }()
	function()
}

// current is the host of the call that runs.
func current() Host {
	if host == nil {
		panic("pdk: there is no host here: in a test, call the plug-in's function by pdktest.New(t).Call")
	}
	return host
}

// Alloc returns the offset of a new block of length bytes, 0 when length is 0 or there is no room.
func Alloc(length uint64) uint64 { return current().Alloc(length) }

// Free frees the block at offset.
func Free(offset uint64) { current().Free(offset) }

// Length returns the length of the block that starts at offset, 0 if none does.
func Length(offset uint64) uint64 { return current().Length(offset) }

// LoadU8 returns the byte at offset, 0 outside of kernel memory.
func LoadU8(offset uint64) uint32 { return current().LoadU8(offset) }

// LoadU64 returns the 8 bytes from offset as a little-endian number, 0 when one of them is outside of kernel memory.
func LoadU64(offset uint64) uint64 { return current().LoadU64(offset) }

// StoreU8 writes the lowest byte of value. Outside of kernel memory it does nothing.
func StoreU8(offset uint64, value uint32) { current().StoreU8(offset, value) }

// StoreU64 writes 8 bytes, little-endian. When one of them is outside of kernel memory it does nothing.
func StoreU64(offset uint64, value uint64) { current().StoreU64(offset, value) }

// InputLength returns the length of the call's input.
func InputLength() uint64 { return current().InputLength() }

// InputOffset returns the offset of the input's block, 0 when the input is empty.
func InputOffset() uint64 { return current().InputOffset() }

// OutputSet makes a range of kernel memory the call's output.
func OutputSet(offset, length uint64) { current().OutputSet(offset, length) }

// ErrorSet makes the block at offset the call's error message; 0 clears it.
func ErrorSet(offset uint64) { current().ErrorSet(offset) }

// ConfigGet returns a block with the config's value under key, 0 if there is none. The host takes key.
func ConfigGet(key uint64) uint64 { return current().ConfigGet(key) }

// VarGet returns a block with the variable's value, 0 if there is none. The host takes key.
func VarGet(key uint64) uint64 { return current().VarGet(key) }

// VarSet sets a variable, or removes it when value is 0. The host takes both blocks.
func VarSet(key, value uint64) { current().VarSet(key, value) }

// HTTPRequest sends the request that the JSON in request describes, and returns a block with the response's body, 0 if
// it is empty. The host takes both blocks; body may be 0.
func HTTPRequest(request, body uint64) uint64 { return current().HTTPRequest(request, body) }

// HTTPStatusCode returns the status of the last response, 0 before any.
func HTTPStatusCode() int32 { return current().HTTPStatusCode() }

// HTTPHeaders returns a new block with the last response's headers as a JSON object, 0 unless the host shows them.
func HTTPHeaders() uint64 { return current().HTTPHeaders() }

// LogTrace logs the message in a block, which the host takes.
func LogTrace(message uint64) { current().Log(0, message) }

// LogDebug logs the message in a block, which the host takes.
func LogDebug(message uint64) { current().Log(1, message) }

// LogInfo logs the message in a block, which the host takes.
func LogInfo(message uint64) { current().Log(2, message) }

// LogWarn logs the message in a block, which the host takes.
func LogWarn(message uint64) { current().Log(3, message) }

// LogError logs the message in a block, which the host takes.
func LogError(message uint64) { current().Log(4, message) }

// GetLogLevel returns the least severe level that somebody listens to: 0 is trace, 4 is error, anything above is none.
func GetLogLevel() int32 { return current().GetLogLevel() }

// HostErrorTake returns a new block with the message of the last fallible host function that failed, 0 if there is
// none.
func HostErrorTake() uint64 { return current().HostErrorTake() }

// CallHostFunction calls the host function that a test declared under module and name. It stands for a function with a
// go:wasmimport directive, which has no body here:
//
//	//go:build !wasip1 && !tinygo.wasm
//
//	func kvRead(key uint64) uint64 { return contract.CallHostFunction("extism:host/user", "kv_read", key) }
//
// Parameters and result are WebAssembly values; a float is passed as its bits.
func CallHostFunction(module, name string, params ...uint64) uint64 {
	return current().CallHostFunction(module, name, params)
}
