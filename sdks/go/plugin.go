package plugwright

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero"
)

// Plugin is an instance of a plug-in, whose functions can be called.
//
// It makes one call at a time: a call during another, from a host function or another goroutine, is an error of KindBusy. Use
// a Pool, or an instance for each goroutine. The fields may be changed between calls.
//
// A call that ended in the middle, by a trap or at its deadline, costs the instance its memory: the next call gets a fresh one.
// Variables stay.
type Plugin struct {
	// Timeout is how long one call may take, start-up functions included; 0 means without limit.
	Timeout time.Duration
	// Config has the values that the plug-in can read by key.
	Config map[string]string
	// Var has the plug-in's variables.
	Var map[string][]byte
	// AllowedHosts has patterns of the hosts that the plug-in may send HTTP requests to.
	AllowedHosts []string
	// AllowedPaths has the folders that the plug-in may use. Changes have no effect.
	AllowedPaths map[string]string
	// LastStatusCode is the status of the plug-in's last HTTP response, 0 before any.
	LastStatusCode int
	// LastResponseHeaders are the headers of the last HTTP response; nil unless the plug-in may see them.
	LastResponseHeaders map[string]string
	// MaxHttpResponseBytes is how many bytes the body of one HTTP response may have.
	MaxHttpResponseBytes int64
	// MaxVarBytes is how many bytes all variables may have together, keys and values.
	MaxVarBytes int64

	compiled *CompiledPlugin
	// owned is set when the code goes with the plug-in.
	owned  bool
	config wazero.ModuleConfig

	// mutex guards busy, and who frees the instance.
	mutex   sync.Mutex
	busy    bool
	gone    bool
	closing atomic.Bool
	// call is the one under way.
	call atomic.Pointer[callContext]

	// What follows belongs to the call under way.
	instance  *instance
	current   CurrentPlugin
	pace      pace
	logs      logSink
	logBudget logBudget
	vars      varMeter
	// hostError is what a fallible host function failed with, until the plug-in takes it.
	hostError string
	stack     [1]uint64
}

// NewPlugin reads, compiles and links a plug-in, and makes one instance of it. No code of the plug-in runs before the first
// call. The error is an [*Error].
func NewPlugin(
	ctx context.Context,
	manifest Manifest,
	config PluginConfig,
	functions []HostFunction,
) (*Plugin, error) {
	c, err := NewCompiledPlugin(ctx, manifest, config, functions)
	if err != nil {
		return nil, err
	}
	p, err := c.Instance(ctx, PluginInstanceConfig{ModuleConfig: config.ModuleConfig})
	if err != nil {
		return nil, errors.Join(err, c.Close(ctx))
	}
	p.owned = true
	return p, nil
}

func newPlugin(c *CompiledPlugin, config wazero.ModuleConfig) *Plugin {
	p := &Plugin{
		Timeout:              c.manifest.timeout(),
		Config:               maps.Clone(c.manifest.Config),
		Var:                  make(map[string][]byte),
		AllowedHosts:         c.manifest.AllowedHosts,
		AllowedPaths:         c.manifest.AllowedPaths,
		MaxHttpResponseBytes: c.limits.MaxHttpResponseBytes,
		MaxVarBytes:          c.limits.MaxVarBytes,
		compiled:             c,
		config:               config,
		logs:                 logSink{logger: c.config.Logger, level: c.config.LogLevel, plugin: c.name},
	}
	if c.config.EnableHttpResponseHeaders {
		p.LastResponseHeaders = map[string]string{}
	}
	p.current.plugin = p
	return p
}

// Call calls a function of the plug-in with an input, and returns its code and its output. See [Plugin.CallWithContext].
func (p *Plugin) Call(name string, data []byte) (uint32, []byte, error) {
	return p.CallWithContext(context.Background(), name, data)
}

// CallWithContext calls a function of the plug-in with an input, and returns its code and its output, which is a copy. The
// call stops when the context ends or the plug-in's own [Plugin.Timeout] is over. Host functions get a context that has the
// context's values.
//
// The error is an [*Error]. A code other than 0 is one, of KindGuest; the output is there nevertheless. An error that has no
// code has the code 1 here.
func (p *Plugin) CallWithContext(ctx context.Context, name string, data []byte) (uint32, []byte, error) {
	if err := p.enter(); err != nil {
		return 1, []byte{}, err.in(p.compiled.name, name)
	}
	defer p.leave()
	entry, err := p.compiled.exports.find(name)
	if err != nil {
		return p.failed(err, name)
	}
	call := newCallContext(ctx, p, p.Timeout)
	p.call.Store(call)
	outcome := p.run(call, entry, data)
	p.call.Store(nil)
	call.end()
	if p.logBudget.droppedMessages > 0 {
		if err := contained(func() { p.logBudget.finish(ctx, &p.logs) }); err != nil && outcome == nil {
			outcome = err
		}
	}
	if outcome != nil {
		return p.failed(outcome, name)
	}
	output, err := p.output()
	if err != nil {
		return p.failed(err, name)
	}
	return 0, output, nil
}

// run makes a call, and drops an instance that cannot be used any more. The error is an [*Error].
func (p *Plugin) run(call *callContext, entry *entryPoint, data []byte) error {
	if stop := call.check(); stop != nil {
		return stop
	}
	i, err := p.live()
	if err != nil {
		return err
	}
	p.logBudget.newCall(p.compiled.config.maxLogBytes())
	p.vars.newCall()
	p.hostError = ""
	i.budget.SetRefused(false)
	i.entered = false
	i.kernel.newCall()
	// Until the call returns in the regular way.
	i.spent = true
	err = containEngine(func() error { return p.enterGuest(i, call, entry, data) })
	if err == nil {
		i.spent = entry.isCommand
		if code := int32(uint32(p.stack[0])); entry.returnsCode && code != 0 {
			return guestError(code, i.guestMessage())
		}
		return nil
	}
	return p.ending(i, err)
}

// containEngine runs the engine. It gives up by a panic where the system refuses memory for a module's start.
func containEngine(run func() error) (err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			err = fmt.Errorf("the engine failed: %v", recovered)
		}
	}()
	return run()
}

// enterGuest runs start-up functions if that has not happened, passes the input, and calls the function. The error is the
// engine's, or an [*Error].
func (p *Plugin) enterGuest(i *instance, call *callContext, entry *entryPoint, data []byte) error {
	if !i.started {
		if err := i.start(call, entry); err != nil {
			return err
		}
		// What start-up functions may have said.
		i.kernel.output, i.kernel.failure = span{}, 0
	}
	offset, err := newBlock(i.kernel, data)
	if err != nil {
		return err
	}
	i.kernel.setInput(span{offset, uint64(len(data))})
	i.entered = true
	p.stack[0] = 0
	return i.function(entry).CallWithStack(call, p.stack[:])
}

// live is an instance that can be used.
func (p *Plugin) live() (*instance, error) {
	if p.instance != nil && p.instance.spent {
		if err := p.drop(context.Background()); err != nil {
			return nil, newError(KindLimit, "cannot free the last instance: %s", oneLine(err.Error())).because(err)
		}
	}
	if p.instance == nil {
		i, err := newInstance(p.compiled)
		if err != nil {
			return nil, err
		}
		p.instance = i
	}
	return p.instance, nil
}

// drop frees the instance.
func (p *Plugin) drop(ctx context.Context) error {
	i := p.instance
	p.instance = nil
	if i == nil {
		return nil
	}
	return i.close(ctx)
}

// failed names the plug-in and the function in an error, and finds the code to return.
func (p *Plugin) failed(err error, function string) (uint32, []byte, error) {
	var own *Error
	if !errors.As(err, &own) {
		return 1, []byte{}, err
	}
	code := uint32(1)
	output := []byte{}
	switch own.Kind {
	case KindGuest:
		code = uint32(own.Code)
		if said, err := p.output(); err == nil {
			output = said
		}
	case KindExit:
		code = uint32(own.Code)
	}
	return code, output, own.in(p.compiled.name, function)
}

// contained runs code of the host's that takes messages. A panic becomes an error.
func contained(run func()) (err *Error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			err = newError(KindHostFunction, "what takes the plug-in's messages panicked: %s", oneLine(fmt.Sprint(recovered)))
		}
	}()
	run()
	return nil
}
