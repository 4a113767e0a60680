//go:build !plugwright_bulk || (!wasip1 && !tinygo.wasm)

package contract

// Read fills to with the bytes of kernel memory from offset: 8 at a time, the last 7 or fewer one by one.
func Read(to []byte, offset uint64) {
	for len(to) >= 8 {
		word := LoadU64(offset)
		_ = to[7]
		to[0], to[1], to[2], to[3] = byte(word), byte(word>>8), byte(word>>16), byte(word>>24)
		to[4], to[5], to[6], to[7] = byte(word>>32), byte(word>>40), byte(word>>48), byte(word>>56)
		to, offset = to[8:], offset+8
	}
	for i := range to {
		to[i] = byte(LoadU8(offset + uint64(i)))
	}
}

// Write copies from into kernel memory at offset: 8 bytes at a time, the last 7 or fewer one by one.
func Write(offset uint64, from []byte) {
	for len(from) >= 8 {
		_ = from[7]
		StoreU64(offset, uint64(from[0])|uint64(from[1])<<8|uint64(from[2])<<16|uint64(from[3])<<24|
			uint64(from[4])<<32|uint64(from[5])<<40|uint64(from[6])<<48|uint64(from[7])<<56)
		from, offset = from[8:], offset+8
	}
	for i, value := range from {
		StoreU8(offset+uint64(i), uint32(value))
	}
}
