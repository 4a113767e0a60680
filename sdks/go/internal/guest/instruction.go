package guest

import (
	"fmt"

	"github.com/plugwright/plugwright/sdks/go/internal/wasmbin"
)

// Instructions that the rewriter looks at or writes.
const (
	opBlock          byte = 0x02
	opLoop           byte = 0x03
	opIf             byte = 0x04
	opEnd            byte = 0x0b
	opCall           byte = 0x10
	opCallIndirect   byte = 0x11
	opReturnCall     byte = 0x12
	opReturnIndirect byte = 0x13
	opLocalGet       byte = 0x20
	opLocalTee       byte = 0x22
	opGlobalGet      byte = 0x23
	opGlobalSet      byte = 0x24
	opI32Const       byte = 0x41
	opI32Eqz         byte = 0x45
	opI32GtU         byte = 0x4b
	opI32Sub         byte = 0x6b
	opRefFunc        byte = 0xd2
	opMisc           byte = 0xfc

	miscMemoryInit = 8
	miscMemoryCopy = 10
	miscMemoryFill = 11
	miscTableInit  = 12
	miscTableCopy  = 14
	miscTableFill  = 17

	emptyBlock byte = 0x40
)

// instruction is what the rewriter wants to know about an instruction.
type instruction struct {
	op byte
	// sub is the second opcode of op 0xfc.
	sub uint32
	// index is the immediate of what names a function, a global, a local or a type, or a constant of type i32.
	index uint32
}

// readInstruction reads one instruction with its immediates.
func readInstruction(r *wasmbin.Reader) instruction {
	i := instruction{op: r.Byte()}
	switch op := i.op; {
	case op == opBlock || op == opLoop || op == opIf:
		r.Int()
	case op == 0x1f:
		r.Int()
		for left := r.Count(); left > 0; left-- {
			if r.Byte() < 2 {
				r.Uint32()
			}
			r.Uint32()
		}
	case op == 0x06 || op == 0x07 || op == 0x09 || op == 0x18 || op == 0x19:
		r.Fail(unsupported(featureLegacyEH))
	case op == opCall, op == opReturnCall, op == opRefFunc,
		op >= opLocalGet && op <= 0x26, // locals, globals, tables
		op == 0x08, op == 0x0c, op == 0x0d:
		i.index = r.Uint32()
	case op == opCallIndirect || op == opReturnIndirect:
		i.index = r.Uint32()
		r.Uint32()
	case op == 0x0e:
		for left := r.Count(); left > 0; left-- {
			r.Uint32()
		}
		r.Uint32()
	case op == 0x1c:
		readValueTypes(r)
	case op >= 0x28 && op <= 0x3e:
		readMemoryArgument(r)
	case op == 0x3f || op == 0x40:
		if r.Uint32() != 0 {
			r.Fail(unsupported(featureMemories))
		}
	case op == opI32Const:
		i.index = uint32(r.Int())
	case op == 0x42:
		r.Int()
	case op == 0x43:
		r.Bytes(4)
	case op == 0x44:
		r.Bytes(8)
	case op == 0xd0:
		r.Int()
	case op == 0x14 || op == 0x15 || op == 0xd4 || op == 0xd5 || op == 0xd6:
		r.Fail(unsupported(featureTypedRefs))
	case op == 0xfb || op == 0xd3:
		r.Fail(unsupported(featureGC))
	case op == opMisc:
		i.sub = r.Uint32()
		readMisc(r, i.sub)
	case op == 0xfd:
		readVector(r)
	case op == 0xfe:
		if sub := r.Uint32(); sub == 3 {
			r.Byte()
		} else {
			readMemoryArgument(r)
		}
	case op <= 0x01, op == 0x05, op == 0x0a, op == opEnd, op == 0x0f, op == 0x1a, op == 0x1b,
		op >= opI32Eqz && op <= 0xc4, op == 0xd1:
	default:
		r.Fail(fmt.Errorf("0x%02x is no instruction", op))
	}
	return i
}

func readMemoryArgument(r *wasmbin.Reader) {
	if r.Uint32()&0x40 != 0 {
		r.Fail(unsupported(featureMemories))
	}
	r.Uint64()
}

func readMisc(r *wasmbin.Reader, sub uint32) {
	switch {
	case sub <= 7:
	case sub == 9 || sub == miscMemoryFill || sub == 13 || sub >= 15 && sub <= miscTableFill:
		r.Uint32()
	case sub == miscMemoryInit || sub == miscMemoryCopy || sub == miscTableInit || sub == miscTableCopy:
		r.Uint32()
		r.Uint32()
	default:
		r.Fail(fmt.Errorf("0xfc %d is no instruction", sub))
	}
}

func readVector(r *wasmbin.Reader) {
	switch sub := r.Uint32(); {
	case sub <= 11 || sub == 92 || sub == 93:
		readMemoryArgument(r)
	case sub == 12 || sub == 13:
		r.Bytes(16)
	case sub >= 21 && sub <= 34:
		r.Byte()
	case sub >= 84 && sub <= 91:
		readMemoryArgument(r)
		r.Byte()
	}
}

// skipExpression reads a constant expression.
func skipExpression(r *wasmbin.Reader) {
	for r.Err() == nil {
		if readInstruction(r).op == opEnd {
			return
		}
	}
}
