package plugwright

import (
	"context"
	"errors"
	"sync"
	"time"
)

// PluginCtxKey is the type of a key of the contexts that host functions get: PluginCtxKey("plugin") leads to the *Plugin that
// is calling.
type PluginCtxKey string

// callKey is the key by which the functions of the contract find their call.
type callKey struct{}

// callContext is the context of one call, which everything that runs in it gets. Its timer and its channel are made only when
// somebody asks for them: most calls end without.
type callContext struct {
	// Context is what the caller gave.
	context.Context
	plugin *Plugin
	// deadline is the end of the plug-in's own timeout, or the caller's deadline if that is earlier; zero for neither.
	deadline time.Time
	// timed is set when the plug-in has a timeout of its own, so that Context alone does not know the deadline.
	timed bool
	// cancellable is set when Context can be cancelled.
	cancellable bool

	mutex  sync.Mutex
	inner  context.Context
	cancel context.CancelFunc
	over   bool
}

// newCallContext begins a call with a timeout, of which 0 stands for none.
func newCallContext(parent context.Context, plugin *Plugin, timeout time.Duration) *callContext {
	c := &callContext{Context: parent, plugin: plugin, cancellable: parent.Done() != nil}
	if timeout > 0 {
		c.deadline, c.timed = time.Now().Add(timeout), true
	}
	if end, ok := parent.Deadline(); ok && (!c.timed || end.Before(c.deadline)) {
		c.deadline = end
	}
	return c
}

// callOf is the call that a function of the host runs in.
func callOf(ctx context.Context) *callContext {
	if c, ok := ctx.(*callContext); ok {
		return c
	}
	c, ok := ctx.Value(callKey{}).(*callContext)
	if !ok {
		panic(newError(KindContract, "a function for plug-ins was called outside of a plug-in's call"))
	}
	return c
}

// Deadline is when the call must end.
func (c *callContext) Deadline() (time.Time, bool) { return c.deadline, !c.deadline.IsZero() }

// Done is closed when the call must end, and when it has ended.
func (c *callContext) Done() <-chan struct{} { return c.timer().Done() }

// Err says why Done is closed.
func (c *callContext) Err() error {
	c.mutex.Lock()
	untouched := c.inner == nil && !c.timed && !c.over
	c.mutex.Unlock()
	if untouched {
		return c.Context.Err()
	}
	return c.timer().Err()
}

// Value finds the plug-in, and else what the caller's context has.
func (c *callContext) Value(key any) any {
	switch key {
	case callKey{}:
		return c
	case PluginCtxKey("plugin"):
		return c.plugin
	default:
		return c.Context.Value(key)
	}
}

// timer is a context that ends when the call must.
func (c *callContext) timer() context.Context {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.inner == nil {
		if c.timed {
			c.inner, c.cancel = context.WithDeadline(c.Context, c.deadline)
		} else {
			c.inner, c.cancel = context.WithCancel(c.Context)
		}
		if c.over {
			c.cancel()
		}
	}
	return c.inner
}

// end ends the context, and releases what it holds. It is called when the call has ended, or when it must.
func (c *callContext) end() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.over = true
	if c.cancel != nil {
		c.cancel()
	}
}

// check returns why the call must stop: an [*Error] of KindTimeout or KindCancelled, or nil.
func (c *callContext) check() *Error {
	if c.plugin.closing.Load() {
		return newError(KindCancelled, "the plug-in was closed during the call")
	}
	if c.cancellable {
		if err := c.Context.Err(); err != nil {
			return c.stopped(err)
		}
	}
	if !c.deadline.IsZero() && !time.Now().Before(c.deadline) {
		return c.stopped(context.DeadlineExceeded)
	}
	return nil
}

// mustGoOn ends the call if it must stop. It is for functions that guests call: the engine turns a panic into the call's error.
func (c *callContext) mustGoOn() {
	if stop := c.check(); stop != nil {
		panic(stop)
	}
}

func (c *callContext) stopped(err error) *Error {
	if errors.Is(err, context.DeadlineExceeded) {
		return newError(KindTimeout, "the call did not end before its deadline").because(context.DeadlineExceeded)
	}
	return newError(KindCancelled, "the call was cancelled").because(context.Cause(c.Context))
}
