package plugwright

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Pool has instances of one plug-in for any number of goroutines: at most so many at a time, handed out first come, first
// served. Its methods may be called by any goroutine.
//
// Instances are made when they are needed and kept when they are returned. One that was stopped in the middle of a call, by
// a trap or at a deadline, gives its memory back at once, and a fresh one takes its place; one that was closed leaves the
// pool. What a borrower changes stays with the instance from one borrower to the next: variables, fields such as
// [Plugin.Config], the logger. Its output does not.
type Pool struct {
	compiled *CompiledPlugin
	config   PoolConfig

	mutex sync.Mutex
	// all are the instances that exist, idle are those of them that are not lent; the last one is lent first, since its
	// memory is warm.
	all, idle []*Plugin
	// toMake is how many more instances may be made.
	toMake int
	// waiting are those who wait, in the order of asking. Nobody waits while there is something to be had.
	waiting waiters
	closed  bool
	// drained is closed when the pool is closed and nothing is lent.
	drained chan struct{}
	stats   PoolStats
}

// PoolConfig says how large a pool is, and what its instances get.
type PoolConfig struct {
	// Max is how many instances there are at most; at least 1.
	Max int
	// Instance is what each instance is made with.
	Instance PluginInstanceConfig
	// Setup is called with each new instance before anybody gets it, for example to set a logger. An error is that of the
	// caller that the instance was made for. It may be nil.
	Setup func(ctx context.Context, plugin *Plugin) error
}

// PoolStats is what a pool tells of itself.
type PoolStats struct {
	// Max is the most instances that the pool makes.
	Max int
	// Idle is how many instances wait to be lent, InUse how many are lent or being made.
	Idle, InUse int
	// Waiting is how many callers wait.
	Waiting int
	// Acquired counts instances that were lent so far; Waited counts those callers among them that had to wait, and
	// WaitTime is how long they did, together.
	Acquired, Waited uint64
	WaitTime         time.Duration
	// Made counts instances that were made, Replaced those that were returned unfit for another call.
	Made, Replaced uint64
}

// NewPool makes a pool, which starts without instances. The compiled plug-in stays the caller's: close it after the pool.
// The error is an [*Error] of KindLimit when the size is not at least 1.
func NewPool(compiled *CompiledPlugin, config PoolConfig) (*Pool, error) {
	if config.Max < 1 {
		return nil, newError(KindLimit, "a pool of %d instances lends nothing; set Max to at least 1", config.Max).
			in(compiled.name, "")
	}
	return &Pool{compiled: compiled, config: config, toMake: config.Max, drained: make(chan struct{})}, nil
}

// Acquire lends an instance, waiting for one to become free until the context is done. [PooledPlugin.Release] returns it.
//
// The error is an [*Error]: KindPoolTimeout when the context's deadline passed, KindCancelled when the context was
// cancelled (either has the context's error as its cause), KindClosed when the pool is closed; or that of making an
// instance.
func (p *Pool) Acquire(ctx context.Context) (*PooledPlugin, error) {
	plugin, err := p.acquire(ctx)
	if err != nil {
		return nil, err
	}
	return &PooledPlugin{Plugin: plugin, pool: p}, nil
}

// Call calls a function of some instance, waiting for one to become free; see [Pool.CallWithContext].
func (p *Pool) Call(name string, data []byte) (uint32, []byte, error) {
	return p.CallWithContext(context.Background(), name, data)
}

// CallWithContext calls a function of some instance, as [Plugin.CallWithContext] does. The context is for the waiting as
// well. Besides that method's errors there are those of [Pool.Acquire].
func (p *Pool) CallWithContext(ctx context.Context, name string, data []byte) (uint32, []byte, error) {
	plugin, err := p.acquire(ctx)
	if err != nil {
		return 1, []byte{}, err
	}
	// Also when a logger of the host's panics.
	defer p.release(plugin)
	return plugin.CallWithContext(ctx, name, data)
}

// Compiled is the plug-in that the instances are of.
func (p *Pool) Compiled() *CompiledPlugin { return p.compiled }

// Stats tells how the pool is doing at the moment.
func (p *Pool) Stats() PoolStats {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	stats := p.stats
	stats.Max, stats.Idle, stats.Waiting = p.config.Max, len(p.idle), p.waiting.len()
	stats.InUse = p.config.Max - p.toMake - len(p.idle)
	return stats
}

// Close closes the pool: nobody gets an instance any more, those who wait get an error of KindClosed, and instances are
// freed: the idle ones now, the others when they are returned, for which Close waits. When the context is done first,
// calls under way are cancelled, and Close returns an [*Error] with the context's as its cause. Closing again waits again.
func (p *Pool) Close(ctx context.Context) error {
	p.mutex.Lock()
	idle := p.idle
	p.idle = nil
	if !p.closed {
		p.closed = true
		for {
			first := p.waiting.pop()
			if first == nil {
				break
			}
			first.granted <- grant{err: p.closedError()}
		}
		for _, plugin := range idle {
			p.forget(plugin)
		}
		p.toMake += len(idle)
		p.checkDrained()
	}
	p.mutex.Unlock()
	var errs []error
	for _, plugin := range idle {
		errs = append(errs, plugin.CloseWithContext(context.WithoutCancel(ctx)))
	}
	select {
	case <-p.drained:
		return errors.Join(errs...)
	case <-ctx.Done():
	}
	p.mutex.Lock()
	lent := append([]*Plugin(nil), p.all...)
	p.mutex.Unlock()
	for _, plugin := range lent {
		errs = append(errs, plugin.CloseWithContext(context.WithoutCancel(ctx)))
	}
	late := newError(endOf(ctx), "%d instances had not been returned when the pool had to be closed; their calls were cancelled",
		len(lent)).because(context.Cause(ctx)).in(p.compiled.name, "")
	return errors.Join(append([]error{late}, errs...)...)
}

func (p *Pool) closedError() *Error {
	return newError(KindClosed, "the pool is closed").in(p.compiled.name, "")
}

// acquire lends an instance.
func (p *Pool) acquire(ctx context.Context) (*Plugin, error) {
	if err := ctx.Err(); err != nil {
		return nil, p.gaveUp(ctx)
	}
	p.mutex.Lock()
	got, waiter := p.ask()
	p.mutex.Unlock()
	if waiter != nil {
		since := time.Now()
		select {
		case got = <-waiter.granted:
		case <-ctx.Done():
			p.leave(waiter)
			return nil, p.gaveUp(ctx)
		}
		p.mutex.Lock()
		p.stats.Waited++
		p.stats.WaitTime += time.Since(since)
		p.mutex.Unlock()
	}
	switch {
	case got.err != nil:
		return nil, got.err
	case got.plugin == nil:
		return p.make(ctx)
	default:
		return got.plugin, nil
	}
}

// ask takes what there is, or a place in the queue.
func (p *Pool) ask() (grant, *waiter) {
	for !p.closed && p.waiting.len() == 0 && len(p.idle) > 0 {
		last := len(p.idle) - 1
		plugin := p.idle[last]
		p.idle[last] = nil
		p.idle = p.idle[:last]
		if plugin.closing.Load() {
			// By whoever borrowed it, or with the compiled plug-in.
			p.forget(plugin)
			p.toMake++
			continue
		}
		p.stats.Acquired++
		return grant{plugin: plugin}, nil
	}
	switch {
	case p.closed:
		return grant{err: p.closedError()}, nil
	case p.waiting.len() == 0 && p.toMake > 0:
		p.toMake--
		return grant{}, nil
	default:
		return grant{}, p.waiting.push()
	}
}

// make makes an instance, the right to which the caller has.
func (p *Pool) make(ctx context.Context) (made *Plugin, err error) {
	var plugin *Plugin
	defer func() {
		if made != nil {
			return
		}
		// Also when Setup panics.
		if plugin != nil {
			err = errors.Join(err, plugin.CloseWithContext(context.WithoutCancel(ctx)))
		}
		p.mutex.Lock()
		p.mayMake()
		p.mutex.Unlock()
	}()
	plugin, err = p.compiled.Instance(ctx, p.config.Instance)
	if err != nil {
		return nil, err
	}
	if p.config.Setup != nil {
		if err := p.config.Setup(ctx, plugin); err != nil {
			return nil, err
		}
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.all = append(p.all, plugin)
	p.stats.Acquired++
	p.stats.Made++
	return plugin, nil
}

// release returns an instance.
func (p *Pool) release(plugin *Plugin) {
	usable, replaced := plugin.settle()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if replaced {
		p.stats.Replaced++
	}
	if !usable || p.closed {
		p.mutex.Unlock()
		// The error would be one of freeing memory, and nobody is there to be told.
		_ = plugin.CloseWithContext(context.Background())
		p.mutex.Lock()
		p.forget(plugin)
		p.mayMake()
		return
	}
	if first := p.waiting.pop(); first != nil {
		p.stats.Acquired++
		first.granted <- grant{plugin: plugin}
		return
	}
	p.idle = append(p.idle, plugin)
}

// mayMake gives the right to make an instance to the first one in the queue, or keeps it.
func (p *Pool) mayMake() {
	if first := p.waiting.pop(); first != nil {
		first.granted <- grant{}
		return
	}
	p.toMake++
	p.checkDrained()
}

// forget removes an instance from those that exist.
func (p *Pool) forget(plugin *Plugin) {
	for i, one := range p.all {
		if one == plugin {
			last := len(p.all) - 1
			p.all[i], p.all[last] = p.all[last], nil
			p.all = p.all[:last]
			return
		}
	}
}

// checkDrained notices that a closed pool has nothing out.
func (p *Pool) checkDrained() {
	if p.closed && p.toMake == p.config.Max {
		close(p.drained)
	}
}

// leave gives up a place in the queue. What was granted already goes to the next one.
func (p *Pool) leave(w *waiter) {
	p.mutex.Lock()
	waited := p.waiting.remove(w)
	p.mutex.Unlock()
	if waited {
		return
	}
	switch got := <-w.granted; {
	case got.err != nil:
	case got.plugin != nil:
		p.release(got.plugin)
	default:
		p.mutex.Lock()
		p.mayMake()
		p.mutex.Unlock()
	}
}

// gaveUp is the error for a context that is done.
func (p *Pool) gaveUp(ctx context.Context) error {
	kind := endOf(ctx)
	err := newError(kind, "none of the %d instances became free before the context's deadline; raise the pool's Max or wait longer",
		p.config.Max)
	if kind == KindCancelled {
		err = newError(kind, "the context was cancelled before an instance became free")
	}
	return err.because(context.Cause(ctx)).in(p.compiled.name, "")
}

// endOf is the kind of error for a context that is done.
func endOf(ctx context.Context) Kind {
	if errors.Is(ctx.Err(), context.Canceled) {
		return KindCancelled
	}
	return KindPoolTimeout
}

// PooledPlugin is an instance that was borrowed from a [Pool]. It is for one goroutine at a time, as every [Plugin].
type PooledPlugin struct {
	// Plugin is the instance; nil after Release, so that using it panics then.
	*Plugin
	pool     *Pool
	released atomic.Bool
}

// Release returns the instance to its pool. Do that once nothing uses it any more; a call that is under way nevertheless is
// cancelled, and the instance is not lent again. Releasing again has no effect.
func (p *PooledPlugin) Release() {
	if p.released.CompareAndSwap(false, true) {
		plugin := p.Plugin
		p.Plugin = nil
		p.pool.release(plugin)
	}
}
