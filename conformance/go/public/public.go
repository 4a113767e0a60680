// Package public is the public SDK, github.com/extism/go-sdk, as a surface to run the cases by: that shows which behaviour is the
// public one.
package public

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	extism "github.com/extism/go-sdk"
	"github.com/tetratelabs/wazero"

	conformance "github.com/plugwright/plugwright/conformance/go"
)

// Surface is the public SDK.
type Surface struct{ cache wazero.CompilationCache }

// New makes one. A cache is shared by those that are given the same one.
func New(cache wazero.CompilationCache) *Surface { return &Surface{cache} }

// Abilities returns the one that is no ability of the public SDK alone.
func (*Surface) Abilities() conformance.Abilities {
	return conformance.Abilities{conformance.HostErrors: true}
}

// Compile makes a compiled plug-in.
func (s *Surface) Compile(
	ctx context.Context, source conformance.Source, options *conformance.Options, functions []conformance.Function,
) (conformance.Compiled, *conformance.Failure) {
	manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmData{Data: source.Binary}}}
	if source.Binary == nil {
		manifest = extism.Manifest{}
		if err := json.Unmarshal(source.Manifest, &manifest); err != nil {
			return nil, failure(err)
		}
	}
	config := extism.PluginConfig{
		EnableWasi:                options.Wasi,
		EnableHttpResponseHeaders: options.HTTPResponseHeaders,
		RuntimeConfig:             wazero.NewRuntimeConfig().WithCompilationCache(s.cache),
	}
	host := make([]extism.HostFunction, len(functions))
	for index, function := range functions {
		host[index] = hostFunction(function)
	}
	code, err := extism.NewCompiledPlugin(ctx, manifest, config, host)
	if err != nil {
		return nil, failure(err)
	}
	// The public SDK links when it makes an instance.
	trial, err := code.Instance(ctx, extism.PluginInstanceConfig{})
	if err != nil {
		return nil, failure(err)
	}
	if err := trial.Close(ctx); err != nil {
		return nil, failure(err)
	}
	return &compiled{code, options}, nil
}

type compiled struct {
	*extism.CompiledPlugin
	options *conformance.Options
}

func (c *compiled) Instance(ctx context.Context, log func(conformance.LogLine)) (conformance.Plugin, *conformance.Failure) {
	made := &plugin{}
	instance, err := c.CompiledPlugin.Instance(ctx, extism.PluginInstanceConfig{
		ModuleConfig: conformance.ModuleConfig(c.options, &made.stdout, &made.stderr),
	})
	if err != nil {
		return nil, failure(err)
	}
	extism.SetLogLevel(level(c.options.LogLevel))
	instance.SetLogger(func(level extism.LogLevel, message string) {
		log(conformance.LogLine{Level: strings.ToLower(level.String()), Message: message})
	})
	made.Plugin = instance
	return made, nil
}

type plugin struct {
	*extism.Plugin
	stdout, stderr bytes.Buffer
}

func (p *plugin) Call(ctx context.Context, function string, input []byte) ([]byte, *conformance.Failure) {
	code, output, err := p.CallWithContext(ctx, function, input)
	if err != nil {
		return nil, failure(err)
	}
	if code != 0 {
		return nil, &conformance.Failure{}
	}
	return output, nil
}

func (p *plugin) Streams() (stdout, stderr []byte) {
	return conformance.Take(&p.stdout), conformance.Take(&p.stderr)
}

func hostFunction(function conformance.Function) extism.HostFunction {
	made := extism.NewHostFunctionWithStack(
		function.Name,
		func(ctx context.Context, plugin *extism.CurrentPlugin, stack []uint64) {
			if err := function.Body(ctx, plugin, stack); err != nil {
				// The public SDK's way to fail.
				panic(err)
			}
		},
		function.Params, function.Results,
	)
	if function.Module != "" {
		made.SetNamespace(function.Module)
	}
	return made
}

// failure is the message: an error of the public SDK has no kind.
func failure(err error) *conformance.Failure { return &conformance.Failure{Message: err.Error()} }

func level(name string) extism.LogLevel {
	for _, level := range []extism.LogLevel{
		extism.LogLevelTrace, extism.LogLevelDebug, extism.LogLevelInfo, extism.LogLevelWarn, extism.LogLevelError,
		extism.LogLevelOff,
	} {
		if strings.EqualFold(level.String(), name) {
			return level
		}
	}
	return extism.LogLevelInfo
}
