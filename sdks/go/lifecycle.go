package plugwright

import (
	"context"
	"errors"
)

// enter begins a call.
func (p *Plugin) enter() *Error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch {
	case p.closing.Load():
		return newError(KindClosed, "the plug-in is closed")
	case p.busy:
		return newError(KindBusy,
			"the plug-in is in the middle of a call; use a Pool, or an instance for each goroutine, and none from its own host functions")
	default:
		p.busy = true
		return nil
	}
}

// leave ends a call, and frees everything if the plug-in was closed meanwhile.
func (p *Plugin) leave() {
	p.mutex.Lock()
	p.busy = false
	free := p.closing.Load() && !p.gone
	p.gone = p.gone || free
	p.mutex.Unlock()
	if free {
		// Close has returned by now: nobody is left to tell.
		_ = p.free(context.Background())
	}
}

// Close frees the plug-in. A call under way is cancelled, and frees it when it ends. Closing again has no effect.
func (p *Plugin) Close(ctx context.Context) error { return p.CloseWithContext(ctx) }

// CloseWithContext is Close.
func (p *Plugin) CloseWithContext(ctx context.Context) error {
	p.mutex.Lock()
	p.closing.Store(true)
	if call := p.call.Load(); call != nil {
		call.end()
	}
	free := !p.busy && !p.gone
	p.gone = p.gone || free
	p.mutex.Unlock()
	if !free {
		return nil
	}
	return p.free(ctx)
}

// free frees the instance, and the code if it goes with the plug-in.
func (p *Plugin) free(ctx context.Context) error {
	errs := []error{p.drop(ctx), p.compiled.forget(ctx, p)}
	if p.owned {
		errs = append(errs, p.compiled.Close(ctx))
	}
	return errors.Join(errs...)
}
