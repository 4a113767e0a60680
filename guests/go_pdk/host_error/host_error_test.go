//go:build !wasip1

package main

import (
	"errors"
	"testing"

	"github.com/plugwright/plugwright/pdks/go/pdktest"
)

func TestTheHostsErrorIsHandled(t *testing.T) {
	host := pdktest.New(t).HostFunc("host_try_fail", func() (string, error) { return "", errors.New("out of order") })
	if output, err := host.Call(handle, ""); output != "handled: out of order" || err != nil {
		t.Errorf("got %q, %v", output, err)
	}
	var failed *pdktest.Error
	if _, err := host.Call(passOn, ""); !errors.As(err, &failed) || failed.Code != 3 || failed.Message != "out of order" {
		t.Errorf("error %v", err)
	}
}
