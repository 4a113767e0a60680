package json

import (
	"encoding"
	"errors"
	"reflect"
	"strings"
)

type unmarshaler interface{ UnmarshalJSON([]byte) error }

// Unmarshal decodes a JSON value into what target points to. Where a part of it does not fit its place, it goes on with
// the rest, and gives the first such error.
func Unmarshal(data []byte, target any) error {
	if err := check(data); err != nil {
		return err
	}
	v := reflect.ValueOf(target)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return errors.New("json: Unmarshal needs a pointer that is not nil")
	}
	d := decoder{data: data, at: skipSpace(data, 0), types: types{}}
	if err := d.value(v); err != nil {
		return d.locate(err)
	}
	return d.misfit
}

// decoder reads data whose syntax was checked, so that it need not look for errors in it.
type decoder struct {
	data  []byte
	at    int
	types types
	// path holds the names of the struct fields that lead to the current value.
	path []string
	// misfit is the first error of a value that does not fit its place.
	misfit error
}

// value decodes the value that comes next. An error ends the decoding.
func (d *decoder) value(v reflect.Value) error {
	start := d.at
	switch d.data[start] {
	case '[':
		return d.array(v)
	case '{':
		return d.object(v)
	}
	d.skip()
	return d.literal(d.data[start:d.at], v)
}

// skip goes to the end of the value that comes next, and returns it.
func (d *decoder) skip() []byte {
	start := d.at
	// The syntax was checked, and so was the depth.
	d.at, _ = skipValue(d.data, start, 0)
	return d.data[start:d.at]
}

// next goes to the next item of an array or object, and says whether there is one: it begins behind a bracket or an
// item, and ends at an item or behind the closing bracket.
func (d *decoder) next() bool {
	d.at = skipSpace(d.data, d.at)
	switch d.data[d.at] {
	case ']', '}':
		d.at++
		return false
	case ',':
		d.at = skipSpace(d.data, d.at+1)
	}
	return true
}

// name reads a member's name, up to the beginning of its value.
func (d *decoder) name() []byte {
	name := d.skip()
	d.at = skipSpace(d.data, skipSpace(d.data, d.at)+1)
	return name
}

// settle follows pointers, making what they point to, until it finds a method that decodes or the value to be set.
func settle(v reflect.Value, null bool) (unmarshaler, encoding.TextUnmarshaler, reflect.Value) {
	original, addressed := v, false
	if v.Kind() != reflect.Pointer && v.Type().Name() != "" && v.CanAddr() {
		v, addressed = v.Addr(), true
	}
	for {
		if v.Kind() == reflect.Interface && !v.IsNil() {
			inner := v.Elem()
			if inner.Kind() == reflect.Pointer && !inner.IsNil() && (!null || inner.Elem().Kind() == reflect.Pointer) {
				v, addressed = inner, false
				continue
			}
		}
		if v.Kind() != reflect.Pointer || null && v.CanSet() {
			return nil, nil, v
		}
		if v.Elem().Kind() == reflect.Interface && v.Elem().Elem().Kind() == reflect.Pointer &&
			v.Elem().Elem().Pointer() == v.Pointer() {
			// A pointer to itself has no end.
			return nil, nil, v.Elem()
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		if v.CanInterface() {
			if method, ok := v.Interface().(unmarshaler); ok {
				return method, nil, v
			}
			if method, ok := v.Interface().(encoding.TextUnmarshaler); ok && !null {
				return nil, method, v
			}
		}
		if addressed {
			v, addressed = original, false
		} else {
			v = v.Elem()
		}
	}
}

func (d *decoder) array(v reflect.Value) error {
	method, textMethod, v := settle(v, false)
	if method != nil {
		return method.UnmarshalJSON(d.skip())
	}
	if isAny(v) && textMethod == nil {
		v.Set(reflect.ValueOf(d.anyArray()))
		return nil
	}
	if textMethod != nil || v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		d.skip()
		d.mismatch("an array", v.Type())
		return nil
	}
	count := 0
	for d.at++; d.next(); count++ {
		if v.Kind() == reflect.Slice && count >= v.Len() {
			if count >= v.Cap() {
				v.Grow(1)
			}
			v.SetLen(count + 1)
		}
		if count >= v.Len() {
			d.skip()
			continue
		}
		if err := d.value(v.Index(count)); err != nil {
			return err
		}
	}
	if v.Kind() == reflect.Array {
		for ; count < v.Len(); count++ {
			v.Index(count).SetZero()
		}
		return nil
	}
	if count == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	v.SetLen(count)
	return nil
}

func (d *decoder) object(v reflect.Value) error {
	method, textMethod, v := settle(v, false)
	if method != nil {
		return method.UnmarshalJSON(d.skip())
	}
	if textMethod == nil {
		switch {
		case isAny(v):
			v.Set(reflect.ValueOf(d.anyObject()))
			return nil
		case v.Kind() == reflect.Map && isName(v.Type().Key()):
			return d.mapping(v)
		case v.Kind() == reflect.Struct:
			return d.structure(v)
		}
	}
	d.skip()
	d.mismatch("an object", v.Type())
	return nil
}

// isName says whether values of a type can be made of members' names.
func isName(key reflect.Type) bool {
	return key.Kind() == reflect.String || isInteger(key.Kind()) || pointerIs[encoding.TextUnmarshaler](key)
}

func (d *decoder) mapping(v reflect.Value) error {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for d.at++; d.next(); {
		name := d.name()
		value := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(value); err != nil {
			return err
		}
		key := reflect.New(v.Type().Key()).Elem()
		fits := true
		if pointerIs[encoding.TextUnmarshaler](key.Type()) {
			if err := d.literal(name, key.Addr()); err != nil {
				return err
			}
		} else if key.Kind() == reflect.String {
			key.SetString(unquote(name))
		} else {
			text := unquote(name)
			if fits = setNumber(key, text); !fits {
				d.mismatch("the number "+text, key.Type())
			}
		}
		if fits {
			v.SetMapIndex(key, value)
		}
	}
	return nil
}

func (d *decoder) structure(v reflect.Value) error {
	for d.at++; d.next(); {
		shown, found := findField(d.types.fields(v.Type()), unquote(d.name()))
		if !found {
			d.skip()
			continue
		}
		d.path = append(d.path, shown.name)
		if err := d.field(v, shown); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
	}
	return nil
}

// field decodes the value that comes next into a field of a struct.
func (d *decoder) field(v reflect.Value, shown field) error {
	value, err := makeWay(v, shown.index)
	if err != nil {
		d.note(err)
		d.skip()
		return nil
	}
	if shown.quoted {
		return d.quoted(value)
	}
	return d.value(value)
}

// findField prefers the exact name to one that differs in case.
func findField(fields []field, name string) (found field, ok bool) {
	for _, one := range fields {
		if one.name == name {
			return one, true
		}
	}
	for _, one := range fields {
		if strings.EqualFold(one.name, name) {
			return one, true
		}
	}
	return field{}, false
}

// makeWay returns a field, and makes the embedded structs that lead to it.
func makeWay(v reflect.Value, index []int) (reflect.Value, error) {
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !v.CanSet() {
					return reflect.Value{}, errors.New("json: cannot set the embedded pointer to the unexported " + v.Type().Elem().String())
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v, nil
}
