package plugwright

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero/api"
)

// FunctionExists reports whether the plug-in's main module exports a function of this name.
func (p *Plugin) FunctionExists(name string) bool {
	for _, export := range p.compiled.exports.functions {
		if export.Name == name {
			return true
		}
	}
	return false
}

// Module is the plug-in's main module.
func (p *Plugin) Module() *Module { return &Module{exports: &p.compiled.exports} }

// Memory is the plug-in's kernel memory, where blocks are: input and output of the last call among them. It is nil when the
// plug-in was closed or its memory could not be made. Views of it are valid until the next call begins, or memory grows.
func (p *Plugin) Memory() api.Memory {
	if p.closing.Load() && p.instance == nil {
		return nil
	}
	if p.instance == nil {
		if _, err := p.live(); err != nil {
			return nil
		}
	}
	return p.instance.kernel.memory
}

// SetInput frees all blocks and makes these bytes the input, as a call does; it returns their offset. The error is an [*Error].
func (p *Plugin) SetInput(data []byte) (uint64, error) {
	if err := p.enter(); err != nil {
		return 0, err.in(p.compiled.name, "")
	}
	defer p.leave()
	i, err := p.live()
	if err != nil {
		return 0, err
	}
	i.kernel.newCall()
	offset, err := newBlock(i.kernel, data)
	if err == nil {
		i.kernel.setInput(span{offset, uint64(len(data))})
	}
	return offset, err
}

// SetInputWithContext is SetInput; the context has no effect.
func (p *Plugin) SetInputWithContext(_ context.Context, data []byte) (uint64, error) {
	return p.SetInput(data)
}

// GetOutput is a copy of the last call's output. The error is an [*Error].
func (p *Plugin) GetOutput() ([]byte, error) { return p.output() }

// GetOutputWithContext is GetOutput; the context has no effect.
func (p *Plugin) GetOutputWithContext(context.Context) ([]byte, error) { return p.output() }

func (p *Plugin) output() ([]byte, error) {
	if p.instance == nil {
		return []byte{}, nil
	}
	view, err := p.instance.kernel.bytes(p.instance.kernel.output)
	return append(make([]byte, 0, len(view)), view...), err
}

// GetError is the message that the plug-in set in its last call, empty if there is none.
func (p *Plugin) GetError() string {
	if p.instance == nil {
		return ""
	}
	return p.instance.guestMessage()
}

// GetErrorWithContext is GetError; the context has no effect.
func (p *Plugin) GetErrorWithContext(context.Context) string { return p.GetError() }

// SetLogger sets a callback for the messages of this instance, instead of what [PluginConfig] says. Messages have a level of
// at least [PluginConfig.LogLevel], or of [SetLogLevel]'s.
func (p *Plugin) SetLogger(logger func(LogLevel, string)) { p.logs.callback = logger }

// Log passes a message to where the plug-in's own messages go, if the level is one that goes there.
func (p *Plugin) Log(level LogLevel, message string) {
	if ctx := p.context(); level >= p.logs.threshold(ctx) {
		p.logs.emit(ctx, level, message)
	}
}

// Logf is Log with a format.
func (p *Plugin) Logf(level LogLevel, format string, args ...any) {
	p.Log(level, fmt.Sprintf(format, args...))
}

// context is that of the call under way, if there is one.
func (p *Plugin) context() context.Context {
	if call := p.call.Load(); call != nil {
		return call
	}
	return context.Background()
}
