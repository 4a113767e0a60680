package main

import (
	"context"

	extism "github.com/extism/go-sdk"
)

// publicOperation is the row's work by the public SDK, used as its documentation shows.
func publicOperation(row row) (*operation, error) {
	ctx := context.Background()
	manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmFile{Path: row.work.file}}, Timeout: row.work.timeoutMs}
	if row.work.data != "" {
		manifest.Wasm = []extism.Wasm{extism.WasmData{Data: []byte(row.work.data)}}
	}
	compiled, err := extism.NewCompiledPlugin(ctx, manifest, extism.PluginConfig{}, publicFunctions())
	if err != nil {
		return nil, err
	}
	made := &operation{close: func() error { return compiled.Close(ctx) }}
	if row.instances {
		made.call = func() ([]byte, error) {
			plugin, err := compiled.Instance(ctx, extism.PluginInstanceConfig{})
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
	plugin, err := compiled.Instance(ctx, extism.PluginInstanceConfig{})
	if err != nil {
		return nil, err
	}
	made.call = func() ([]byte, error) {
		_, output, err := plugin.Call(row.work.function, row.work.input)
		return output, err
	}
	return made, nil
}

func publicFunctions() []extism.HostFunction {
	block := []extism.ValueType{extism.ValueTypePTR}
	read := extism.NewHostFunctionWithStack("kv_read",
		func(_ context.Context, plugin *extism.CurrentPlugin, stack []uint64) {
			key, err := plugin.ReadString(stack[0])
			if err != nil {
				panic(err)
			}
			if stack[0], err = plugin.WriteString(store[key]); err != nil {
				panic(err)
			}
		}, block, block)
	write := extism.NewHostFunctionWithStack("kv_write",
		func(context.Context, *extism.CurrentPlugin, []uint64) {}, append(block, block...), nil)
	return []extism.HostFunction{read, write}
}
