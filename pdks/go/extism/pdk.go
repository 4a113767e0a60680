// Package pdk has the names of the public package github.com/extism/go-pdk, and our PDK behind them: a module that is
// replaced by this one, and libraries that import that package, need no change at all.
//
// The names are documented in github.com/plugwright/plugwright/pdks/go.
package pdk

import pdk "github.com/plugwright/plugwright/pdks/go"

// The types are those of our package.
type (
	Memory          = pdk.Memory
	LogLevel        = pdk.LogLevel
	HTTPMethod      = pdk.HTTPMethod
	HTTPRequest     = pdk.HTTPRequest
	HTTPRequestMeta = pdk.HTTPRequestMeta
	HTTPResponse    = pdk.HTTPResponse
)

// The levels of logs.
const (
	LogTrace = pdk.LogTrace
	LogDebug = pdk.LogDebug
	LogInfo  = pdk.LogInfo
	LogWarn  = pdk.LogWarn
	LogError = pdk.LogError
)

// The methods of HTTP requests.
const (
	MethodGet     = pdk.MethodGet
	MethodHead    = pdk.MethodHead
	MethodPost    = pdk.MethodPost
	MethodPut     = pdk.MethodPut
	MethodPatch   = pdk.MethodPatch
	MethodDelete  = pdk.MethodDelete
	MethodConnect = pdk.MethodConnect
	MethodOptions = pdk.MethodOptions
	MethodTrace   = pdk.MethodTrace
)

// NewMemory is pdk.NewMemory.
func NewMemory(offset uint64, length uint64) Memory { return pdk.NewMemory(offset, length) }

// FindMemory is pdk.FindMemory.
func FindMemory(offset uint64) Memory { return pdk.FindMemory(offset) }

// Allocate is pdk.Allocate.
func Allocate(length int) Memory { return pdk.Allocate(length) }

// AllocateBytes is pdk.AllocateBytes.
func AllocateBytes(data []byte) Memory { return pdk.AllocateBytes(data) }

// AllocateString is pdk.AllocateString.
func AllocateString(data string) Memory { return pdk.AllocateString(data) }

// AllocateJSON is pdk.AllocateJSON.
func AllocateJSON(v any) (Memory, error) { return pdk.AllocateJSON(v) }

// Input is pdk.Input.
func Input() []byte { return pdk.Input() }

// InputString is pdk.InputString.
func InputString() string { return pdk.InputString() }

// InputJSON is pdk.InputJSON.
func InputJSON(v any) error { return pdk.InputJSON(v) }

// JSONFrom is pdk.JSONFrom.
func JSONFrom(offset uint64, v any) error { return pdk.JSONFrom(offset, v) }

// Output is pdk.Output.
func Output(data []byte) { pdk.Output(data) }

// OutputString is pdk.OutputString.
func OutputString(s string) { pdk.OutputString(s) }

// OutputJSON is pdk.OutputJSON.
func OutputJSON(v any) error { return pdk.OutputJSON(v) }

// OutputMemory is pdk.OutputMemory.
func OutputMemory(mem Memory) { pdk.OutputMemory(mem) }

// SetError is pdk.SetError.
func SetError(err error) { pdk.SetError(err) }

// SetErrorString is pdk.SetErrorString.
func SetErrorString(err string) { pdk.SetErrorString(err) }

// GetConfig is pdk.GetConfig.
func GetConfig(key string) (string, bool) { return pdk.GetConfig(key) }

// GetVar is pdk.GetVar.
func GetVar(key string) []byte { return pdk.GetVar(key) }

// SetVar is pdk.SetVar.
func SetVar(key string, value []byte) { pdk.SetVar(key, value) }

// GetVarInt is pdk.GetVarInt.
func GetVarInt(key string) int { return pdk.GetVarInt(key) }

// SetVarInt is pdk.SetVarInt.
func SetVarInt(key string, value int) { pdk.SetVarInt(key, value) }

// RemoveVar is pdk.RemoveVar.
func RemoveVar(key string) { pdk.RemoveVar(key) }

// Log is pdk.Log.
func Log(level LogLevel, s string) { pdk.Log(level, s) }

// LogMemory is pdk.LogMemory.
func LogMemory(level LogLevel, m Memory) { pdk.LogMemory(level, m) }

// NewHTTPRequest is pdk.NewHTTPRequest.
func NewHTTPRequest(method HTTPMethod, url string) *HTTPRequest {
	return pdk.NewHTTPRequest(method, url)
}

// ParamBytes is pdk.ParamBytes.
func ParamBytes(offset uint64) []byte { return pdk.ParamBytes(offset) }

// ParamString is pdk.ParamString.
func ParamString(offset uint64) string { return pdk.ParamString(offset) }

// ParamU32 is pdk.ParamU32.
func ParamU32(offset uint64) uint32 { return pdk.ParamU32(offset) }

// ParamU64 is pdk.ParamU64.
func ParamU64(offset uint64) uint64 { return pdk.ParamU64(offset) }

// ResultBytes is pdk.ResultBytes.
func ResultBytes(d []byte) uint64 { return pdk.ResultBytes(d) }

// ResultString is pdk.ResultString.
func ResultString(s string) uint64 { return pdk.ResultString(s) }

// ResultU32 is pdk.ResultU32.
func ResultU32(d uint32) uint64 { return pdk.ResultU32(d) }

// ResultU64 is pdk.ResultU64.
func ResultU64(d uint64) uint64 { return pdk.ResultU64(d) }
