package json

import (
	"errors"
	"reflect"
	"strings"
)

var float64Type = reflect.TypeFor[float64]()

// note keeps the first error of a value that does not fit its place.
func (d *decoder) note(err error) {
	if d.misfit == nil {
		d.misfit = err
	}
}

// mismatch notes that a value cannot become one of a type.
func (d *decoder) mismatch(value string, kind reflect.Type) {
	d.note(errors.New("json: " + d.place() + " is " + value + ", where " + kind.String() + " is expected"))
}

// place names the current value.
func (d *decoder) place() string {
	if len(d.path) == 0 {
		return "the value"
	}
	return "field " + strings.Join(d.path, ".")
}

// locate says where an error of the user's code came from.
func (d *decoder) locate(err error) error {
	return wrap(d.place(), err)
}

// describe says what a value without parts is.
func describe(item []byte) string {
	switch item[0] {
	case '"':
		return "a string"
	case 't', 'f':
		return "a bool"
	case 'n':
		return "null"
	}
	return "the number " + string(item)
}
