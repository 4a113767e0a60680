package conformance_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const programsFolder = "programs"

// TestPrograms builds the programs as they are for the public SDK, with the import changed to ours, and as they are with our module in the
// place of the public one. All three print the same.
func TestPrograms(t *testing.T) {
	sources, err := filepath.Glob(filepath.Join(programsFolder, "*", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) < 6 {
		t.Fatalf("only %d programs", len(sources))
	}
	public := build(t)
	changed := build(t, "-overlay", importsChanged(t, sources))
	replaced := build(t, "-modfile", moduleReplaced(t))
	for _, source := range sources {
		name := filepath.Base(filepath.Dir(source))
		t.Run(name, func(t *testing.T) {
			wanted := run(t, filepath.Join(public, name))
			for _, folder := range []string{changed, replaced} {
				if got := run(t, filepath.Join(folder, name)); got != wanted {
					t.Errorf("with our SDK it prints\n%s\nand with the public one\n%s", got, wanted)
				}
			}
		})
	}
}

// build builds all programs, and returns the folder with them.
func build(t *testing.T, options ...string) string {
	t.Helper()
	folder := t.TempDir()
	arguments := append([]string{"build", "-o", folder, "-ldflags=-s -w"}, options...)
	command := exec.Command("go", append(arguments, "./"+programsFolder+"/...")...)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command, err, output)
	}
	return folder
}

// importsChanged is an overlay, as the go command takes it, in which the programs import our package.
func importsChanged(t *testing.T, sources []string) string {
	t.Helper()
	folder := t.TempDir()
	replace := make(map[string]string)
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		public := []byte(`extism "` + publicPackage + `"`)
		if bytes.Count(text, public) != 1 {
			t.Fatalf("%s does not import the public package once", source)
		}
		absolute, err := filepath.Abs(source)
		if err != nil {
			t.Fatal(err)
		}
		changed := filepath.Join(folder, filepath.Base(filepath.Dir(source))+".go")
		write(t, changed, bytes.Replace(text, public, []byte(`extism "`+ownPackage+`"`), 1))
		replace[absolute] = changed
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "overlay.json")
	write(t, file, overlay)
	return file
}

// moduleReplaced is the file of this module with a directive that lets our module take the place of the public one. Its checksums are
// those of this module.
func moduleReplaced(t *testing.T) string {
	t.Helper()
	compat, err := filepath.Abs(compatFolder)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	module, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	// Relative to this folder, of which the file will not be in.
	own, err := filepath.Abs("../../sdks/go")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(module), "../../sdks/go", own) + "\nreplace " + publicPackage + " => " + compat + "\n"
	file := filepath.Join(folder, "go.mod")
	write(t, file, []byte(text))
	write(t, filepath.Join(folder, "go.sum"), sums)
	return file
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs a program on the guests, and returns what it prints.
func run(t *testing.T, program string) string {
	t.Helper()
	guests, err := filepath.Abs(guestsFolder)
	if err != nil {
		t.Fatal(err)
	}
	output, err := exec.Command(program, guests).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, output)
	}
	return string(output)
}
