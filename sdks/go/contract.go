package plugwright

import (
	"context"
	"encoding/json"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/plugwright/plugwright/sdks/go/internal/guest"
)

// The modules that every plug-in may import from. Each function is a thin layer over kernel memory, variables, logging and
// HTTP. Offsets and lengths come from the guest and are checked where they are used.
const (
	// envModule is what every host of this contract offers.
	envModule = "extism:host/env"
	// ownEnvModule is what this one offers beyond it.
	ownEnvModule = "plugwright:host/env"
	// bulkModule copies between kernel memory and a guest's own.
	bulkModule = "plugwright:host/mem"
)

// contractHost is the name under which the engine has all of them; what a plug-in cannot import is there too.
const contractHost = "plugwright:host"

// pauseFunction is what rewritten guests call after so many steps.
const pauseFunction = "pause"

// contractFunction is a function that guests call in their host.
type contractFunction struct {
	module, name string
	params       []ValueType
	results      []ValueType
	code         func(call *callContext, guest api.Module, stack []uint64)
}

// place is where the engine has the function.
func (f *contractFunction) place() guest.Place {
	return guest.Place{Module: contractHost, Name: f.module + " " + f.name}
}

var (
	noValue  []ValueType
	oneI32   = []ValueType{ValueTypeI32}
	oneI64   = []ValueType{ValueTypeI64}
	twoI64   = []ValueType{ValueTypeI64, ValueTypeI64}
	readType = []ValueType{ValueTypeI32, ValueTypeI64, ValueTypeI64}
	// writeType has the offset in kernel memory first, as the target of a copy.
	writeType = []ValueType{ValueTypeI64, ValueTypeI32, ValueTypeI64}
)

// contractFunctions are all that guests may import, but for what the kernel module has.
var contractFunctions = []contractFunction{
	{envModule, "alloc", oneI64, oneI64, contractAlloc},
	{envModule, "free", oneI64, noValue, contractFree},
	{envModule, "length", oneI64, oneI64, contractLength},
	{envModule, "length_unsafe", oneI64, oneI64, contractLength},
	{envModule, "reset", noValue, noValue, contractReset},
	{envModule, "memory_bytes", noValue, oneI64, contractMemoryBytes},
	{envModule, "input_set", twoI64, noValue, contractInputSet},
	{envModule, "output_set", twoI64, noValue, contractOutputSet},
	{envModule, "output_offset", noValue, oneI64, contractOutputOffset},
	{envModule, "output_length", noValue, oneI64, contractOutputLength},
	{envModule, "error_set", oneI64, noValue, contractErrorSet},
	{envModule, "error_get", noValue, oneI64, contractErrorGet},
	{envModule, "config_get", oneI64, oneI64, contractConfigGet},
	{envModule, "var_get", oneI64, oneI64, contractVarGet},
	{envModule, "var_set", twoI64, noValue, contractVarSet},
	{envModule, "http_request", twoI64, oneI64, contractHTTPRequest},
	{envModule, "http_status_code", noValue, oneI32, contractHTTPStatusCode},
	{envModule, "http_headers", noValue, oneI64, contractHTTPHeaders},
	{envModule, "log_trace", oneI64, noValue, contractLog(LogLevelTrace)},
	{envModule, "log_debug", oneI64, noValue, contractLog(LogLevelDebug)},
	{envModule, "log_info", oneI64, noValue, contractLog(LogLevelInfo)},
	{envModule, "log_warn", oneI64, noValue, contractLog(LogLevelWarn)},
	{envModule, "log_error", oneI64, noValue, contractLog(LogLevelError)},
	{envModule, "get_log_level", noValue, oneI32, contractGetLogLevel},
	{ownEnvModule, "host_error_take", noValue, oneI64, contractHostErrorTake},
	{bulkModule, "read", readType, noValue, contractRead},
	{bulkModule, "write", writeType, noValue, contractWrite},
}

// instantiateContract makes the functions available in an engine.
func instantiateContract(ctx context.Context, runtime wazero.Runtime) error {
	builder := runtime.NewHostModuleBuilder(contractHost)
	for i := range contractFunctions {
		f := &contractFunctions[i]
		code := f.code
		builder.NewFunctionBuilder().
			WithGoModuleFunction(api.GoModuleFunc(func(ctx context.Context, guest api.Module, stack []uint64) {
				code(callOf(ctx), guest, stack)
			}), f.params, f.results).
			WithName(f.module + "." + f.name).
			Export(f.place().Name)
	}
	builder.NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(func(ctx context.Context, _ api.Module, stack []uint64) {
			call := callOf(ctx)
			call.mustGoOn()
			stack[0] = uint64(call.plugin.pace.next())
		}), noValue, oneI32).
		Export(pauseFunction)
	builder.NewFunctionBuilder().
		WithGoFunction(api.GoFunc(wasiRenumber), []ValueType{ValueTypeI32, ValueTypeI32}, oneI32).
		Export(renumberFunction)
	_, err := builder.Instantiate(ctx)
	return err
}

// kernel is the memory of the call's instance.
func (c *callContext) kernel() *kernelMemory { return c.plugin.instance.kernel }

// must ends the call with an error, unless it is nil.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func contractAlloc(call *callContext, _ api.Module, stack []uint64) {
	stack[0] = call.kernel().alloc(stack[0])
}

func contractFree(call *callContext, _ api.Module, stack []uint64) { call.kernel().free(stack[0]) }

func contractLength(call *callContext, _ api.Module, stack []uint64) {
	stack[0] = call.kernel().blocks.Length(stack[0])
}

func contractReset(call *callContext, _ api.Module, _ []uint64) { call.kernel().reset() }

func contractMemoryBytes(call *callContext, _ api.Module, stack []uint64) {
	stack[0] = call.kernel().blocks.MemoryBytes()
}

func contractInputSet(call *callContext, _ api.Module, stack []uint64) {
	kernel := call.kernel()
	kernel.setInput(must(kernel.checked("input_set", stack[0], stack[1])))
}

func contractOutputSet(call *callContext, _ api.Module, stack []uint64) {
	kernel := call.kernel()
	output := must(kernel.checked("output_set", stack[0], stack[1]))
	if most := call.plugin.compiled.config.MaxOutputBytes; most > 0 && output.length > most {
		panic(newError(KindLimit, "the plug-in's output has %d bytes, but at most %d are allowed", output.length, most))
	}
	kernel.output = output
}

func contractOutputOffset(call *callContext, _ api.Module, stack []uint64) {
	stack[0] = call.kernel().output.offset
}

func contractOutputLength(call *callContext, _ api.Module, stack []uint64) {
	stack[0] = call.kernel().output.length
}

func contractErrorSet(call *callContext, _ api.Module, stack []uint64) {
	call.kernel().failure = stack[0]
}

func contractErrorGet(call *callContext, _ api.Module, stack []uint64) {
	stack[0] = call.kernel().failure
}

// Guests' PDKs are known to free blocks that the host owns by then. So a result's block is made before the consumed ones are
// freed: it can never get their offset, and a late free never hits it.

// text is the block that the guest passes, as a key or a message.
func (c *callContext) text(offset uint64) string {
	kernel := c.kernel()
	return string(must(kernel.bytes(kernel.block(offset))))
}

func contractConfigGet(call *callContext, _ api.Module, stack []uint64) {
	key := stack[0]
	stack[0] = must(newBlock(call.kernel(), call.plugin.Config[call.text(key)]))
	call.kernel().free(key)
}

func contractVarGet(call *callContext, _ api.Module, stack []uint64) {
	key := stack[0]
	stack[0] = must(newBlock(call.kernel(), call.plugin.Var[call.text(key)]))
	call.kernel().free(key)
}

func contractVarSet(call *callContext, _ api.Module, stack []uint64) {
	kernel, p := call.kernel(), call.plugin
	key := call.text(stack[0])
	if stack[1] == 0 {
		p.vars.remove(p.Var, key)
	} else {
		if p.Var == nil {
			p.Var = make(map[string][]byte)
		}
		block := kernel.block(stack[1])
		// Asked before anything is copied: a guest names lengths as it likes.
		must(p.vars.check(p.Var, p.MaxVarBytes, key, block.length))
		view := must(kernel.bytes(block))
		value := append(make([]byte, 0, len(view)), view...)
		if err := p.vars.set(p.Var, p.MaxVarBytes, key, value); err != nil {
			panic(err)
		}
	}
	kernel.free(stack[0])
	kernel.free(stack[1])
}

func contractLog(level LogLevel) func(*callContext, api.Module, []uint64) {
	return func(call *callContext, _ api.Module, stack []uint64) {
		kernel, p := call.kernel(), call.plugin
		if level >= p.logs.threshold(call) {
			message := must(kernel.bytes(kernel.block(stack[0])))
			if err := contained(func() { p.logBudget.log(call, &p.logs, level, message) }); err != nil {
				panic(err)
			}
		}
		kernel.free(stack[0])
	}
}

func contractGetLogLevel(call *callContext, _ api.Module, stack []uint64) {
	stack[0] = uint64(uint32(call.plugin.logs.threshold(call).ExtismCompat()))
}

func contractHostErrorTake(call *callContext, _ api.Module, stack []uint64) {
	message := call.plugin.hostError
	call.plugin.hostError = ""
	stack[0] = must(newBlock(call.kernel(), message))
}

func contractHTTPRequest(call *callContext, _ api.Module, stack []uint64) {
	kernel, p := call.kernel(), call.plugin
	call.mustGoOn()
	request, body := kernel.block(stack[0]), kernel.block(stack[1])
	if err := checkRequestSize(request.length, body.length); err != nil {
		panic(err)
	}
	parsed := must(parseRequest(must(kernel.bytes(request))))
	var content []byte
	if stack[1] != 0 {
		view := must(kernel.bytes(body))
		content = append(make([]byte, 0, len(view)), view...)
	}
	policy := must(newHTTPPolicy(p.AllowedHosts, p.MaxHttpResponseBytes))
	response := must(policy.send(call, parsed, content, call.deadline))
	p.LastStatusCode = response.status
	if p.LastResponseHeaders != nil {
		p.LastResponseHeaders = response.headers
	}
	result := must(newBlock(kernel, response.body))
	kernel.free(stack[0])
	kernel.free(stack[1])
	stack[0] = result
}

func contractHTTPStatusCode(call *callContext, _ api.Module, stack []uint64) {
	stack[0] = uint64(uint32(call.plugin.LastStatusCode))
}

func contractHTTPHeaders(call *callContext, _ api.Module, stack []uint64) {
	stack[0] = 0
	if p := call.plugin; p.LastResponseHeaders != nil && p.LastStatusCode != 0 {
		stack[0] = must(newBlock(call.kernel(), must(json.Marshal(p.LastResponseHeaders))))
	}
}
