package remote_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	plugwright "github.com/plugwright/plugwright/sdks/go"
	"github.com/plugwright/plugwright/sdks/go/remote"
)

func TestOutputsAndErrors(t *testing.T) {
	url, conn := world(t)
	worker(t, url, guest)
	p := plugin(t, conn, remote.Config{})
	for i := range 20 {
		_, output, err := p.Call("echo", []byte(strconv.Itoa(i)))
		if err != nil || string(output) != strconv.Itoa(i) {
			t.Fatalf("%q, %v", output, err)
		}
	}
	if _, output, err := p.Call("echo", nil); err != nil || output == nil || len(output) != 0 {
		t.Fatalf("%q, %v", output, err)
	}
	code, _, err := p.Call("refuse", []byte("sold out"))
	if code != 7 || !errors.Is(err, plugwright.KindGuest) || err.Error() != "sold out" {
		t.Fatalf("%d, %v", code, err)
	}
	code, _, err = p.Call("crash", nil)
	var trap *plugwright.Error
	if code != 134 || !errors.As(err, &trap) || trap.Kind != plugwright.KindTrap || len(trap.Backtrace) != 1 || trap.Plugin != "p" {
		t.Fatalf("%d, %v", code, err)
	}
	_, _, err = p.Call("ecko", nil)
	var missing *plugwright.Error
	if !errors.As(err, &missing) || missing.Kind != plugwright.KindFunctionNotFound || missing.Nearest[0] != "echo" {
		t.Fatal(err)
	}
	if _, _, err := p.Call("no such function", nil); !errors.Is(err, plugwright.KindFunctionNotFound) {
		t.Fatal(err)
	}
	if _, err := remote.New(conn, "a.b", remote.Config{}); err == nil {
		t.Fatal("a name of two tokens is taken")
	}
}

func TestDeadlinesAndCancellation(t *testing.T) {
	url, conn := world(t)
	worker(t, url, guest)
	p := plugin(t, conn, remote.Config{Wait: time.Minute})
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, _, err := p.CallWithContext(ctx, "spin", nil); !errors.Is(err, plugwright.KindTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	begun := heartbeat(t, url)
	go func() {
		<-begun
		cancel()
	}()
	if _, _, err := p.CallWithContext(ctx, "spin", nil); !errors.Is(err, plugwright.KindCancelled) || !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	// The worker has one place, which is free again.
	if _, output, err := p.Call("echo", []byte("free")); err != nil || string(output) != "free" {
		t.Fatalf("%q, %v", output, err)
	}
}

func TestAWorkerThatIsKilled(t *testing.T) {
	url, conn := world(t)
	for _, idempotent := range []bool{false, true} {
		kill := worker(t, url, guest)
		p := plugin(t, conn, remote.Config{Wait: time.Minute, Idempotent: idempotent})
		begun := heartbeat(t, url)
		ended := make(chan error, 1)
		go func() {
			_, _, err := p.Call("spin", nil)
			ended <- err
		}()
		<-begun
		kill()
		other := worker(t, url, `(module (func (export "spin")))`)
		err := <-ended
		if idempotent && err != nil || !idempotent && !errors.Is(err, plugwright.KindLost) {
			t.Fatal(err)
		}
		other()
	}
}

func TestWithoutAWorker(t *testing.T) {
	_, conn := world(t)
	p := plugin(t, conn, remote.Config{Wait: 100 * time.Millisecond})
	if _, _, err := p.Call("echo", nil); !errors.Is(err, plugwright.KindUnavailable) {
		t.Fatal(err)
	}
}
