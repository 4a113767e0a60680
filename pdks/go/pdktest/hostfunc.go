//go:build !wasip1 && !tinygo.wasm

package pdktest

import (
	"fmt"
	"math"
	"reflect"
)

// userModule is where host functions live whose module nobody chose. Imports from env find them, too.
const userModule = "extism:host/user"

type importName struct {
	module, name string
}

// hostFunction is a function of the test that the plug-in may call.
type hostFunction struct {
	function reflect.Value
	// fallible functions have an error as their last result.
	fallible bool
	results  int
}

var errorType = reflect.TypeFor[error]()

// HostFunc declares a host function, and returns the host. The function is a Go function: string and []byte stand for
// blocks; int32, uint32, int64, uint64, float32 and float64 for numbers. It has at most one result, and possibly an
// error behind it, which makes it fallible: the plug-in finds the error by pdk.HostError.
//
//	host.HostFunc("kv_read", func(key string) (string, error) { … })
func (h *Host) HostFunc(name string, function any) *Host {
	h.t.Helper()
	return h.HostFuncIn(userModule, name, function)
}

// HostFuncIn is [Host.HostFunc] for a function in another module than extism:host/user.
func (h *Host) HostFuncIn(module, name string, function any) *Host {
	h.t.Helper()
	declared, problem := describe(function)
	if problem != "" {
		h.t.Fatalf("host function %s: %s", name, problem)
	}
	h.functions[importName{module, name}] = declared
	return h
}

// describe looks at the type of a function, or says why it cannot be a host function.
func describe(function any) (declared *hostFunction, problem string) {
	value := reflect.ValueOf(function)
	if value.Kind() != reflect.Func || value.IsNil() {
		return nil, fmt.Sprintf("a function is needed, not %T", function)
	}
	kind := value.Type()
	if kind.IsVariadic() {
		return nil, "a host function has a fixed number of parameters"
	}
	results := kind.NumOut()
	fallible := results > 0 && kind.Out(results-1) == errorType
	if fallible {
		results--
	}
	if results > 1 {
		return nil, "a host function has at most one result, and an error behind it"
	}
	for i := range kind.NumIn() {
		if !supported(kind.In(i)) {
			return nil, fmt.Sprintf("no parameter can be a %s", kind.In(i))
		}
	}
	if results == 1 && !supported(kind.Out(0)) {
		return nil, fmt.Sprintf("no result can be a %s", kind.Out(0))
	}
	return &hostFunction{value, fallible, results}, ""
}

func supported(kind reflect.Type) bool {
	switch kind.Kind() {
	case reflect.String, reflect.Int32, reflect.Uint32, reflect.Int64, reflect.Uint64, reflect.Float32, reflect.Float64:
		return true
	}
	return isBytes(kind)
}

func isBytes(kind reflect.Type) bool {
	return kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Uint8
}

// CallHostFunction implements contract.Host.
func (h contractHost) CallHostFunction(module, name string, params []uint64) uint64 {
	declared, found := h.functions[importName{module, name}]
	if !found && module == "env" {
		declared, found = h.functions[importName{userModule, name}]
	}
	if !found {
		h.end(Link, "there is no host function %s in module %s: declare it by Host.HostFunc", name, module)
	}
	kind := declared.function.Type()
	if kind.NumIn() != len(params) {
		h.end(Link, "host function %s has %d parameters in the test, and %d in the plug-in", name, kind.NumIn(), len(params))
	}
	arguments := make([]reflect.Value, len(params))
	for i, param := range params {
		arguments[i] = h.argument(kind.In(i), param, name)
	}
	results := declared.function.Call(arguments)
	if declared.fallible {
		err, _ := results[len(results)-1].Interface().(error)
		h.call.hostError = errorText(err, name)
		if err != nil {
			return 0
		}
	}
	if declared.results == 0 {
		return 0
	}
	return h.result(results[0])
}

// errorText is what host_error_take gives for an error: never empty text unless there is none.
func errorText(err error, function string) string {
	if err == nil {
		return ""
	}
	if text := err.Error(); text != "" {
		return text
	}
	return "host function " + function + " failed"
}

// argument makes a Go value of a WebAssembly value.
func (h contractHost) argument(kind reflect.Type, param uint64, function string) reflect.Value {
	value := reflect.New(kind).Elem()
	switch kind.Kind() {
	case reflect.Int32:
		value.SetInt(int64(int32(param)))
	case reflect.Int64:
		value.SetInt(int64(param))
	case reflect.Uint32:
		value.SetUint(uint64(uint32(param)))
	case reflect.Uint64:
		value.SetUint(param)
	case reflect.Float32:
		value.SetFloat(float64(math.Float32frombits(uint32(param))))
	case reflect.Float64:
		value.SetFloat(math.Float64frombits(param))
	case reflect.String:
		value.SetString(string(h.parameterBlock(param, function)))
	default:
		value.SetBytes(append([]byte(nil), h.parameterBlock(param, function)...))
	}
	return value
}

// parameterBlock returns the bytes of a block that remains the plug-in's.
func (h contractHost) parameterBlock(offset uint64, function string) []byte {
	h.refuseTaken(offset, "given to "+function)
	if offset != 0 && h.call.memory.find(offset) == nil {
		h.end(Contract, "host function %s got %d, where no block starts", function, offset)
	}
	return h.call.memory.block(offset)
}

// result makes a WebAssembly value of a Go value.
func (h contractHost) result(value reflect.Value) uint64 {
	switch value.Kind() {
	case reflect.Int32:
		return uint64(uint32(value.Int()))
	case reflect.Int64:
		return uint64(value.Int())
	case reflect.Uint32, reflect.Uint64:
		return value.Uint()
	case reflect.Float32:
		return uint64(math.Float32bits(float32(value.Float())))
	case reflect.Float64:
		return math.Float64bits(value.Float())
	case reflect.String:
		return h.give([]byte(value.String()))
	default:
		return h.give(value.Bytes())
	}
}
