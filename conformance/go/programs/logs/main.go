// Command logs collects what a plug-in logs, and what the program logs beside it.
//
// It is a program as people write them for the public SDK. The argument is the folder of the guests.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	extism "github.com/extism/go-sdk"
)

func main() {
	ctx := context.Background()
	for _, level := range []extism.LogLevel{extism.LogLevelInfo, extism.LogLevelError, extism.LogLevelOff} {
		extism.SetLogLevel(level)
		fmt.Println("level:", level, level.ExtismCompat())

		manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmFile{Path: filepath.Join(os.Args[1], "build", "rust_log.wasm")}}}
		plugin, err := extism.NewPlugin(ctx, manifest, extism.PluginConfig{}, nil)
		if err != nil {
			log.Fatal(err)
		}
		plugin.SetLogger(func(level extism.LogLevel, message string) { fmt.Println("log:", level.String(), message) })
		_, _, err = plugin.Call("log_all", []byte("from the plug-in"))
		fmt.Println("call:", err)
		plugin.Log(extism.LogLevelError, "from the program")
		plugin.Logf(extism.LogLevelError, "%d from the %s", 1, "program")
		if err := plugin.Close(ctx); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("version:", extism.RuntimeVersion() != "")
}
