//go:build !wasip1 && !tinygo.wasm

package pdktest_test

import (
	"errors"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"

	pdk "github.com/plugwright/plugwright/pdks/go"
	"github.com/plugwright/plugwright/pdks/go/contract"
	"github.com/plugwright/plugwright/pdks/go/pdktest"
)

// ends checks that a call of function ends with an error of this kind, whose message has this text.
func ends(t *testing.T, host *pdktest.Host, kind pdktest.Kind, text string, function func()) {
	t.Helper()
	output, err := host.Call(func() int32 { function(); return 0 }, "input")
	var failed *pdktest.Error
	if !errors.As(err, &failed) || failed.Kind != kind || !strings.Contains(failed.Message, text) {
		t.Errorf("expected %s %q, got the output %q and the error %v", kind, text, output, err)
	}
}

func TestWhatTheHostTookIsNotTouched(t *testing.T) {
	for rule, use := range map[string]func(pdk.Memory){
		"is freed after log took it":                       func(m pdk.Memory) { m.Free() },
		"is read after log took it":                        func(m pdk.Memory) { m.ReadBytes() },
		"is written after log took it":                     func(m pdk.Memory) { m.Store([]byte("1")) },
		"is used after log took it":                        func(m pdk.Memory) { pdk.FindMemory(m.Offset()) },
		"is made the output after log took it":             func(m pdk.Memory) { pdk.OutputMemory(m) },
		"is made the error message after log took it":      func(m pdk.Memory) { contract.ErrorSet(m.Offset()) },
		"is given to var_set after log took it":            func(m pdk.Memory) { contract.VarSet(m.Offset(), 0) },
		"is given to log after log took it":                func(m pdk.Memory) { pdk.LogMemory(pdk.LogInfo, m) },
		"is given to answer after log took it: what the h": func(m pdk.Memory) { call("answer", m.Offset()) },
	} {
		host := pdktest.New(t).HostFunc("answer", func(string) {})
		ends(t, host, pdktest.Contract, rule, func() {
			block := pdk.AllocateString("12345678")
			pdk.LogMemory(pdk.LogInfo, block)
			use(block)
		})
	}
	ends(t, pdktest.New(t), pdktest.Contract, "given to var_set after var_set took it", func() {
		block := pdk.AllocateString("key and value")
		contract.VarSet(block.Offset(), block.Offset())
	})
}

func TestOutputLiesInMemory(t *testing.T) {
	for _, block := range []pdk.Memory{
		pdk.NewMemory(16, math.MaxUint64), pdk.NewMemory(math.MaxUint64, 2), pdk.NewMemory(1<<20, 1),
	} {
		ends(t, pdktest.New(t), pdktest.Contract, "output_set", func() { pdk.OutputMemory(block) })
	}
}

func TestMemoryOutsideReadsAsZero(t *testing.T) {
	_, err := pdktest.New(t).Call(func() int32 {
		for _, offset := range []uint64{1 << 16, 1<<16 - 7, math.MaxUint64, math.MaxUint64 - 7} {
			contract.StoreU64(offset, math.MaxUint64)
			if value := contract.LoadU64(offset); value != 0 {
				t.Errorf("%d: %x", offset, value)
			}
		}
		contract.StoreU8(1<<16, 1)
		if value := contract.LoadU8(1 << 16); value != 0 {
			t.Errorf("%x", value)
		}
		return 0
	}, "input")
	if err != nil {
		t.Error(err)
	}
}

func TestFreeingTheInputMakesItEmpty(t *testing.T) {
	output, err := pdktest.New(t).Call(func() int32 {
		contract.Free(contract.InputOffset())
		contract.Free(contract.InputOffset())
		pdk.OutputString("[" + pdk.InputString() + "]")
		return 0
	}, "input")
	if output != "[]" || err != nil {
		t.Errorf("got %q, %v", output, err)
	}
}

func TestVariablesHaveLimits(t *testing.T) {
	host := pdktest.New(t).MaxVarBytes(10).Var("a", "1234")
	ends(t, host, pdktest.Limit, `var_set "b": the variables would have 11 bytes`, func() { pdk.SetVar("b", []byte("12345")) })
	ends(t, host.MaxVarBytes(0), pdktest.Limit, "turned off", func() { pdk.SetVar("a", []byte("1")) })
	if value, found := host.Variable("a"); value != "1234" || !found {
		t.Errorf("a is %q", value)
	}
	if _, found := host.Variable("b"); found {
		t.Error("b was set")
	}
}

func call(name string, params ...uint64) uint64 {
	return contract.CallHostFunction("env", name, params...)
}

func TestHostFunctionsConvertTheirParameters(t *testing.T) {
	host := pdktest.New(t).
		HostFunc("numbers", func(a int32, b uint32, c int64, d uint64, e float32, f float64) float64 {
			return float64(a) + float64(b) + float64(c) + float64(d) + float64(e) + f
		}).
		HostFunc("small", func(b []byte) int32 { return -int32(len(b)) }).
		HostFuncIn("env", "half", func(a float32) float32 { return a / 2 })
	_, err := host.Call(func() int32 {
		minus := int64(-1)
		sum := call("numbers", uint64(minus), 2, uint64(minus), 4, uint64(math.Float32bits(0.5)), math.Float64bits(0.25))
		if got := math.Float64frombits(sum); got != 4.75 {
			t.Errorf("numbers: %v", got)
		}
		if got := call("small", pdk.ResultString("three")); int32(got) != -5 || got>>32 != 0 {
			t.Errorf("small: %x", got)
		}
		if got := math.Float32frombits(uint32(call("half", uint64(math.Float32bits(3))))); got != 1.5 {
			t.Errorf("half: %v", got)
		}
		return 0
	}, "")
	if err != nil {
		t.Error(err)
	}
}

func TestWrongCallsOfHostFunctionsEndTheCall(t *testing.T) {
	host := pdktest.New(t).HostFunc("echo", func(s string) string { return s }).HostFuncIn("other", "own", func() {})
	ends(t, host, pdktest.Link, "no host function missing in module env: declare it", func() { call("missing") })
	ends(t, host, pdktest.Link, "no host function own in module env", func() { call("own") })
	ends(t, host, pdktest.Link, "echo has 1 parameters in the test, and 2 in the plug-in", func() { call("echo", 0, 0) })
	ends(t, host, pdktest.Contract, "echo got 17, where no block starts", func() { call("echo", 17) })
}

// recorder notes what would have failed a test.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Fatalf(string, ...any) { r.failed = true; runtime.Goexit() }

func TestWhatCannotBeAHostFunctionIsRefused(t *testing.T) {
	for name, function := range map[string]any{
		"no function": 1, "nil": nil, "nil function": (func())(nil), "a map": func(map[string]int) {}, "an int": func() int { return 0 },
		"two results": func() (int32, int32) { return 0, 0 }, "variadic": func(...string) {}, "an error first": func() (error, int32) { return nil, 0 },
	} {
		recorder := &recorder{TB: t}
		var done sync.WaitGroup
		done.Add(1)
		go func() {
			defer done.Done()
			pdktest.New(recorder).HostFunc(name, function)
		}()
		done.Wait()
		if !recorder.failed {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestTheHostEndsACallForGood(t *testing.T) {
	recovered := false
	ends(t, pdktest.New(t), pdktest.Contract, "output_set", func() {
		defer func() { recovered = recover() != nil }()
		pdk.OutputMemory(pdk.NewMemory(0, math.MaxUint64))
		t.Error("the function goes on")
	})
	if recovered {
		t.Error("the plug-in could recover")
	}
	ends(t, pdktest.New(t), pdktest.Trap, "ended its goroutine", runtime.Goexit)
}

func TestCallsOfSeveralHostsTakeTurns(t *testing.T) {
	var done sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		done.Add(1)
		go func() {
			defer done.Done()
			host := pdktest.New(t).Config("name", name)
			for range 100 {
				output, err := host.Call(func() int32 {
					value, _ := pdk.GetConfig("name")
					pdk.OutputString(value + pdk.InputString())
					return 0
				}, name)
				if output != name+name || err != nil {
					t.Errorf("%s: %q, %v", name, output, err)
				}
			}
		}()
	}
	done.Wait()
}

func TestWithoutAHostThePlugInSaysWhatToDo(t *testing.T) {
	defer func() {
		if message, _ := recover().(string); !strings.Contains(message, "pdktest.New(t).Call") {
			t.Errorf("panicked with %q", message)
		}
	}()
	pdk.Input()
}
