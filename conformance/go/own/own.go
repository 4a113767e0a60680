// Package own is our SDK as a surface to run the cases by.
package own

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero"

	conformance "github.com/plugwright/plugwright/conformance/go"
	plugwright "github.com/plugwright/plugwright/sdks/go"
)

// Surface is our SDK.
type Surface struct {
	// Typed lets host functions be made of ordinary functions of Go, and not of those that work on the stack.
	Typed bool

	cache wazero.CompilationCache
}

// New makes one. A cache is shared by those that are given the same one.
func New(cache wazero.CompilationCache) *Surface { return &Surface{cache: cache} }

// Abilities returns all but what the engine has not.
func (*Surface) Abilities() conformance.Abilities {
	return conformance.Abilities{
		conformance.HostErrors: true, conformance.ErrorsAsValues: true, conformance.OtherLimits: true,
	}
}

// Compile makes a compiled plug-in.
func (s *Surface) Compile(
	ctx context.Context, source conformance.Source, options *conformance.Options, functions []conformance.Function,
) (conformance.Compiled, *conformance.Failure) {
	manifest := plugwright.Manifest{Wasm: []plugwright.Wasm{plugwright.WasmData{Data: source.Binary}}}
	if source.Binary == nil {
		parsed, err := plugwright.ParseManifest(source.Manifest)
		if err != nil {
			return nil, failure(err)
		}
		manifest = parsed
	}
	level := plugwright.LogLevelInfo
	if options.LogLevel != "" {
		parsed, err := plugwright.ParseLogLevel(options.LogLevel)
		if err != nil {
			return nil, failure(err)
		}
		level = parsed
	}
	config := plugwright.PluginConfig{
		EnableWasi:                options.Wasi,
		EnableHttpResponseHeaders: options.HTTPResponseHeaders,
		RuntimeConfig:             wazero.NewRuntimeConfig().WithCompilationCache(s.cache),
		LogLevel:                  level,
	}
	if limit := options.MaxLogBytes; limit != nil {
		config.MaxLogBytes = *limit
	}
	if limit := options.MaxOutputBytes; limit != nil {
		config.MaxOutputBytes = uint64(*limit)
	}
	host := make([]plugwright.HostFunction, len(functions))
	for index, function := range functions {
		host[index] = s.hostFunction(function)
	}
	code, err := plugwright.NewCompiledPlugin(ctx, manifest, config, host)
	if err != nil {
		return nil, failure(err)
	}
	return &compiled{code, options}, nil
}

type compiled struct {
	*plugwright.CompiledPlugin
	options *conformance.Options
}

func (c *compiled) Instance(ctx context.Context, log func(conformance.LogLine)) (conformance.Plugin, *conformance.Failure) {
	made := &plugin{}
	instance, err := c.CompiledPlugin.Instance(ctx, plugwright.PluginInstanceConfig{
		ModuleConfig: conformance.ModuleConfig(c.options, &made.stdout, &made.stderr),
	})
	if err != nil {
		return nil, failure(err)
	}
	instance.SetLogger(func(level plugwright.LogLevel, message string) {
		log(conformance.LogLine{Level: strings.ToLower(level.String()), Message: message})
	})
	made.Plugin = instance
	return made, nil
}

type plugin struct {
	*plugwright.Plugin
	stdout, stderr bytes.Buffer
}

func (p *plugin) Call(ctx context.Context, function string, input []byte) ([]byte, *conformance.Failure) {
	code, output, err := p.CallWithContext(ctx, function, input)
	if err != nil {
		return nil, failure(err)
	}
	if code != 0 {
		return nil, &conformance.Failure{Message: fmt.Sprint("code ", code, " without an error")}
	}
	return output, nil
}

func (p *plugin) Streams() (stdout, stderr []byte) {
	return conformance.Take(&p.stdout), conformance.Take(&p.stderr)
}

func (s *Surface) hostFunction(function conformance.Function) plugwright.HostFunction {
	made := plugwright.NewHostFunctionWithStack(
		function.Name,
		func(ctx context.Context, plugin *plugwright.CurrentPlugin, stack []uint64) {
			if err := function.Body(ctx, plugin, stack); err != nil {
				panic(err)
			}
		},
		function.Params, function.Results,
	)
	if s.Typed {
		made = plugwright.HostFunc(function.Name, function.Typed)
	}
	if function.Module != "" {
		made.SetNamespace(function.Module)
	}
	if function.AsValue {
		return made.ErrorsAsValues()
	}
	return made
}

// failure is what an error says. All errors of our SDK have a kind.
func failure(err error) *conformance.Failure {
	var told *plugwright.Error
	if !errors.As(err, &told) {
		return &conformance.Failure{Message: err.Error(), Kind: "an error that is no plugwright.Error"}
	}
	if told.Kind == plugwright.KindGuest {
		return &conformance.Failure{Message: told.Message, Kind: string(told.Kind), Code: &told.Code}
	}
	return &conformance.Failure{Message: err.Error(), Kind: string(told.Kind), Code: &told.Code}
}
