package plugwright

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tetratelabs/wazero/api"
)

// ValueType is the type of a parameter or a result of a host function.
type ValueType = api.ValueType

// The types of parameters and results.
const (
	// ValueTypeI32 is a 32-bit integer.
	ValueTypeI32 = api.ValueTypeI32
	// ValueTypeI64 is a 64-bit integer.
	ValueTypeI64 = api.ValueTypeI64
	// ValueTypeF32 is a 32-bit floating point number.
	ValueTypeF32 = api.ValueTypeF32
	// ValueTypeF64 is a 64-bit floating point number.
	ValueTypeF64 = api.ValueTypeF64
	// ValueTypePTR is the offset of a block in the plug-in's kernel memory: an i64.
	ValueTypePTR = ValueTypeI64
)

// The modules that plug-ins import host functions from unless the host chose another.
const (
	userModule     = "extism:host/user"
	fallbackModule = "env"
)

// HostFunctionStackCallback is a host function's code. The stack has the parameters, and takes the results from index 0 on,
// encoded as [EncodeU32] and its like do; it is valid until the function returns. The context ends when the call must end.
//
// A panic ends the plug-in's call with an error of KindHostFunction, whose cause is the value if that is an error. One with
// an error that a method of p returned for what the plug-in did ends it with that; one with the context's error, once the call
// must end, with KindTimeout or KindCancelled.
type HostFunctionStackCallback func(ctx context.Context, p *CurrentPlugin, stack []uint64)

// HostFunction is a function of the host that plug-ins can import. Make one with [NewHostFunctionWithStack] or as a literal
// with a Callback. It may be given to several plug-ins.
type HostFunction struct {
	stackCallback HostFunctionStackCallback
	// unusable says why [HostFunc] could not make the function; nil if it could.
	unusable *Error

	// Name is what plug-ins import it by.
	Name string
	// Namespace is the module that plug-ins import it from. With "" or "extism:host/user" it is in "env" too, unless another
	// function of the name is there.
	Namespace string
	// Callback and UserData are the code of a literal; the second is handed to the first.
	Callback func(ctx context.Context, plugin *CurrentPlugin, userData interface{}, stack []uint64)
	UserData interface{}
	// Params are the types of the parameters.
	Params []api.ValueType
	// Returns are the types of the results. Results is an older name: give one of them.
	Returns []api.ValueType
	Results []api.ValueType
}

// NewHostFunctionWithStack makes a host function in the module "extism:host/user".
func NewHostFunctionWithStack(
	name string,
	callback HostFunctionStackCallback,
	params []ValueType,
	returnTypes []ValueType,
) HostFunction {
	return HostFunction{
		stackCallback: callback,
		Name:          name,
		Namespace:     userModule,
		Params:        params,
		Returns:       returnTypes,
	}
}

// SetNamespace sets the module that plug-ins import the function from.
func (f *HostFunction) SetNamespace(namespace string) { f.Namespace = namespace }

// results are the types of the results, by whichever name they were given.
func (f *HostFunction) results() []ValueType {
	if f.Returns == nil {
		return f.Results
	}
	return f.Returns
}

// modules are those that plug-ins may import the function from, the one that was chosen first.
func (f *HostFunction) modules() []string {
	if f.Namespace == "" || f.Namespace == userModule {
		return []string{userModule, fallbackModule}
	}
	return []string{f.Namespace}
}

// validate checks what a literal may lack. The error is an [*Error] of KindSignature.
func (f *HostFunction) validate() error {
	if f.unusable != nil {
		return f.unusable
	}
	known := []ValueType{ValueTypeI32, ValueTypeI64, ValueTypeF32, ValueTypeF64, api.ValueTypeExternref}
	for _, t := range slices.Concat(f.Params, f.results()) {
		if !slices.Contains(known, t) {
			return newError(KindSignature, "host function `%s` has a parameter or result of the unknown type 0x%02x", f.Name, t)
		}
	}
	switch {
	case f.Name == "":
		return newError(KindSignature, "a host function has no name; set `Name`")
	case f.stackCallback == nil && f.Callback == nil:
		return newError(KindSignature, "host function `%s` has no code; set `Callback`", f.Name)
	case f.Returns != nil && f.Results != nil && !slices.Equal(f.Returns, f.Results):
		return newError(KindSignature, "host function `%s` has Returns and Results that differ; set one of them", f.Name)
	default:
		return nil
	}
}

// code is what the engine calls.
func (f *HostFunction) code() api.GoModuleFunc {
	name, callback := f.Name, f.callback()
	return func(ctx context.Context, _ api.Module, stack []uint64) {
		call := callOf(ctx)
		guarded(call, name, callback, stack)
		// One that waited for something without looking at the context may be back late.
		call.mustGoOn()
	}
}

// callback is the function's code, that of a literal too; nil if there is none.
func (f *HostFunction) callback() HostFunctionStackCallback {
	if f.stackCallback != nil || f.Callback == nil {
		return f.stackCallback
	}
	literal, userData := f.Callback, f.UserData
	return func(ctx context.Context, p *CurrentPlugin, stack []uint64) { literal(ctx, p, userData, stack) }
}

// guarded runs a host function. What it panics with becomes the end of the call.
func guarded(call *callContext, name string, callback HostFunctionStackCallback, stack []uint64) {
	defer func() {
		if recovered := recover(); recovered != nil {
			panic(hostFunctionError(call, name, recovered))
		}
	}()
	callback(call, &call.plugin.current, stack)
}

// hostFunctionError is what a panic of a host function means.
func hostFunctionError(call *callContext, name string, recovered any) *Error {
	cause, ok := recovered.(error)
	if !ok {
		cause = fmt.Errorf("panicked: %v", recovered)
	}
	var own *Error
	if errors.As(cause, &own) && own == call.plugin.current.failure {
		// What the plug-in passed is not as it should be, and the host function says so.
		return own
	}
	if errors.Is(cause, context.DeadlineExceeded) || errors.Is(cause, context.Canceled) {
		if stop := call.check(); stop != nil {
			return stop.because(cause)
		}
	}
	failed := newError(KindHostFunction, "host function `%s` failed: %s", name, oneLine(cause.Error())).because(cause)
	failed.HostFunction = name
	return failed
}
