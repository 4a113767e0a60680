//go:build wasip1 || tinygo.wasm

package contract

// Alloc returns the offset of a new block of length bytes, 0 when length is 0 or there is no room.
//
//go:wasmimport extism:host/env alloc
func Alloc(length uint64) uint64

// Free frees the block at offset.
//
//go:wasmimport extism:host/env free
func Free(offset uint64)

// Length returns the length of the block that starts at offset, 0 if none does.
//
//go:wasmimport extism:host/env length
func Length(offset uint64) uint64

// LoadU8 returns the byte at offset, 0 outside of kernel memory.
//
//go:wasmimport extism:host/env load_u8
func LoadU8(offset uint64) uint32

// LoadU64 returns the 8 bytes from offset as a little-endian number, 0 when one of them is outside of kernel memory.
//
//go:wasmimport extism:host/env load_u64
func LoadU64(offset uint64) uint64

// StoreU8 writes the lowest byte of value. Outside of kernel memory it does nothing.
//
//go:wasmimport extism:host/env store_u8
func StoreU8(offset uint64, value uint32)

// StoreU64 writes 8 bytes, little-endian. When one of them is outside of kernel memory it does nothing.
//
//go:wasmimport extism:host/env store_u64
func StoreU64(offset uint64, value uint64)

// InputLength returns the length of the call's input.
//
//go:wasmimport extism:host/env input_length
func InputLength() uint64

// InputOffset returns the offset of the input's block, 0 when the input is empty.
//
//go:wasmimport extism:host/env input_offset
func InputOffset() uint64

// OutputSet makes a range of kernel memory the call's output.
//
//go:wasmimport extism:host/env output_set
func OutputSet(offset, length uint64)

// ErrorSet makes the block at offset the call's error message; 0 clears it.
//
//go:wasmimport extism:host/env error_set
func ErrorSet(offset uint64)

// ConfigGet returns a block with the config's value under key, 0 if there is none. The host takes key.
//
//go:wasmimport extism:host/env config_get
func ConfigGet(key uint64) uint64

// VarGet returns a block with the variable's value, 0 if there is none. The host takes key.
//
//go:wasmimport extism:host/env var_get
func VarGet(key uint64) uint64

// VarSet sets a variable, or removes it when value is 0. The host takes both blocks.
//
//go:wasmimport extism:host/env var_set
func VarSet(key, value uint64)

// HTTPRequest sends the request that the JSON in request describes, and returns a block with the response's body, 0 if
// it is empty. The host takes both blocks; body may be 0.
//
//go:wasmimport extism:host/env http_request
func HTTPRequest(request, body uint64) uint64

// HTTPStatusCode returns the status of the last response, 0 before any.
//
//go:wasmimport extism:host/env http_status_code
func HTTPStatusCode() int32

// HTTPHeaders returns a new block with the last response's headers as a JSON object, 0 unless the host shows them.
//
//go:wasmimport extism:host/env http_headers
func HTTPHeaders() uint64

// LogTrace logs the message in a block, which the host takes.
//
//go:wasmimport extism:host/env log_trace
func LogTrace(message uint64)

// LogDebug logs the message in a block, which the host takes.
//
//go:wasmimport extism:host/env log_debug
func LogDebug(message uint64)

// LogInfo logs the message in a block, which the host takes.
//
//go:wasmimport extism:host/env log_info
func LogInfo(message uint64)

// LogWarn logs the message in a block, which the host takes.
//
//go:wasmimport extism:host/env log_warn
func LogWarn(message uint64)

// LogError logs the message in a block, which the host takes.
//
//go:wasmimport extism:host/env log_error
func LogError(message uint64)

// GetLogLevel returns the least severe level that somebody listens to: 0 is trace, 4 is error, anything above is none.
//
//go:wasmimport extism:host/env get_log_level
func GetLogLevel() int32

// HostErrorTake returns a new block with the message of the last fallible host function that failed, 0 if there is
// none. Only hosts that know the module plugwright:host/env load a plug-in that uses it.
//
//go:wasmimport plugwright:host/env host_error_take
func HostErrorTake() uint64
