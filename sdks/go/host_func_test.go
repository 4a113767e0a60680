package plugwright

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
)

// numberFunctions are what the guest of text imports beside host_echo, with simple code.
func numberFunctions() []HostFunction {
	return []HostFunction{
		HostFunc("kv_read", func(ctx context.Context, key string) (string, error) { return "", nil }),
		HostFunc("kv_write", func(key, value string) {}),
		HostFunc("host_add", func(a, b int64) int64 { return a + b }),
		HostFunc("host_mix", func(a int32, b uint64, c float32, d float64) float64 {
			return float64(a) + float64(b) + float64(c) + d
		}),
	}
}

// withEcho is a guest whose function echo sends its input through host_echo.
func withEcho(t testing.TB, echo any) *Plugin {
	t.Helper()
	return newGuest(t, guestManifest("wat/host_functions"), append(numberFunctions(), HostFunc("host_echo", echo))...)
}

func TestTypedHostFunctions(t *testing.T) {
	store := map[string]string{"note": "👋"}
	functions := append(numberFunctions()[2:],
		HostFunc("kv_read", func(ctx context.Context, plugin *CurrentPlugin, key string) *string {
			if value, ok := store[key]; ok {
				return &value
			}
			return nil
		}),
		HostFunc("kv_write", func(key, value string) error {
			store[key] = value
			return nil
		}),
		HostFunc("host_echo", func(data []byte) []byte { return data }),
	)
	p := newGuest(t, guestManifest("wat/host_functions"), functions...)
	mustCall(t, p, "check_numbers", "")
	mustCall(t, p, "check_blocks", "")
	if mustCall(t, p, "read_note", "") != "👋" || mustCall(t, p, "read", "no such key") != "" {
		t.Error("kv_read")
	}
	mustCall(t, p, "write_note", "🙂")
	if store["note"] != "🙂" {
		t.Error(store)
	}
}

type point struct {
	X int    `json:"x"`
	Y string `json:"y"`
}

func TestHostFunctionTypes(t *testing.T) {
	type named string
	for name, test := range map[string]struct {
		echo          any
		input, output string
	}{
		"text":       {func(ctx context.Context, s string) (string, error) { return s + s, nil }, "ab", "abab"},
		"bytes":      {func(ctx context.Context, b []byte) ([]byte, error) { return b, nil }, "\xff", "\xff"},
		"no text":    {func(ctx context.Context, s string) (string, error) { return s, nil }, "", ""},
		"named text": {func(s named) named { return s }, "ab", "ab"},
		"array":      {func(b [2]byte) [2]byte { return [2]byte{b[1], b[0]} }, "ab", "ba"},
		"JSON":       {func(p point) point { return point{p.X + 1, "<" + p.Y} }, `{"x":1,"y":"é"}`, `{"x":2,"y":"<é"}`},
		"pointer":    {func(p *point) *point { return p }, `{"x":1}`, `{"x":1,"y":""}`},
		"nil":        {func(p *point) *point { return p }, "", ""},
		"map":        {func(m map[string]int) []string { return []string{fmt.Sprint(m["a"])} }, `{"a":7}`, `["7"]`},
		"any":        {func(v any) any { return v }, ` [1, "a"] `, `[1,"a"]`},
		"raw JSON":   {func(v json.RawMessage) json.RawMessage { return v }, ` 1 `, ` 1 `},
		"wrapped":    {func(v JSON[string]) Base64[string] { return Base64[string](v) }, `"ab"`, "YWI="},
		"raw offset": {func(p *CurrentPlugin, offset uint64) uint64 { return offset }, "ab", "ab"},
		"an int":     {func(p *CurrentPlugin, offset int) int { return offset }, "ab", "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			if output := mustCall(t, withEcho(t, test.echo), "echo", test.input); output != test.output {
				t.Errorf("%q", output)
			}
		})
	}
}

func TestErrorsOfHostFunctionsEndTheCall(t *testing.T) {
	cause := fmt.Errorf("no entry: %w", os.ErrNotExist)
	for name, echo := range map[string]any{
		"returned":          func(context.Context, string) (string, error) { return "", cause },
		"returned, another": func(string) (string, error) { return "", cause },
		"panic":             func(string) string { panic(cause) },
	} {
		t.Run(name, func(t *testing.T) {
			p := withEcho(t, echo)
			_, _, err := p.Call("echo", []byte("x"))
			failsWith(t, err, KindHostFunction, "host function `host_echo` failed: no entry: file does not exist")
			if !errors.Is(err, os.ErrNotExist) || !errors.Is(err, cause) {
				t.Error("the cause was lost")
			}
			var own *Error
			if !errors.As(err, &own) || own.HostFunction != "host_echo" || own.Function != "echo" {
				t.Errorf("%+v", own)
			}
			mustCall(t, p, "check_numbers", "")
		})
	}
	p := withEcho(t, func(string) string { panic("a\npanic") })
	_, _, err := p.Call("echo", []byte("x"))
	failsWith(t, err, KindHostFunction, "panicked: a panic")
}

func TestWhatDoesNotConvertEndsTheCall(t *testing.T) {
	for name, test := range map[string]struct {
		echo  any
		kind  Kind
		words string
	}{
		"text":       {func(context.Context, string) (string, error) { return "", nil }, KindDecode, "parameter 1 of the host function: cannot decode text as string: it is not UTF-8"},
		"named text": {func(s string) {}, KindSignature, ""},
		"JSON":       {func(p point) string { return "" }, KindDecode, "parameter 1 of the host function: cannot decode JSON as plugwright.point: invalid character"},
		"array":      {func(p [3]byte) string { return "" }, KindDecode, "expected exactly 3 bytes, found 1"},
		"result":     {func([]byte) any { return math.Inf(1) }, KindEncode, "result 1 of the host function: cannot encode interface {} as JSON: json: unsupported value"},
		"bad text":   {func([]byte) string { return "\xff" }, KindEncode, "not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.kind == KindSignature {
				return
			}
			p := withEcho(t, test.echo)
			_, _, err := p.Call("echo", []byte("\xff"))
			failsWith(t, err, test.kind, test.words, "function `echo`")
		})
	}
	for _, echo := range []any{
		func(context.Context, string) (string, error) { return "", nil },
		func(context.Context, []byte) ([]byte, error) { return nil, nil },
		func(p point) string { return "" },
	} {
		p := withEcho(t, echo)
		for _, function := range []string{"send_interior", "send_freed", "send_last", "send_high_bit"} {
			_, _, err := p.Call(function, nil)
			failsWith(t, err, KindContract, "where none starts")
		}
	}
}

func TestWhatCannotBeAHostFunction(t *testing.T) {
	for words, function := range map[string]any{
		"expected a function, found int":                      7,
		"expected a function, found <nil>":                    nil,
		"expected a function, found func()":                   (func())(nil),
		"a plug-in passes a fixed number of values":           func(...string) {},
		"parameter 1: chan int has no bytes":                  func(chan int) {},
		"parameter 2: the context comes first":                func(string, context.Context) {},
		"parameter 2: the plug-in comes first":                func(string, *CurrentPlugin) {},
		"result 1: an error comes last":                       func() (error, error) { return nil, nil },
		"parameter 1: an error comes last":                    func(error) {},
		"result 1: a number cannot be absent; use int64 and ": func() *int64 { return nil },
		"parameter 1: struct {} has no values":                func(struct{}) {},
		"parameter 1: int16 has no bytes":                     func(int16) {},
		"result 1: *chan int":                                 func() *chan int { return nil },
	} {
		_, err := NewPlugin(t.Context(), guestManifest("wat/echo"), PluginConfig{}, []HostFunction{HostFunc("f", function)})
		if words == "result 1: *chan int" {
			words = "result 1: chan int has no bytes"
		}
		failsWith(t, err, KindSignature, "host function `f`: "+words)
	}
	f := HostFunc("f", func(context.Context, *CurrentPlugin, bool, int32, uint32, float32, string) (int64, float64, bool, error) {
		return 0, 0, false, nil
	})
	i32, i64, f32, f64 := ValueTypeI32, ValueTypeI64, ValueTypeF32, ValueTypeF64
	if !reflect.DeepEqual(f.Params, []ValueType{i32, i32, i32, f32, i64}) || !reflect.DeepEqual(f.Returns, []ValueType{i64, f64, i32}) {
		t.Error(f.Params, f.Returns)
	}
}

func TestErrorsAsValues(t *testing.T) {
	var failure error
	try := HostFunc("host_try_fail", func() (int64, error) { return 7, failure }).ErrorsAsValues()
	fail := NewHostFunctionWithStack("host_fail", func(_ context.Context, _ *CurrentPlugin, stack []uint64) {
		panic(errors.New("told to fail"))
	}, nil, []ValueType{ValueTypeI64})
	echo := HostFunc("host_echo", func(data []byte) []byte { return data })
	p := newGuest(t, guestManifest("wat/hazard_19_host_error"), try, fail, echo)
	failure = errors.New("a\nreason")
	if output := mustCall(t, p, "handle", ""); output != "a\nreason" {
		t.Errorf("%q", output)
	}
	failure = errors.New("")
	if output := mustCall(t, p, "handle", ""); output != "host function `host_try_fail` failed" {
		t.Errorf("%q", output)
	}
	for _, function := range []string{"take_twice", "take_none", "fail_twice", "ignore", "take_none"} {
		mustCall(t, p, function, "")
	}
	_, _, err := p.Call("not_fallible", nil)
	failsWith(t, err, KindHostFunction, "told to fail")
	failure = nil
	if code, _, err := p.Call("handle", nil); code != 1 || !errors.Is(err, KindGuest) {
		t.Error("a success is handed on", code, err)
	}
	// A literal, and its panic.
	literal := HostFunction{
		Name:     "host_try_fail",
		Callback: func(_ context.Context, _ *CurrentPlugin, userData any, stack []uint64) { panic(userData) },
		UserData: "of a literal", Results: []ValueType{ValueTypeI64},
	}.ErrorsAsValues()
	p = newGuest(t, guestManifest("wat/hazard_19_host_error"), literal, fail, echo)
	if output := mustCall(t, p, "handle", ""); output != "panicked: of a literal" {
		t.Errorf("%q", output)
	}
	// What stays an end of the call.
	ctx, cancel := context.WithCancel(t.Context())
	stop := HostFunc("host_try_fail", func(ctx context.Context) (int64, error) {
		cancel()
		return 0, ctx.Err()
	}).ErrorsAsValues()
	p = newGuest(t, guestManifest("wat/hazard_19_host_error"), stop, fail, echo)
	_, _, err = p.CallWithContext(ctx, "handle", nil)
	failsWith(t, err, KindCancelled)
	_, err = NewPlugin(t.Context(), guestManifest("wat/echo"), PluginConfig{}, []HostFunction{HostFunction{Name: "f"}.ErrorsAsValues()})
	failsWith(t, err, KindSignature, "has no code")
}

type user struct{ name string }

func TestHostContext(t *testing.T) {
	p := withEcho(t, func(ctx context.Context, data string) (string, error) {
		caller, ok := HostContext[user](ctx)
		if !ok {
			return "nobody", nil
		}
		if _, ok := HostContext[*user](ctx); ok {
			return "", errors.New("another type was found")
		}
		return caller.name + " says " + data, nil
	})
	output, err := Call[string, string](WithHostContext(t.Context(), user{"Jane"}), p, "echo", "hello")
	if err != nil || output != "Jane says hello" {
		t.Error(output, err)
	}
	if output := mustCall(t, p, "echo", "hello"); output != "nobody" {
		t.Error(output)
	}
}

func TestHostFunctionsServeSeveralPlugins(t *testing.T) {
	functions := append(numberFunctions(), HostFunc("host_echo", func(ctx context.Context, data string) (string, error) {
		return strings.ToUpper(data), nil
	}))
	for range 2 {
		p := newGuest(t, guestManifest("wat/host_functions"), functions...)
		if output := mustCall(t, p, "echo", "a"); output != "A" {
			t.Error(output)
		}
	}
}
