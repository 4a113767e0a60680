package plugwright

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero/api"

	"github.com/plugwright/plugwright/sdks/go/internal/guest"
	"github.com/plugwright/plugwright/sdks/go/internal/kernel"
	"github.com/plugwright/plugwright/sdks/go/internal/wasmbin"
)

const (
	// wasiModule is the module of WASI preview 1.
	wasiModule = "wasi_snapshot_preview1"
	// kernelModule is what the engine knows an instance's kernel memory by.
	kernelModule = "plugwright:kernel"
	// functionsModule has the host's functions in the engine, by their numbers.
	functionsModule = "plugwright:functions"
	// linkedPrefix goes before the names of the manifest's modules.
	linkedPrefix = "plugwright:module/"
)

// shownMissing is how many missing imports a message lists; [Error.Missing] has all of them.
const shownMissing = 20

// offer is something that can be imported, and where the engine has it.
type offer struct {
	kind  guest.ExternType
	place guest.Place
}

// linker knows what the modules of a plug-in may import.
type linker struct {
	offers map[guest.Place]offer
	wasi   bool
}

// newLinker offers the contract, and WASI's functions if there are any.
func newLinker(wasi map[string]api.FunctionDefinition) *linker {
	l := &linker{offers: make(map[guest.Place]offer), wasi: wasi != nil}
	for i := range contractFunctions {
		f := &contractFunctions[i]
		l.function(f.module, f.name, f.params, f.results, f.place())
	}
	for _, f := range kernel.Functions() {
		l.function(envModule, f.Name, f.Params, f.Results, guest.Place{Module: kernelModule, Name: f.Name})
	}
	for name, definition := range wasi {
		place := guest.Place{Module: wasiModule, Name: name}
		if name == renumberFunction {
			place.Module = contractHost
		}
		l.function(wasiModule, name, definition.ParamTypes(), definition.ResultTypes(), place)
	}
	return l
}

func (l *linker) function(module, name string, params, results []byte, place guest.Place) {
	l.offers[guest.Place{Module: module, Name: name}] = offer{
		kind: guest.ExternType{
			Kind:     wasmbin.KindFunction,
			Function: guest.FunctionType{Params: params, Results: results},
		},
		place: place,
	}
}

// functions offers the host's functions.
func (l *linker) functions(functions []HostFunction) error {
	for i := range functions {
		f := &functions[i]
		if err := f.validate(); err != nil {
			return err
		}
		// The module that was chosen; another that the function is in as well is left to others.
		module := f.modules()[0]
		if _, taken := l.offers[guest.Place{Module: module, Name: f.Name}]; taken {
			return newError(KindLink,
				"host function `%s.%s` is defined twice; give one another namespace, or drop one", module, f.Name)
		}
		l.function(module, f.Name, f.Params, f.results(), functionPlace(i))
	}
	for i := range functions {
		f := &functions[i]
		for _, module := range f.modules()[1:] {
			if _, taken := l.offers[guest.Place{Module: module, Name: f.Name}]; !taken {
				l.function(module, f.Name, f.Params, f.results(), functionPlace(i))
			}
		}
	}
	return nil
}

// functionPlace is where the engine has the host's function of this number.
func functionPlace(number int) guest.Place {
	return guest.Place{Module: functionsModule, Name: strconv.Itoa(number)}
}

// module offers the exports of a module of the manifest, before what the host has under its name.
func (l *linker) module(name string, module *guest.Module) {
	for _, export := range module.Exports {
		l.offers[guest.Place{Module: name, Name: export.Name}] = offer{
			kind:  export.Type,
			place: guest.Place{Module: linkedPrefix + name, Name: export.Name},
		}
	}
}

// places finds what a module imports. What is not there, or has another type, is missing.
func (l *linker) places(module *guest.Module) (places []guest.Place, missing []MissingImport) {
	for _, wanted := range module.Imports {
		found, ok := l.offers[guest.Place{Module: wanted.Module, Name: wanted.Name}]
		places = append(places, found.place)
		if ok && found.kind.Satisfies(wanted.Type) {
			continue
		}
		m := MissingImport{Module: wanted.Module, Name: wanted.Name, Type: wanted.Type.String()}
		switch {
		case ok:
			m.Hint = "the host has it as " + found.kind.String()
		case wanted.Module == wasiModule && !l.wasi:
			m.Hint = "WASI is off: turn it on with `EnableWasi`"
		case wanted.Module == "wasi_unstable" || strings.HasPrefix(wanted.Module, "wasi:"):
			m.Hint = "only WASI preview 1 is supported: build for `wasm32-wasip1`"
		}
		if !slices.Contains(missing, m) {
			missing = append(missing, m)
		}
	}
	return places, missing
}

// missingError is the error for imports that nothing satisfies.
func missingError(missing []MissingImport) *Error {
	list := make([]string, 0, shownMissing)
	for _, m := range missing[:min(len(missing), shownMissing)] {
		list = append(list, m.String())
	}
	text := strings.Join(list, ", ")
	if more := len(missing) - shownMissing; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	count := "imports that nothing provides"
	if len(missing) == 1 {
		count = "an import that nothing provides"
	}
	err := newError(KindLink, "the plug-in needs %s: %s; define host functions of these names and types", count, oneLine(text))
	err.Missing = missing
	return err
}

// part is one module of a plug-in.
type part struct {
	name   string
	isMain bool
	// shown is what to call it in messages.
	shown  string
	module *guest.Module
}

// inOrder sorts modules so that each comes after those that it imports from, the main one last. The error is an [*Error] of
// KindInvalidManifest when modules import from each other in a circle.
func inOrder(parts []*part) ([]*part, error) {
	main := slices.IndexFunc(parts, func(p *part) bool { return p.isMain })
	ordered := make([]*part, 0, len(parts))
	left := slices.Concat(parts[:main], parts[main+1:])
	for len(left) > 0 {
		ready := slices.IndexFunc(left, func(p *part) bool {
			return !slices.ContainsFunc(p.module.Imports, func(i guest.Import) bool {
				return slices.ContainsFunc(left, func(other *part) bool {
					return other != p && other.name == i.Module
				})
			})
		})
		if ready < 0 {
			names := make([]string, len(left))
			for i, p := range left {
				names[i] = "`" + p.name + "`"
			}
			return nil, newError(KindInvalidManifest,
				"the modules %s import from each other in a circle; one of them must not", strings.Join(names, ", "))
		}
		ordered = append(ordered, left[ready])
		left = slices.Delete(left, ready, ready+1)
	}
	return append(ordered, parts[main]), nil
}
