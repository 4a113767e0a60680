//go:build !wasip1

package main

import (
	"testing"

	"github.com/plugwright/plugwright/pdks/go/pdktest"
)

func newHost(t *testing.T) *pdktest.Host {
	values := map[string]string{"known": "value"}
	return pdktest.New(t).
		HostFunc("kv_read", func(key string) string { return values[key] }).
		HostFunc("kv_write", func(key, value string) { values[key] = value }).
		HostFunc("host_mix", func(a int32, b int64, c float32, d float64) float64 {
			return float64(a) + float64(b) + float64(c) + d
		})
}

func TestKeepsValues(t *testing.T) {
	host := newHost(t)
	for _, call := range []struct {
		function      func() int32
		input, output string
	}{
		{kvGet, "known", "value"}, {kvGet, "unknown", ""}, {kvSet, "known=new=", ""}, {kvGet, "known", "new="},
		{kvCount, "n", "1"}, {kvCount, "n", "2"}, {mix, "", "-2.25"},
	} {
		if output, err := host.Call(call.function, call.input); output != call.output || err != nil {
			t.Errorf("%q gave %q, %v", call.input, output, err)
		}
	}
}

func TestWithoutAValueItFails(t *testing.T) {
	if _, err := newHost(t).Call(kvSet, "known"); err == nil || err.Error() != "returned code 1: expected key=value" {
		t.Errorf("error %v", err)
	}
}
