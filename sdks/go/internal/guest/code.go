package guest

import (
	"errors"
	"fmt"

	"github.com/plugwright/plugwright/sdks/go/internal/wasmbin"
)

// code copies the bodies of functions. Steps are counted where a loop begins anew, and where a function begins that calls
// others: whatever goes on for ever passes there again and again.
func (w *rewriter) code(contents []byte) ([]byte, error) {
	if contents == nil {
		return nil, nil
	}
	r := wasmbin.NewReader(contents)
	count := r.Count()
	imported := w.module.imported[wasmbin.KindFunction]
	defined := w.module.functions[imported:]
	if int(count) != len(defined) {
		return nil, fmt.Errorf("it has %d bodies for %d functions", count, len(defined))
	}
	out := make([]byte, 0, len(contents)+len(contents)/4)
	out = wasmbin.AppendUint(out, uint64(count))
	b := &body{rewriter: w}
	for i, t := range defined {
		if err := b.rewrite(r.Sized(), w.module.types[t]); err != nil {
			return nil, fmt.Errorf("function %d: %w", int(imported)+i, err)
		}
		out = wasmbin.AppendUint(out, uint64(len(b.locals)+len(b.entry)+len(b.out)))
		out = append(append(append(out, b.locals...), b.entry...), b.out...)
	}
	return out, r.End("bodies")
}

// body rewrites one function at a time, in buffers that serve for all.
type body struct {
	*rewriter
	// locals are the declarations, entry is what goes before the function's own instructions, which are in out.
	locals, entry, out []byte
	// bulk is the index of a local of type i32 for lengths.
	bulk uint32
}

func (b *body) rewrite(r *wasmbin.Reader, t FunctionType) error {
	b.locals, b.entry, b.out = b.locals[:0], b.entry[:0], b.out[:0]
	groups, declared, total := b.readLocals(r)
	b.bulk = uint32(len(t.Params)) + total
	calls, bulk := false, false

	depth := 1
	var previous instruction
	for depth > 0 && r.Err() == nil {
		start := r.Offset()
		i := readInstruction(r)
		if r.Err() != nil {
			break
		}
		switch i.op {
		case opBlock, opIf, 0x1f:
			depth++
		case opEnd:
			depth--
		case opCall, opReturnCall, opRefFunc:
			calls = calls || i.op != opRefFunc
			b.out = wasmbin.AppendUint(append(b.out, i.op), uint64(b.function(i.index, r)))
			previous = i
			continue
		case opCallIndirect, opReturnIndirect:
			calls = true
			if int(i.index) >= len(b.module.types) {
				r.Fail(fmt.Errorf("there is no type %d", i.index))
			}
		case opGlobalGet, opGlobalSet:
			if i.index >= b.steps {
				r.Fail(fmt.Errorf("there is no global %d", i.index))
			}
		case opLocalGet, 0x21, opLocalTee:
			if i.index >= b.bulk {
				r.Fail(fmt.Errorf("there is no local %d", i.index))
			}
		case opMisc:
			if isBulk(i.sub) && !(previous.op == opI32Const && previous.index <= BulkBytes) {
				bulk = true
				b.out = b.pauseBeforeBulk(b.out)
			}
		}
		b.out = append(b.out, r.Since(start)...)
		if i.op == opLoop {
			depth++
			b.out = b.step(b.out)
		}
		previous = i
	}
	if err := r.End("its instructions"); err != nil {
		return err
	}
	if calls {
		b.entry = b.step(b.entry)
	}
	if bulk {
		b.locals = wasmbin.AppendUint(b.locals, uint64(groups)+1)
		b.locals = append(append(b.locals, declared...), 1, wasmbin.I32)
	} else {
		b.locals = append(wasmbin.AppendUint(b.locals, uint64(groups)), declared...)
	}
	return nil
}

// readLocals reads the declarations of locals: how many groups there are, their bytes, and how many locals they declare.
func (b *body) readLocals(r *wasmbin.Reader) (groups uint32, declared []byte, total uint32) {
	const most = 50_000
	groups = r.Count()
	start := r.Offset()
	for range groups {
		count := r.Uint32()
		readValueType(r)
		if count > most || total+count > most {
			r.Fail(errors.New("it has too many locals"))
			return 0, nil, 0
		}
		total += count
	}
	return groups, r.Since(start), total
}

// step counts a step, and pauses when enough were taken.
func (b *body) step(out []byte) []byte {
	out = b.global(out, opGlobalGet)
	out = append(out, opI32Eqz, opIf, emptyBlock)
	out = b.pauseHere(out)
	out = append(out, opEnd)
	out = b.global(out, opGlobalGet)
	out = append(out, opI32Const, 1, opI32Sub)
	return b.global(out, opGlobalSet)
}

// pauseBeforeBulk pauses when the number on the top of the stack, which stays, is large.
func (b *body) pauseBeforeBulk(out []byte) []byte {
	out = wasmbin.AppendUint(append(out, opLocalTee), uint64(b.bulk))
	out = wasmbin.AppendUint(append(out, opLocalGet), uint64(b.bulk))
	out = wasmbin.AppendInt(append(out, opI32Const), BulkBytes)
	out = append(out, opI32GtU, opIf, emptyBlock)
	return append(b.pauseHere(out), opEnd)
}

func (b *body) pauseHere(out []byte) []byte {
	return b.global(wasmbin.AppendUint(append(out, opCall), uint64(b.pause)), opGlobalSet)
}

func (b *body) global(out []byte, op byte) []byte {
	return wasmbin.AppendUint(append(out, op), uint64(b.steps))
}

func isBulk(sub uint32) bool {
	switch sub {
	case miscMemoryInit, miscMemoryCopy, miscMemoryFill, miscTableInit, miscTableCopy, miscTableFill:
		return true
	default:
		return false
	}
}
