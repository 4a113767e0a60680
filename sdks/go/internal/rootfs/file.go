package rootfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	experimentalsys "github.com/tetratelabs/wazero/experimental/sys"
	"github.com/tetratelabs/wazero/sys"
)

// file is an open file or folder. Like the instance that it belongs to, it is used by one goroutine at a time.
type file struct {
	experimentalsys.UnimplementedFile
	fs   *FS
	file *os.File
	// name is where it was when it was opened, below the root.
	name     string
	flag     experimentalsys.Oflag
	isFolder bool
	isClosed bool
}

// Dev implements the method of [experimentalsys.File].
func (f *file) Dev() (uint64, experimentalsys.Errno) {
	stat, number := f.Stat()
	return stat.Dev, number
}

// Ino implements the method of [experimentalsys.File].
func (f *file) Ino() (sys.Inode, experimentalsys.Errno) {
	stat, number := f.Stat()
	return stat.Ino, number
}

// IsDir implements the method of [experimentalsys.File].
func (f *file) IsDir() (bool, experimentalsys.Errno) { return f.isFolder, 0 }

// IsAppend implements the method of [experimentalsys.File].
func (f *file) IsAppend() bool { return f.flag&experimentalsys.O_APPEND != 0 }

// SetAppend implements the method of [experimentalsys.File]. The system's flag cannot be changed through package os; so
// the file is opened again.
func (f *file) SetAppend(enable bool) experimentalsys.Errno {
	if enable == f.IsAppend() {
		return 0
	}
	if f.isFolder {
		return experimentalsys.EISDIR
	}
	flag := f.flag &^ (experimentalsys.O_CREAT | experimentalsys.O_EXCL | experimentalsys.O_TRUNC)
	flag ^= experimentalsys.O_APPEND
	again, number := f.fs.openFile(f.name, flag, 0)
	if number != 0 {
		return number
	}
	if number := f.takeOver(again); number != 0 {
		again.file.Close()
		return number
	}
	return 0
}

// takeOver continues with another opened file, if it is the same one.
func (f *file) takeOver(other *file) experimentalsys.Errno {
	before, err := f.file.Stat()
	if err != nil {
		return errno(err)
	}
	after, err := other.file.Stat()
	if err != nil {
		return errno(err)
	}
	if !os.SameFile(before, after) {
		return experimentalsys.ENOENT
	}
	offset, err := f.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return errno(err)
	}
	if _, err := other.file.Seek(offset, io.SeekStart); err != nil {
		return errno(err)
	}
	if err := f.file.Close(); err != nil {
		return errno(err)
	}
	f.file, f.flag = other.file, other.flag
	return 0
}

// Stat implements the method of [experimentalsys.File].
func (f *file) Stat() (sys.Stat_t, experimentalsys.Errno) {
	info, err := f.file.Stat()
	if err != nil {
		return sys.Stat_t{}, errno(err)
	}
	return sys.NewStat_t(info), 0
}

// Read implements the method of [experimentalsys.File].
func (f *file) Read(buf []byte) (int, experimentalsys.Errno) {
	if f.isFolder {
		return 0, experimentalsys.EISDIR
	}
	count, err := f.file.Read(buf)
	return count, errno(err)
}

// Pread implements the method of [experimentalsys.File].
func (f *file) Pread(buf []byte, offset int64) (int, experimentalsys.Errno) {
	switch {
	case f.isFolder:
		return 0, experimentalsys.EISDIR
	case offset < 0:
		return 0, experimentalsys.EINVAL
	}
	count, err := f.file.ReadAt(buf, offset)
	return count, errno(err)
}

// position is a place in a file, in bytes. By its own name vet does not take Seek for a mistaken [io.Seeker].
type position = int64

// Seek implements the method of [experimentalsys.File].
func (f *file) Seek(offset position, whence int) (position, experimentalsys.Errno) {
	if whence < io.SeekStart || whence > io.SeekEnd {
		return 0, experimentalsys.EINVAL
	}
	if f.isFolder && (offset != 0 || whence != io.SeekStart) {
		return 0, experimentalsys.EISDIR
	}
	reached, err := f.file.Seek(offset, whence)
	return reached, errno(err)
}

// Readdir implements the method of [experimentalsys.File].
func (f *file) Readdir(n int) ([]experimentalsys.Dirent, experimentalsys.Errno) {
	if !f.isFolder {
		return nil, experimentalsys.EBADF
	}
	entries, err := f.file.ReadDir(n)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errno(err)
	}
	found := make([]experimentalsys.Dirent, 0, len(entries))
	for _, entry := range entries {
		dirent := experimentalsys.Dirent{Name: entry.Name(), Type: entry.Type() & fs.ModeType}
		// The entry's own Info would go by the host's path, and follow links on the way. One that has gone has number 0.
		if info, err := f.fs.root.Lstat(filepath.Join(f.name, entry.Name())); err == nil {
			dirent.Ino = sys.NewStat_t(info).Ino
		}
		found = append(found, dirent)
	}
	return found, 0
}

// Write implements the method of [experimentalsys.File].
func (f *file) Write(buf []byte) (int, experimentalsys.Errno) {
	if f.isFolder {
		return 0, experimentalsys.EBADF
	}
	count, err := f.file.Write(buf)
	return count, errno(err)
}

// Pwrite implements the method of [experimentalsys.File]. A file that is opened for appending is appended to, as on
// Linux.
func (f *file) Pwrite(buf []byte, offset int64) (int, experimentalsys.Errno) {
	switch {
	case f.isFolder:
		return 0, experimentalsys.EBADF
	case offset < 0:
		return 0, experimentalsys.EINVAL
	case f.IsAppend():
		return f.Write(buf)
	}
	count, err := f.file.WriteAt(buf, offset)
	return count, errno(err)
}

// Truncate implements the method of [experimentalsys.File].
func (f *file) Truncate(size int64) experimentalsys.Errno {
	switch {
	case f.isFolder:
		return experimentalsys.EISDIR
	case size < 0:
		return experimentalsys.EINVAL
	}
	return errno(f.file.Truncate(size))
}

// Sync implements the method of [experimentalsys.File].
func (f *file) Sync() experimentalsys.Errno { return errno(f.file.Sync()) }

// Datasync implements the method of [experimentalsys.File].
func (f *file) Datasync() experimentalsys.Errno { return f.Sync() }

// Utimens implements the method of [experimentalsys.File]. Package os goes by the path alone; so a file that is not
// there any more keeps its times.
func (f *file) Utimens(atim, mtim int64) experimentalsys.Errno {
	own, err := f.file.Stat()
	if err != nil {
		return errno(err)
	}
	there, err := f.fs.root.Stat(f.name)
	if err != nil {
		return errno(err)
	}
	if !os.SameFile(own, there) {
		return experimentalsys.ENOENT
	}
	return errno(f.fs.root.Chtimes(f.name, instant(atim), instant(mtim)))
}

// Close implements the method of [experimentalsys.File].
func (f *file) Close() experimentalsys.Errno {
	if f.isClosed {
		return 0
	}
	f.isClosed = true
	f.fs.open.Add(-1)
	return errno(f.file.Close())
}
