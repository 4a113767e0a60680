package remote_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/plugwright/plugwright/sdks/go/remote"
)

const guest = `(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  (func (export "echo") (result i32) (call $output (call $input) (call $length)) (i32.const 0))
  (func (export "refuse") (result i32) (call $error (call $input)) (i32.const 7))
  (func (export "large") (result i32) (call $output (call $alloc (i64.const 2000000)) (i64.const 2000000)) (i32.const 0))
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

// world is a server with these settings, and the URL and a connection for callers.
func world(t *testing.T, settings ...string) (string, *nats.Conn) {
	t.Helper()
	url, _ := program(t, "test-server", append([]string{"nats"}, settings...)...)
	return url, connect(t, url)
}

// connect is one more connection.
func connect(t *testing.T, url string, options ...nats.Option) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(url, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

// listen hears what is published there from now on.
func listen(t *testing.T, conn *nats.Conn, subject string) *nats.Subscription {
	t.Helper()
	heard, err := conn.SubscribeSync(subject)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	return heard
}

// worker starts a worker of a guest with one place, and gives what kills it.
func worker(t *testing.T, url, text string, arguments ...string) func() {
	t.Helper()
	file := filepath.Join(t.TempDir(), "p.wat")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	all := append([]string{"worker", "--json", "--no-store", "--concurrency", "1", "--timeout", "1m", "--nats", url, file}, arguments...)
	line, kill := program(t, "plugwright", all...)
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

// heartbeat is closed when a worker says that it is at a call.
func heartbeat(t *testing.T, url string) <-chan struct{} {
	t.Helper()
	conn := connect(t, url)
	seen := make(chan struct{})
	once := sync.OnceFunc(func() { close(seen) })
	_, err := conn.Subscribe("_INBOX.>", func(message *nats.Msg) {
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
