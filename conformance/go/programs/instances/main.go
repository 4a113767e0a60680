// Command instances compiles a plug-in once, and runs instances of it on several goroutines, each with a surrounding of its own.
//
// It is a program as people write them for the public SDK. The argument is the folder of the guests.
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sync"

	extism "github.com/extism/go-sdk"
	"github.com/tetratelabs/wazero"
)

func main() {
	ctx := context.Background()
	data, err := os.ReadFile(filepath.Join(os.Args[1], "build", "rust_wasi_env.wasm"))
	if err != nil {
		log.Fatal(err)
	}
	manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmData{Data: data, Name: "main"}}}
	compiled, err := extism.NewCompiledPlugin(ctx, manifest, extism.PluginConfig{EnableWasi: true}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer compiled.Close(ctx)

	lines := make([]string, 4)
	var group sync.WaitGroup
	for index := range lines {
		group.Add(1)
		go func() {
			defer group.Done()
			lines[index] = work(ctx, compiled, fmt.Sprint("worker-", index))
		}()
	}
	group.Wait()
	for _, line := range lines {
		fmt.Println(line)
	}
}

func work(ctx context.Context, compiled *extism.CompiledPlugin, name string) string {
	var stdout, stderr bytes.Buffer
	instance, err := compiled.Instance(ctx, extism.PluginInstanceConfig{
		ModuleConfig: wazero.NewModuleConfig().WithEnv("NAME", name).WithArgs("program", name).WithStdout(&stdout).WithStderr(&stderr),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer instance.Close(ctx)
	answer := ""
	for _, call := range [][2]string{{"env_get", "NAME"}, {"args", ""}, {"print", name}, {"env_get", "NOTHING"}} {
		_, output, err := instance.CallWithContext(ctx, call[0], []byte(call[1]))
		answer += fmt.Sprintf("%s: %q %v; ", call[0], output, err)
	}
	return answer + fmt.Sprintf("%q %q", stdout.String(), stderr.String())
}
