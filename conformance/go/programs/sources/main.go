// Command sources makes a plug-in of a manifest in JSON, and looks at what it is made of: configuration, variables, exports.
//
// It is a program as people write them for the public SDK. The argument is the folder of the guests.
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"

	extism "github.com/extism/go-sdk"
)

func main() {
	path := filepath.Join(os.Args[1], "build", "rust_count_vowels.wasm")
	text, err := json.Marshal(map[string]any{
		"wasm":       []map[string]string{{"path": path, "name": "main"}},
		"memory":     map[string]int{"max_pages": 100, "max_var_bytes": 1000},
		"config":     map[string]string{"vowels": "aeiouy"},
		"timeout_ms": 10_000,
	})
	if err != nil {
		log.Fatal(err)
	}
	var manifest extism.Manifest
	if err := json.Unmarshal(text, &manifest); err != nil {
		log.Fatal(err)
	}
	fmt.Println("manifest:", len(manifest.Wasm), manifest.Memory.MaxPages, manifest.Memory.MaxHttpResponseBytes,
		manifest.Memory.MaxVarBytes, manifest.Config, manifest.AllowedHosts == nil, manifest.Timeout)

	ctx := context.Background()
	plugin, err := extism.NewPlugin(ctx, manifest, extism.PluginConfig{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer plugin.Close(ctx)
	fmt.Println("plugin:", plugin.Timeout, plugin.MaxHttpResponseBytes, plugin.MaxVarBytes, plugin.Config, len(plugin.Var))

	fmt.Println("exists:", plugin.FunctionExists("count_vowels"), plugin.FunctionExists("count_consonants"))
	functions := plugin.Module().ExportedFunctions()
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		// The function's own name is in the module only if that was not stripped.
		function := functions[name]
		fmt.Println("export:", name, function.Name() == "" || function.Name() == name)
	}

	count(plugin, "Happy day")
	total := binary.LittleEndian.Uint64(plugin.Var["total"])
	fmt.Println("total:", total)

	// What a program changes in between, the plug-in sees.
	plugin.Var["total"] = binary.LittleEndian.AppendUint64(nil, total+100)
	plugin.Config["vowels"] = "a"
	count(plugin, "Happy day")

	output, err := plugin.GetOutput()
	fmt.Println("again:", string(output), err)
	_, _, err = plugin.Call("count_consonants", nil)
	fmt.Println("unknown function:", err != nil)

	broken := extism.Manifest{Wasm: []extism.Wasm{extism.WasmFile{Path: path, Hash: "00"}}}
	_, err = extism.NewPlugin(ctx, broken, extism.PluginConfig{}, nil)
	fmt.Println("wrong hash:", err != nil)
	_, err = extism.NewPlugin(ctx, extism.Manifest{}, extism.PluginConfig{}, nil)
	fmt.Println("no module:", err != nil)
}

func count(plugin *extism.Plugin, text string) {
	code, output, err := plugin.Call("count_vowels", []byte(text))
	fmt.Println("count:", code, string(output), err)
}
