//go:build !wasip1

package main

import (
	"testing"

	"github.com/plugwright/plugwright/pdks/go/pdktest"
)

func TestAdd(t *testing.T) {
	host := pdktest.New(t)
	if output, err := host.Call(add, `{"a":1,"b":2}`); output != `{"sum":3}` || err != nil {
		t.Errorf("got %q, %v", output, err)
	}
	if _, err := host.Call(add, `{"a":"x"}`); err == nil {
		t.Error("text was added")
	}
}
