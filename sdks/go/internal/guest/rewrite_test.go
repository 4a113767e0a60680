package guest

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/plugwright/plugwright/sdks/go/internal/wasmbin"
)

const guests = "../../../../guests/build"

// largestGuest keeps the test short: what large guests do, the conformance cases see.
const largestGuest = 128 << 10

var pause = Place{Module: "host", Name: "pause"}

// rewrite rewrites a module, with every import at a place of its own.
func rewrite(m *Module) ([]byte, error) {
	options := Options{Pause: pause, MaxTableElements: 1 << 20}
	for number := range m.Imports {
		options.Imports = append(options.Imports, Place{Module: "host", Name: strconv.Itoa(number)})
	}
	return m.Rewrite(options)
}

func TestEveryGuestIsValidAfterwards(t *testing.T) {
	// The interpreter validates as the compiler does, and is done sooner.
	runtime := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter().
		WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesTailCall|experimental.CoreFeaturesExtendedConst))
	defer runtime.Close(t.Context())
	rewritten := 0
	err := filepath.WalkDir(guests, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".wasm" {
			return err
		}
		wasm, err := os.ReadFile(path)
		if err != nil || len(wasm) > largestGuest {
			return err
		}
		module, err := Parse(wasm)
		var feature *FeatureError
		if errors.As(err, &feature) {
			return nil
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		out, err := rewrite(module)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		compiled, err := runtime.CompileModule(t.Context(), out)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		rewritten++
		same(t, path, module, compiled)
		return compiled.Close(t.Context())
	})
	if err != nil || rewritten < 100 {
		t.Errorf("%d guests were rewritten: %v", rewritten, err)
	}
}

// same compares what can be seen of a module from outside.
func same(t *testing.T, path string, module *Module, compiled wazero.CompiledModule) {
	imported := 0
	for _, i := range module.Imports {
		if i.Type.Kind == wasmbin.KindFunction {
			imported++
		}
	}
	if count := len(compiled.ImportedFunctions()); count != imported+1 {
		t.Errorf("%s imports %d functions, and now %d", path, imported, count)
	}
	for _, e := range module.Exports {
		if e.Type.Kind != wasmbin.KindFunction {
			continue
		}
		function, ok := compiled.ExportedFunctions()[e.Name]
		now := FunctionType{}
		if ok {
			now = FunctionType{Params: function.ParamTypes(), Results: function.ResultTypes()}
		}
		if !ok || !now.Equal(e.Type.Function) {
			t.Errorf("%s: export %s was %s and is %s", path, e.Name, e.Type, now)
		}
	}
}

// Broken modules are refused, here or by the engine. Nothing panics.
func TestBrokenModulesAreNoTrouble(t *testing.T) {
	runtime := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter())
	defer runtime.Close(t.Context())
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"wat/imports_in_a_table", "wat/start_haskell", "wat/traps", "rust_pdk_bare", "wat/linked_main"} {
		wasm, err := os.ReadFile(filepath.Join(guests, name+".wasm"))
		if err != nil {
			t.Fatal(err)
		}
		for length := range min(len(wasm), 1000) {
			refuse(t, runtime, wasm[:length])
		}
		for range 500 {
			broken := bytes.Clone(wasm)
			for range 1 + random.IntN(3) {
				broken[random.IntN(len(broken))] = byte(random.Uint32())
			}
			refuse(t, runtime, broken)
		}
	}
}

// refuse lets the engine look at what came through.
func refuse(t *testing.T, runtime wazero.Runtime, wasm []byte) {
	module, err := Parse(wasm)
	if err != nil {
		return
	}
	for _, table := range module.Tables {
		if table.Min > 1<<20 {
			return
		}
	}
	out, err := rewrite(module)
	if err != nil {
		return
	}
	if compiled, err := runtime.CompileModule(t.Context(), out); err == nil {
		if err := compiled.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// What is added has indices that a module could name before.
func TestWhatIsAddedCannotBeNamed(t *testing.T) {
	for text, body := range map[string][]byte{
		"there is no global 0":   {opGlobalGet, 0, 0x1a, opEnd},
		"there is no function 1": {opCall, 1, opEnd},
		"there is no function 2": {opRefFunc, 2, 0x1a, opEnd},
		"there is no local 0":    {opLocalGet, 0, 0x1a, opEnd},
		"there is no type 1":     {opI32Const, 0, opCallIndirect, 1, 0, opEnd},
		"legacy exception":       {0x06, emptyBlock, opEnd, opEnd},
		"GC proposal":            {0xfb, 0, opEnd},
		"multi-memory":           {0x3f, 1, 0x1a, opEnd},
		"is no instruction":      {0xff, opEnd},
		"bytes too many":         {opEnd, opEnd},
		"ends too early":         {0x01},
	} {
		module := []byte(wasmbin.Header)
		module = wasmbin.AppendSection(module, wasmbin.SectionType, append([]byte{1}, wasmbin.AppendFunctionType(nil, nil, nil)...))
		module = wasmbin.AppendSection(module, wasmbin.SectionFunction, []byte{1, 0})
		module = wasmbin.AppendSection(module, wasmbin.SectionCode,
			wasmbin.AppendSized([]byte{1}, append([]byte{0}, body...)))
		parsed, err := Parse(module)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rewrite(parsed); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q is not in %v", text, err)
		}
	}
}

func FuzzRewrite(f *testing.F) {
	for _, name := range []string{"wat/linked_main", "wat/traps", "wat/no_memory"} {
		wasm, err := os.ReadFile(filepath.Join(guests, name+".wasm"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wasm)
	}
	f.Fuzz(func(_ *testing.T, wasm []byte) {
		if module, err := Parse(wasm); err == nil {
			_, _ = rewrite(module)
		}
	})
}
