package plugwright

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// newPool makes a pool of a guest; it is closed when the test ends.
func newPool(t testing.TB, guest string, config PoolConfig, functions ...HostFunction) *Pool {
	t.Helper()
	compiled, err := NewCompiledPlugin(t.Context(), guestManifest(guest), PluginConfig{Name: "pooled"}, functions)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := NewPool(compiled, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(pool.Close(context.Background()), compiled.Close(context.Background())); err != nil {
			t.Error(err)
		}
	})
	return pool
}

func borrow(t testing.TB, pool *Pool) *PooledPlugin {
	t.Helper()
	plugin, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return plugin
}

// untilWaiting returns when so many callers wait.
func untilWaiting(pool *Pool, count int) {
	for pool.Stats().Waiting != count {
		runtime.Gosched()
	}
}

func TestPoolLendsAndKeeps(t *testing.T) {
	pool := newPool(t, "wat/hazard_16_trap_then_work", PoolConfig{Max: 2})
	first := borrow(t, pool)
	second := borrow(t, pool)
	if first.Plugin == second.Plugin {
		t.Fatal("lent twice")
	}
	if stats := pool.Stats(); stats.InUse != 2 || stats.Idle != 0 || stats.Made != 2 || stats.Max != 2 {
		t.Errorf("%+v", stats)
	}
	first.Var["kept"] = []byte("yes")
	if code, _, err := first.Call("calls_before", nil); err != nil || code != 0 {
		t.Error(code, err)
	}
	plugin := first.Plugin
	first.Release()
	first.Release()
	if first.Plugin != nil {
		t.Error("it can still be used")
	}
	again := borrow(t, pool)
	if again.Plugin != plugin || string(again.Var["kept"]) != "yes" {
		t.Error("another instance, or another state")
	}
	if code, _, err := again.Call("calls_before", nil); code != 1 || !errors.Is(err, KindGuest) {
		t.Error("the guest's memory was not kept", code, err)
	}
	again.Release()
	second.Release()
	if stats := pool.Stats(); stats.InUse != 0 || stats.Idle != 2 || stats.Acquired != 3 || stats.Waited != 0 || stats.Replaced != 0 {
		t.Errorf("%+v", stats)
	}
	if pool.Compiled().name != "pooled" {
		t.Error("another plug-in")
	}
}

func TestPoolSizes(t *testing.T) {
	compiled, err := NewCompiledPlugin(t.Context(), guestManifest("wat/echo"), PluginConfig{Name: "p"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, -1} {
		_, err := NewPool(compiled, PoolConfig{Max: size})
		failsWith(t, err, KindLimit, "plug-in `p`", "at least 1")
	}
	if err := compiled.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPoolForgetsOutput(t *testing.T) {
	pool := newPool(t, "wat/echo", PoolConfig{Max: 1})
	plugin := borrow(t, pool)
	mustCall(t, plugin.Plugin, "echo", "secret")
	plugin.Release()
	plugin = borrow(t, pool)
	defer plugin.Release()
	if output, err := plugin.GetOutput(); err != nil || len(output) != 0 {
		t.Errorf("%q %v", output, err)
	}
}

func TestPoolIsFair(t *testing.T) {
	pool := newPool(t, "wat/echo", PoolConfig{Max: 1})
	held := borrow(t, pool)
	var order []int
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			plugin := borrow(t, pool)
			// One at a time has the instance, and so this.
			order = append(order, i)
			plugin.Release()
		})
		untilWaiting(pool, i+1)
	}
	held.Release()
	// Whoever asks now is behind those who wait.
	group.Wait()
	if !slices.IsSorted(order) || len(order) != 20 {
		t.Error(order)
	}
	if stats := pool.Stats(); stats.Waited != 20 || stats.WaitTime <= 0 || stats.Waiting != 0 || stats.Idle != 1 {
		t.Errorf("%+v", stats)
	}
}

func TestPoolWaitsAsLongAsTheContext(t *testing.T) {
	pool := newPool(t, "wat/echo", PoolConfig{Max: 1})
	held := borrow(t, pool)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := pool.Acquire(ctx)
	failsWith(t, err, KindPoolTimeout, "plug-in `pooled`", "none of the 1 instances")
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	ctx, cancelWaiting := context.WithCancelCause(t.Context())
	reason := errors.New("the reason")
	var group sync.WaitGroup
	group.Go(func() {
		_, _, err := pool.CallWithContext(ctx, "echo", nil)
		failsWith(t, err, KindCancelled, "cancelled before an instance became free")
		if !errors.Is(err, reason) || !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	untilWaiting(pool, 1)
	cancelWaiting(reason)
	group.Wait()
	held.Release()
	// Also when there is something to be had.
	_, err = pool.Acquire(ctx)
	failsWith(t, err, KindCancelled)
	if stats := pool.Stats(); stats.Idle != 1 || stats.Waiting != 0 {
		t.Errorf("%+v", stats)
	}
}

func TestPoolPassesOnWhatNobodyTakes(t *testing.T) {
	pool := newPool(t, "wat/echo", PoolConfig{Max: 1})
	held := borrow(t, pool)
	pool.mutex.Lock()
	_, gone := pool.ask()
	_, next := pool.ask()
	pool.mutex.Unlock()
	plugin := held.Plugin
	held.Release()
	// The first one got the instance, but its context was done at the same moment.
	pool.leave(gone)
	if got := <-next.granted; got.plugin != plugin {
		t.Fatal("another instance")
	}
	pool.release(plugin)
	// The same with the right to make one.
	pool.mutex.Lock()
	pool.ask()
	_, gone = pool.ask()
	_, next = pool.ask()
	pool.mayMake()
	pool.mutex.Unlock()
	pool.leave(gone)
	if got := <-next.granted; got.plugin != nil || got.err != nil {
		t.Fatal("it may make one", got)
	}
	pool.release(plugin)
	pool.mutex.Lock()
	pool.mayMake()
	// That was one more than there was.
	pool.toMake--
	pool.mutex.Unlock()
}

func TestPoolReplacesWhatIsBroken(t *testing.T) {
	pool := newPool(t, "wat/hazard_16_trap_then_work", PoolConfig{Max: 1})
	for range 3 {
		plugin := borrow(t, pool)
		plugin.Var["kept"] = []byte("yes")
		_, _, err := plugin.Call("trap", nil)
		failsWith(t, err, KindTrap)
		plugin.Release()
		plugin = borrow(t, pool)
		if plugin.instance != nil {
			t.Error("its memory is still there")
		}
		if code, _, err := plugin.Call("calls_before", nil); code != 0 || err != nil || string(plugin.Var["kept"]) != "yes" {
			t.Error(code, err, plugin.Var)
		}
		plugin.Release()
	}
	// One that was closed by its borrower.
	closed := borrow(t, pool)
	former := closed.Plugin
	if err := closed.Close(t.Context()); err != nil {
		t.Error(err)
	}
	closed.Release()
	// And one that is closed while it is idle.
	plugin := borrow(t, pool)
	if plugin.Plugin == former {
		t.Error("a closed one was lent")
	}
	former = plugin.Plugin
	plugin.Release()
	if err := former.Close(t.Context()); err != nil {
		t.Error(err)
	}
	plugin = borrow(t, pool)
	if code, _, err := plugin.Call("calls_before", nil); code != 0 || err != nil {
		t.Error(code, err)
	}
	plugin.Release()
	if stats := pool.Stats(); stats.Replaced != 4 || stats.Made != 3 || stats.Idle != 1 || stats.InUse != 0 {
		t.Errorf("%+v", stats)
	}
}

func TestPoolDoesNotLendWhatStillRuns(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	echo := HostFunc("host_echo", func(ctx context.Context, data []byte) ([]byte, error) {
		close(entered)
		<-leave
		return data, nil
	})
	pool := newPool(t, "wat/host_functions", PoolConfig{Max: 1}, append(numberFunctions(), echo)...)
	borrowed := borrow(t, pool)
	plugin := borrowed.Plugin
	var group sync.WaitGroup
	group.Go(func() {
		_, _, err := plugin.Call("echo", []byte("x"))
		failsWith(t, err, KindCancelled, "closed during the call")
	})
	<-entered
	borrowed.Release()
	other := borrow(t, pool)
	if other.Plugin == plugin {
		t.Error("it was lent again")
	}
	close(leave)
	group.Wait()
	other.Release()
}

func TestPoolSetsInstancesUp(t *testing.T) {
	failure := errors.New("not yet")
	var made []*Plugin
	pool := newPool(t, "wat/echo", PoolConfig{Max: 1, Setup: func(_ context.Context, plugin *Plugin) error {
		made = append(made, plugin)
		switch len(made) {
		case 1:
			return failure
		case 2:
			panic("a panic of the host's")
		}
		plugin.Config = map[string]string{"set": "up"}
		return nil
	}})
	if _, err := pool.Acquire(t.Context()); !errors.Is(err, failure) {
		t.Error(err)
	}
	func() {
		defer func() {
			if recover() != "a panic of the host's" {
				t.Error("the panic was lost")
			}
		}()
		_, _ = pool.Acquire(t.Context())
	}()
	for _, unfit := range made {
		_, _, err := unfit.Call("echo", nil)
		failsWith(t, err, KindClosed, "the plug-in is closed")
	}
	if plugin := borrow(t, pool); plugin.Config["set"] != "up" {
		t.Error(plugin.Config)
	} else {
		plugin.Release()
	}
}

func TestPoolCloses(t *testing.T) {
	pool := newPool(t, "wat/spin", PoolConfig{Max: 2})
	idle, held := borrow(t, pool), borrow(t, pool)
	freed := idle.Plugin
	idle.Release()
	other := borrow(t, pool)
	var group sync.WaitGroup
	group.Go(func() {
		_, err := pool.Acquire(t.Context())
		failsWith(t, err, KindClosed, "the pool is closed")
	})
	untilWaiting(pool, 1)
	running := make(chan struct{})
	group.Go(func() {
		close(running)
		_, _, err := held.Call("spin", nil)
		if !errors.Is(err, KindCancelled) && !errors.Is(err, KindClosed) {
			t.Error(err)
		}
		held.Release()
		other.Release()
	})
	<-running
	ctx, cancel := context.WithCancel(t.Context())
	group.Go(func() {
		err := pool.Close(ctx)
		failsWith(t, err, KindCancelled, "2 instances had not been returned")
	})
	for {
		if _, err := pool.Acquire(t.Context()); errors.Is(err, KindClosed) {
			break
		}
		runtime.Gosched()
	}
	// The call goes on: it is the context that ends it.
	cancel()
	group.Wait()
	if err := pool.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, _, err := freed.Call("work", nil); !errors.Is(err, KindClosed) {
		t.Error(err)
	}
	if _, _, err := pool.Call("work", nil); !errors.Is(err, KindClosed) {
		t.Error(err)
	}
	if stats := pool.Stats(); stats.InUse != 0 || stats.Idle != 0 {
		t.Errorf("%+v", stats)
	}
}

func TestPoolOfAClosedPlugin(t *testing.T) {
	pool := newPool(t, "wat/echo", PoolConfig{Max: 1})
	borrow(t, pool).Release()
	if err := pool.compiled.Close(t.Context()); err != nil {
		t.Error(err)
	}
	for range 2 {
		_, err := pool.Acquire(t.Context())
		failsWith(t, err, KindClosed, "compiled plug-in is closed")
	}
}

// Whatever others do, each caller gets its own answer.
func TestPoolHammer(t *testing.T) {
	const goroutines, calls = 64, 30
	for _, size := range []int{1, 4} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			pool := newPool(t, "rust_own_fail", PoolConfig{Max: size})
			cancelled, cancel := context.WithCancel(t.Context())
			cancel()
			var group sync.WaitGroup
			for number := range goroutines {
				group.Go(func() {
					random := rand.New(rand.NewPCG(7, uint64(number)))
					for i := range calls {
						text := strings.Repeat(fmt.Sprint(number, ",", i, ";"), 1+random.IntN(50))
						switch random.IntN(8) {
						case 0:
							_, _, err := pool.CallWithContext(t.Context(), "unreachable", []byte(text))
							if !errors.Is(err, KindTrap) {
								t.Error(err)
							}
						case 1:
							_, err := Call[string, string](t.Context(), pool, "panic", text)
							if !errors.Is(err, KindTrap) || !strings.Contains(err.Error(), text) {
								t.Error(err)
							}
						case 2:
							if _, err := pool.Acquire(cancelled); !errors.Is(err, KindCancelled) {
								t.Error(err)
							}
						case 3:
							ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(200))*time.Microsecond)
							plugin, err := pool.Acquire(ctx)
							cancel()
							if err == nil {
								plugin.Release()
							} else if !errors.Is(err, KindPoolTimeout) {
								t.Error(err)
							}
						default:
							_, err := Call[string, string](t.Context(), pool, "fail_message", text)
							if !errors.Is(err, KindGuest) || err.Error() != text {
								t.Error(err)
							}
						}
					}
				})
			}
			group.Wait()
			stats := pool.Stats()
			if stats.InUse != 0 || stats.Waiting != 0 || stats.Idle > size || stats.Made > uint64(size) || stats.Replaced == 0 {
				t.Errorf("%+v", stats)
			}
		})
	}
}
