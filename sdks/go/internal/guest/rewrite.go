package guest

import (
	"fmt"
	"strconv"

	"github.com/plugwright/plugwright/sdks/go/internal/wasmbin"
)

// Place is where the host has what a module imports.
type Place struct {
	Module, Name string
}

// Options say how to rewrite a module.
type Options struct {
	// Imports are the places of the module's imports, in their order.
	Imports []Place
	// Pause is the function that is called after so many steps. Its type is () -> i32, and its result is how many steps to
	// take until it is called again.
	Pause Place
	// MaxTableElements is how far each table may grow.
	MaxTableElements uint32
}

// BulkBytes is how many bytes or elements one instruction may copy or fill without a pause before it.
const BulkBytes = 1 << 16

// Rewrite writes the module anew. It fails when the code is not as it should be, as far as this matters here; the engine has
// the last word on what is valid.
//
// Custom sections are left out, but for the names of functions.
func (m *Module) Rewrite(options Options) ([]byte, error) {
	if len(options.Imports) != len(m.Imports) {
		return nil, fmt.Errorf("there are %d places for %d imports", len(options.Imports), len(m.Imports))
	}
	w := &rewriter{
		module: m, options: options,
		pause: m.imported[wasmbin.KindFunction], steps: uint32(len(m.globals)), pauseType: uint32(len(m.types)),
	}
	sections := []struct {
		id    byte
		name  string
		write func(contents []byte) ([]byte, error)
	}{
		{wasmbin.SectionType, "type section", w.types},
		{wasmbin.SectionImport, "import section", w.imports},
		{wasmbin.SectionFunction, "", nil},
		{wasmbin.SectionTable, "table section", w.tables},
		{wasmbin.SectionMemory, "", nil},
		{wasmbin.SectionTag, "", nil},
		{wasmbin.SectionGlobal, "global section", w.globals},
		{wasmbin.SectionExport, "export section", w.exports},
		{wasmbin.SectionStart, "start section", w.start},
		{wasmbin.SectionElement, "element section", w.elements},
		{wasmbin.SectionDataCount, "", nil},
		{wasmbin.SectionCode, "code section", w.code},
		{wasmbin.SectionData, "", nil},
	}
	out := []byte(wasmbin.Header)
	for _, section := range sections {
		contents := m.sections[section.id]
		if section.write != nil {
			var err error
			if contents, err = section.write(contents); err != nil {
				return nil, fmt.Errorf("%s: %w", section.name, err)
			}
		}
		if contents != nil {
			out = wasmbin.AppendSection(out, section.id, contents)
		}
	}
	return w.functionNames(out), nil
}

// rewriter writes one module anew.
type rewriter struct {
	module  *Module
	options Options
	// pause, steps and pauseType are the indices of what is added: the import, the global that counts, and the import's type.
	// The import comes after all that are there, so that the functions that the module defines move up by one.
	pause, steps, pauseType uint32
}

// function is where a function is now.
func (w *rewriter) function(index uint32, r *wasmbin.Reader) uint32 {
	if int(index) >= len(w.module.functions) {
		r.Fail(fmt.Errorf("there is no function %d", index))
	}
	if index >= w.pause {
		return index + 1
	}
	return index
}

// oneMore copies a list without its length, and says how long it is with another entry.
func oneMore(contents []byte) []byte {
	if contents == nil {
		return []byte{1}
	}
	r := wasmbin.NewReader(contents)
	out := wasmbin.AppendUint(nil, uint64(r.Uint32())+1)
	return append(out, contents[r.Offset():]...)
}

func (w *rewriter) types(contents []byte) ([]byte, error) {
	return wasmbin.AppendFunctionType(oneMore(contents), nil, []byte{wasmbin.I32}), nil
}

func (w *rewriter) imports(contents []byte) ([]byte, error) {
	out := wasmbin.AppendUint(nil, uint64(len(w.module.Imports))+1)
	if contents != nil {
		r := wasmbin.NewReader(contents)
		r.Count()
		for _, place := range w.options.Imports {
			out = wasmbin.AppendName(wasmbin.AppendName(out, place.Module), place.Name)
			r.Name()
			r.Name()
			out = append(out, w.importType(r)...)
		}
		if r.Err() != nil {
			return nil, r.Err()
		}
	}
	out = wasmbin.AppendName(wasmbin.AppendName(out, w.options.Pause.Module), w.options.Pause.Name)
	return wasmbin.AppendUint(append(out, wasmbin.KindFunction), uint64(w.pauseType)), nil
}

// importType copies the kind and the type of an import.
func (w *rewriter) importType(r *wasmbin.Reader) []byte {
	start := r.Offset()
	switch r.Byte() {
	case wasmbin.KindFunction:
		r.Uint32()
	case wasmbin.KindTable:
		readTableType(r)
	case wasmbin.KindMemory:
		readMemoryType(r)
	case wasmbin.KindGlobal:
		readGlobalType(r)
	case wasmbin.KindTag:
		r.Byte()
		r.Uint32()
	}
	return r.Since(start)
}

// tables copies the tables, with a maximum for each. One whose minimum is above the limit is for others to refuse.
func (w *rewriter) tables(contents []byte) ([]byte, error) {
	if contents == nil {
		return nil, nil
	}
	defined := w.module.tables[w.module.imported[wasmbin.KindTable]:]
	out := wasmbin.AppendUint(nil, uint64(len(defined)))
	for _, table := range defined {
		most := max(w.options.MaxTableElements, table.Limits.Min)
		if table.Limits.HasMax {
			most = min(most, table.Limits.Max)
		}
		out = append(out, table.Element, 1)
		out = wasmbin.AppendUint(wasmbin.AppendUint(out, uint64(table.Limits.Min)), uint64(most))
	}
	return out, nil
}

func (w *rewriter) globals(contents []byte) ([]byte, error) {
	out := oneMore(contents)
	if contents != nil {
		r := wasmbin.NewReader(contents)
		count := r.Count()
		out = wasmbin.AppendUint(nil, uint64(count)+1)
		for ; count > 0; count-- {
			start := r.Offset()
			readGlobalType(r)
			out = append(out, r.Since(start)...)
			out = w.expression(out, r)
		}
		if r.Err() != nil {
			return nil, r.Err()
		}
	}
	// Mutable, and 0 at first: the first step of an instance pauses.
	return append(out, wasmbin.I32, 1, opI32Const, 0, opEnd), nil
}

// expression copies a constant expression.
func (w *rewriter) expression(out []byte, r *wasmbin.Reader) []byte {
	for r.Err() == nil {
		start := r.Offset()
		i := readInstruction(r)
		if i.op == opRefFunc {
			out = wasmbin.AppendUint(append(out, opRefFunc), uint64(w.function(i.index, r)))
		} else {
			out = append(out, r.Since(start)...)
		}
		if i.op == opEnd {
			break
		}
	}
	return out
}

func (w *rewriter) exports(contents []byte) ([]byte, error) {
	if contents == nil {
		return nil, nil
	}
	r := wasmbin.NewReader(nil)
	out := wasmbin.AppendUint(nil, uint64(len(w.module.Exports)))
	for _, e := range w.module.Exports {
		index := e.index
		if e.Type.Kind == wasmbin.KindFunction {
			index = w.function(index, r)
		}
		out = wasmbin.AppendUint(append(wasmbin.AppendName(out, e.Name), e.Type.Kind), uint64(index))
	}
	return out, r.Err()
}

func (w *rewriter) start(contents []byte) ([]byte, error) {
	if contents == nil {
		return nil, nil
	}
	r := wasmbin.NewReader(contents)
	out := wasmbin.AppendUint(nil, uint64(w.function(r.Uint32(), r)))
	return out, r.Err()
}

func (w *rewriter) elements(contents []byte) ([]byte, error) {
	if contents == nil {
		return nil, nil
	}
	r := wasmbin.NewReader(contents)
	count := r.Count()
	out := wasmbin.AppendUint(nil, uint64(count))
	for ; count > 0 && r.Err() == nil; count-- {
		out = w.element(out, r)
	}
	return out, r.Err()
}

// element copies one element segment.
func (w *rewriter) element(out []byte, r *wasmbin.Reader) []byte {
	const passive, explicit, expressions = 1, 2, 4
	flags := r.Uint32()
	if flags > 7 {
		r.Fail(fmt.Errorf("a segment has the unknown flags %d", flags))
	}
	out = wasmbin.AppendUint(out, uint64(flags))
	if flags&passive == 0 {
		if flags&explicit != 0 {
			out = wasmbin.AppendUint(out, uint64(r.Uint32()))
		}
		out = w.expression(out, r)
	}
	if flags&(passive|explicit) != 0 {
		out = append(out, r.Byte())
	}
	count := r.Count()
	out = wasmbin.AppendUint(out, uint64(count))
	for ; count > 0 && r.Err() == nil; count-- {
		if flags&expressions != 0 {
			out = w.expression(out, r)
		} else {
			out = wasmbin.AppendUint(out, uint64(w.function(r.Uint32(), r)))
		}
	}
	return out
}

// functionNames adds the names of functions: those that the module gives, else those of exports, else numbers as they were
// before.
func (w *rewriter) functionNames(out []byte) []byte {
	const functionNames = 1
	names := make([]string, len(w.module.functions))
	for _, e := range w.module.Exports {
		if e.Type.Kind == wasmbin.KindFunction {
			names[e.index] = e.Name
		}
	}
	for index, name := range w.module.names {
		if int(index) < len(names) && name != "" {
			names[index] = name
		}
	}
	list := wasmbin.AppendUint(nil, uint64(len(names))+1)
	for i, name := range names {
		index := uint32(i)
		if index == w.pause {
			list = w.pauseName(list)
		}
		if name == "" {
			name = "$" + strconv.Itoa(i)
		}
		if index >= w.pause {
			index++
		}
		list = wasmbin.AppendName(wasmbin.AppendUint(list, uint64(index)), name)
	}
	if int(w.pause) == len(names) {
		list = w.pauseName(list)
	}
	section := wasmbin.AppendSection(wasmbin.AppendName(nil, "name"), functionNames, list)
	return wasmbin.AppendSection(out, wasmbin.SectionCustom, section)
}

func (w *rewriter) pauseName(list []byte) []byte {
	name := w.options.Pause.Module + "." + w.options.Pause.Name
	return wasmbin.AppendName(wasmbin.AppendUint(list, uint64(w.pause)), name)
}
