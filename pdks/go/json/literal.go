package json

import (
	"encoding/base64"
	"errors"
	"reflect"
	"strconv"
)

// quoted decodes the value of a field with the option string.
func (d *decoder) quoted(v reflect.Value) error {
	item := d.skip()
	switch item[0] {
	case 'n':
		return d.literal(item, v)
	case '"':
		return d.textual([]byte(unquote(item)), v)
	}
	d.note(errors.New("json: the option string of " + d.place() + " needs a string"))
	return nil
}

// textual decodes what a string holds, which may be anything. What begins like a number is looked at when it is set.
func (d *decoder) textual(item []byte, v reflect.Value) error {
	if len(item) == 0 || item[0] != '-' && !isDigit(item[0]) {
		if end, err := skipValue(item, 0, maxDepth); err != nil || end != len(item) {
			d.note(errors.New("json: " + strconv.Quote(string(item)) + " is no value for " + d.place()))
			return nil
		}
	}
	return d.literal(item, v)
}

// literal decodes a value without parts.
func (d *decoder) literal(item []byte, v reflect.Value) error {
	null := item[0] == 'n'
	method, textMethod, v := settle(v, null)
	switch {
	case method != nil:
		return method.UnmarshalJSON(item)
	case textMethod != nil && item[0] == '"':
		return textMethod.UnmarshalText([]byte(unquote(item)))
	case textMethod != nil:
		d.mismatch(describe(item), v.Type())
	case null:
		switch v.Kind() {
		case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice:
			v.SetZero()
		}
	case item[0] == '"':
		d.text(unquote(item), v)
	case setScalar(v, item):
	case isAny(v):
		d.mismatch(describe(item), float64Type)
	default:
		d.mismatch(describe(item), v.Type())
	}
	return nil
}

// text decodes a string.
func (d *decoder) text(text string, v reflect.Value) {
	switch {
	case isAny(v):
		v.Set(reflect.ValueOf(text))
	case v.Kind() == reflect.String && isNumberType(v.Type()) && !isNumber(text):
		d.note(errors.New("json: " + strconv.Quote(text) + " is not a number for " + d.place()))
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		bytes, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			d.note(wrap("Base64 for "+d.place(), err))
			return
		}
		v.SetBytes(bytes)
	default:
		d.mismatch("a string", v.Type())
	}
}

// setScalar sets a number, true or false, if it fits.
func setScalar(v reflect.Value, item []byte) bool {
	if isAny(v) {
		value, fits := anyScalar(item)
		if fits {
			v.Set(reflect.ValueOf(value))
		}
		return fits
	}
	if item[0] == 't' || item[0] == 'f' {
		if v.Kind() == reflect.Bool {
			v.SetBool(item[0] == 't')
			return true
		}
		return false
	}
	if v.Kind() == reflect.String && isNumberType(v.Type()) {
		v.SetString(string(item))
		return true
	}
	return setNumber(v, string(item))
}

// setNumber sets a number if it fits.
func setNumber(v reflect.Value, text string) bool {
	switch {
	case v.CanInt():
		number, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err == nil {
			v.SetInt(number)
		}
		return err == nil
	case v.CanUint():
		number, err := strconv.ParseUint(text, 10, v.Type().Bits())
		if err == nil {
			v.SetUint(number)
		}
		return err == nil
	case v.CanFloat():
		number, err := strconv.ParseFloat(text, v.Type().Bits())
		if err == nil {
			v.SetFloat(number)
		}
		return err == nil
	}
	return false
}

// isAny says whether a value is an interface that takes anything.
func isAny(v reflect.Value) bool {
	return v.Kind() == reflect.Interface && v.NumMethod() == 0
}
