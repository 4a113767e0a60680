//go:build !wasip1 && !tinygo.wasm

package pdk_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	pdk "github.com/plugwright/plugwright/pdks/go"
	"github.com/plugwright/plugwright/pdks/go/pdktest"
)

// run calls function as an export of a plug-in, and fails the test when it fails.
func run(t *testing.T, host *pdktest.Host, input string, function func()) string {
	t.Helper()
	output, err := host.Call(func() int32 { function(); return 0 }, input)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

// failure calls function as an export of a plug-in, and returns the error that it must end with.
func failure(t *testing.T, host *pdktest.Host, function func() int32) *pdktest.Error {
	t.Helper()
	output, err := host.Call(function, "")
	var failed *pdktest.Error
	if !errors.As(err, &failed) {
		t.Fatalf("expected a failure, got the output %q and the error %v", output, err)
	}
	return failed
}

func TestInputAndOutputOfEveryLengthAreWhole(t *testing.T) {
	host := pdktest.New(t)
	for _, length := range []int{0, 1, 7, 8, 9, 15, 16, 17, 100, 65535, 65536, 1 << 20} {
		input := strings.Repeat("åbc1234", length/7+1)[:length]
		if output := run(t, host, input, func() { pdk.Output(pdk.Input()) }); output != input {
			t.Errorf("%d bytes came back as %d bytes", length, len(output))
		}
	}
}

func TestTheLastOutputCounts(t *testing.T) {
	output := run(t, pdktest.New(t), "", func() {
		pdk.OutputString("first")
		block := pdk.AllocateString("second")
		pdk.OutputMemory(block)
		block.Store([]byte("S"))
	})
	if output != "Second" {
		t.Errorf("got %q", output)
	}
}

func TestABlockIsFoundByItsOffsetAlone(t *testing.T) {
	run(t, pdktest.New(t), "", func() {
		block := pdk.AllocateBytes([]byte("some bytes"))
		if found := pdk.FindMemory(block.Offset()); found != block || found.Length() != 10 {
			t.Errorf("found %v instead of %v", found, block)
		}
		if found := pdk.FindMemory(block.Offset() + 1); found != (pdk.Memory{}) {
			t.Errorf("found %v inside of a block", found)
		}
		buffer := []byte("................")
		block.Load(buffer)
		if string(buffer) != "some bytes......" {
			t.Errorf("loaded %q", buffer)
		}
		block.Free()
		if found := pdk.FindMemory(block.Offset()); found.Length() != 0 {
			t.Errorf("found %v, which was freed", found)
		}
	})
}

func TestEmptyValuesAreNull(t *testing.T) {
	run(t, pdktest.New(t), "", func() {
		if block := pdk.AllocateBytes(nil); block != pdk.NewMemory(0, 0) {
			t.Errorf("a block for no bytes: %v", block)
		}
		if offset := pdk.ResultString(""); offset != 0 {
			t.Errorf("an empty result at %d", offset)
		}
		if value := pdk.ParamBytes(0); value == nil || len(value) != 0 {
			t.Errorf("null is %v", value)
		}
	})
}

func TestWhatDoesNotFitPanics(t *testing.T) {
	for name, function := range map[string]func(){
		"do not fit into a block of 3 bytes": func() { pdk.Allocate(3).Store([]byte("long")) },
		"no room for a block of -1 bytes":    func() { pdk.Allocate(-1) },
		"no room for a block of 9":           func() { pdk.Allocate(math.MaxInt64) },
	} {
		failed := failure(t, pdktest.New(t), func() int32 { function(); return 0 })
		if failed.Kind != pdktest.Trap || !strings.Contains(failed.Message, name) {
			t.Errorf("expected %q, got %v", name, failed)
		}
	}
}

func TestConfig(t *testing.T) {
	host := pdktest.New(t).Config("vowels", "aeiou").Config("empty", "")
	run(t, host, "", func() {
		if value, set := pdk.GetConfig("vowels"); value != "aeiou" || !set {
			t.Errorf("vowels: %q, %v", value, set)
		}
		for _, key := range []string{"empty", "absent", ""} {
			if value, set := pdk.GetConfig(key); value != "" || set {
				t.Errorf("%q: %q, %v", key, value, set)
			}
		}
	})
}

func TestVariablesStayFromCallToCall(t *testing.T) {
	host := pdktest.New(t).Var("start", "7")
	run(t, host, "", func() {
		pdk.SetVar("bytes", []byte{0, 255})
		pdk.SetVarInt("number", -3)
		pdk.SetVar("start", nil)
	})
	run(t, host, "", func() {
		if value := pdk.GetVar("bytes"); !bytes.Equal(value, []byte{0, 255}) {
			t.Errorf("bytes: %v", value)
		}
		if value := pdk.GetVarInt("number"); value != -3 {
			t.Errorf("number: %v", value)
		}
		if value := pdk.GetVar("start"); value != nil {
			t.Errorf("an empty value is kept: %v", value)
		}
		if value := pdk.GetVarInt("absent"); value != 0 {
			t.Errorf("absent: %v", value)
		}
		pdk.RemoveVar("bytes")
	})
	if value, _ := host.Variable("number"); value != "\xfd\xff\xff\xff\xff\xff\xff\xff" {
		t.Errorf("number is stored as %q", value)
	}
	if names := host.Variables(); len(names) != 1 {
		t.Errorf("variables: %q", names)
	}
}

func TestNumbersInBlocks(t *testing.T) {
	run(t, pdktest.New(t), "", func() {
		if got := pdk.ParamU32(pdk.ResultU32(0xfedcba98)); got != 0xfedcba98 {
			t.Errorf("u32: %x", got)
		}
		if got := pdk.ParamU64(pdk.ResultU64(math.MaxUint64 - 1)); got != math.MaxUint64-1 {
			t.Errorf("u64: %x", got)
		}
		if block := pdk.FindMemory(pdk.ResultU32(1)); !bytes.Equal(block.ReadBytes(), []byte{1, 0, 0, 0}) {
			t.Errorf("u32 in %v", block.ReadBytes())
		}
		if got := pdk.ParamU64(pdk.ResultBytes([]byte{1, 2})); got != 0x201 {
			t.Errorf("two bytes: %x", got)
		}
	})
}

func TestLogsHaveTheirLevels(t *testing.T) {
	host := pdktest.New(t).LogLevel(pdk.LogDebug)
	run(t, host, "", func() {
		for level := pdk.LogTrace - 1; level <= pdk.LogError+1; level++ {
			pdk.Log(level, "text")
			pdk.LogMemory(level, pdk.AllocateString("block"))
		}
	})
	var levels []pdk.LogLevel
	for i, entry := range host.Logs() {
		levels = append(levels, entry.Level)
		if expected := []string{"text", "block"}[i%2]; entry.Message != expected {
			t.Errorf("message %d is %q", i, entry.Message)
		}
	}
	if len(levels) != 8 || levels[0] != pdk.LogDebug || levels[7] != pdk.LogError {
		t.Errorf("levels: %v", levels)
	}
	silent := pdktest.New(t).LogLevel(pdk.LogError + 1)
	run(t, silent, "", func() { pdk.Log(pdk.LogError, "unheard") })
	if logs := silent.Logs(); len(logs) != 0 {
		t.Errorf("logged %v", logs)
	}
}

func TestJSON(t *testing.T) {
	type sum struct {
		Sum int `json:"sum"`
	}
	add := func() int32 {
		return pdk.Handle(func(in struct{ A, B int }) (sum, error) {
			if in.B < 0 {
				return sum{}, errors.New("too small")
			}
			return sum{in.A + in.B}, nil
		})
	}
	host := pdktest.New(t)
	if output, err := host.Call(add, `{"a":1,"b":2}`); output != `{"sum":3}` || err != nil {
		t.Errorf("got %q, %v", output, err)
	}
	for input, message := range map[string]string{`{"b":-1}`: "too small", `{"b":"x"}`: "string", ``: "a value is expected"} {
		if _, err := host.Call(add, input); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%q: %v", input, err)
		}
	}
	run(t, host, "", func() {
		block, err := pdk.AllocateJSON(sum{4})
		var back sum
		if err != nil || pdk.JSONFrom(block.Offset(), &back) != nil || back.Sum != 4 {
			t.Errorf("%v, %v", back, err)
		}
		if _, err := pdk.AllocateJSON(func() {}); err == nil {
			t.Error("a function has no JSON form")
		}
	})
}

func TestHostErrorIsAValueOnce(t *testing.T) {
	run(t, pdktest.New(t).HostFunc("kv_read", kv), "", func() {
		if value := pdk.ParamString(kvRead(pdk.ResultString("known"))); value != "value of known" || pdk.HostError() != nil {
			t.Errorf("got %q", value)
		}
		if offset := kvRead(pdk.ResultString("unknown")); offset != 0 {
			t.Errorf("a failure gave %d", offset)
		}
		if err := pdk.HostError(); err == nil || err.Error() != "no such key: unknown" {
			t.Errorf("error: %v", err)
		}
		if err := pdk.HostError(); err != nil {
			t.Errorf("error again: %v", err)
		}
	})
}
