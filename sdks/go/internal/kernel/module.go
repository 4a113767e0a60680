package kernel

import "github.com/plugwright/plugwright/sdks/go/internal/wasmbin"

// What [Module] exports beside its functions: the memory, without pages at first and without a maximum, and globals of type
// i64 that tell what may be touched. Functions of the contract have the names that globals would have.
const (
	Memory = "memory"
	// Limit is the number of bytes that a guest may touch, at most the memory's size.
	Limit = "global limit"
	// Limit8 is max(limit - 7, 0): below it, eight bytes can be accessed.
	Limit8 = "global limit8"
	// InputOffset and InputLength are where the call's input is. It ends at or below the limit.
	InputOffset = "global input_offset"
	InputLength = "global input_length"
	// InputLimit8 is max(input length - 7, 0).
	InputLimit8 = "global input_limit8"
)

// The indices of the globals.
const (
	globalLimit byte = iota
	globalLimit8
	globalInputOffset
	globalInputLength
	globalInputLimit8
	globals
)

// Instructions of the module's functions.
const (
	opIf        = 0x04
	opElse      = 0x05
	opEnd       = 0x0b
	opLocalGet  = 0x20
	opGlobalGet = 0x23
	opI32Load8U = 0x2d
	opI64Load   = 0x29
	opI32Store8 = 0x3a
	opI64Store  = 0x37
	opI32Const  = 0x41
	opI64Const  = 0x42
	opI64LtU    = 0x54
	opI64Add    = 0x7c
	opI32Wrap   = 0xa7
	noResult    = 0x40
)

// Function is a function of the contract that needs no more than memory and globals, so that compiled code calls compiled
// code.
type Function struct {
	Name            string
	Params, Results []byte
	body            []byte
}

var (
	i32 = []byte{wasmbin.I32}
	i64 = []byte{wasmbin.I64}
)

// Functions are those that [Module] has, by the names of the contract. What is out of bounds reads as 0 and is not written.
func Functions() []Function {
	return []Function{
		{"load_u8", i64, i32, load(globalLimit, wasmbin.I32, opI32Const, opLocalGet, 0, opI32Wrap, opI32Load8U)},
		{"load_u64", i64, i64, load(globalLimit8, wasmbin.I64, opI64Const, opLocalGet, 0, opI32Wrap, opI64Load)},
		{"store_u8", []byte{wasmbin.I64, wasmbin.I32}, nil, store(globalLimit, opI32Store8)},
		{"store_u64", []byte{wasmbin.I64, wasmbin.I64}, nil, store(globalLimit8, opI64Store)},
		{"input_load_u8", i64, i32, load(globalInputLength, wasmbin.I32, opI32Const,
			opGlobalGet, globalInputOffset, opLocalGet, 0, opI64Add, opI32Wrap, opI32Load8U)},
		{"input_load_u64", i64, i64, load(globalInputLimit8, wasmbin.I64, opI64Const,
			opGlobalGet, globalInputOffset, opLocalGet, 0, opI64Add, opI32Wrap, opI64Load)},
		{"input_length", nil, i64, []byte{opGlobalGet, globalInputLength}},
		{"input_offset", nil, i64, []byte{opGlobalGet, globalInputOffset}},
	}
}

// load is the body of a function that loads below a limit and returns 0 above. The instructions end with the load, without its
// immediates.
func load(limit, result, constant byte, instructions ...byte) []byte {
	body := append([]byte{opLocalGet, 0, opGlobalGet, limit, opI64LtU, opIf, result}, instructions...)
	return append(body, 0, 0, opElse, constant, 0, opEnd)
}

// store is the body of a function that stores below a limit and does nothing above.
func store(limit, instruction byte) []byte {
	return []byte{
		opLocalGet, 0, opGlobalGet, limit, opI64LtU, opIf, noResult,
		opLocalGet, 0, opI32Wrap, opLocalGet, 1, instruction, 0, 0,
		opEnd,
	}
}

// Module is the WebAssembly module that owns a kernel memory. Each instance of a plug-in has one of its own.
func Module() []byte {
	functions := Functions()
	types := wasmbin.AppendUint(nil, uint64(len(functions)))
	indices := wasmbin.AppendUint(nil, uint64(len(functions)))
	code := wasmbin.AppendUint(nil, uint64(len(functions)))
	exports := wasmbin.AppendUint(nil, uint64(len(functions))+1+uint64(globals))
	export := func(name string, kind byte, index uint64) {
		exports = wasmbin.AppendUint(append(wasmbin.AppendName(exports, name), kind), index)
	}
	for i, f := range functions {
		types = wasmbin.AppendFunctionType(types, f.Params, f.Results)
		indices = wasmbin.AppendUint(indices, uint64(i))
		// No locals.
		code = wasmbin.AppendSized(code, append(append([]byte{0}, f.body...), opEnd))
		export(f.Name, wasmbin.KindFunction, uint64(i))
	}
	export(Memory, wasmbin.KindMemory, 0)
	variables := []byte{globals}
	for i, name := range []string{Limit, Limit8, InputOffset, InputLength, InputLimit8} {
		variables = append(variables, wasmbin.I64, 1, opI64Const, 0, opEnd)
		export(name, wasmbin.KindGlobal, uint64(i))
	}
	module := []byte(wasmbin.Header)
	module = wasmbin.AppendSection(module, wasmbin.SectionType, types)
	module = wasmbin.AppendSection(module, wasmbin.SectionFunction, indices)
	module = wasmbin.AppendSection(module, wasmbin.SectionMemory, []byte{1, 0, 0})
	module = wasmbin.AppendSection(module, wasmbin.SectionGlobal, variables)
	module = wasmbin.AppendSection(module, wasmbin.SectionExport, exports)
	return wasmbin.AppendSection(module, wasmbin.SectionCode, code)
}
