// Package rootfs lends a folder of the host to WebAssembly modules such that nothing outside of it can be reached:
// neither by "..", nor by symbolic links, whoever makes them and whenever. The folders that wazero itself mounts follow
// links to anywhere.
//
// Every path is resolved below an [os.Root]. A module finds files and folders alone: pipes, sockets and devices, at which
// a call might wait beyond its deadline, cannot be opened.
package rootfs

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	experimentalsys "github.com/tetratelabs/wazero/experimental/sys"
	"github.com/tetratelabs/wazero/sys"
)

// MaxOpenFiles is how many files and folders of one [FS] may be open at a time: those of the process are few.
const MaxOpenFiles = 256

// FS is a folder as one instance of a plug-in sees it. Use [New].
type FS struct {
	experimentalsys.UnimplementedFS
	root *os.Root
	open atomic.Int64
}

var _ experimentalsys.FS = (*FS)(nil)

// New shows the folder of root, which must stay open as long as the file system is used. To make it read-only, wrap it.
func New(root *os.Root) *FS { return &FS{root: root} }

// local is the path as the host's system spells it, below the folder. wazero has removed "..", and os.Root refuses what
// leaves it in spite of that.
func local(name string) string {
	return filepath.FromSlash(path.Clean(strings.TrimLeft(name, "/")))
}

// wantsFolder reports whether a path can only be that of a folder.
func wantsFolder(name string) bool { return strings.HasSuffix(name, "/") }

// errno is the number of an error of package os.
func errno(err error) experimentalsys.Errno {
	number := experimentalsys.UnwrapOSError(err)
	if number == experimentalsys.EIO && !errors.As(err, new(syscall.Errno)) {
		// What is no error of the system is os.Root's own: the path leaves the folder.
		return experimentalsys.EPERM
	}
	return number
}

// OpenFile implements the method of [experimentalsys.FS].
func (f *FS) OpenFile(name string, flag experimentalsys.Oflag, perm fs.FileMode) (experimentalsys.File, experimentalsys.Errno) {
	if f.open.Add(1) > MaxOpenFiles {
		f.open.Add(-1)
		return nil, experimentalsys.EAGAIN
	}
	opened, number := f.openFile(name, flag, perm)
	if number != 0 {
		f.open.Add(-1)
		return nil, number
	}
	return opened, 0
}

func (f *FS) openFile(name string, flag experimentalsys.Oflag, perm fs.FileMode) (*file, experimentalsys.Errno) {
	name, folder := local(name), wantsFolder(name) || flag&experimentalsys.O_DIRECTORY != 0
	if flag&experimentalsys.O_NOFOLLOW != 0 {
		if info, err := f.root.Lstat(name); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return nil, experimentalsys.ELOOP
		}
	}
	opened, err := f.root.OpenFile(name, osFlags(flag)|nonblock, perm&fs.ModePerm)
	if err != nil {
		return nil, errno(err)
	}
	info, err := opened.Stat()
	number := errno(err)
	switch {
	case err != nil:
	case folder && !info.IsDir():
		number = experimentalsys.ENOTDIR
	case !info.IsDir() && !info.Mode().IsRegular():
		number = experimentalsys.EACCES
	}
	if number != 0 {
		opened.Close()
		return nil, number
	}
	return &file{fs: f, file: opened, name: name, flag: flag, isFolder: info.IsDir()}, 0
}

// osFlags are the flags of package os, as far as it has them.
func osFlags(flag experimentalsys.Oflag) int {
	flags := os.O_RDONLY
	switch {
	case flag&experimentalsys.O_RDWR != 0:
		flags = os.O_RDWR
	case flag&experimentalsys.O_WRONLY != 0:
		flags = os.O_WRONLY
	}
	for _, pair := range []struct {
		from experimentalsys.Oflag
		to   int
	}{
		{experimentalsys.O_APPEND, os.O_APPEND},
		{experimentalsys.O_CREAT, os.O_CREATE},
		{experimentalsys.O_EXCL, os.O_EXCL},
		{experimentalsys.O_SYNC | experimentalsys.O_DSYNC | experimentalsys.O_RSYNC, os.O_SYNC},
		{experimentalsys.O_TRUNC, os.O_TRUNC},
	} {
		if flag&pair.from != 0 {
			flags |= pair.to
		}
	}
	return flags
}

// Lstat implements the method of [experimentalsys.FS].
func (f *FS) Lstat(name string) (sys.Stat_t, experimentalsys.Errno) {
	return f.stat(name, f.root.Lstat)
}

// Stat implements the method of [experimentalsys.FS].
func (f *FS) Stat(name string) (sys.Stat_t, experimentalsys.Errno) {
	return f.stat(name, f.root.Stat)
}

func (f *FS) stat(name string, stat func(string) (fs.FileInfo, error)) (sys.Stat_t, experimentalsys.Errno) {
	if wantsFolder(name) {
		// A link to a folder, with a slash after it, is the folder.
		stat = f.root.Stat
	}
	info, err := stat(local(name))
	if err != nil {
		return sys.Stat_t{}, errno(err)
	}
	if wantsFolder(name) && !info.IsDir() {
		return sys.Stat_t{}, experimentalsys.ENOTDIR
	}
	return sys.NewStat_t(info), 0
}

// Mkdir implements the method of [experimentalsys.FS].
func (f *FS) Mkdir(name string, perm fs.FileMode) experimentalsys.Errno {
	return errno(f.root.Mkdir(local(name), perm&fs.ModePerm))
}

// Chmod implements the method of [experimentalsys.FS].
func (f *FS) Chmod(name string, perm fs.FileMode) experimentalsys.Errno {
	return errno(f.root.Chmod(local(name), perm&fs.ModePerm))
}

// Rename implements the method of [experimentalsys.FS].
func (f *FS) Rename(from, to string) experimentalsys.Errno {
	return errno(f.root.Rename(local(from), local(to)))
}

// Rmdir implements the method of [experimentalsys.FS].
func (f *FS) Rmdir(name string) experimentalsys.Errno {
	return f.remove(name, true)
}

// Unlink implements the method of [experimentalsys.FS].
func (f *FS) Unlink(name string) experimentalsys.Errno {
	if wantsFolder(name) {
		return experimentalsys.ENOTDIR
	}
	return f.remove(name, false)
}

func (f *FS) remove(name string, folder bool) experimentalsys.Errno {
	info, err := f.root.Lstat(local(name))
	switch {
	case err != nil:
		return errno(err)
	case folder && !info.IsDir():
		return experimentalsys.ENOTDIR
	case !folder && info.IsDir():
		return experimentalsys.EISDIR
	}
	return errno(f.root.Remove(local(name)))
}

// Link implements the method of [experimentalsys.FS].
func (f *FS) Link(from, to string) experimentalsys.Errno {
	return errno(f.root.Link(local(from), local(to)))
}

// Symlink implements the method of [experimentalsys.FS]. Links to absolute paths are refused: they would mean one thing
// to the guest and another to the host.
func (f *FS) Symlink(target, link string) experimentalsys.Errno {
	if path.IsAbs(target) || filepath.IsAbs(target) || filepath.VolumeName(target) != "" {
		return experimentalsys.EPERM
	}
	return errno(f.root.Symlink(filepath.FromSlash(target), local(link)))
}

// Readlink implements the method of [experimentalsys.FS].
func (f *FS) Readlink(name string) (string, experimentalsys.Errno) {
	target, err := f.root.Readlink(local(name))
	if err != nil {
		return "", errno(err)
	}
	return filepath.ToSlash(target), 0
}

// Utimens implements the method of [experimentalsys.FS].
func (f *FS) Utimens(name string, atim, mtim int64) experimentalsys.Errno {
	return errno(f.root.Chtimes(local(name), instant(atim), instant(mtim)))
}

// instant is the time for Chtimes, to which the zero time means that there is nothing to change.
func instant(nanoseconds int64) time.Time {
	if nanoseconds == experimentalsys.UTIME_OMIT {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds)
}
