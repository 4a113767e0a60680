package rootfs

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	experimentalsys "github.com/tetratelabs/wazero/experimental/sys"
)

// folder has a file "inside/file", and beside it, out of reach, "outside/secret".
func folder(t *testing.T) (files *FS, at string) {
	t.Helper()
	at = t.TempDir()
	for name, text := range map[string]string{"inside/file": "inside", "outside/secret": "outside"} {
		name = filepath.Join(at, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(filepath.Join(at, "inside"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := root.Close(); err != nil {
			t.Error(err)
		}
	})
	return New(root), at
}

func open(t *testing.T, files *FS, name string, flag experimentalsys.Oflag) experimentalsys.File {
	t.Helper()
	file, number := files.OpenFile(name, flag, 0o600)
	if number != 0 {
		t.Fatalf("%s: %v", name, number)
	}
	t.Cleanup(func() { check(t, file.Close(), 0) })
	return file
}

func check(t *testing.T, found, expected experimentalsys.Errno) {
	t.Helper()
	if found != expected {
		t.Errorf("%v and not %v", found, expected)
	}
}

func text(t *testing.T, file experimentalsys.File) string {
	t.Helper()
	buf := make([]byte, 100)
	count, number := file.Pread(buf, 0)
	check(t, number, 0)
	return string(buf[:count])
}

func TestNothingOutsideIsReached(t *testing.T) {
	files, at := folder(t)
	for link, target := range map[string]string{
		"absolute": filepath.Join(at, "outside", "secret"), "relative": "../outside/secret", "up": "..",
		"folder": filepath.Join(at, "outside"), "chain": "up", "detour": "../inside/../outside/secret",
	} {
		if err := os.Symlink(target, filepath.Join(at, "inside", link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{
		"absolute", "relative", "up/outside/secret", "folder/secret", "chain/outside/secret", "detour", "../outside/secret",
		"./../outside/secret", "file/../../outside/secret", "up", "folder", "up/", "folder/", "..", "chain",
	} {
		for _, flag := range []experimentalsys.Oflag{
			experimentalsys.O_RDONLY, experimentalsys.O_RDWR, experimentalsys.O_WRONLY | experimentalsys.O_CREAT,
			experimentalsys.O_DIRECTORY, experimentalsys.O_WRONLY | experimentalsys.O_TRUNC,
		} {
			if _, number := files.OpenFile(name, flag, 0o600); number == 0 {
				t.Errorf("%s was opened", name)
			}
		}
		if _, number := files.Stat(name); number == 0 {
			t.Errorf("%s was seen", name)
		}
		for what, number := range map[string]experimentalsys.Errno{
			"mkdir": files.Mkdir(name+"/new", 0o700), "chmod": files.Chmod(name, 0o777),
			"rename from": files.Rename(name+"/secret", "stolen"), "rename to": files.Rename("file", name+"/new"),
			"rmdir": files.Rmdir(name + "/"), "unlink": files.Unlink(name + "/secret"),
			"link from": files.Link(name+"/secret", "stolen"), "link to": files.Link("file", name+"/new"),
			"symlink": files.Symlink("x", name+"/new"), "utimens": files.Utimens(name, 0, 0),
		} {
			if number == 0 {
				t.Errorf("%s of %s", what, name)
			}
		}
		if _, number := files.Readlink(name + "/secret"); number == 0 {
			t.Errorf("readlink of %s", name)
		}
	}
	for _, target := range []string{"/etc/passwd", filepath.Join(at, "outside")} {
		check(t, files.Symlink(target, "new"), experimentalsys.EPERM)
	}
	// A link that the guest makes itself leads nowhere either.
	check(t, files.Symlink("../outside/secret", "own"), 0)
	if _, number := files.OpenFile("own", experimentalsys.O_RDONLY, 0); number == 0 {
		t.Error("the guest's link was followed")
	}
	secret, err := os.ReadFile(filepath.Join(at, "outside", "secret"))
	if err != nil || string(secret) != "outside" {
		t.Errorf("%q %v", secret, err)
	}
	if entries, err := os.ReadDir(filepath.Join(at, "outside")); err != nil || len(entries) != 1 {
		t.Errorf("%v %v", entries, err)
	}
}

func TestLinksInside(t *testing.T) {
	files, _ := folder(t)
	check(t, files.Mkdir("sub/", 0o700), 0)
	check(t, files.Symlink("../file", "sub/link"), 0)
	if file := open(t, files, "sub/link", experimentalsys.O_RDONLY); text(t, file) != "inside" {
		t.Error("a link to a file inside")
	}
	_, number := files.OpenFile("sub/link", experimentalsys.O_NOFOLLOW, 0)
	check(t, number, experimentalsys.ELOOP)
	target, number := files.Readlink("sub/link")
	if target != "../file" || number != 0 {
		t.Error(target, number)
	}
	link, number := files.Lstat("sub/link")
	check(t, number, 0)
	file, number := files.Stat("/sub/link")
	check(t, number, 0)
	if link.Mode&fs.ModeSymlink == 0 || !file.Mode.IsRegular() || file.Size != 6 {
		t.Error(link.Mode, file.Mode)
	}
	check(t, files.Link("file", "sub/hard"), 0)
	if hard, number := files.Stat("sub/hard"); number != 0 || hard.Ino != file.Ino || hard.Nlink != 2 {
		t.Error(hard, number)
	}
}

func TestFilesAreWritten(t *testing.T) {
	files, at := folder(t)
	file := open(t, files, "new", experimentalsys.O_RDWR|experimentalsys.O_CREAT|experimentalsys.O_EXCL)
	_, number := files.OpenFile("new", experimentalsys.O_WRONLY|experimentalsys.O_CREAT|experimentalsys.O_EXCL, 0o600)
	check(t, number, experimentalsys.EEXIST)
	write := func(text string) {
		count, number := file.Write([]byte(text))
		check(t, number, 0)
		if count != len(text) {
			t.Error(count)
		}
	}
	write("0123")
	_, number = file.Pwrite([]byte("x"), 1)
	check(t, number, 0)
	if position, number := file.Seek(-1, io.SeekCurrent); position != 3 || number != 0 {
		t.Error(position, number)
	}
	buf := make([]byte, 10)
	if count, number := file.Read(buf); count != 1 || buf[0] != '3' || number != 0 {
		t.Error(count, number)
	}
	if count, number := file.Read(buf); count != 0 || number != 0 {
		t.Error("the end is no error", count, number)
	}
	check(t, file.SetAppend(true), 0)
	_, number = file.Seek(0, io.SeekStart)
	check(t, number, 0)
	write("45")
	_, number = file.Pwrite([]byte("6"), 0)
	check(t, number, 0)
	check(t, file.SetAppend(false), 0)
	check(t, file.SetAppend(false), 0)
	if file.IsAppend() || text(t, file) != "0x23456" {
		t.Errorf("%q", text(t, file))
	}
	check(t, file.Truncate(2), 0)
	check(t, file.Truncate(-1), experimentalsys.EINVAL)
	_, number = file.Pread(buf, -1)
	check(t, number, experimentalsys.EINVAL)
	_, number = file.Pwrite(buf, -1)
	check(t, number, experimentalsys.EINVAL)
	_, number = file.Seek(-1, io.SeekStart)
	check(t, number, experimentalsys.EINVAL)
	_, number = file.Seek(0, 7)
	check(t, number, experimentalsys.EINVAL)
	check(t, file.Sync(), 0)
	check(t, file.Datasync(), 0)
	then := time.Date(2001, 2, 3, 4, 5, 6, 7000, time.UTC).UnixNano()
	check(t, file.Utimens(experimentalsys.UTIME_OMIT, then), 0)
	if stat, number := file.Stat(); stat.Mtim != then || stat.Size != 2 || number != 0 {
		t.Error(stat, number)
	}
	check(t, files.Utimens("new", then, then+1), 0)
	check(t, files.Chmod("new", 0o640), 0)
	check(t, files.Rename("new", "renamed"), 0)
	check(t, file.Utimens(then, then), experimentalsys.ENOENT)
	info, err := os.Stat(filepath.Join(at, "inside", "renamed"))
	if err != nil || info.ModTime().UnixNano() != then+1 || info.Mode() != 0o640 {
		t.Error(info, err)
	}
	check(t, files.Unlink("renamed/"), experimentalsys.ENOTDIR)
	check(t, files.Unlink("renamed"), 0)
	check(t, files.Unlink("renamed"), experimentalsys.ENOENT)
	check(t, file.SetAppend(true), experimentalsys.ENOENT)
}

func TestReadersDoNotWrite(t *testing.T) {
	files, _ := folder(t)
	file := open(t, files, "file", experimentalsys.O_RDONLY)
	_, number := file.Write([]byte("x"))
	check(t, number, experimentalsys.EBADF)
	writer := open(t, files, "file", experimentalsys.O_WRONLY)
	_, number = writer.Read(make([]byte, 1))
	check(t, number, experimentalsys.EBADF)
	if text(t, file) != "inside" {
		t.Error("changed")
	}
}

func TestFolders(t *testing.T) {
	files, _ := folder(t)
	check(t, files.Mkdir("sub", 0o700), 0)
	check(t, files.Mkdir("sub", 0o700), experimentalsys.EEXIST)
	check(t, files.Unlink("sub"), experimentalsys.EISDIR)
	check(t, files.Rmdir("file"), experimentalsys.ENOTDIR)
	_, number := files.OpenFile("file", experimentalsys.O_DIRECTORY, 0)
	check(t, number, experimentalsys.ENOTDIR)
	_, number = files.OpenFile("file/", experimentalsys.O_RDONLY, 0)
	check(t, number, experimentalsys.ENOTDIR)
	_, number = files.Stat("file/")
	check(t, number, experimentalsys.ENOTDIR)
	_, number = files.OpenFile("sub", experimentalsys.O_RDWR, 0)
	check(t, number, experimentalsys.EISDIR)
	directory := open(t, files, ".", experimentalsys.O_DIRECTORY)
	_, number = directory.Read(make([]byte, 1))
	check(t, number, experimentalsys.EISDIR)
	_, number = directory.Write(make([]byte, 1))
	check(t, number, experimentalsys.EBADF)
	check(t, directory.Truncate(0), experimentalsys.EISDIR)
	check(t, directory.SetAppend(true), experimentalsys.EISDIR)
	if isDir, number := directory.IsDir(); !isDir || number != 0 {
		t.Error(number)
	}
	for range 2 {
		var names []string
		for {
			entries, number := directory.Readdir(1)
			check(t, number, 0)
			if len(entries) == 0 {
				break
			}
			stat, number := files.Lstat(entries[0].Name)
			check(t, number, 0)
			if entries[0].Ino != stat.Ino || entries[0].Type != stat.Mode.Type() {
				t.Error(entries[0])
			}
			names = append(names, entries[0].Name)
		}
		slices.Sort(names)
		if !slices.Equal(names, []string{"file", "sub"}) {
			t.Error(names)
		}
		_, number := directory.Seek(0, io.SeekStart)
		check(t, number, 0)
	}
	_, number = directory.Seek(1, io.SeekStart)
	check(t, number, experimentalsys.EISDIR)
	_, number = open(t, files, "file", experimentalsys.O_RDONLY).Readdir(1)
	check(t, number, experimentalsys.EBADF)
	check(t, files.Rmdir("sub/"), 0)
}

func TestFilesAreCounted(t *testing.T) {
	files, _ := folder(t)
	opened := make([]experimentalsys.File, 0, MaxOpenFiles)
	for range MaxOpenFiles {
		file, number := files.OpenFile("file", experimentalsys.O_RDONLY, 0)
		check(t, number, 0)
		opened = append(opened, file)
	}
	_, number := files.OpenFile("file", experimentalsys.O_RDONLY, 0)
	check(t, number, experimentalsys.EAGAIN)
	for _, file := range opened {
		check(t, file.Close(), 0)
		check(t, file.Close(), 0)
	}
	// What cannot be opened does not count.
	for range MaxOpenFiles + 1 {
		if _, number := files.OpenFile("missing", experimentalsys.O_RDONLY, 0); number != experimentalsys.ENOENT {
			t.Fatal(number)
		}
	}
	open(t, files, "file", experimentalsys.O_RDONLY)
}

func TestClosedFiles(t *testing.T) {
	files, _ := folder(t)
	file, number := files.OpenFile("file", experimentalsys.O_RDWR, 0)
	check(t, number, 0)
	check(t, file.Close(), 0)
	_, number = file.Read(make([]byte, 1))
	check(t, number, experimentalsys.EBADF)
	_, number = file.Stat()
	check(t, number, experimentalsys.EBADF)
}

func TestManyFiles(t *testing.T) {
	files, at := folder(t)
	for i := range 300 {
		if err := os.WriteFile(filepath.Join(at, "inside", fmt.Sprint("f", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	directory := open(t, files, "/", experimentalsys.O_RDONLY)
	entries, number := directory.Readdir(-1)
	check(t, number, 0)
	if len(entries) != 301 || !strings.HasPrefix(entries[0].Name, "f") {
		t.Error(len(entries))
	}
}
