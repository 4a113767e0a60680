package guest

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/plugwright/plugwright/sdks/go/internal/wasmbin"
)

// FunctionType is the type of a function: value types as binaries write them.
type FunctionType struct {
	Params, Results []byte
}

// Equal reports whether both types are the same.
func (t FunctionType) Equal(other FunctionType) bool {
	return bytes.Equal(t.Params, other.Params) && bytes.Equal(t.Results, other.Results)
}

// String is the type as people write it: "(i32, i64) -> i32".
func (t FunctionType) String() string {
	if len(t.Results) == 1 {
		return fmt.Sprintf("(%s) -> %s", valueTypes(t.Params), valueTypes(t.Results))
	}
	return fmt.Sprintf("(%s) -> (%s)", valueTypes(t.Params), valueTypes(t.Results))
}

func valueTypes(types []byte) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = valueType(t)
	}
	return strings.Join(names, ", ")
}

func valueType(t byte) string {
	switch t {
	case wasmbin.I32:
		return "i32"
	case wasmbin.I64:
		return "i64"
	case wasmbin.F32:
		return "f32"
	case wasmbin.F64:
		return "f64"
	case wasmbin.V128:
		return "v128"
	case wasmbin.FuncRef:
		return "funcref"
	case wasmbin.ExternRef:
		return "externref"
	case exnRef:
		return "exnref"
	default:
		return fmt.Sprintf("type 0x%02x", t)
	}
}

// exnRef is the type of references to exceptions.
const exnRef byte = 0x69

// Limits are the least and the most entries or pages of a table or a memory.
type Limits struct {
	Min, Max uint32
	HasMax   bool
}

// within reports whether these limits are as strict as wanted.
func (l Limits) within(wanted Limits) bool {
	return l.Min >= wanted.Min && (!wanted.HasMax || l.HasMax && l.Max <= wanted.Max)
}

// ExternType is the type of an import or an export. Which fields count depends on Kind, one of wasmbin's.
type ExternType struct {
	Kind     byte
	Function FunctionType
	// Element is the type of a table's elements, Limits are those of a table or a memory.
	Element byte
	Limits  Limits
	// Value and Mutable are those of a global.
	Value   byte
	Mutable bool
}

// String is the type as people write it.
func (t ExternType) String() string {
	switch t.Kind {
	case wasmbin.KindFunction:
		return t.Function.String()
	case wasmbin.KindTable:
		return fmt.Sprintf("table of at least %d elements", t.Limits.Min)
	case wasmbin.KindMemory:
		return fmt.Sprintf("memory of at least %d pages", t.Limits.Min)
	case wasmbin.KindGlobal:
		return "global " + valueType(t.Value)
	default:
		return "exception tag"
	}
}

// Satisfies reports whether something of this type can be imported as wanted.
func (t ExternType) Satisfies(wanted ExternType) bool {
	if t.Kind != wanted.Kind {
		return false
	}
	switch t.Kind {
	case wasmbin.KindTable:
		return t.Element == wanted.Element && t.Limits.within(wanted.Limits)
	case wasmbin.KindMemory:
		return t.Limits.within(wanted.Limits)
	case wasmbin.KindGlobal:
		return t.Value == wanted.Value && t.Mutable == wanted.Mutable
	default:
		return t.Function.Equal(wanted.Function)
	}
}

// Import is something that a module needs.
type Import struct {
	Module, Name string
	Type         ExternType
}

// Export is something that a module offers.
type Export struct {
	Name string
	Type ExternType
	// index is the number of the thing among those of its kind.
	index uint32
}

// FeatureError means that a module uses a proposal that is not supported.
type FeatureError struct {
	// Feature is the proposal.
	Feature string
}

// Error names the feature.
func (e *FeatureError) Error() string { return "it uses " + e.Feature }

// The proposals that modules may use elsewhere, but not here.
const (
	featureGC        = "garbage-collected types (the GC proposal)"
	featureTypedRefs = "typed function references"
	featureMemories  = "several memories (the multi-memory proposal)"
	featureMemory64  = "64-bit memories or tables (the memory64 proposal)"
	featureThreads   = "shared memories (the threads proposal)"
	featurePageSizes = "custom page sizes"
	featureLegacyEH  = "legacy exception handling"
)

func unsupported(feature string) error { return &FeatureError{Feature: feature} }
