package plugwright

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/plugwright/plugwright/sdks/go/internal/linear"
)

// instance is a plug-in's memories and modules. What outlives it, variables above all, is in [Plugin].
type instance struct {
	budget   *linear.Budget
	kernel   *kernelMemory
	memories []*linear.Memory
	// modules are the plug-in's own, in the order of [CompiledPlugin.linked], as far as they were instantiated.
	modules []api.Module
	entries map[*entryPoint]api.Function
	linked  []linkedModule
	// started is set when start-up is over, entered when the function that was called has begun.
	started, entered bool
	// spent is set when the instance must not be entered again.
	spent bool
}

// newInstance makes an instance with nothing but its kernel memory. No code of the plug-in has run.
func newInstance(c *CompiledPlugin) (*instance, error) {
	i := &instance{
		budget:  linear.NewBudget(c.memoryLimit),
		entries: make(map[*entryPoint]api.Function, 1),
		linked:  c.linked,
	}
	ctx := experimental.WithMemoryAllocator(context.Background(), i.budget.Allocator(&i.memories))
	module, err := c.runtime.InstantiateModule(ctx, c.kernel, anonymous)
	if err != nil {
		return nil, newError(KindOutOfMemory, "cannot make the kernel memory: %s", oneLine(err.Error())).because(err)
	}
	i.kernel = newKernelMemory(module, i.memories[0], i.budget)
	return i, nil
}

// anonymous is the configuration of modules that show no system. The default source of random numbers takes long to make.
var anonymous = wazero.NewModuleConfig().WithName("").WithStartFunctions().WithRandSource(rand.Reader)

// start instantiates the modules and runs what they need before their first call. The error is the engine's, or an [*Error].
func (i *instance) start(call *callContext, entry *entryPoint) error {
	c := call.plugin.compiled
	config := call.plugin.moduleConfig()
	ctx := experimental.WithMemoryAllocator(call, i.budget.Allocator(&i.memories))
	ctx = experimental.WithImportResolver(ctx, i.resolve)
	for n, linked := range i.linked {
		module, err := c.runtime.InstantiateModule(ctx, linked.compiled, config)
		if err != nil {
			return err
		}
		i.modules = append(i.modules, module)
		if entry.isCommand && n == len(i.linked)-1 {
			break
		}
		for _, step := range linked.startUp {
			// A copy, since results take the place of parameters.
			if err := module.ExportedFunction(step.name).CallWithStack(call, slices.Clone(step.params)); err != nil {
				return err
			}
		}
	}
	i.started = true
	return nil
}

// resolve finds the modules that belong to this instance alone. All others are found by name.
func (i *instance) resolve(name string) api.Module {
	if name == kernelModule {
		return i.kernel.module
	}
	for n, module := range i.modules {
		if linkedPrefix+i.linked[n].name == name {
			return module
		}
	}
	return nil
}

// function is an entry point in this instance.
func (i *instance) function(entry *entryPoint) api.Function {
	function, ok := i.entries[entry]
	if !ok {
		function = i.modules[len(i.modules)-1].ExportedFunction(entry.name)
		i.entries[entry] = function
	}
	return function
}

// close frees everything.
func (i *instance) close(ctx context.Context) error {
	var errs []error
	for n := len(i.modules) - 1; n >= 0; n-- {
		errs = append(errs, i.modules[n].Close(ctx))
	}
	errs = append(errs, i.kernel.module.Close(ctx))
	// The engine does not know of those of a module whose start function failed.
	for _, memory := range i.memories {
		memory.Free()
	}
	return errors.Join(errs...)
}

// wasiOutputVariable is the environment variable by which the public SDK shows what plug-ins print.
const wasiOutputVariable = "EXTISM_ENABLE_WASI_OUTPUT"

// moduleConfig is the system that WASI shows.
func (p *Plugin) moduleConfig() wazero.ModuleConfig {
	config := p.config
	if config == nil {
		config = wazero.NewModuleConfig().
			WithSysWalltime().
			WithSysNanotime().
			WithRandSource(rand.Reader)
	}
	if p.compiled.config.EnableWasi {
		if folders := p.compiled.folders; len(folders) > 0 {
			config = config.WithFSConfig(folders.mount(wazero.NewFSConfig()))
		}
		config = config.WithNanosleep(p.sleep)
		if _, shown := os.LookupEnv(wasiOutputVariable); shown {
			config = config.WithStdout(os.Stdout).WithStderr(os.Stderr)
		}
	}
	return config.WithName("").WithStartFunctions()
}

// sleep is how long guests sleep: as they ask, or until their call must end.
func (p *Plugin) sleep(nanoseconds int64) {
	call := p.call.Load()
	if call == nil {
		return
	}
	timer := time.NewTimer(time.Duration(nanoseconds))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-call.Done():
	}
	call.mustGoOn()
}
