//go:build !linux && !darwin

package linear

// mapBytes refuses: memories come from Go's heap here.
func mapBytes(uint64) []byte { return nil }

// unmapBytes is for what mapBytes returned, which is nothing.
func unmapBytes([]byte) {}

// discard leaves the bytes as they are.
func discard([]byte) {}
