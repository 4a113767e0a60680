//go:build !wasip1

package main

import (
	"testing"

	"github.com/plugwright/plugwright/pdks/go/pdktest"
)

func TestAnItemHasANumber(t *testing.T) {
	for _, call := range []struct{ request, response string }{
		{`{"params":{"number":"7"}}`, `{"body":"item 7"}`},
		{`{}`, `{"status":204}`},
	} {
		if output, err := pdktest.New(t).Call(item, call.request); output != call.response || err != nil {
			t.Errorf("%s gave %q, %v", call.request, output, err)
		}
	}
}
