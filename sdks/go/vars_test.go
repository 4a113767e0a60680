package plugwright

import (
	"errors"
	"math"
	"strconv"
	"testing"
)

func TestRefusedVariableChangesNothing(t *testing.T) {
	vars, meter := map[string][]byte{}, varMeter{}
	if err := meter.set(vars, 8, "a", []byte("1234")); err != nil {
		t.Fatal(err)
	}
	if err := meter.set(vars, 8, "b", []byte("1234")); !errors.Is(err, KindLimit) {
		t.Error(err)
	}
	if len(vars) != 1 || string(vars["a"]) != "1234" {
		t.Error(vars)
	}
	for _, length := range []uint64{math.MaxUint64, math.MaxUint64 - 3, math.MaxInt64} {
		if _, err := meter.check(vars, 8, "b", length); !errors.Is(err, KindLimit) {
			t.Error(length, err)
		}
	}
}

func TestReplacingAndRemovingGiveTheBytesBack(t *testing.T) {
	vars, meter := map[string][]byte{}, varMeter{}
	for range 3 {
		for _, value := range []string{"1234567", "7654321", ""} {
			if err := meter.set(vars, 8, "a", []byte(value)); err != nil {
				t.Fatal(err)
			}
		}
		meter.remove(vars, "a")
		meter.remove(vars, "a")
		if err := meter.set(vars, 8, "bb", []byte("123456")); err != nil {
			t.Fatal(err)
		}
		meter.remove(vars, "bb")
	}
}

func TestVariablesOfTheHostCount(t *testing.T) {
	vars, meter := map[string][]byte{"a": []byte("1234")}, varMeter{}
	if err := meter.set(vars, 8, "b", []byte("1234")); !errors.Is(err, KindLimit) {
		t.Error(err)
	}
	vars["a"] = nil
	meter.newCall()
	if err := meter.set(vars, 8, "b", []byte("1234")); err != nil {
		t.Error(err)
	}
	vars["c"] = []byte("x")
	if err := meter.set(vars, 8, "b", []byte("12345")); !errors.Is(err, KindLimit) {
		t.Error(err)
	}
}

func TestVariablesCanBeTurnedOff(t *testing.T) {
	vars, meter := map[string][]byte{}, varMeter{}
	if err := meter.set(vars, 0, "", nil); !errors.Is(err, KindLimit) {
		t.Error(err)
	}
}

func TestNumberOfVariables(t *testing.T) {
	vars, meter := map[string][]byte{}, varMeter{}
	for i := range maxVars {
		if err := meter.set(vars, math.MaxInt64, strconv.Itoa(i), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := meter.set(vars, math.MaxInt64, "one more", nil); !errors.Is(err, KindLimit) {
		t.Error(err)
	}
	if err := meter.set(vars, math.MaxInt64, "7", []byte("x")); err != nil {
		t.Error(err)
	}
}
