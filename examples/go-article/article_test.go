package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

const wanted = `🙂 👋 Hello 👋 Hello from the Go Host app 🤗
key: hello, value: 👋 Hello World 🌍
key: message, value: I 💜 Extism 😍
`

// TestArticle runs the program with the article's plug-in, built with the public PDK and with ours.
func TestArticle(t *testing.T) {
	program := filepath.Join(t.TempDir(), "go-article")
	if output, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, guest := range []string{"go_say_hello.wasm", "go_own_say_hello.wasm"} {
		output, err := exec.Command(program, filepath.Join("..", "..", "guests", "build", guest)).CombinedOutput()
		if err != nil || string(output) != wanted {
			t.Errorf("%s: %v: it prints\n%s", guest, err, output)
		}
	}
}
