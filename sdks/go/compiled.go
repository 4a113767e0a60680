package plugwright

import (
	"context"
	"errors"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/plugwright/plugwright/sdks/go/internal/guest"
	"github.com/plugwright/plugwright/sdks/go/internal/kernel"
)

// maxTableElements is how many elements a table may have, and how many all tables of a plug-in may start with.
const maxTableElements = 1 << 20

// CompiledPlugin is a plug-in's code, compiled and linked: any number of instances can be made of it. It is safe for
// concurrent use.
type CompiledPlugin struct {
	manifest Manifest
	config   PluginConfig
	name     string
	limits   ManifestMemory
	// memoryLimit is how many bytes all memories of an instance may have together.
	memoryLimit uint64

	folders folders
	runtime wazero.Runtime
	kernel  wazero.CompiledModule
	// linked are the manifest's modules in the order of instantiation, the main one last.
	linked  []linkedModule
	exports exports

	mutex   sync.Mutex
	plugins map[*Plugin]struct{}
	closed  bool
}

// linkedModule is a module that is ready for instantiation.
type linkedModule struct {
	name     string
	compiled wazero.CompiledModule
	startUp  startUp
}

// NewCompiledPlugin reads, checks, links and compiles a plug-in. No code of the plug-in runs. The context is for reading
// alone. The error is an [*Error].
func NewCompiledPlugin(
	ctx context.Context,
	manifest Manifest,
	config PluginConfig,
	funcs []HostFunction,
) (*CompiledPlugin, error) {
	modules, err := manifest.readModules(ctx)
	if err != nil {
		return nil, err
	}
	c := &CompiledPlugin{
		manifest: manifest,
		config:   config,
		name:     config.Name,
		limits:   manifest.memory(),
		plugins:  make(map[*Plugin]struct{}),
	}
	// The code is not needed any more.
	c.manifest.Wasm = nil
	if c.name == "" {
		c.name = pluginName(modules)
	}
	pages, ok := manifest.Memory.pageLimit()
	if !ok {
		// All that two memories can have.
		pages = 2 * MaxPages
	}
	c.memoryLimit = uint64(pages) * kernel.PageBytes
	if err := c.load(modules, funcs); err != nil {
		err = errors.Join(err, c.free(context.Background()))
		var own *Error
		if errors.As(err, &own) {
			return nil, own.in(c.name, "")
		}
		return nil, err
	}
	return c, nil
}

// load makes everything that instances share.
func (c *CompiledPlugin) load(modules []sourceModule, funcs []HostFunction) error {
	parts, err := c.look(modules)
	if err != nil {
		return err
	}
	if c.folders, err = openFolders(c.manifest.AllowedPaths); err != nil {
		return err
	}
	// What outlives this must not end with the context that reading may have.
	ctx := context.Background()
	runtimeConfig := c.config.RuntimeConfig
	if runtimeConfig == nil {
		runtimeConfig = wazero.NewRuntimeConfig().WithCoreFeatures(
			api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall | experimental.CoreFeaturesExtendedConst)
	}
	c.runtime = wazero.NewRuntimeWithConfig(ctx, runtimeConfig.WithCloseOnContextDone(false))
	if err := instantiateContract(ctx, c.runtime); err != nil {
		return newError(KindCompile, "cannot make the host's functions: %s", oneLine(err.Error())).because(err)
	}
	var wasi map[string]api.FunctionDefinition
	if c.config.EnableWasi {
		if wasi, err = c.instantiateWASI(ctx, parts); err != nil {
			return err
		}
	}
	linker := newLinker(wasi)
	if err := linker.functions(funcs); err != nil {
		return err
	}
	if err := c.instantiateFunctions(ctx, funcs); err != nil {
		return err
	}
	if c.kernel, err = c.runtime.CompileModule(ctx, kernel.Module()); err != nil {
		return newError(KindCompile, "cannot compile the kernel memory: %s", oneLine(err.Error())).because(err)
	}
	return c.compile(ctx, linker, parts)
}

// look looks into the modules, and sorts them.
func (c *CompiledPlugin) look(modules []sourceModule) ([]*part, error) {
	parts := make([]*part, len(modules))
	var memory, elements uint64
	for i, source := range modules {
		shown := shownSource(source.origin, source.name)
		module, err := guest.Parse(source.wasm)
		if err != nil {
			return nil, compileError(shown, err)
		}
		for _, limits := range module.Memories {
			memory += uint64(limits.Min) * kernel.PageBytes
		}
		for _, limits := range module.Tables {
			elements += uint64(limits.Min)
		}
		parts[i] = &part{name: source.name, isMain: source.isMain, shown: shown, module: module}
	}
	if memory > c.memoryLimit {
		return nil, newError(KindOutOfMemory,
			"the plug-in needs %d pages of 64 KiB from the start, but may have %d; raise `memory.max_pages`",
			memory/kernel.PageBytes, c.memoryLimit/kernel.PageBytes)
	}
	if elements > maxTableElements {
		return nil, newError(KindOutOfMemory,
			"the plug-in's tables need %d elements from the start, but may have %d together", elements, maxTableElements)
	}
	return inOrder(parts)
}

// compileError is the error for a module that is not as it should be.
func compileError(shown string, err error) *Error {
	var feature *guest.FeatureError
	if errors.As(err, &feature) {
		return newError(KindCompile, "%s uses %s, which this SDK does not support; build it without, or use an SDK that does",
			shown, feature.Feature).because(err)
	}
	return newError(KindCompile, "%s is not valid: %s", shown, oneLine(err.Error())).because(err)
}

// instantiateWASI makes WASI available if a module asks for it, and returns its functions.
func (c *CompiledPlugin) instantiateWASI(ctx context.Context, parts []*part) (map[string]api.FunctionDefinition, error) {
	for _, p := range parts {
		for _, i := range p.module.Imports {
			if i.Module != wasiModule {
				continue
			}
			if _, err := wasi_snapshot_preview1.Instantiate(ctx, c.runtime); err != nil {
				return nil, newError(KindCompile, "cannot make WASI: %s", oneLine(err.Error())).because(err)
			}
			return c.runtime.Module(wasiModule).ExportedFunctionDefinitions(), nil
		}
	}
	return map[string]api.FunctionDefinition{}, nil
}

// instantiateFunctions makes the host's functions available.
func (c *CompiledPlugin) instantiateFunctions(ctx context.Context, funcs []HostFunction) error {
	if len(funcs) == 0 {
		return nil
	}
	builder := c.runtime.NewHostModuleBuilder(functionsModule)
	for i := range funcs {
		f := &funcs[i]
		builder.NewFunctionBuilder().
			WithGoModuleFunction(f.code(), f.Params, f.results()).
			WithName(f.modules()[0] + "." + f.Name).
			Export(functionPlace(i).Name)
	}
	if _, err := builder.Instantiate(ctx); err != nil {
		return newError(KindLink, "cannot make the host functions: %s", oneLine(err.Error())).because(err)
	}
	return nil
}

// compile links and compiles the modules, which are in the order of instantiation.
func (c *CompiledPlugin) compile(ctx context.Context, linker *linker, parts []*part) error {
	var missing []MissingImport
	places := make([][]guest.Place, len(parts))
	for i, p := range parts {
		var lacks []MissingImport
		places[i], lacks = linker.places(p.module)
		missing = append(missing, lacks...)
		if !p.isMain {
			linker.module(p.name, p.module)
		}
	}
	if len(missing) > 0 {
		return missingError(missing)
	}
	for i, p := range parts {
		rewritten, err := p.module.Rewrite(guest.Options{
			Imports:          places[i],
			Pause:            guest.Place{Module: contractHost, Name: pauseFunction},
			MaxTableElements: maxTableElements,
		})
		if err != nil {
			return compileError(p.shown, err)
		}
		compiled, err := c.runtime.CompileModule(ctx, rewritten)
		if err != nil {
			return compileError(p.shown, err)
		}
		c.linked = append(c.linked, linkedModule{name: p.name, compiled: compiled, startUp: newStartUp(p.module)})
		if p.isMain {
			c.exports = newExports(p.module)
		}
	}
	return nil
}

// Instance makes a plug-in of the code: cheap, since its memories are made for its first call. No code of the plug-in runs.
// The error is an [*Error] of KindClosed.
func (c *CompiledPlugin) Instance(_ context.Context, config PluginInstanceConfig) (*Plugin, error) {
	p := newPlugin(c, config.ModuleConfig)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.closed {
		return nil, newError(KindClosed, "the compiled plug-in is closed").in(c.name, "")
	}
	c.plugins[p] = struct{}{}
	return p, nil
}

// Close closes all instances, as [Plugin.Close] does, and frees the code when the last call has ended. Closing again has no
// effect.
func (c *CompiledPlugin) Close(ctx context.Context) error {
	c.mutex.Lock()
	if c.closed {
		c.mutex.Unlock()
		return nil
	}
	c.closed = true
	plugins := make([]*Plugin, 0, len(c.plugins))
	for p := range c.plugins {
		plugins = append(plugins, p)
	}
	c.mutex.Unlock()
	var errs []error
	for _, p := range plugins {
		errs = append(errs, p.CloseWithContext(ctx))
	}
	if len(plugins) == 0 {
		errs = append(errs, c.free(ctx))
	}
	return errors.Join(errs...)
}

// forget is told that an instance has gone. The last one of a closed plug-in takes the code along.
func (c *CompiledPlugin) forget(ctx context.Context, p *Plugin) error {
	c.mutex.Lock()
	delete(c.plugins, p)
	last := c.closed && len(c.plugins) == 0
	c.mutex.Unlock()
	if last {
		return c.free(ctx)
	}
	return nil
}

// free gives back what instances shared.
func (c *CompiledPlugin) free(ctx context.Context) error {
	var err error
	if c.runtime != nil {
		err = c.runtime.Close(ctx)
	}
	return errors.Join(err, c.folders.close())
}
