package plugwright

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// withFolder is the manifest of a guest that sees a folder with a file.
func withFolder(t *testing.T, guest, prefix string) (manifest Manifest, folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "note.txt"), []byte("a note"), 0o600); err != nil {
		t.Fatal(err)
	}
	manifest = guestManifest(guest)
	manifest.AllowedPaths = map[string]string{prefix + folder: "/data"}
	return manifest, folder
}

func TestGuestsStayInTheirFolder(t *testing.T) {
	manifest, folder := withFolder(t, "wat/wasi_file", "")
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"link": outside, "folder": filepath.Dir(outside), "up": ".."} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	p := newGuest(t, manifest)
	mustCall(t, p, "open_to_read", "note.txt")
	mustCall(t, p, "create", "new.txt")
	for _, path := range []string{"link", "folder/secret", "up/x", "../x", outside} {
		for _, function := range []string{"open_to_read", "create"} {
			if _, _, err := p.Call(function, []byte(path)); !errors.Is(err, KindGuest) {
				t.Errorf("%s %s: %v", function, path, err)
			}
		}
	}
}

func TestReadOnlyFolders(t *testing.T) {
	manifest, folder := withFolder(t, "wat/wasi_file", "ro:")
	p := newGuest(t, manifest)
	mustCall(t, p, "open_to_read", "note.txt")
	for _, path := range []string{"note.txt", "new.txt"} {
		if _, _, err := p.Call("create", []byte(path)); !errors.Is(err, KindGuest) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(folder, "note.txt")); err != nil || string(text) != "a note" {
		t.Errorf("%q %v", text, err)
	}
}

func TestFoldersThatCannotBeOpened(t *testing.T) {
	manifest, folder := withFolder(t, "wat/wasi_file", "")
	manifest.AllowedPaths = map[string]string{folder: "/data", filepath.Join(folder, "none"): "/none"}
	_, err := NewPlugin(t.Context(), manifest, PluginConfig{EnableWasi: true}, nil)
	failsWith(t, err, KindLoad, "cannot open the folder `"+folder, "none` of `allowed_paths`: no such file or directory")
	manifest.AllowedPaths = map[string]string{folder: "../x"}
	_, err = NewPlugin(t.Context(), manifest, PluginConfig{EnableWasi: true}, nil)
	failsWith(t, err, KindInvalidManifest, "allowed_paths.")
}

// The engine's own function would take gigabytes.
func TestOpenFilesKeepTheirNumbers(t *testing.T) {
	manifest, _ := withFolder(t, "wat/wasi_renumber", "ro:")
	p := newGuest(t, manifest)
	for _, function := range []string{"move_far", "move_to_half", "move_below"} {
		if code, _, err := p.Call(function, []byte("note.txt")); code != wasiNotSupported || !errors.Is(err, KindGuest) {
			t.Errorf("%s: %d %v", function, code, err)
		}
	}
}
