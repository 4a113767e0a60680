// Package extism has the names of the public package github.com/extism/go-sdk, and our SDK behind them: a program whose go.mod
// replaces that module by this one needs no change of its sources.
//
// The names are documented in github.com/plugwright/plugwright/sdks/go. They are aliases, so that a program may use both packages.
package extism

import (
	"context"

	plugwright "github.com/plugwright/plugwright/sdks/go"
)

// The types are those of our package.
type (
	CompiledPlugin            = plugwright.CompiledPlugin
	CurrentPlugin             = plugwright.CurrentPlugin
	FunctionDefinition        = plugwright.FunctionDefinition
	HostFunction              = plugwright.HostFunction
	HostFunctionStackCallback = plugwright.HostFunctionStackCallback
	HttpRequest               = plugwright.HttpRequest
	LogLevel                  = plugwright.LogLevel
	Manifest                  = plugwright.Manifest
	ManifestMemory            = plugwright.ManifestMemory
	Module                    = plugwright.Module
	Plugin                    = plugwright.Plugin
	PluginConfig              = plugwright.PluginConfig
	PluginCtxKey              = plugwright.PluginCtxKey
	PluginInstanceConfig      = plugwright.PluginInstanceConfig
	ValueType                 = plugwright.ValueType
	Wasm                      = plugwright.Wasm
	WasmData                  = plugwright.WasmData
	WasmFile                  = plugwright.WasmFile
	WasmUrl                   = plugwright.WasmUrl
)

// The types of parameters and results of host functions.
const (
	ValueTypeI32 = plugwright.ValueTypeI32
	ValueTypeI64 = plugwright.ValueTypeI64
	ValueTypeF32 = plugwright.ValueTypeF32
	ValueTypeF64 = plugwright.ValueTypeF64
	ValueTypePTR = plugwright.ValueTypePTR
)

// The levels of logs.
const (
	LogLevelTrace = plugwright.LogLevelTrace
	LogLevelDebug = plugwright.LogLevelDebug
	LogLevelInfo  = plugwright.LogLevelInfo
	LogLevelWarn  = plugwright.LogLevelWarn
	LogLevelError = plugwright.LogLevelError
	LogLevelOff   = plugwright.LogLevelOff
)

// NewPlugin is plugwright.NewPlugin.
func NewPlugin(ctx context.Context, manifest Manifest, config PluginConfig, functions []HostFunction) (*Plugin, error) {
	return plugwright.NewPlugin(ctx, manifest, config, functions)
}

// NewCompiledPlugin is plugwright.NewCompiledPlugin.
func NewCompiledPlugin(
	ctx context.Context, manifest Manifest, config PluginConfig, funcs []HostFunction,
) (*CompiledPlugin, error) {
	return plugwright.NewCompiledPlugin(ctx, manifest, config, funcs)
}

// NewHostFunctionWithStack is plugwright.NewHostFunctionWithStack.
func NewHostFunctionWithStack(
	name string, callback HostFunctionStackCallback, params []ValueType, returnTypes []ValueType,
) HostFunction {
	return plugwright.NewHostFunctionWithStack(name, callback, params, returnTypes)
}

// RuntimeVersion is plugwright.RuntimeVersion.
func RuntimeVersion() string { return plugwright.RuntimeVersion() }

// SetLogLevel is plugwright.SetLogLevel.
func SetLogLevel(level LogLevel) { plugwright.SetLogLevel(level) }
