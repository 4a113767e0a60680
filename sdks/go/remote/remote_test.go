package remote_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	plugwright "github.com/plugwright/plugwright/sdks/go"
	"github.com/plugwright/plugwright/sdks/go/remote"
)

const guest = `(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  (func (export "echo") (result i32) (call $output (call $input) (call $length)) (i32.const 0))
  (func (export "refuse") (result i32) (call $error (call $input)) (i32.const 7))
  (func (export "crash") unreachable)
  (func (export "spin") (loop $again (br $again))))`

// program starts one of this checkout's programs, and gives its first line and how to end it.
func program(t *testing.T, name string, arguments ...string) (string, func()) {
	t.Helper()
	folder := os.Getenv("PLUGWRIGHT_PROGRAMS")
	if folder == "" {
		t.Fatal("PLUGWRIGHT_PROGRAMS does not name the folder of `plugwright` and `test-server`: run `cargo xtask go`")
	}
	command := exec.Command(filepath.Join(folder, name), arguments...)
	command.Stderr = os.Stderr
	// A server ends with its standard input.
	if _, err := command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	end := sync.OnceFunc(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	t.Cleanup(end)
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), end
}

// world is a server, and the URL and a connection for callers.
func world(t *testing.T) (string, *nats.Conn) {
	t.Helper()
	url, _ := program(t, "test-server", "nats")
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return url, conn
}

// worker starts a worker of a guest, and gives what kills it.
func worker(t *testing.T, url, text string) func() {
	t.Helper()
	file := filepath.Join(t.TempDir(), "p.wat")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	line, kill := program(t, "plugwright", "worker", "--json", "--no-store", "--concurrency", "1", "--timeout", "1m", "--nats", url, file)
	if !json.Valid([]byte(line)) {
		t.Fatal(line)
	}
	return kill
}

func plugin(t *testing.T, conn *nats.Conn, config remote.Config) *remote.Plugin {
	t.Helper()
	config.Heartbeat = 100 * time.Millisecond
	made, err := remote.New(conn, "p", config)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

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
	if _, _, err := p.Call("echo", make([]byte, 2<<20)); !errors.Is(err, plugwright.KindLimit) {
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

// heartbeat is closed when a worker says that it is at a call.
func heartbeat(t *testing.T, url string) <-chan struct{} {
	t.Helper()
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	seen := make(chan struct{})
	once := sync.OnceFunc(func() { close(seen) })
	_, err = conn.Subscribe("_INBOX.>", func(message *nats.Msg) {
		if message.Header.Get("Plugwright-Heartbeat-Ms") != "" {
			once()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	return seen
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
