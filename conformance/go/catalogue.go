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
		function.Params, function.Results, function.Body = types(i64), types(i64), s.read
	case "kv_write":
		function.Params, function.Body = types(i64, i64), s.write
	case "host_add":
		function.Params, function.Results, function.Body = types(i64, i64), types(i64), add
	case "host_mix":
		function.Params, function.Results, function.Body = types(i32, i64, f32, f64), types(f64), mix
	case "host_echo":
		function.Params, function.Results, function.Body = types(i64), types(i64), echoBlock
	case "host_fail", "host_try_fail":
		function.Results, function.AsValue = types(i64), asked.Name == "host_try_fail"
		function.Body = func(context.Context, Blocks, []uint64) error { return fmt.Errorf("%s was told to fail", asked.Name) }
	case "host_sleep_ms":
		function.Params, function.Body = types(i64), sleep
	case "host_cancel":
		function.Body = s.cancelCall
	default:
		return Function{}, fmt.Errorf("the catalogue has no function `%s`", asked.Name)
	}
	return function, nil
}

func (s *Shared) read(_ context.Context, memory Blocks, stack []uint64) error {
	key, err := memory.ReadString(stack[0])
	if err != nil {
		return err
	}
	s.mutex.Lock()
	value := s.values[key]
	s.mutex.Unlock()
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
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.values[key] = value
	return nil
}

func (s *Shared) cancelCall(context.Context, Blocks, []uint64) error {
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
func sleep(ctx context.Context, _ Blocks, stack []uint64) error {
	timer := time.NewTimer(time.Duration(int64(stack[0])) * time.Millisecond)
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
