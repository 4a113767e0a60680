//go:build unix

package rootfs

import (
	"path/filepath"
	"syscall"
	"testing"

	experimentalsys "github.com/tetratelabs/wazero/experimental/sys"
)

func TestPipesAreNotOpened(t *testing.T) {
	files, at := folder(t)
	if err := syscall.Mkfifo(filepath.Join(at, "inside", "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, flag := range []experimentalsys.Oflag{experimentalsys.O_RDONLY, experimentalsys.O_RDWR, experimentalsys.O_WRONLY} {
		// Without a flag that keeps it from waiting, this would hang.
		if _, number := files.OpenFile("pipe", flag, 0); number == 0 {
			t.Error("the pipe was opened")
		}
	}
}
