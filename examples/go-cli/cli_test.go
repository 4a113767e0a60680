package main

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	plugwright "github.com/plugwright/plugwright/sdks/go"
)

func guest(name string) string { return filepath.Join("..", "..", "guests", "build", name) }

func TestPluginsOfThreeLanguages(t *testing.T) {
	for _, language := range []string{"go", "rust", "as"} {
		var output bytes.Buffer
		err := run(context.Background(),
			[]string{guest(language + "_count_vowels.wasm"), "count_vowels", "Hello, why?", `{"vowels": "aeiouy"}`}, &output)
		if wanted := `{"count":3,"total":3,"vowels":"aeiouy"}` + "\n"; err != nil || output.String() != wanted {
			t.Errorf("%s: %v: %s", language, err, output.String())
		}
	}
}

func TestInputAndConfigMayBeAbsent(t *testing.T) {
	var output bytes.Buffer
	if err := run(context.Background(), []string{guest("rust_echo.wasm"), "echo"}, &output); err != nil || output.String() != "\n" {
		t.Errorf("%v: %q", err, output.String())
	}
}

func TestWrongArguments(t *testing.T) {
	for _, arguments := range [][]string{
		{}, {"a.wasm"}, {"a", "b", "c", "{}", "e"}, {"a", "b", "c", "no JSON"}, {"a", "b", "c", `{"a": 1}`}, {"a", "b", "c", "[]"},
	} {
		err := run(context.Background(), arguments, &bytes.Buffer{})
		var wrong *usageError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), usage) {
			t.Errorf("%q: %v", arguments, err)
		}
	}
}

func TestFailures(t *testing.T) {
	for kind, arguments := range map[plugwright.Kind][]string{
		plugwright.KindLoad:             {"none.wasm", "f"},
		plugwright.KindFunctionNotFound: {guest("rust_echo.wasm"), "eco"},
		plugwright.KindGuest:            {guest("rust_fail.wasm"), "fail_message", "no"},
		plugwright.KindLink:             {guest("rust_kv.wasm"), "kv_get", "key"},
	} {
		if err := run(context.Background(), arguments, &bytes.Buffer{}); !errors.Is(err, kind) {
			t.Errorf("%q: %v", arguments, err)
		}
	}
}

// TestStatic builds the program without a C compiler: one file, which needs no library.
func TestStatic(t *testing.T) {
	program := filepath.Join(t.TempDir(), "go-cli")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if libraries, err := file.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("%v: it needs %v", err, libraries)
	}
	output, err := exec.Command(program, guest("rust_echo.wasm"), "echo", "static").CombinedOutput()
	if err != nil || string(output) != "static\n" {
		t.Errorf("%v: %s", err, output)
	}
}
