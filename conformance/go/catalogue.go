package conformance

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// Function is a host function of the catalogue.
type Function struct {
	Name string
	// Module is "" when the host chooses none.
	Module          string
	Params, Results []api.ValueType
	// AsValue says that an error is handed to the guest.
	AsValue bool
	// Body does the work: parameters and results are on the stack, as in wazero.
	Body func(ctx context.Context, memory Blocks, stack []uint64) error
	// Typed does the same work, for an SDK that finds out by its types what it takes and returns.
	Typed any
}

// Blocks is what a host function does with kernel memory; it is a part of the SDKs' CurrentPlugin.
type Blocks interface {
	ReadString(offset uint64) (string, error)
	ReadBytes(offset uint64) ([]byte, error)
	WriteBytes(data []byte) (uint64, error)
}

// Shared is what the host functions of a case share with the runner.
type Shared struct {
	mutex  sync.Mutex
	values map[string][]byte
	cancel context.CancelFunc
}

func newShared(kv map[string]string) *Shared {
	shared := &Shared{values: make(map[string][]byte)}
	for key, value := range kv {
		shared.values[key] = []byte(value)
	}
	return shared
}

// setCancel says how to cancel the call that is about to be made.
func (s *Shared) setCancel(cancel context.CancelFunc) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.cancel = cancel
}

// function is a function as a case asks for it.
func (s *Shared) function(asked HostFunctionUse) (Function, error) {
	const i32, i64, f32, f64 = api.ValueTypeI32, api.ValueTypeI64, api.ValueTypeF32, api.ValueTypeF64
	types := func(types ...api.ValueType) []api.ValueType { return types }
	function := Function{Name: asked.Name, Module: asked.Module}
	switch asked.Name {
	case "kv_read", "hostMemoryGet":
		function.Params, function.Results = types(i64), types(i64)
		function.Body, function.Typed = s.read, s.value
	case "kv_write":
		function.Params = types(i64, i64)
		function.Body, function.Typed = s.write, s.store
	case "host_add":
		function.Params, function.Results = types(i64, i64), types(i64)
		function.Body = add
		function.Typed = func(a, b int64) int64 { return a + b }
	case "host_mix":
		function.Params, function.Results = types(i32, i64, f32, f64), types(f64)
		function.Body = mix
		function.Typed = func(a int32, b int64, c float32, d float64) float64 { return float64(a) + float64(b) + float64(c) + d }
	case "host_echo":
		function.Params, function.Results = types(i64), types(i64)
		function.Body = echoBlock
		function.Typed = func(_ context.Context, data []byte) ([]byte, error) { return data, nil }
	case "host_fail", "host_try_fail":
		failed := fmt.Errorf("%s was told to fail", asked.Name)
		function.Results, function.AsValue = types(i64), asked.Name == "host_try_fail"
		function.Body = func(context.Context, Blocks, []uint64) error { return failed }
		function.Typed = func() (int64, error) { return 0, failed }
	case "host_sleep_ms":
		function.Params = types(i64)
		function.Body = func(ctx context.Context, _ Blocks, stack []uint64) error { return sleep(ctx, int64(stack[0])) }
		function.Typed = sleep
	case "host_cancel":
		function.Body = func(context.Context, Blocks, []uint64) error { return s.cancelCall() }
		function.Typed = s.cancelCall
	default:
		return Function{}, fmt.Errorf("the catalogue has no function `%s`", asked.Name)
	}
	return function, nil
}

// value is what is stored under a key.
func (s *Shared) value(_ context.Context, key string) ([]byte, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.values[key], nil
}

// store stores a value under a key.
func (s *Shared) store(key string, value []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.values[key] = value
}

func (s *Shared) read(ctx context.Context, memory Blocks, stack []uint64) error {
	key, err := memory.ReadString(stack[0])
	if err != nil {
		return err
	}
	value, err := s.value(ctx, key)
	if err != nil {
		return err
	}
	return result(memory, value, stack)
}

func (s *Shared) write(_ context.Context, memory Blocks, stack []uint64) error {
	key, err := memory.ReadString(stack[0])
	if err != nil {
		return err
	}
	value, err := memory.ReadBytes(stack[1])
	if err != nil {
		return err
	}
	s.store(key, value)
	return nil
}

func (s *Shared) cancelCall() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.cancel()
	return nil
}

func add(_ context.Context, _ Blocks, stack []uint64) error {
	stack[0] += stack[1]
	return nil
}

func mix(_ context.Context, _ Blocks, stack []uint64) error {
	integers := float64(api.DecodeI32(stack[0])) + float64(int64(stack[1]))
	stack[0] = math.Float64bits(integers + float64(api.DecodeF32(stack[2])) + api.DecodeF64(stack[3]))
	return nil
}

func echoBlock(_ context.Context, memory Blocks, stack []uint64) error {
	data, err := memory.ReadBytes(stack[0])
	if err != nil {
		return err
	}
	return result(memory, data, stack)
}

// sleep waits as Go's functions do that wait: until it is time, or the context says that nobody waits any more.
func sleep(ctx context.Context, milliseconds int64) error {
	timer := time.NewTimer(time.Duration(milliseconds) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// result makes a block of a result of type bytes: none of no bytes.
func result(memory Blocks, data []byte, stack []uint64) error {
	if len(data) == 0 {
		stack[0] = 0
		return nil
	}
	offset, err := memory.WriteBytes(data)
	stack[0] = offset
	return err
}
