// Package guest looks into the modules of plug-ins, and rewrites them for their host.
//
// A rewritten module behaves as the original, but for three things. It counts its steps, and calls a function of the host
// after so many: that is where the host sees deadlines and cancelled contexts, and where Go's scheduler gets a word, which
// compiled code would never give it otherwise. It imports what it needs from where the host has it. And its tables cannot
// grow beyond a limit.
package guest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/plugwright/plugwright/sdks/go/internal/wasmbin"
)

// Module is a module that was looked into.
type Module struct {
	// Imports and Exports are in the module's order.
	Imports []Import
	Exports []Export
	// Memories and Tables are the limits of those that the module itself defines.
	Memories, Tables []Limits
	// Name is the module's name for itself, which need not be there.
	Name string

	types     []FunctionType
	functions []uint32 // types by function, imported ones first
	imported  [5]uint32
	tables    []ExternType
	memories  []ExternType
	globals   []ExternType
	tags      []uint32
	names     map[uint32]string
	// sections are the contents by identifier; nil for those that are not there.
	sections [wasmbin.SectionTag + 1][]byte
}

// Parse looks into a module. It finds out about imports, exports and memories, and does not look into code.
func Parse(binary []byte) (*Module, error) {
	switch {
	case !strings.HasPrefix(string(binary[:min(len(binary), 4)]), wasmbin.Header[:4]):
		return nil, errors.New("it does not start as a WebAssembly binary does")
	case len(binary) >= 8 && binary[4] == 0x0d && binary[6] == 0x01:
		return nil, errors.New("it is a component; only core modules can be plug-ins")
	case len(binary) < 8 || string(binary[:8]) != wasmbin.Header:
		return nil, errors.New("it has an unknown version of the binary format")
	}
	m := &Module{}
	if err := m.split(binary[8:]); err != nil {
		return nil, err
	}
	steps := []struct {
		section byte
		name    string
		read    func(*wasmbin.Reader)
	}{
		{wasmbin.SectionType, "type section", m.readType},
		{wasmbin.SectionImport, "import section", m.readImport},
		{wasmbin.SectionFunction, "function section", m.readFunction},
		{wasmbin.SectionTable, "table section", m.readTable},
		{wasmbin.SectionMemory, "memory section", m.readMemory},
		{wasmbin.SectionTag, "tag section", m.readTag},
		{wasmbin.SectionGlobal, "global section", m.readGlobal},
		{wasmbin.SectionExport, "export section", m.readExport},
	}
	for _, step := range steps {
		if err := entries(m.sections[step.section], step.name, step.read); err != nil {
			return nil, err
		}
	}
	if len(m.memories) > 1 {
		return nil, unsupported(featureMemories)
	}
	return m, nil
}

// entries reads a section that is a list.
func entries(contents []byte, name string, read func(*wasmbin.Reader)) error {
	if contents == nil {
		return nil
	}
	r := wasmbin.NewReader(contents)
	for left := r.Count(); left > 0 && r.Err() == nil; left-- {
		read(r)
	}
	return r.End(name)
}

// split finds the sections.
func (m *Module) split(binary []byte) error {
	r := wasmbin.NewReader(binary)
	for !r.Done() {
		id := r.Byte()
		contents := r.Bytes(r.Uint32())
		switch {
		case r.Err() != nil:
			return fmt.Errorf("section %d: %w", id, r.Err())
		case id == wasmbin.SectionCustom:
			m.readCustom(contents)
		case int(id) >= len(m.sections):
			return fmt.Errorf("there is a section of an unknown kind, %d", id)
		case m.sections[id] != nil:
			return fmt.Errorf("section %d is there twice", id)
		default:
			m.sections[id] = contents
		}
	}
	return r.Err()
}

// readCustom reads the names of functions. What is wrong with a custom section is no error.
func (m *Module) readCustom(contents []byte) {
	const moduleName, functionNames = 0, 1
	r := wasmbin.NewReader(contents)
	if r.Name() != "name" || r.Err() != nil {
		return
	}
	for !r.Done() {
		id, part := r.Byte(), r.Sized()
		switch id {
		case moduleName:
			m.Name = part.Name()
		case functionNames:
			names := make(map[uint32]string)
			for left := part.Count(); left > 0; left-- {
				index, name := part.Uint32(), part.Name()
				if part.Err() == nil {
					names[index] = name
				}
			}
			m.names = names
		}
	}
}

func (m *Module) readType(r *wasmbin.Reader) {
	switch form := r.Byte(); form {
	case 0x60:
		m.types = append(m.types, FunctionType{Params: readValueTypes(r), Results: readValueTypes(r)})
	case 0x4e, 0x4f, 0x50, 0x5e, 0x5f:
		r.Fail(unsupported(featureGC))
	default:
		r.Fail(fmt.Errorf("0x%02x is no type", form))
	}
}

func readValueTypes(r *wasmbin.Reader) []byte {
	types := make([]byte, r.Count())
	for i := range types {
		types[i] = readValueType(r)
	}
	return types
}

func readValueType(r *wasmbin.Reader) byte {
	t := r.Byte()
	switch t {
	case wasmbin.I32, wasmbin.I64, wasmbin.F32, wasmbin.F64, wasmbin.V128,
		wasmbin.FuncRef, wasmbin.ExternRef, exnRef:
	case 0x63, 0x64:
		r.Fail(unsupported(featureTypedRefs))
	case 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x71, 0x72, 0x73, 0x74:
		r.Fail(unsupported(featureGC))
	default:
		if r.Err() == nil {
			r.Fail(fmt.Errorf("0x%02x is no type of values", t))
		}
	}
	return t
}

func readLimits(r *wasmbin.Reader, memory bool) Limits {
	flags := r.Byte()
	switch {
	case flags&4 != 0:
		r.Fail(unsupported(featureMemory64))
	case memory && flags&2 != 0:
		r.Fail(unsupported(featureThreads))
	case memory && flags&8 != 0:
		r.Fail(unsupported(featurePageSizes))
	case flags > 1:
		r.Fail(fmt.Errorf("limits have the unknown flags %d", flags))
	}
	limits := Limits{Min: r.Uint32()}
	if flags&1 != 0 {
		limits.Max, limits.HasMax = r.Uint32(), true
	}
	return limits
}

func readTableType(r *wasmbin.Reader) ExternType {
	return ExternType{Kind: wasmbin.KindTable, Element: readValueType(r), Limits: readLimits(r, false)}
}

func readMemoryType(r *wasmbin.Reader) ExternType {
	return ExternType{Kind: wasmbin.KindMemory, Limits: readLimits(r, true)}
}

func readGlobalType(r *wasmbin.Reader) ExternType {
	return ExternType{Kind: wasmbin.KindGlobal, Value: readValueType(r), Mutable: r.Byte() == 1}
}

// functionType reads the index of a function type.
func (m *Module) functionType(r *wasmbin.Reader) (uint32, FunctionType) {
	index := r.Uint32()
	if int(index) >= len(m.types) {
		r.Fail(fmt.Errorf("there is no type %d", index))
		return 0, FunctionType{}
	}
	return index, m.types[index]
}

func (m *Module) readImport(r *wasmbin.Reader) {
	i := Import{Module: r.Name(), Name: r.Name()}
	kind := r.Byte()
	switch kind {
	case wasmbin.KindFunction:
		index, t := m.functionType(r)
		i.Type.Function = t
		m.functions = append(m.functions, index)
	case wasmbin.KindTable:
		i.Type = readTableType(r)
		m.tables = append(m.tables, i.Type)
	case wasmbin.KindMemory:
		i.Type = readMemoryType(r)
		m.memories = append(m.memories, i.Type)
	case wasmbin.KindGlobal:
		i.Type = readGlobalType(r)
		m.globals = append(m.globals, i.Type)
	case wasmbin.KindTag:
		r.Byte()
		index, t := m.functionType(r)
		i.Type.Function = t
		m.tags = append(m.tags, index)
	default:
		r.Fail(fmt.Errorf("import `%s.%s` is of the unknown kind %d", i.Module, i.Name, kind))
		return
	}
	i.Type.Kind = kind
	m.imported[kind]++
	m.Imports = append(m.Imports, i)
}

func (m *Module) readFunction(r *wasmbin.Reader) {
	index, _ := m.functionType(r)
	m.functions = append(m.functions, index)
}

func (m *Module) readTable(r *wasmbin.Reader) {
	if r.Peek() == 0x40 {
		r.Fail(unsupported(featureTypedRefs))
		return
	}
	t := readTableType(r)
	m.tables = append(m.tables, t)
	m.Tables = append(m.Tables, t.Limits)
}

func (m *Module) readMemory(r *wasmbin.Reader) {
	t := readMemoryType(r)
	m.memories = append(m.memories, t)
	m.Memories = append(m.Memories, t.Limits)
}

func (m *Module) readTag(r *wasmbin.Reader) {
	r.Byte()
	index, _ := m.functionType(r)
	m.tags = append(m.tags, index)
}

func (m *Module) readGlobal(r *wasmbin.Reader) {
	m.globals = append(m.globals, readGlobalType(r))
	skipExpression(r)
}

func (m *Module) readExport(r *wasmbin.Reader) {
	e := Export{Name: r.Name()}
	kind := r.Byte()
	e.index = r.Uint32()
	if r.Err() != nil {
		return
	}
	var there bool
	switch i := int(e.index); kind {
	case wasmbin.KindFunction:
		if there = i < len(m.functions); there {
			e.Type.Function = m.types[m.functions[i]]
		}
	case wasmbin.KindTable:
		if there = i < len(m.tables); there {
			e.Type = m.tables[i]
		}
	case wasmbin.KindMemory:
		if there = i < len(m.memories); there {
			e.Type = m.memories[i]
		}
	case wasmbin.KindGlobal:
		if there = i < len(m.globals); there {
			e.Type = m.globals[i]
		}
	case wasmbin.KindTag:
		if there = i < len(m.tags); there {
			e.Type.Function = m.types[m.tags[i]]
		}
	}
	if !there {
		r.Fail(fmt.Errorf("export `%s` is not there", e.Name))
		return
	}
	e.Type.Kind = kind
	m.Exports = append(m.Exports, e)
}

// Export returns the export of this name.
func (m *Module) Export(name string) (Export, bool) {
	for _, e := range m.Exports {
		if e.Name == name {
			return e, true
		}
	}
	return Export{}, false
}
