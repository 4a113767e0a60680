// Package wasmbin reads and writes the parts that WebAssembly binaries are made of.
package wasmbin

// Value types, as binaries write them.
const (
	I32       byte = 0x7f
	I64       byte = 0x7e
	F32       byte = 0x7d
	F64       byte = 0x7c
	V128      byte = 0x7b
	FuncRef   byte = 0x70
	ExternRef byte = 0x6f
)

// Sections.
const (
	SectionCustom    byte = 0
	SectionType      byte = 1
	SectionImport    byte = 2
	SectionFunction  byte = 3
	SectionTable     byte = 4
	SectionMemory    byte = 5
	SectionGlobal    byte = 6
	SectionExport    byte = 7
	SectionStart     byte = 8
	SectionElement   byte = 9
	SectionCode      byte = 10
	SectionData      byte = 11
	SectionDataCount byte = 12
	SectionTag       byte = 13
)

// Kinds of imports and exports.
const (
	KindFunction byte = 0
	KindTable    byte = 1
	KindMemory   byte = 2
	KindGlobal   byte = 3
	KindTag      byte = 4
)

// Header is what every core module starts with: the magic number and version 1.
const Header = "\x00asm\x01\x00\x00\x00"

// AppendUint appends an unsigned number in LEB128.
func AppendUint(to []byte, value uint64) []byte {
	for value >= 0x80 {
		to = append(to, byte(value)|0x80)
		value >>= 7
	}
	return append(to, byte(value))
}

// AppendInt appends a signed number in LEB128.
func AppendInt(to []byte, value int64) []byte {
	for {
		low := byte(value & 0x7f)
		value >>= 7
		if value == 0 && low&0x40 == 0 || value == -1 && low&0x40 != 0 {
			return append(to, low)
		}
		to = append(to, low|0x80)
	}
}

// AppendName appends a name: its length and its bytes.
func AppendName(to []byte, name string) []byte {
	return append(AppendUint(to, uint64(len(name))), name...)
}

// AppendSized appends contents after their length.
func AppendSized(to, contents []byte) []byte {
	return append(AppendUint(to, uint64(len(contents))), contents...)
}

// AppendSection appends a section.
func AppendSection(to []byte, id byte, contents []byte) []byte {
	return AppendSized(append(to, id), contents)
}

// AppendFunctionType appends a function type with the byte that says that it is one.
func AppendFunctionType(to []byte, params, results []byte) []byte {
	return AppendSized(AppendSized(append(to, 0x60), params), results)
}
