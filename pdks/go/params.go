package pdk

// ParamBytes returns a copy of the bytes in the block at offset, such as a host function returns; none for offset 0.
func ParamBytes(offset uint64) []byte {
	return FindMemory(offset).ReadBytes()
}

// ParamString returns the bytes in the block at offset as a string.
func ParamString(offset uint64) string {
	return string(ParamBytes(offset))
}

// ParamU32 returns the little-endian number in the block at offset. Bytes that the block lacks count as 0.
func ParamU32(offset uint64) uint32 {
	return uint32(ParamU64(offset))
}

// ParamU64 returns the little-endian number in the block at offset. Bytes that the block lacks count as 0.
func ParamU64(offset uint64) uint64 {
	return fromLittleEndian(ParamBytes(offset))
}

// ResultBytes returns the offset of a new block with a copy of d, 0 if there are none: a parameter for a host function.
// It panics when there is no room.
func ResultBytes(d []byte) uint64 {
	return AllocateBytes(d).offset
}

// ResultString returns the offset of a new block with the bytes of s. It panics when there is no room.
func ResultString(s string) uint64 {
	return AllocateString(s).offset
}

// ResultU32 returns the offset of a new block of 4 bytes with d, little-endian. It panics when there is no room.
func ResultU32(d uint32) uint64 {
	return ResultBytes(toLittleEndian(uint64(d), 4))
}

// ResultU64 returns the offset of a new block of 8 bytes with d, little-endian. It panics when there is no room.
func ResultU64(d uint64) uint64 {
	return ResultBytes(toLittleEndian(d, 8))
}

// fromLittleEndian is the number in the first 8 bytes.
func fromLittleEndian(bytes []byte) uint64 {
	var number uint64
	for i, value := range bytes[:min(len(bytes), 8)] {
		number |= uint64(value) << (8 * i)
	}
	return number
}

// toLittleEndian returns the lowest bytes of number.
func toLittleEndian(number uint64, length int) []byte {
	bytes := make([]byte, length)
	for i := range bytes {
		bytes[i] = byte(number >> (8 * i))
	}
	return bytes
}
