//go:build !unix

package rootfs

// nonblock is a flag that this system does not have, or does not need.
const nonblock = 0
