package json

import (
	"encoding"
	"encoding/base64"
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
)

// marshaler is the interface of encoding/json.
type marshaler interface{ MarshalJSON() ([]byte, error) }

// zeroer is what decides about the option omitzero.
type zeroer interface{ IsZero() bool }

// Marshal returns the JSON of a value.
func Marshal(value any) ([]byte, error) {
	e := encoder{types: types{}}
	return e.value(nil, reflect.ValueOf(value))
}

type encoder struct {
	types types
	depth int
	// quoted says that the value is that of a field with the option string.
	quoted bool
}

// value appends the JSON of a value.
func (e *encoder) value(to []byte, v reflect.Value) ([]byte, error) {
	quoted := e.quoted
	e.quoted = false
	if !v.IsValid() {
		return append(to, "null"...), nil
	}
	if e.depth == maxDepth {
		return nil, errTooDeep
	}
	e.depth++
	defer func() { e.depth-- }()
	if method, found := methodOf[marshaler](v); found {
		return marshalJSON(to, v, method)
	}
	if method, found := methodOf[encoding.TextMarshaler](v); found {
		return marshalText(to, v, method)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		e.quoted = quoted && v.Kind() == reflect.Pointer
		return e.value(to, v.Elem())
	case reflect.Struct:
		return e.structure(to, v)
	case reflect.Map:
		return e.mapping(to, v)
	case reflect.Slice:
		if v.IsNil() {
			return append(to, "null"...), nil
		}
		if isBytes(v.Type()) {
			to = base64.StdEncoding.AppendEncode(append(to, '"'), v.Bytes())
			return append(to, '"'), nil
		}
		return e.list(to, v)
	case reflect.Array:
		return e.list(to, v)
	}
	return appendScalar(to, v, quoted)
}

// methodOf returns the value, or its address, as an I, if that is what it is. It asserts rather than asking the type,
// since reflection in TinyGo has not always known the methods of types.
func methodOf[I any](v reflect.Value) (method I, found bool) {
	kind := v.Type()
	if !v.CanInterface() || kind.PkgPath() == "" && kind.Kind() != reflect.Pointer && kind.Kind() != reflect.Struct {
		return method, false
	}
	if v.Kind() != reflect.Pointer && v.CanAddr() {
		if method, found = v.Addr().Interface().(I); found {
			return method, true
		}
	}
	method, found = v.Interface().(I)
	return method, found
}

// pointerIs says whether a pointer to a value of a type is an I.
func pointerIs[I any](kind reflect.Type) bool {
	_, found := reflect.New(kind).Interface().(I)
	return found
}

// isNil says whether a value whose method is to be called is a nil pointer.
func isNil(v reflect.Value) bool {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v.Kind() == reflect.Pointer && v.IsNil()
}

func marshalJSON(to []byte, v reflect.Value, method marshaler) ([]byte, error) {
	if isNil(v) {
		return append(to, "null"...), nil
	}
	data, err := method.MarshalJSON()
	if err == nil {
		err = check(data)
	}
	if err != nil {
		return nil, wrap("MarshalJSON of "+v.Type().String(), err)
	}
	return appendCompact(to, data), nil
}

func marshalText(to []byte, v reflect.Value, method encoding.TextMarshaler) ([]byte, error) {
	if isNil(v) {
		return append(to, "null"...), nil
	}
	text, err := method.MarshalText()
	if err != nil {
		return nil, wrap("MarshalText of "+v.Type().String(), err)
	}
	return AppendString(to, string(text)), nil
}

// appendCompact appends valid JSON without the space between its parts, safe to put into HTML.
func appendCompact(to, data []byte) []byte {
	inString := false
	for at := 0; at < len(data); at++ {
		letter := data[at]
		switch {
		case letter == '<' || letter == '>' || letter == '&':
			to = appendUnicodeEscape(to, rune(letter))
		case letter == 0xe2 && at+2 < len(data) && data[at+1] == 0x80 && data[at+2]&^1 == 0xa8:
			to = appendUnicodeEscape(to, '\u2028'|rune(data[at+2]&1))
			at += 2
		case inString && letter == '\\':
			to = append(to, letter, data[at+1])
			at++
		case inString || letter > ' ':
			to = append(to, letter)
			inString = inString != (letter == '"')
		}
	}
	return to
}

func (e *encoder) structure(to []byte, v reflect.Value) ([]byte, error) {
	to = append(to, '{')
	first := true
	for _, shown := range e.types.fields(v.Type()) {
		value, found := reach(v, shown.index)
		if !found || shown.omitEmpty && isEmpty(value) || shown.omitZero && isZero(value) {
			continue
		}
		if !first {
			to = append(to, ',')
		}
		first = false
		to = append(AppendString(to, shown.name), ':')
		e.quoted = shown.quoted
		var err error
		if to, err = e.value(to, value); err != nil {
			return nil, err
		}
	}
	return append(to, '}'), nil
}

// reach returns a field, unless a pointer to an embedded struct on the way is nil.
func reach(v reflect.Value, index []int) (value reflect.Value, found bool) {
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v, true
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func isZero(v reflect.Value) bool {
	if !v.CanAddr() {
		addressable := reflect.New(v.Type()).Elem()
		addressable.Set(v)
		v = addressable
	}
	method, found := methodOf[zeroer](v)
	if !found {
		return v.IsZero()
	}
	return isNil(v) || method.IsZero()
}

func (e *encoder) list(to []byte, v reflect.Value) ([]byte, error) {
	to = append(to, '[')
	for i := range v.Len() {
		if i > 0 {
			to = append(to, ',')
		}
		var err error
		if to, err = e.value(to, v.Index(i)); err != nil {
			return nil, err
		}
	}
	return append(to, ']'), nil
}

type member struct {
	name  string
	value reflect.Value
}

func (e *encoder) mapping(to []byte, v reflect.Value) ([]byte, error) {
	key := v.Type().Key()
	if key.Kind() != reflect.String && !isInteger(key.Kind()) && !isText(key) {
		return nil, errors.New("json: unsupported type: " + v.Type().String())
	}
	if v.IsNil() {
		return append(to, "null"...), nil
	}
	members := make([]member, 0, v.Len())
	for entries := v.MapRange(); entries.Next(); {
		name, err := memberName(entries.Key())
		if err != nil {
			return nil, err
		}
		members = append(members, member{name, entries.Value()})
	}
	slices.SortFunc(members, func(a, b member) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	to = append(to, '{')
	for i, one := range members {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(AppendString(to, one.name), ':')
		var err error
		if to, err = e.value(to, one.value); err != nil {
			return nil, err
		}
	}
	return append(to, '}'), nil
}

// isText says whether values of a map's key type have a text. Those of an interface say so one by one.
func isText(key reflect.Type) bool {
	_, found := reflect.Zero(key).Interface().(encoding.TextMarshaler)
	return found || key.Kind() == reflect.Interface
}

func memberName(key reflect.Value) (string, error) {
	if key.Kind() == reflect.String {
		return key.String(), nil
	}
	if method, ok := key.Interface().(encoding.TextMarshaler); ok {
		if isNil(key) {
			return "", nil
		}
		text, err := method.MarshalText()
		if err != nil {
			return "", wrap("MarshalText of "+key.Type().String(), err)
		}
		return string(text), nil
	}
	text, err := appendScalar(nil, key, false)
	return string(text), err
}

// appendScalar appends the JSON of a value without parts, in quotes if it is quoted.
func appendScalar(to []byte, v reflect.Value, quoted bool) ([]byte, error) {
	switch kind := v.Kind(); {
	case kind == reflect.String && isNumberType(v.Type()):
		number := v.String()
		if number == "" {
			number = "0"
		}
		if !isNumber(number) {
			return nil, errors.New("json: not a number: " + strconv.Quote(number))
		}
		return appendQuoted(to, []byte(number), quoted), nil
	case kind == reflect.String && quoted:
		return AppendString(to, string(AppendString(nil, v.String()))), nil
	case kind == reflect.String:
		return AppendString(to, v.String()), nil
	case kind == reflect.Bool:
		return appendQuoted(to, strconv.AppendBool(nil, v.Bool()), quoted), nil
	case v.CanInt():
		return appendQuoted(to, strconv.AppendInt(nil, v.Int(), 10), quoted), nil
	case v.CanUint():
		return appendQuoted(to, strconv.AppendUint(nil, v.Uint(), 10), quoted), nil
	case v.CanFloat():
		number := v.Float()
		if math.IsInf(number, 0) || math.IsNaN(number) {
			return nil, errors.New("json: unsupported value: " + strconv.FormatFloat(number, 'g', -1, 64))
		}
		return appendQuoted(to, formatFloat(number, v.Type().Bits()), quoted), nil
	}
	return nil, errors.New("json: unsupported type: " + v.Type().String())
}

func appendQuoted(to, text []byte, quoted bool) []byte {
	if quoted {
		return append(append(append(to, '"'), text...), '"')
	}
	return append(to, text...)
}

// formatFloat writes a number as JavaScript does: very small and very large ones with an exponent.
func formatFloat(number float64, bits int) []byte {
	size := math.Abs(number)
	small, large := size < 1e-6, size >= 1e21
	if bits == 32 {
		small, large = float32(size) < 1e-6, float32(size) >= 1e21
	}
	if size == 0 || !small && !large {
		return strconv.AppendFloat(nil, number, 'f', -1, bits)
	}
	text := strconv.AppendFloat(nil, number, 'e', -1, bits)
	// Not e-09 but e-9.
	if n := len(text); n >= 4 && text[n-4] == 'e' && text[n-3] == '-' && text[n-2] == '0' {
		text = append(text[:n-2], text[n-1])
	}
	return text
}

// isBytes says whether a slice is bytes, which are Base64 in JSON, rather than values that are shown one by one.
func isBytes(slice reflect.Type) bool {
	element := slice.Elem()
	return element.Kind() == reflect.Uint8 && !pointerIs[marshaler](element) && !pointerIs[encoding.TextMarshaler](element)
}

func isInteger(kind reflect.Kind) bool {
	return kind >= reflect.Int && kind <= reflect.Uintptr
}

// isNumberType recognises encoding/json's Number without importing it.
func isNumberType(kind reflect.Type) bool {
	return kind.Name() == "Number" && kind.PkgPath() == "encoding/json"
}

// wrap says where an error of the user's code came from.
func wrap(place string, err error) error {
	return &placedError{place, err}
}

type placedError struct {
	place string
	err   error
}

func (e *placedError) Error() string { return "json: " + e.place + ": " + e.err.Error() }
func (e *placedError) Unwrap() error { return e.err }
