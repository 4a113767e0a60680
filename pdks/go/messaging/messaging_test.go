//go:build !wasip1 && !tinygo.wasm

package messaging_test

import (
	"testing"
	"time"

	pdk "github.com/plugwright/plugwright/pdks/go"
	"github.com/plugwright/plugwright/pdks/go/messaging"
	"github.com/plugwright/plugwright/pdks/go/pdktest"
)

func TestMessagesArePassedAndRepliesRead(t *testing.T) {
	var seen []string
	host := pdktest.New(t)
	host.HostFunc("messaging_publish", func(subject string, payload []byte, headers []byte) []byte {
		seen = append(seen, subject+"|"+string(payload)+"|"+string(headers))
		return []byte{0}
	}).HostFunc("messaging_request", func(subject string, payload []byte, millis uint64) []byte {
		if subject == "nobody" {
			return []byte("\x02{\"code\":\"no_responders\",\"message\":\"nobody there\"}")
		}
		if millis != 1500 {
			t.Errorf("%d ms", millis)
		}
		return append([]byte{0}, payload...)
	})
	function := func() error {
		if err := messaging.Publish("orders.new", []byte("1")); err != nil {
			t.Error(err)
		}
		if err := messaging.PublishWithHeaders("a", nil, map[string]string{"Trace": "x"}); err != nil {
			t.Error(err)
		}
		answer, err := messaging.RequestWithin("echo", []byte("hello"), 1500*time.Millisecond)
		if string(answer) != "hello" || err != nil {
			t.Errorf("answer %q, %v", answer, err)
		}
		_, err = messaging.Request("nobody", nil)
		if messaging.CodeOf(err) != messaging.NoResponders || err.Error() != "nobody there" {
			t.Errorf("error %v", err)
		}
		if _, err := messaging.RequestWithin("echo", nil, 1); messaging.CodeOf(err) != messaging.Invalid {
			t.Errorf("error %v", err)
		}
		return nil
	}
	if _, err := host.Call(func() int32 { return pdk.Run(function) }, ""); err != nil {
		t.Error(err)
	}
	if len(seen) != 2 || seen[0] != "orders.new|1|" || seen[1] != "a||{\"Trace\":\"x\"}" {
		t.Errorf("published %q", seen)
	}
}
