package conformance_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// page is the user guide's page on our SDK.
const page = "../../docs/go-sdk.md"

// pageGuests are the plug-ins that the programs of the page use, by their names there.
var pageGuests = map[string]string{
	"count_vowels.wasm": "rust_count_vowels.wasm",
	"kv.wasm":           "rust_kv.wasm",
	"echo.wasm":         "rust_echo.wasm",
}

// TestPage compiles the programs of the page, and runs the examples among them, which say what they print.
func TestPage(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	blocks := strings.Split(string(text), "```go\n")[1:]
	if len(blocks) < 4 {
		t.Fatalf("the page has only %d programs", len(blocks))
	}
	for _, block := range blocks {
		program, _, _ := strings.Cut(block, "```")
		first, _, _ := strings.Cut(program, "\n")
		name, isComment := strings.CutPrefix(first, "// ")
		if !isComment || !strings.HasSuffix(name, ".go") {
			t.Fatalf("a program does not begin with the name of its file:\n%s", program)
		}
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, file, []byte(program))
	}
	for name, guest := range pageGuests {
		data, err := os.ReadFile(filepath.Join(guestsFolder, "build", guest))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, name), data)
	}
	own, err := filepath.Abs("../../sdks/go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(own, name))
		if err != nil {
			t.Fatal(err)
		}
		module := strings.Replace(string(data), "module "+ownPackage, fmt.Sprintf(
			"module example.com/guide\n\nrequire %[1]s v0.0.0\n\nreplace %[1]s => %[2]s", ownPackage, own), 1)
		write(t, filepath.Join(folder, name), []byte(module))
	}
	// The main program is run as well, and says in a comment what it prints.
	for _, arguments := range [][]string{{"vet", "./..."}, {"test", "."}} {
		command(t, folder, arguments...)
	}
	output := command(t, folder, "run", "./first")
	if !strings.Contains(string(text), "fmt.Println(string(output)) // "+output) {
		t.Errorf("the first program prints %s", output)
	}
}

// command runs the go command in a folder, and returns what it prints.
func command(t *testing.T, folder string, arguments ...string) string {
	t.Helper()
	run := exec.Command("go", arguments...)
	run.Dir = folder
	output, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", run, err, output)
	}
	return string(output)
}
