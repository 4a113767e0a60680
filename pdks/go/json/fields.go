package json

import (
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// field is a field of a struct, or of a struct embedded in it, that JSON shows.
type field struct {
	name   string
	tagged bool
	// index leads to the field, as for reflect.Value.FieldByIndex.
	index               []int
	kind                reflect.Type
	omitEmpty, omitZero bool
	// quoted says that the tag has the option string, and that it means something for the field's type.
	quoted bool
}

// types remembers the fields of struct types while one value is encoded or decoded.
type types map[reflect.Type][]field

// fields returns the fields of a struct type that JSON shows, in the order of their declaration.
func (t types) fields(kind reflect.Type) []field {
	found, known := t[kind]
	if !known {
		found = visibleFields(kind)
		t[kind] = found
	}
	return found
}

// embedded is a struct whose fields are to be collected, and how to get there.
type embedded struct {
	kind  reflect.Type
	index []int
	// twice says that the type is embedded more than once at its depth, so that its fields hide each other.
	twice bool
}

// visibleFields goes down depth by depth, so that a field hides those of its name that are deeper.
func visibleFields(kind reflect.Type) []field {
	var all []field
	visited := map[reflect.Type]bool{}
	for level := []embedded{{kind: kind}}; len(level) > 0; {
		var next []embedded
		for _, outer := range level {
			if visited[outer.kind] {
				continue
			}
			visited[outer.kind] = true
			all, next = collect(outer, all, next)
		}
		level = next
	}
	return dominant(all)
}

// collect appends the fields of one struct to all, and the structs embedded in it to next.
func collect(outer embedded, all []field, next []embedded) ([]field, []embedded) {
	for i := range outer.kind.NumField() {
		declared := outer.kind.Field(i)
		target := declared.Type
		if target.Name() == "" && target.Kind() == reflect.Pointer {
			target = target.Elem()
		}
		if !declared.IsExported() && !(declared.Anonymous && target.Kind() == reflect.Struct) {
			continue
		}
		tag := declared.Tag.Get("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if !validName(name) {
			name = ""
		}
		index := append(slices.Clone(outer.index), i)
		if name == "" && declared.Anonymous && target.Kind() == reflect.Struct {
			next = embed(next, target, index)
			continue
		}
		shown := field{name: name, tagged: name != "", index: index, kind: declared.Type}
		if name == "" {
			shown.name = declared.Name
		}
		for _, option := range strings.Split(options, ",") {
			shown.omitEmpty = shown.omitEmpty || option == "omitempty"
			shown.omitZero = shown.omitZero || option == "omitzero"
			shown.quoted = shown.quoted || option == "string" && isScalar(target.Kind())
		}
		all = append(all, shown)
		if outer.twice {
			all = append(all, shown)
		}
	}
	return all, next
}

func embed(next []embedded, kind reflect.Type, index []int) []embedded {
	for i := range next {
		if next[i].kind == kind {
			next[i].twice = true
			return next
		}
	}
	return append(next, embedded{kind: kind, index: index})
}

// dominant keeps of fields with the same name the one that is least deep, of several the one that has its name from a
// tag, and none if there are several of these.
func dominant(all []field) []field {
	byName := map[string][]field{}
	for _, one := range all {
		rivals := byName[one.name]
		if len(rivals) > 0 {
			order := rank(rivals[0]) - rank(one)
			if order < 0 {
				continue
			}
			if order > 0 {
				rivals = nil
			}
		}
		byName[one.name] = append(rivals, one)
	}
	var kept []field
	for _, one := range all {
		if rivals := byName[one.name]; len(rivals) == 1 && slices.Equal(rivals[0].index, one.index) {
			kept = append(kept, one)
		}
	}
	slices.SortFunc(kept, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return kept
}

// rank is lower for a field that hides another one of its name.
func rank(f field) int {
	if f.tagged {
		return 2 * len(f.index)
	}
	return 2*len(f.index) + 1
}

func isScalar(kind reflect.Kind) bool {
	return kind >= reflect.Bool && kind <= reflect.Float64 || kind == reflect.String
}

// validName says whether a tag's name counts; otherwise the field's own name does.
func validName(name string) bool {
	for _, letter := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", letter) && !unicode.IsLetter(letter) && !unicode.IsDigit(letter) {
			return false
		}
	}
	return name != ""
}
