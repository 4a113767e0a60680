// Command deadlines ends calls that take too long: by the manifest's timeout, by a context's deadline, and by cancelling a context.
//
// It is a program as people write them for the public SDK. The argument is the folder of the guests.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	extism "github.com/extism/go-sdk"
	"github.com/tetratelabs/wazero"
)

func main() {
	background := context.Background()

	plugin := load(100, nil)
	fmt.Println("timeout:", plugin.Timeout)
	run(background, "manifest", plugin)

	// Without a timeout in the manifest, the public SDK lets contexts end calls when its engine is told to.
	config := wazero.NewRuntimeConfig().WithCloseOnContextDone(true)
	ctx, cancel := context.WithTimeout(background, 100*time.Millisecond)
	defer cancel()
	run(ctx, "deadline", load(0, config))

	ctx, cancel = context.WithCancel(background)
	time.AfterFunc(100*time.Millisecond, cancel)
	run(ctx, "cancel", load(0, config))

	// A call that is quick enough has no trouble.
	plugin = load(10_000, nil)
	_, _, err := plugin.CallWithContext(background, "fail_code", nil)
	fmt.Println("in time:", err)
	if err := plugin.Close(background); err != nil {
		log.Fatal(err)
	}
}

func load(timeout uint64, config wazero.RuntimeConfig) *extism.Plugin {
	manifest := extism.Manifest{
		Wasm:    []extism.Wasm{extism.WasmFile{Path: filepath.Join(os.Args[1], "build", "rust_fail.wasm")}},
		Timeout: timeout,
	}
	plugin, err := extism.NewPlugin(context.Background(), manifest, extism.PluginConfig{RuntimeConfig: config}, nil)
	if err != nil {
		log.Fatal(err)
	}
	return plugin
}

func run(ctx context.Context, what string, plugin *extism.Plugin) {
	code, output, err := plugin.CallWithContext(ctx, "loop_forever", nil)
	fmt.Println(what+":", code != 0, len(output), err != nil)
	if err := plugin.Close(context.Background()); err != nil {
		log.Fatal(err)
	}
}
