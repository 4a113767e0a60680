package plugwright

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
)

// guestFile is a guest that `cargo xtask guests` built; those in text are below wat/.
func guestFile(name string) string { return filepath.Join("..", "..", "guests", "build", name+".wasm") }

// guestManifest is the manifest of one guest.
func guestManifest(name string) Manifest {
	return Manifest{Wasm: []Wasm{WasmFile{Path: guestFile(name)}}}
}

// newGuest makes a plug-in that is closed when the test ends.
func newGuest(t testing.TB, manifest Manifest, functions ...HostFunction) *Plugin {
	t.Helper()
	p, err := NewPlugin(t.Context(), manifest, PluginConfig{EnableWasi: true}, functions)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// mustCall makes a call that succeeds, and returns its output.
func mustCall(t testing.TB, p *Plugin, function, input string) string {
	t.Helper()
	code, output, err := p.Call(function, []byte(input))
	if err != nil || code != 0 {
		t.Fatalf("%s: code %d, %v", function, code, err)
	}
	return string(output)
}

// mustFail checks that an error is of a kind.
func mustFail(t testing.TB, err error, kind Kind) *Error {
	t.Helper()
	var own *Error
	if !errors.As(err, &own) || own.Kind != kind {
		t.Fatalf("%s was expected, but got %v", kind, err)
	}
	return own
}
