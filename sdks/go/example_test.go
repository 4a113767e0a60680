package plugwright_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"sync"

	plugwright "github.com/plugwright/plugwright/sdks/go"
)

// guests is where `cargo xtask guests` puts the plug-ins of these examples.
const guests = "../../guests/build/"

func Example() {
	ctx := context.Background()
	plugin, err := plugwright.NewPlugin(ctx, plugwright.Manifest{
		Wasm:    []plugwright.Wasm{plugwright.WasmFile{Path: guests + "rust_count_vowels.wasm"}},
		Timeout: 1000,
	}, plugwright.PluginConfig{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer plugin.Close(ctx)
	_, output, err := plugin.Call("count_vowels", []byte("Hello, World!"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(output))
	// Output: {"count":3,"total":3,"vowels":"aeiouAEIOU"}
}

func ExampleCall() {
	ctx := context.Background()
	plugin, err := plugwright.NewPlugin(ctx, plugwright.Manifest{
		Wasm: []plugwright.Wasm{plugwright.WasmFile{Path: guests + "rust_count_vowels.wasm"}},
	}, plugwright.PluginConfig{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer plugin.Close(ctx)
	type vowels struct{ Count, Total int }
	counted, err := plugwright.Call[string, vowels](ctx, plugin, "count_vowels", "Hello, World!")
	fmt.Println(counted.Count, err)
	// Output: 3 <nil>
}

func ExampleHostFunc() {
	ctx := context.Background()
	store := map[string]string{"hello": "👋 Hello World 🌍"}
	read := plugwright.HostFunc("kv_read", func(ctx context.Context, key string) (string, error) {
		value, ok := store[key]
		if !ok {
			return "", fmt.Errorf("%s: %w", key, os.ErrNotExist)
		}
		return value, nil
	})
	add := plugwright.HostFunc("host_add", func(a, b int64) int64 { return a + b })
	// What else this plug-in imports.
	others := []plugwright.HostFunction{
		plugwright.HostFunc("kv_write", func(key, value string) {}),
		plugwright.HostFunc("host_mix", func(a int32, b uint64, c float32, d float64) float64 { return 0 }),
		plugwright.HostFunc("host_echo", func(data []byte) []byte { return data }),
	}
	plugin, err := plugwright.NewPlugin(ctx, plugwright.Manifest{
		Wasm: []plugwright.Wasm{plugwright.WasmFile{Path: guests + "wat/host_functions.wasm"}},
	}, plugwright.PluginConfig{}, append(others, read, add))
	if err != nil {
		log.Fatal(err)
	}
	defer plugin.Close(ctx)
	fmt.Println(plugwright.Call[string, string](ctx, plugin, "read", "hello"))
	_, err = plugwright.Call[string, string](ctx, plugin, "read", "message")
	fmt.Println(errors.Is(err, os.ErrNotExist), errors.Is(err, plugwright.KindHostFunction))
	// Output:
	// 👋 Hello World 🌍 <nil>
	// true true
}

func ExampleHostContext() {
	type user struct{ name string }
	ctx := context.Background()
	echo := plugwright.HostFunc("host_echo", func(ctx context.Context, text string) (string, error) {
		caller, ok := plugwright.HostContext[user](ctx)
		if !ok {
			return "", errors.New("who is asking?")
		}
		return caller.name + " says " + text, nil
	})
	others := []plugwright.HostFunction{
		plugwright.HostFunc("kv_read", func(key string) string { return "" }),
		plugwright.HostFunc("kv_write", func(key, value string) {}),
		plugwright.HostFunc("host_add", func(a, b int64) int64 { return 0 }),
		plugwright.HostFunc("host_mix", func(a int32, b uint64, c float32, d float64) float64 { return 0 }),
	}
	plugin, err := plugwright.NewPlugin(ctx, plugwright.Manifest{
		Wasm: []plugwright.Wasm{plugwright.WasmFile{Path: guests + "wat/host_functions.wasm"}},
	}, plugwright.PluginConfig{}, append(others, echo))
	if err != nil {
		log.Fatal(err)
	}
	defer plugin.Close(ctx)
	fmt.Println(plugwright.Call[string, string](plugwright.WithHostContext(ctx, user{"Jane"}), plugin, "echo", "hello"))
	// Output: Jane says hello <nil>
}

func ExamplePool() {
	ctx := context.Background()
	compiled, err := plugwright.NewCompiledPlugin(ctx, plugwright.Manifest{
		Wasm: []plugwright.Wasm{plugwright.WasmFile{Path: guests + "rust_echo.wasm"}},
	}, plugwright.PluginConfig{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer compiled.Close(ctx)
	pool, err := plugwright.NewPool(compiled, plugwright.PoolConfig{Max: 4})
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close(ctx)

	var requests sync.WaitGroup
	answers := make([]string, 100)
	for i := range answers {
		requests.Go(func() {
			answer, err := plugwright.Call[string, string](ctx, pool, "echo", fmt.Sprint("request ", i))
			if err != nil {
				log.Print(err)
			}
			answers[i] = answer
		})
	}
	requests.Wait()
	fmt.Println(answers[0], answers[99], pool.Stats().Made <= 4)
	// Output: request 0 request 99 true
}

func ExamplePool_Acquire() {
	ctx := context.Background()
	compiled, err := plugwright.NewCompiledPlugin(ctx, plugwright.Manifest{
		Wasm: []plugwright.Wasm{plugwright.WasmFile{Path: guests + "rust_echo.wasm"}},
	}, plugwright.PluginConfig{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer compiled.Close(ctx)
	pool, err := plugwright.NewPool(compiled, plugwright.PoolConfig{Max: 1})
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close(ctx)
	// Several calls of the same instance.
	plugin, err := pool.Acquire(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer plugin.Release()
	for _, text := range []string{"one", "two"} {
		_, output, err := plugin.CallWithContext(ctx, "echo", []byte(text))
		fmt.Println(string(output), err)
	}
	// Output:
	// one <nil>
	// two <nil>
}

func ExampleParseManifest() {
	manifest, err := plugwright.ParseManifest([]byte(`{
		"wasm": [{"path": "plugin.wasm"}],
		"allowed_hosts": ["*.example.com"],
		"timeout_ms": 1000
	}`))
	fmt.Println(manifest.AllowedHosts, manifest.Timeout, err)
	_, err = plugwright.ParseManifest([]byte(`{"wasm": [{"pth": "plugin.wasm"}]}`))
	fmt.Println(err)
	// Output:
	// [*.example.com] 1000 <nil>
	// invalid manifest: wasm[0].pth (line 1, column 12): unknown field; did you mean `path`?
}

func ExamplePluginConfig_logger() {
	ctx := context.Background()
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelWarn,
		ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr {
			if attr.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return attr
		},
	})
	plugin, err := plugwright.NewPlugin(ctx, plugwright.Manifest{
		Wasm: []plugwright.Wasm{plugwright.WasmFile{Path: guests + "wat/abi_log.wasm"}},
	}, plugwright.PluginConfig{Logger: slog.New(handler)}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer plugin.Close(ctx)
	if _, _, err := plugin.Call("log_all", nil); err != nil {
		log.Fatal(err)
	}
	// Output:
	// level=WARN msg="a message" plugin=abi_log
	// level=ERROR msg="a message" plugin=abi_log
}
