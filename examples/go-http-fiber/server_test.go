package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// program is the server's file.
var program string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "go-http-fiber-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	program = filepath.Join(folder, "go-http-fiber")
	if output, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, output)
		return 1
	}
	return m.Run()
}

// TestServer starts the program with a plug-in of each language, and lets 10 and then 100 clients ask it at the same time.
func TestServer(t *testing.T) {
	for _, guest := range []string{"go_count_vowels.wasm", "rust_count_vowels.wasm", "as_count_vowels.wasm"} {
		t.Run(guest, func(t *testing.T) {
			server := start(t, guest, "count_vowels")
			for _, clients := range []int{1, 10, 100} {
				askTogether(t, server, clients)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	for function, wanted := range map[string]int{
		"fail_message": http.StatusUnprocessableEntity, "unreachable": http.StatusInternalServerError,
		"no_such_function": http.StatusInternalServerError,
	} {
		server := start(t, "rust_fail.wasm", function)
		// A request that fails is no trouble for the next.
		for range 3 {
			status, answer, err := post(server, "it is refused")
			if err != nil || status != wanted || answer == "" {
				t.Errorf("%s: %d %q %v", function, status, answer, err)
			}
		}
	}
}

// start starts the server, and returns its URL. The server must end by itself when it is told to.
func start(t *testing.T, guest, function string) string {
	t.Helper()
	command := exec.Command(program, filepath.Join("..", "..", "guests", "build", guest), function, "0")
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := command.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := command.Wait(); err != nil {
			t.Errorf("the server ended: %v", err)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the server does not say where it listens: %v", err)
	}
	_, url, _ := strings.Cut(strings.TrimSuffix(line, ")\n"), "(")
	return url
}

// askTogether lets so many clients send requests at the same time, each with texts of its own, and checks every answer.
func askTogether(t *testing.T, server string, clients int) {
	const requests = 5
	var group sync.WaitGroup
	begin := make(chan struct{})
	for client := range clients {
		group.Go(func() {
			<-begin
			for request := range requests {
				vowels := client + 100*request
				if err := ask(server, strings.Repeat("a", vowels)+"xyz", vowels); err != nil {
					t.Errorf("client %d of %d: %v", client, clients, err)
				}
			}
		})
	}
	close(begin)
	group.Wait()
}

func ask(server, text string, vowels int) error {
	status, answer, err := post(server, text)
	if err != nil {
		return err
	}
	var counted struct{ Count int }
	if err := json.Unmarshal([]byte(answer), &counted); err != nil || status != http.StatusOK || counted.Count != vowels {
		return fmt.Errorf("%d instead of %d: status %d, %v: %s", counted.Count, vowels, status, err, answer)
	}
	return nil
}

func post(server, body string) (status int, answer string, err error) {
	response, err := http.Post(server, "text/plain", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return response.StatusCode, string(data), err
}
