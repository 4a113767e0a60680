// Command go-article is the host of a well-known introduction to plug-ins in Go: a plug-in greets, and quotes two messages that it
// gets from a map of the host.
//
// It was written in 2023 for an early public SDK. But for its import nothing has changed: a host function is still a literal.
package main

import (
	"context"
	"fmt"
	"os"

	extism "github.com/plugwright/plugwright/sdks/go"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// memoryMap is what the plug-in can read.
var memoryMap = map[string]string{
	"hello":   "👋 Hello World 🌍",
	"message": "I 💜 Extism 😍",
}

var hostMemoryGet = extism.HostFunction{
	Name:      "hostMemoryGet",
	Namespace: "env",
	Callback: func(ctx context.Context, plugin *extism.CurrentPlugin, userData interface{}, stack []uint64) {
		key, err := plugin.ReadBytes(stack[0])
		if err != nil {
			panic(err)
		}
		value, err := plugin.WriteBytes([]byte(userData.(map[string]string)[string(key)]))
		if err != nil {
			panic(err)
		}
		stack[0] = value
	},
	UserData: memoryMap,
	Params:   []api.ValueType{api.ValueTypeI64},
	Results:  []api.ValueType{api.ValueTypeI64},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go-article <wasm file>")
		os.Exit(2)
	}
	ctx := context.Background()
	config := extism.PluginConfig{
		ModuleConfig: wazero.NewModuleConfig().WithSysWalltime(),
		EnableWasi:   true,
	}
	manifest := extism.Manifest{
		Wasm: []extism.Wasm{
			extism.WasmFile{Path: os.Args[1]},
		},
	}
	plugin, err := extism.NewPlugin(ctx, manifest, config, []extism.HostFunction{hostMemoryGet})
	if err != nil {
		panic(err)
	}
	defer plugin.Close(ctx)

	_, output, err := plugin.Call("say_hello", []byte("👋 Hello from the Go Host app 🤗"))
	if err != nil {
		panic(err)
	}
	fmt.Println("🙂", string(output))
}
