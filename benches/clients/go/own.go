package main

import (
	"context"

	plugwright "github.com/plugwright/plugwright/sdks/go"
)

// ownOperation is the row's work by our SDK, by the same functions as with the public one, but for the host function: that is typed.
func ownOperation(row row) (*operation, error) {
	ctx := context.Background()
	manifest := plugwright.Manifest{Wasm: []plugwright.Wasm{plugwright.WasmFile{Path: row.work.file}}, Timeout: row.work.timeoutMs}
	if row.work.data != "" {
		manifest.Wasm = []plugwright.Wasm{plugwright.WasmData{Data: []byte(row.work.data)}}
	}
	compiled, err := plugwright.NewCompiledPlugin(ctx, manifest, plugwright.PluginConfig{}, ownFunctions())
	if err != nil {
		return nil, err
	}
	made := &operation{close: func() error { return compiled.Close(ctx) }}
	if row.instances {
		made.call = func() ([]byte, error) {
			plugin, err := compiled.Instance(ctx, plugwright.PluginInstanceConfig{})
			if err != nil {
				return nil, err
			}
			_, output, err := plugin.Call(row.work.function, row.work.input)
			if err != nil {
				return nil, err
			}
			return output, plugin.Close(ctx)
		}
		return made, nil
	}
	plugin, err := compiled.Instance(ctx, plugwright.PluginInstanceConfig{})
	if err != nil {
		return nil, err
	}
	made.call = func() ([]byte, error) {
		_, output, err := plugin.Call(row.work.function, row.work.input)
		return output, err
	}
	return made, nil
}

func ownFunctions() []plugwright.HostFunction {
	read := func(_ context.Context, key string) (string, error) { return store[key], nil }
	write := func(context.Context, string, []byte) error { return nil }
	return []plugwright.HostFunction{plugwright.HostFunc("kv_read", read), plugwright.HostFunc("kv_write", write)}
}
