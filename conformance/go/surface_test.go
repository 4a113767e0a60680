package conformance_test

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const (
	publicPackage = "github.com/extism/go-sdk"
	ownPackage    = "github.com/plugwright/plugwright/sdks/go"
	compatFolder  = "../../sdks/go/compat"
)

// absent are the names of the public package that ours does without, and why.
var absent = map[string]string{
	"PluginConfig.ObserveAdapter": "traces by a library of others",
	"PluginConfig.ObserveOptions": "traces by a library of others",
	"Plugin.Adapter":              "traces by a library of others",
	"Runtime":                     "no function takes or returns one",
	"InputOffsetKey":              "the key of a value in the public SDK's own contexts",
	"None":                        "of a type without a name",
	"Haskell":                     "of a type without a name",
	"Wasi":                        "of a type without a name",
}

// TestPublicNames compares what the public package offers with our package, and with the one that takes its place.
func TestPublicNames(t *testing.T) {
	public := loadPackage(t, ".", publicPackage)
	for name, other := range map[string]*types.Package{
		"own":    loadPackage(t, ".", ownPackage),
		"compat": loadPackage(t, compatFolder, publicPackage),
	} {
		t.Run(name, func(t *testing.T) { compare(t, public, other) })
	}
}

func loadPackage(t *testing.T, folder, path string) *types.Package {
	t.Helper()
	config := &packages.Config{Mode: packages.LoadTypes, Dir: folder}
	loaded, err := packages.Load(config, path)
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(loaded) > 0 || len(loaded) != 1 {
		t.Fatalf("cannot load %s", path)
	}
	return loaded[0].Types
}

func compare(t *testing.T, public, other *types.Package) {
	missed := make(map[string]bool)
	for _, name := range public.Scope().Names() {
		wanted := public.Scope().Lookup(name)
		if !wanted.Exported() {
			continue
		}
		theirs, ours := described(wanted), described(other.Scope().Lookup(name))
		if _, known := absent[name]; known && len(ours) == 0 {
			missed[name] = true
			continue
		}
		for member, wanted := range theirs {
			got, found := ours[member]
			if _, known := absent[member]; known && !found {
				missed[member] = true
			} else if got != wanted {
				t.Errorf("%s is %q, and %q in the public package", member, got, wanted)
			}
		}
	}
	for name := range absent {
		if !missed[name] {
			t.Errorf("%s is there, or no name of the public package", name)
		}
	}
}

// described is what a name and its exported fields and methods are, each by its full name.
func described(object types.Object) map[string]string {
	members := make(map[string]string)
	if object == nil {
		return members
	}
	name := object.Name()
	if value, isConst := object.(*types.Const); isConst {
		members[name] = fmt.Sprint(typeText(object.Type()), constant.ToInt(value.Val()))
		return members
	}
	named, isNamed := types.Unalias(object.Type()).(*types.Named)
	if _, isType := object.(*types.TypeName); !isType || !isNamed {
		members[name] = typeText(object.Type().Underlying())
		return members
	}
	switch underlying := named.Underlying().(type) {
	case *types.Struct:
		members[name] = "struct"
		for field := range underlying.Fields() {
			if field.Exported() {
				members[name+"."+field.Name()] = typeText(field.Type())
			}
		}
	default:
		members[name] = typeText(underlying)
	}
	methods := types.NewMethodSet(types.NewPointer(named))
	values := types.NewMethodSet(named)
	for method := range methods.Methods() {
		if token.IsExported(method.Obj().Name()) {
			receiver := "pointer "
			if values.Lookup(method.Obj().Pkg(), method.Obj().Name()) != nil {
				receiver = "value "
			}
			members[name+"."+method.Obj().Name()] = receiver + typeText(method.Type())
		}
	}
	return members
}

// typeText is a type without the names of parameters and of the SDK's own package.
func typeText(t types.Type) string {
	if signature, isFunction := t.(*types.Signature); isFunction {
		parts := []string{"func"}
		for _, tuple := range []*types.Tuple{signature.Params(), signature.Results()} {
			for variable := range tuple.Variables() {
				parts = append(parts, typeText(variable.Type()))
			}
			parts = append(parts, ";")
		}
		return strings.Join(append(parts, fmt.Sprint(signature.Variadic())), " ")
	}
	text := types.TypeString(t, func(other *types.Package) string {
		if path := other.Path(); path == publicPackage || path == ownPackage {
			return "sdk"
		}
		return other.Path()
	})
	return strings.ReplaceAll(text, "interface{}", "any")
}
