package plugwright

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

func TestEchoReturnsItsInput(t *testing.T) {
	p := newGuest(t, guestManifest("rust_echo"))
	for _, length := range []int{0, 1, 7, 8, 9, 64, 65536, 5 << 20} {
		input := strings.Repeat("x", length)
		if output := mustCall(t, p, "echo", input); output != input {
			t.Errorf("%d bytes came back as %d", length, len(output))
		}
	}
	again, err := p.GetOutput()
	if err != nil || len(again) != 5<<20 {
		t.Errorf("GetOutput has %d bytes, %v", len(again), err)
	}
}

func TestCallsAllocateLittle(t *testing.T) {
	p := newGuest(t, guestManifest("rust_echo"))
	input := bytes.Repeat([]byte("x"), 64)
	mustCall(t, p, "echo", "")
	for length, most := range map[int]float64{0: 1, 64: 2} {
		if count := testing.AllocsPerRun(100, func() { _, _, _ = p.Call("echo", input[:length]) }); count > most {
			t.Errorf("a call with %d bytes makes %v allocations", length, count)
		}
	}
}

// Host functions as programs of 2023 wrote them, with a Callback, UserData and Results.
func TestHostFunctionsAsLiterals(t *testing.T) {
	i64 := []api.ValueType{api.ValueTypeI64}
	stored := map[string]string{"hello": "👋 Hello World 🌍"}
	read := func(_ context.Context, plugin *CurrentPlugin, userData interface{}, stack []uint64) {
		key, err := plugin.ReadString(stack[0])
		if err != nil {
			panic(err)
		}
		if stack[0], err = plugin.WriteString(userData.(map[string]string)[key]); err != nil {
			panic(err)
		}
	}
	write := func(_ context.Context, plugin *CurrentPlugin, userData interface{}, stack []uint64) {
		key, _ := plugin.ReadString(stack[0])
		value, _ := plugin.ReadString(stack[1])
		userData.(map[string]string)[key] = value
	}
	p := newGuest(t, guestManifest("as_pdk_kv"),
		HostFunction{Name: "hostMemoryGet", Namespace: "env", Callback: read, UserData: stored, Params: i64, Results: i64},
		HostFunction{Name: "kv_read", Callback: read, UserData: stored, Params: i64, Returns: i64},
		HostFunction{Name: "kv_write", Namespace: "extism:host/user", Callback: write, UserData: stored,
			Params: []api.ValueType{api.ValueTypeI64, api.ValueTypeI64}},
	)
	mustCall(t, p, "kv_set", "message=I 💜 Extism 😍")
	for _, function := range []string{"kv_get", "env_get"} {
		for key, value := range map[string]string{"hello": "👋 Hello World 🌍", "message": "I 💜 Extism 😍", "none": ""} {
			if output := mustCall(t, p, function, key); output != value {
				t.Errorf("%s of %s is %q", function, key, output)
			}
		}
	}
}

func TestOneCallAtATime(t *testing.T) {
	var p *Plugin
	inside := NewHostFunctionWithStack("host_add",
		func(_ context.Context, _ *CurrentPlugin, stack []uint64) {
			_, _, err := p.Call("check_numbers", nil)
			panic(err)
		}, []ValueType{ValueTypeI64, ValueTypeI64}, []ValueType{ValueTypeI64})
	p = newGuest(t, guestManifest("wat/host_functions"), append(catalogue(), inside)...)
	_, _, err := p.Call("check_numbers", nil)
	mustFail(t, err, KindHostFunction)
	if !errors.Is(err, KindBusy) && !errors.Is(errors.Unwrap(err), KindBusy) {
		t.Errorf("the cause is not KindBusy: %v", err)
	}
	if p.busy {
		t.Error("the plug-in stayed busy")
	}
}

// catalogue has the host functions that host_functions.wat imports, but for host_add.
func catalogue() []HostFunction {
	i64 := []ValueType{ValueTypeI64}
	nothing := func(_ context.Context, _ *CurrentPlugin, stack []uint64) { stack[0] = 0 }
	return []HostFunction{
		NewHostFunctionWithStack("kv_read", nothing, i64, i64),
		NewHostFunctionWithStack("hostMemoryGet", nothing, i64, i64),
		NewHostFunctionWithStack("kv_write", func(context.Context, *CurrentPlugin, []uint64) {}, []ValueType{ValueTypeI64, ValueTypeI64}, nil),
		NewHostFunctionWithStack("host_mix", nothing,
			[]ValueType{ValueTypeI32, ValueTypeI64, ValueTypeF32, ValueTypeF64}, []ValueType{ValueTypeF64}),
		NewHostFunctionWithStack("host_echo",
			func(_ context.Context, p *CurrentPlugin, stack []uint64) {
				content, err := p.ReadBytes(stack[0])
				if err != nil {
					panic(err)
				}
				if stack[0], err = p.WriteBytes(content); err != nil {
					panic(err)
				}
			}, i64, i64),
	}
}

var errNoLuck = errors.New("no luck\ntoday")

func TestPanicsOfHostFunctionsAreContained(t *testing.T) {
	var reason any
	add := NewHostFunctionWithStack("host_add",
		func(context.Context, *CurrentPlugin, []uint64) { panic(reason) },
		[]ValueType{ValueTypeI64, ValueTypeI64}, []ValueType{ValueTypeI64})
	p := newGuest(t, guestManifest("wat/host_functions"), append(catalogue(), add)...)
	for _, reason = range []any{errNoLuck, "a text", 7, runtime.Error(new(runtime.PanicNilError))} {
		_, _, err := p.Call("check_numbers", nil)
		own := mustFail(t, err, KindHostFunction)
		if own.HostFunction != "host_add" || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v names %q", err, own.HostFunction)
		}
		if is := errors.Is(err, errNoLuck); is != (reason == any(errNoLuck)) {
			t.Errorf("errors.Is is %v for %v", is, reason)
		}
	}
	if output := mustCall(t, p, "echo", "still there"); output != "still there" {
		t.Errorf("afterwards it is %q", output)
	}
}

func TestCurrentPluginReadsAndWritesBlocks(t *testing.T) {
	add := NewHostFunctionWithStack("host_add",
		func(ctx context.Context, p *CurrentPlugin, stack []uint64) {
			if ctx.Value(PluginCtxKey("plugin")) != p.plugin {
				panic("the context does not lead to the plug-in")
			}
			offset, err := p.Alloc(10)
			if err != nil || offset == 0 || !p.Memory().Write(uint32(offset), []byte("0123456789")) {
				panic("no block")
			}
			if length, err := p.Length(offset); err != nil || length != 10 {
				panic("the block has another length")
			}
			if text, err := p.ReadString(offset); err != nil || text != "0123456789" {
				panic(text)
			}
			if err := p.Free(offset); err != nil {
				panic(err)
			}
			if length, err := p.Length(offset); err != nil || length != 0 {
				panic("the block is still there")
			}
			if none, err := p.Alloc(0); err != nil || none != 0 {
				panic("nothing is something")
			}
			stack[0] += stack[1]
		}, []ValueType{ValueTypeI64, ValueTypeI64}, []ValueType{ValueTypeI64})
	p := newGuest(t, guestManifest("wat/host_functions"), append(catalogue(), add)...)
	// The other functions fail the checks that come later.
	_, _, err := p.Call("check_numbers", nil)
	if errors.Is(err, KindHostFunction) {
		t.Error(err)
	}
}

func TestUnsatisfiedImportsAreNamed(t *testing.T) {
	_, err := NewPlugin(t.Context(), guestManifest("wat/host_functions"), PluginConfig{}, nil)
	own := mustFail(t, err, KindLink)
	if len(own.Missing) == 0 || !strings.Contains(err.Error(), "`extism:host/user.kv_read` (i64) -> i64") {
		t.Errorf("%v", err)
	}
	wrong := NewHostFunctionWithStack("kv_read", func(context.Context, *CurrentPlugin, []uint64) {}, nil, nil)
	_, err = NewPlugin(t.Context(), guestManifest("wat/host_functions"), PluginConfig{}, []HostFunction{wrong})
	if !strings.Contains(mustFail(t, err, KindLink).Error(), "the host has it as () -> ()") {
		t.Errorf("%v", err)
	}
	_, err = NewPlugin(t.Context(), guestManifest("rust_wasi_env"), PluginConfig{}, nil)
	if !strings.Contains(mustFail(t, err, KindLink).Error(), "`EnableWasi`") {
		t.Errorf("%v", err)
	}
}

func TestHostFunctionsThatCannotBe(t *testing.T) {
	code := func(context.Context, *CurrentPlugin, []uint64) {}
	for want, f := range map[string]HostFunction{
		"no name":      NewHostFunctionWithStack("", code, nil, nil),
		"no code":      {Name: "f"},
		"unknown type": NewHostFunctionWithStack("f", code, []ValueType{1}, nil),
		"that differ":  {Name: "f", stackCallback: code, Returns: []ValueType{ValueTypeI32}, Results: []ValueType{ValueTypeI64}},
	} {
		_, err := NewPlugin(t.Context(), guestManifest("rust_echo"), PluginConfig{EnableWasi: true}, []HostFunction{f})
		if !strings.Contains(mustFail(t, err, KindSignature).Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	f := NewHostFunctionWithStack("f", code, nil, nil)
	_, err := NewPlugin(t.Context(), guestManifest("rust_echo"), PluginConfig{EnableWasi: true}, []HostFunction{f, f})
	if !strings.Contains(mustFail(t, err, KindLink).Error(), "`extism:host/user.f` is defined twice") {
		t.Errorf("%v", err)
	}
}

func TestFunctionsThatCannotBeCalled(t *testing.T) {
	p := newGuest(t, guestManifest("rust_echo"))
	_, _, err := p.Call("ecco", nil)
	if own := mustFail(t, err, KindFunctionNotFound); len(own.Nearest) != 1 || own.Nearest[0] != "echo" {
		t.Errorf("%v suggests %v", err, own.Nearest)
	}
	if !p.FunctionExists("echo") || p.FunctionExists("ecco") {
		t.Error("FunctionExists is wrong")
	}
	if _, ok := p.Module().ExportedFunctions()["echo"]; !ok {
		t.Error("echo is not among the exported functions")
	}
}

func TestErrorsSayWhetherAStartUpFunctionRunsByItself(t *testing.T) {
	for guest, want := range map[string]string{
		"start_ctors":       "runs by itself before the first call",
		"start_other_types": "does not run by itself either, as its type is `() -> i32`",
	} {
		_, _, err := newGuest(t, guestManifest("wat/"+guest)).Call("__wasm_call_ctors", nil)
		if own := mustFail(t, err, KindSignature); !strings.Contains(own.Error(), want) {
			t.Errorf("%s: %v", guest, own)
		}
	}
}

func TestUnsupportedFeaturesAreNamed(t *testing.T) {
	for guest, feature := range map[string]string{
		"wat/imports_memory64": "memory64",
		"wat/snapshot_counter": "multi-memory",
	} {
		_, err := NewPlugin(t.Context(), guestManifest(guest), PluginConfig{}, nil)
		if !strings.Contains(mustFail(t, err, KindCompile).Error(), feature) {
			t.Errorf("%s is not in %v", feature, err)
		}
	}
}

func TestBacktracesHaveTheNamesOfTheModule(t *testing.T) {
	p := newGuest(t, guestManifest("wat/traps"))
	_, _, err := p.Call("unreachable", nil)
	own := mustFail(t, err, KindTrap)
	if len(own.Backtrace) != 1 || own.Backtrace[0].Function != "unreachable" || own.Code != 134 {
		t.Errorf("the backtrace is %v, the code %d", own.Backtrace, own.Code)
	}
	fail := NewHostFunctionWithStack("host_add", func(context.Context, *CurrentPlugin, []uint64) { panic("no") },
		[]ValueType{ValueTypeI64, ValueTypeI64}, []ValueType{ValueTypeI64})
	p = newGuest(t, guestManifest("wat/host_functions"), append(catalogue(), fail)...)
	_, _, err = p.Call("check_numbers", nil)
	own = mustFail(t, err, KindHostFunction)
	if trace := own.Backtrace.String(); trace != "  0: extism:host/user.host_add\n  1: check_numbers" {
		t.Errorf("the backtrace is\n%s", trace)
	}
}
