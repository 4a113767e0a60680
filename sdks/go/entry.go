package plugwright

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plugwright/plugwright/sdks/go/internal/guest"
	"github.com/plugwright/plugwright/sdks/go/internal/wasmbin"
)

// commandFunction is the entry point of a WASI command, which starts the program by itself, once.
const commandFunction = "_start"

// startUpFunctions are the names of what runs by itself before the first call, if it has the right type.
var startUpFunctions = []string{"_initialize", "__wasm_call_ctors", "hs_init"}

// shownFunctions is how many names an error lists.
const shownFunctions = 20

// entryPoint is a function that a host can call.
type entryPoint struct {
	name        string
	returnsCode bool
	isCommand   bool
}

// exports are the functions of a plug-in's main module.
type exports struct {
	// functions are all of them by name, in the module's order.
	functions []guest.Export
	// entryPoints are those that can be called.
	entryPoints map[string]*entryPoint
	// startUp is what runs by itself before the first call.
	startUp startUp
}

func newExports(module *guest.Module) exports {
	e := exports{entryPoints: make(map[string]*entryPoint), startUp: newStartUp(module)}
	for _, export := range module.Exports {
		if export.Type.Kind != wasmbin.KindFunction {
			continue
		}
		e.functions = append(e.functions, export)
		t := export.Type.Function
		returnsCode := len(t.Results) == 1 && t.Results[0] == wasmbin.I32
		if len(t.Params) == 0 && (len(t.Results) == 0 || returnsCode) && !slices.Contains(startUpFunctions, export.Name) {
			e.entryPoints[export.Name] = &entryPoint{
				name: export.Name, returnsCode: returnsCode, isCommand: export.Name == commandFunction,
			}
		}
	}
	return e
}

// find returns the entry point of this name. The error is an [*Error] of KindFunctionNotFound, or of KindSignature when there
// is such a function but it cannot be called.
func (e *exports) find(name string) (*entryPoint, error) {
	if entry, ok := e.entryPoints[name]; ok {
		return entry, nil
	}
	for _, export := range e.functions {
		if export.Name != name {
			continue
		}
		if e.startUp.runs(name) {
			return nil, newError(KindSignature, "runs by itself before the first call, and cannot be called")
		}
		if slices.Contains(startUpFunctions, name) {
			return nil, newError(KindSignature, "has the name of a start-up function and cannot be called; it does not run by "+
				"itself either, as its type is `%s` or another start-up function runs instead; rename it if it is to be called",
				export.Type)
		}
		return nil, newError(KindSignature,
			"has the type `%s`; plug-in functions have the type `() -> i32` or `() -> ()`", export.Type)
	}
	names := make([]string, 0, len(e.entryPoints))
	for _, export := range e.functions {
		if _, ok := e.entryPoints[export.Name]; ok {
			names = append(names, export.Name)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return nil, newError(KindFunctionNotFound, "the plug-in exports no function that can be called")
	}
	if similar := nearest(name, names); similar != "" {
		err := newError(KindFunctionNotFound, "the plug-in exports no such function; did you mean `%s`?", oneLine(similar))
		err.Nearest = []string{similar}
		return nil, err
	}
	list := "`" + strings.Join(names[:min(len(names), shownFunctions)], "`, `") + "`"
	if more := len(names) - shownFunctions; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return nil, newError(KindFunctionNotFound, "the plug-in exports no such function; it exports %s", oneLine(list))
}

// startUp are the functions of a module that must run before its others, in this order. Their names are those of exports.
type startUp []startUpStep

type startUpStep struct {
	name   string
	params []uint64
}

// runs says whether the function of this name is one of them.
func (s startUp) runs(name string) bool {
	return slices.ContainsFunc(s, func(step startUpStep) bool { return step.name == name })
}

// newStartUp finds the start-up functions that the contract knows.
func newStartUp(module *guest.Module) startUp {
	step := func(name string, params ...byte) (startUp, bool) {
		export, ok := module.Export(name)
		wanted := guest.ExternType{Kind: wasmbin.KindFunction, Function: guest.FunctionType{Params: params}}
		if !ok || !export.Type.Satisfies(wanted) {
			return nil, false
		}
		return startUp{{name: name, params: make([]uint64, len(params))}}, true
	}
	initialize, _ := step("_initialize")
	if haskell, ok := step("hs_init", wasmbin.I32, wasmbin.I32); ok {
		return append(initialize, haskell...)
	}
	if constructors, ok := step("__wasm_call_ctors"); ok {
		return constructors
	}
	return initialize
}

// Module is a plug-in's main module, as it was compiled.
type Module struct {
	exports *exports
}

// ExportedFunctions are the module's functions by name, those included that only run by themselves.
func (m *Module) ExportedFunctions() map[string]FunctionDefinition {
	functions := make(map[string]FunctionDefinition, len(m.exports.functions))
	for _, export := range m.exports.functions {
		functions[export.Name] = FunctionDefinition{name: export.Name}
	}
	return functions
}

// FunctionDefinition is a function of a module.
type FunctionDefinition struct {
	name string
}

// Name is the name that the function is exported by.
func (f *FunctionDefinition) Name() string { return f.name }
