package plugwright

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/plugwright/plugwright/sdks/go/internal/wasmbin"
)

// soon is a timeout for what never ends by itself.
const soon = 30 * time.Millisecond

func TestWhateverGoesOnForEverIsStopped(t *testing.T) {
	manifest := guestManifest("wat/endless")
	manifest.Timeout = uint64(soon / time.Millisecond)
	p := newGuest(t, manifest)
	for _, function := range []string{
		"loop", "loop_if", "loop_table", "nested", "recursion", "recursion_by_table",
		"fill", "copy", "fill_table",
	} {
		p.Var["kept"] = []byte(function)
		_, _, err := p.Call(function, nil)
		mustFail(t, err, KindTimeout)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v is not context.DeadlineExceeded", function, err)
		}
		mustCall(t, p, "fine", "")
		if string(p.Var["kept"]) != function {
			t.Errorf("%s took the variables along", function)
		}
	}
}

// Two functions, each of which is called in the place of the other, for ever.
func TestTailCallsAreStopped(t *testing.T) {
	const returnCall, end = 0x12, 0x0b
	module := []byte(wasmbin.Header)
	module = wasmbin.AppendSection(module, wasmbin.SectionType, wasmbin.AppendFunctionType([]byte{1}, nil, nil))
	module = wasmbin.AppendSection(module, wasmbin.SectionFunction, []byte{2, 0, 0})
	module = wasmbin.AppendSection(module, wasmbin.SectionExport,
		append(wasmbin.AppendName([]byte{1}, "ping"), wasmbin.KindFunction, 0))
	module = wasmbin.AppendSection(module, wasmbin.SectionCode,
		[]byte{2, 4, 0, returnCall, 1, end, 4, 0, returnCall, 0, end})
	p := newGuest(t, Manifest{Wasm: []Wasm{WasmData{Data: module}}})
	p.Timeout = soon
	_, _, err := p.Call("ping", nil)
	mustFail(t, err, KindTimeout)
}

func TestStartUpFunctionsAreStopped(t *testing.T) {
	for _, guest := range []string{
		"wat/hazard_06_loop_in_start", "wat/hazard_06_loop_in_initialize", "wat/hazard_06_loop_in_ctors",
	} {
		manifest := guestManifest(guest)
		manifest.Timeout = uint64(soon / time.Millisecond)
		p := newGuest(t, manifest)
		for name := range p.compiled.exports.entryPoints {
			_, _, err := p.Call(name, nil)
			mustFail(t, err, KindTimeout)
		}
	}
}

func TestAContextStopsACall(t *testing.T) {
	p := newGuest(t, guestManifest("wat/endless"))
	errStop := errors.New("enough")
	running, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(soon, func() { cancel(errStop) })
	_, _, err := p.CallWithContext(running, "loop", nil)
	mustFail(t, err, KindCancelled)
	if !errors.Is(err, errStop) || !errors.Is(err, context.Canceled) {
		t.Errorf("%v has another cause", err)
	}

	late, cancelLate := context.WithTimeout(t.Context(), soon)
	defer cancelLate()
	_, _, err = p.CallWithContext(late, "loop", nil)
	mustFail(t, err, KindTimeout)

	_, _, err = p.CallWithContext(running, "fine", nil)
	mustFail(t, err, KindCancelled)
	mustCall(t, p, "fine", "")
}

// Go stops the world for a collection, and compiled code cannot be stopped from outside.
func TestAGuestThatRunsDoesNotHoldUpTheCollector(t *testing.T) {
	p := newGuest(t, guestManifest("wat/endless"))
	ctx, cancel := context.WithCancel(t.Context())
	var calls sync.WaitGroup
	calls.Go(func() {
		if _, _, err := p.CallWithContext(ctx, "loop", nil); !errors.Is(err, KindCancelled) {
			t.Error(err)
		}
	})
	for range 20 {
		runtime.GC()
		runtime.Gosched()
	}
	cancel()
	calls.Wait()
}

func TestOneDeadlineLeavesOthersAlone(t *testing.T) {
	c, err := NewCompiledPlugin(t.Context(), guestManifest("wat/endless"), PluginConfig{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			p, err := c.Instance(t.Context(), PluginInstanceConfig{})
			if err != nil {
				t.Error(err)
				return
			}
			p.Timeout = soon
			_, _, err = p.Call("nested", nil)
			if !errors.Is(err, KindTimeout) {
				t.Error(err)
			}
		})
		calls.Go(func() {
			p, err := c.Instance(t.Context(), PluginInstanceConfig{})
			if err != nil {
				t.Error(err)
				return
			}
			for range 200 {
				if _, _, err := p.Call("fine", nil); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	calls.Wait()
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := c.Instance(t.Context(), PluginInstanceConfig{}); !errors.Is(err, KindClosed) {
		t.Errorf("an instance of closed code: %v", err)
	}
}

func TestClosingEndsACallUnderWay(t *testing.T) {
	for name, closeIt := range map[string]func(*Plugin) error{
		"plug-in": func(p *Plugin) error { return p.Close(context.Background()) },
		"code":    func(p *Plugin) error { return p.compiled.Close(context.Background()) },
	} {
		entered := make(chan struct{})
		wait := NewHostFunctionWithStack("host_sleep_ms", func(ctx context.Context, _ *CurrentPlugin, _ []uint64) {
			close(entered)
			<-ctx.Done()
		}, []ValueType{ValueTypeI64}, nil)
		p := newGuest(t, guestManifest("wat/hazard_18_blocked_host_function"), wait)
		done := make(chan error)
		go func() {
			_, _, err := p.Call("wait", nil)
			done <- err
		}()
		<-entered
		if err := closeIt(p); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, KindCancelled) {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := p.Call("wait", nil); !errors.Is(err, KindClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHostFunctionsSeeTheEndOfTheirCall(t *testing.T) {
	wait := NewHostFunctionWithStack("host_sleep_ms", func(ctx context.Context, _ *CurrentPlugin, _ []uint64) {
		if _, ok := ctx.Deadline(); !ok {
			panic("the context has no deadline")
		}
		<-ctx.Done()
		panic(ctx.Err())
	}, []ValueType{ValueTypeI64}, nil)
	p := newGuest(t, guestManifest("wat/hazard_18_blocked_host_function"), wait)
	p.Timeout = soon
	_, _, err := p.Call("wait", nil)
	mustFail(t, err, KindTimeout)

	p.Timeout = 0
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	_, _, err = p.CallWithContext(ctx, "wait", nil)
	mustFail(t, err, KindTimeout)
}

func TestTheContextOfACallEndsWithIt(t *testing.T) {
	var kept context.Context
	keep := NewHostFunctionWithStack("host_sleep_ms", func(ctx context.Context, _ *CurrentPlugin, _ []uint64) {
		kept = ctx
	}, []ValueType{ValueTypeI64}, nil)
	p := newGuest(t, guestManifest("wat/hazard_18_blocked_host_function"), keep)
	p.Timeout = time.Hour
	mustCall(t, p, "pass", "")
	<-kept.Done()
	if !errors.Is(kept.Err(), context.Canceled) {
		t.Error(kept.Err())
	}
}

func TestGuestsSleepUntilTheirDeadline(t *testing.T) {
	p := newGuest(t, guestManifest("wat/wasi_sleep"))
	p.Timeout = soon
	for _, function := range []string{"for_an_hour", "for_ever"} {
		_, _, err := p.Call(function, nil)
		mustFail(t, err, KindTimeout)
	}
	p.Timeout = 0
	mustCall(t, p, "for_a_microsecond", "")
}

// The system refusing memory for a module's start is hard to bring about: this is what happens then.
func TestPanicsOfTheEngineAreErrors(t *testing.T) {
	if err := containEngine(func() error { panic("no memory") }); err == nil || err.Error() != "the engine failed: no memory" {
		t.Error(err)
	}
}
