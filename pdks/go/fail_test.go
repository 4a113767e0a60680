//go:build !wasip1 && !tinygo.wasm

package pdk_test

import (
	"errors"
	"fmt"
	"regexp"
	"testing"

	pdk "github.com/plugwright/plugwright/pdks/go"
	"github.com/plugwright/plugwright/pdks/go/pdktest"
)

func TestFailuresHaveCodeAndMessage(t *testing.T) {
	refused := errors.New("refused")
	for name, test := range map[string]struct {
		function func() int32
		code     int32
		message  string
	}{
		"SetError":             {func() int32 { pdk.SetError(refused); return 7 }, 7, "refused"},
		"SetError nil":         {func() int32 { pdk.SetError(refused); pdk.SetError(nil); return 7 }, 7, ""},
		"SetErrorString":       {func() int32 { pdk.SetErrorString("no"); return -1 }, -1, "no"},
		"SetErrorString empty": {func() int32 { pdk.SetErrorString("no"); pdk.SetErrorString(""); return 2 }, 2, ""},
		"Fail":                 {func() int32 { return pdk.Fail(refused) }, 1, "refused"},
		"Run":                  {func() int32 { return pdk.Run(func() error { return refused }) }, 1, "refused"},
		"code":                 {func() int32 { return pdk.Fail(pdk.WithReturnCode(refused, 42)) }, 42, "refused"},
		"code in another": {func() int32 {
			return pdk.Fail(fmt.Errorf("outer: %w", pdk.WithReturnCode(refused, 42)))
		}, 42, "outer: refused"},
		"code of success": {func() int32 { return pdk.Fail(pdk.WithReturnCode(refused, 0)) }, 1, "refused"},
	} {
		failed := failure(t, pdktest.New(t), test.function)
		if failed.Kind != pdktest.Guest || failed.Code != test.code || failed.Message != test.message {
			t.Errorf("%s: %v", name, failed)
		}
	}
}

func TestNoErrorIsSuccess(t *testing.T) {
	if code := pdk.Fail(nil); code != 0 {
		t.Errorf("code %d", code)
	}
	if err := pdk.WithReturnCode(nil, 3); err != nil {
		t.Errorf("error %v", err)
	}
	if !errors.Is(pdk.WithReturnCode(errors.ErrUnsupported, 3), errors.ErrUnsupported) {
		t.Error("the error is lost")
	}
}

type celsius int

func (c celsius) String() string { return fmt.Sprintf("%d °C", int(c)) }

func TestAPanicIsAnErrorWithItsPlace(t *testing.T) {
	place := `^panicked at [^/]+/fail_test\.go:\d+: `
	empty, zero := []int{}, 0
	for text, function := range map[string]func(){
		"boom$":                 func() { panic("boom") },
		"a cause$":              func() { panic(errors.New("a cause")) },
		"3 °C$":                 func() { panic(celsius(3)) },
		"12$":                   func() { panic(12) },
		"a value that is .*$":   func() { panic(struct{}{}) },
		"runtime error: index":  func() { empty[zero] = 1 },
		"runtime error: invali": func() { var none *pdktest.Error; none.Code = 1 },
		"runtime error: intege": func() { zero = 1 / zero },
	} {
		pattern := regexp.MustCompile(place + text)
		recovered := failure(t, pdktest.New(t), func() int32 {
			return pdk.Run(func() error { function(); return nil })
		})
		if recovered.Kind != pdktest.Guest || recovered.Code != 1 || !pattern.MatchString(recovered.Message) {
			t.Errorf("Run, %s: %v", text, recovered)
		}
		ended := failure(t, pdktest.New(t), func() int32 { function(); return 0 })
		if ended.Kind != pdktest.Trap || !pattern.MatchString(ended.Message) {
			t.Errorf("no Run, %s: %v", text, ended)
		}
	}
}
