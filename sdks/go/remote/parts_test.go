package remote_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	plugwright "github.com/plugwright/plugwright/sdks/go"
	"github.com/plugwright/plugwright/sdks/go/remote"
)

// largeOutputs lets a worker give as much as callers take.
var largeOutputs = []string{"--output-max", "67108864"}

// input is so many bytes, of which no two parts are the same.
func input(size int) []byte {
	made := make([]byte, size)
	for i := range made {
		made[i] = byte(i * 7 % 251)
	}
	return made
}

func echoes(t *testing.T, p *remote.Plugin, size int) {
	t.Helper()
	sent := input(size)
	_, output, err := p.Call("echo", sent)
	if err != nil || !bytes.Equal(output, sent) {
		t.Errorf("%d bytes in, %d out: %v", size, len(output), err)
	}
}

func TestWhatDoesNotFitIntoAMessageGoesInParts(t *testing.T) {
	url, conn := world(t)
	worker(t, url, guest, largeOutputs...)
	p := plugin(t, conn, remote.Config{Wait: time.Minute})
	for _, size := range []int{1<<20 - 1024, 1<<20 - 1023, 5 << 20, 20<<20 + 1} {
		echoes(t, p, size)
	}
	// What the plug-in says is wrong is an error all the same, however long the input.
	if code, _, err := p.Call("refuse", bytes.Repeat([]byte{'"'}, 3<<20)); code != 7 || !errors.Is(err, plugwright.KindGuest) {
		t.Fatal(err)
	}
}

func TestPartsAreAsLargeAsTheServerAllows(t *testing.T) {
	url, conn := world(t, "--setting", "max_payload: 65536")
	worker(t, url, guest)
	p := plugin(t, conn, remote.Config{Wait: time.Minute})
	var calls sync.WaitGroup
	for _, size := range []int{65536 - 1024, 65536 - 1023, 65536, 5_000_001} {
		calls.Go(func() { echoes(t, p, size) })
	}
	calls.Wait()
}

func TestACallerAllowsSoManyBytes(t *testing.T) {
	url, conn := world(t)
	worker(t, url, guest, "--input-max", "1200000")
	p := plugin(t, conn, remote.Config{MaxBytes: 1_500_000})
	for _, test := range []struct {
		function string
		size     int
		says     []string
	}{
		{"echo", 1_500_001, []string{"input", "1500001", "1500000", "MaxBytes"}},
		{"large", 0, []string{"output", "2000000", "1500000", "max_bytes"}},
		{"echo", 1_200_001, []string{"input", "1200001", "1200000"}},
	} {
		_, _, err := p.Call(test.function, make([]byte, test.size))
		if !errors.Is(err, plugwright.KindLimit) {
			t.Fatal(err)
		}
		for _, word := range test.says {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%q is not in: %v", word, err)
			}
		}
	}
	echoes(t, p, 1_200_000)
	larger := plugin(t, conn, remote.Config{MaxBytes: 2_000_000})
	if _, output, err := larger.Call("large", nil); err != nil || len(output) != 2_000_000 {
		t.Fatalf("%d bytes, %v", len(output), err)
	}
}

// tap is a caller's connection that does something before it sends some text for the second time.
type tap struct {
	net.Conn
	text   string
	left   int
	before func()
}

func (t *tap) Write(data []byte) (int, error) {
	if t.left > 0 && bytes.Contains(data, []byte(t.text)) {
		if t.left--; t.left == 0 {
			t.before()
		}
	}
	return t.Conn.Write(data)
}

// Dial makes the connection, which is the only one.
func (t *tap) Dial(network, address string) (net.Conn, error) {
	conn, err := net.Dial(network, address)
	t.Conn = conn
	return t, err
}

// What a caller sends for each part: of an output it asks, of an input it answers.
var whileParts = map[string]string{"output": "\r\nPlugwright-Part: ", "input": "PUB _INBOX."}

// tapped is a connection that does something when one part has travelled, and before the second does.
func tapped(t *testing.T, url, what string, before func()) *nats.Conn {
	t.Helper()
	return connect(t, url, nats.SetCustomDialer(&tap{text: whileParts[what], left: 2, before: before}))
}

func TestAWorkerThatIsKilledBetweenParts(t *testing.T) {
	url, watching := world(t)
	for what := range whileParts {
		for _, idempotent := range []bool{false, true} {
			kill := worker(t, url, guest)
			killed := make(chan struct{})
			conn := tapped(t, url, what, func() {
				kill()
				// Until the server knows as well, which may still send something to the dead.
				for gone := false; !gone; {
					_, err := watching.Request("$SRV.PING.p", nil, 50*time.Millisecond)
					gone = errors.Is(err, nats.ErrNoResponders)
				}
				close(killed)
			})
			p := plugin(t, conn, remote.Config{Wait: time.Minute, Idempotent: idempotent})
			sent := input(5 << 20)
			var output []byte
			ended := make(chan error, 1)
			go func() {
				var err error
				_, output, err = p.Call("echo", sent)
				ended <- err
			}()
			<-killed
			other := worker(t, url, guest)
			err := <-ended
			if idempotent && (err != nil || !bytes.Equal(output, sent)) || !idempotent && !errors.Is(err, plugwright.KindLost) {
				t.Fatalf("%s, %v: %v", what, idempotent, err)
			}
			other()
		}
	}
}

func TestCancellationBetweenParts(t *testing.T) {
	url, watching := world(t)
	worker(t, url, guest)
	cancellations := listen(t, watching, "plugwright-cancel.p")
	for what := range whileParts {
		ctx, cancel := context.WithCancel(context.Background())
		p := plugin(t, tapped(t, url, what, cancel), remote.Config{Wait: time.Minute})
		_, _, err := p.CallWithContext(ctx, "echo", input(5<<20))
		if !errors.Is(err, plugwright.KindCancelled) || !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: %v", what, err)
		}
		if _, err := cancellations.NextMsg(time.Minute); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		// The worker has one place, which is free again.
		echoes(t, p, 5)
	}
}

func TestADeadlineHoldsForParts(t *testing.T) {
	url, conn := world(t)
	stranger := connect(t, url)
	answer(t, stranger, told{headers: map[string]string{"Plugwright-Output-At": "plugwright-part.p.w.1", "Plugwright-Output-Bytes": "10"}})
	// It hears, and says nothing.
	asked := listen(t, stranger, "plugwright-part.p.w.1")
	cancellations := listen(t, stranger, "plugwright-cancel.p")
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, _, err := plugin(t, conn, remote.Config{}).CallWithContext(ctx, "echo", nil)
	if !errors.Is(err, plugwright.KindTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	for _, heard := range []*nats.Subscription{asked, cancellations} {
		if _, err := heard.NextMsg(time.Minute); err != nil {
			t.Fatal(err)
		}
	}
}
