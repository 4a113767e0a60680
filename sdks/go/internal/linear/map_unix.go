//go:build linux || darwin

package linear

import "golang.org/x/sys/unix"

// mapBytes gets zeroed bytes that take memory only when they are touched; nil when the system refuses.
func mapBytes(count uint64) []byte {
	if count == 0 || uint64(int(count)) != count {
		return nil
	}
	mapped, err := unix.Mmap(-1, 0, int(count), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil
	}
	return mapped
}

// unmapBytes gives them back.
func unmapBytes(mapped []byte) {
	if err := unix.Munmap(mapped); err != nil {
		panic("plugwright: a memory that was mapped cannot be unmapped: " + err.Error())
	}
}

// discard gives the content of mapped pages back. The system may refuse, and then they stay as they are.
func discard(pages []byte) {
	_ = unix.Madvise(pages, unix.MADV_DONTNEED)
}
