package plugwright

import (
	"encoding"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync"
	"unicode/utf8"
)

// codec is how the values of one type become bytes and values again. The bytes are those of every SDK and PDK of
// Plugwright.
type codec struct {
	// number is how values of the type cross as a parameter or a result of a host function; nil for what crosses in a
	// block.
	number *numberCodec
	encode func(value reflect.Value) ([]byte, error)
	// decode sets a value, which is zero, from all of the bytes. It may keep the bytes.
	decode func(data []byte, value reflect.Value) error
}

// numberCodec is how a type of numbers crosses by a value of WebAssembly.
type numberCodec struct {
	valueType ValueType
	encode    func(value reflect.Value) uint64
	decode    func(bits uint64, value reflect.Value)
}

// toBytes encodes a value. The error is one line.
func toBytes(value any) ([]byte, error) {
	switch value := value.(type) {
	case []byte:
		return value, nil
	case string:
		return textBytes(value, "string")
	case nil:
		return encodeJSON(nil)
	}
	reflected := reflect.ValueOf(value)
	c, err := codecOf(reflected.Type())
	if err != nil {
		return nil, err
	}
	return c.encode(reflected)
}

// fromBytes decodes a value that takes up all of the bytes, which it may keep. The error is one line.
func fromBytes[T any](data []byte) (T, error) {
	var value T
	switch target := any(&value).(type) {
	case *[]byte:
		*target = data
		return value, nil
	case *string:
		text, err := textOf(data, "string")
		*target = text
		return value, err
	}
	c, err := codecOf(reflect.TypeFor[T]())
	if err != nil {
		return value, err
	}
	err = c.decode(data, reflect.ValueOf(&value).Elem())
	return value, err
}

func textBytes(text, typeName string) ([]byte, error) {
	if !utf8.ValidString(text) {
		return nil, cannotEncode(typeName, "text", errors.New("it is not UTF-8; pass bytes as []byte"))
	}
	return []byte(text), nil
}

func textOf(data []byte, typeName string) (string, error) {
	if !utf8.Valid(data) {
		return "", cannotDecode(typeName, "text", errors.New("it is not UTF-8; take bytes as []byte"))
	}
	return string(data), nil
}

// codecs has those that were made, by [reflect.Type]: *codec, or an error.
var codecs sync.Map

// codecOf is the codec of a type; the error says why there is none.
func codecOf(t reflect.Type) (*codec, error) {
	made, ok := codecs.Load(t)
	if !ok {
		made, _ = codecs.LoadOrStore(t, makeCodec(t))
	}
	if err, ok := made.(error); ok {
		return nil, err
	}
	return made.(*codec), nil
}

var (
	marshalerType   = reflect.TypeFor[encoding.BinaryMarshaler]()
	unmarshalerType = reflect.TypeFor[encoding.BinaryUnmarshaler]()
	rawJSONType     = reflect.TypeFor[json.RawMessage]()
)

// makeCodec makes a *codec, or an error.
func makeCodec(t reflect.Type) any {
	switch {
	case t == rawJSONType:
		return rawJSONCodec()
	case t.Implements(marshalerType) && t.Kind() != reflect.Interface || reflect.PointerTo(t).Implements(unmarshalerType):
		return ownCodec(t)
	}
	switch t.Kind() {
	case reflect.String:
		return stringCodec(t)
	case reflect.Bool:
		return boolCodec(t)
	case reflect.Int32, reflect.Int64, reflect.Int, reflect.Uint32, reflect.Uint64, reflect.Uint, reflect.Float32, reflect.Float64:
		return numberBytesCodec(t)
	case reflect.Pointer:
		return optionCodec(t)
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return bytesCodec(t)
		}
		return jsonCodec(t)
	case reflect.Struct:
		if t.NumField() == 0 {
			return emptyCodec()
		}
		return jsonCodec(t)
	case reflect.Map, reflect.Interface:
		return jsonCodec(t)
	default:
		return fmt.Errorf("%s has no bytes to pass to or from a plug-in; use a string, []byte, a number of 32 or 64 bits, "+
			"a type that encoding/json knows, or implement encoding.BinaryMarshaler and BinaryUnmarshaler", t)
	}
}

// ownCodec is for types that make their bytes themselves.
func ownCodec(t reflect.Type) *codec {
	const format = "bytes of its own"
	return &codec{
		encode: func(value reflect.Value) ([]byte, error) {
			if !t.Implements(marshalerType) {
				// The method may be the pointer's.
				pointer := reflect.New(t)
				pointer.Elem().Set(value)
				value = pointer
			}
			marshaler, ok := value.Interface().(encoding.BinaryMarshaler)
			if !ok {
				return nil, cannotEncode(t.String(), format, errors.New("it does not implement encoding.BinaryMarshaler"))
			}
			if value.Kind() == reflect.Pointer && value.IsNil() {
				return nil, nil
			}
			data, err := marshaler.MarshalBinary()
			if err != nil {
				return nil, cannotEncode(t.String(), format, err)
			}
			return data, nil
		},
		decode: func(data []byte, value reflect.Value) error {
			target := value.Addr()
			if t.Kind() == reflect.Pointer {
				if len(data) == 0 {
					return nil
				}
				value.Set(reflect.New(t.Elem()))
				target = value
			}
			unmarshaler, ok := target.Interface().(encoding.BinaryUnmarshaler)
			if !ok {
				return cannotDecode(t.String(), format, errors.New("it does not implement encoding.BinaryUnmarshaler"))
			}
			if err := unmarshaler.UnmarshalBinary(data); err != nil {
				return cannotDecode(t.String(), format, err)
			}
			return nil
		},
	}
}

func stringCodec(t reflect.Type) *codec {
	return &codec{
		encode: func(value reflect.Value) ([]byte, error) { return textBytes(value.String(), t.String()) },
		decode: func(data []byte, value reflect.Value) error {
			text, err := textOf(data, t.String())
			value.SetString(text)
			return err
		},
	}
}

func bytesCodec(t reflect.Type) *codec {
	if t.Kind() == reflect.Slice {
		return &codec{
			encode: func(value reflect.Value) ([]byte, error) { return value.Bytes(), nil },
			decode: func(data []byte, value reflect.Value) error {
				value.SetBytes(data)
				return nil
			},
		}
	}
	return &codec{
		encode: func(value reflect.Value) ([]byte, error) {
			data := make([]byte, t.Len())
			reflect.Copy(reflect.ValueOf(data), value)
			return data, nil
		},
		decode: func(data []byte, value reflect.Value) error {
			if err := exactly(t.Len(), data); err != nil {
				return cannotDecode(t.String(), "bytes", err)
			}
			reflect.Copy(value, reflect.ValueOf(data))
			return nil
		},
	}
}

func exactly(length int, data []byte) error {
	if len(data) != length {
		return fmt.Errorf("expected exactly %d bytes, found %d", length, len(data))
	}
	return nil
}

// optionCodec is for pointers: nil has no bytes.
func optionCodec(t reflect.Type) any {
	inner, err := codecOf(t.Elem())
	if err != nil {
		return err
	}
	return &codec{
		encode: func(value reflect.Value) ([]byte, error) {
			if value.IsNil() {
				return nil, nil
			}
			return inner.encode(value.Elem())
		},
		decode: func(data []byte, value reflect.Value) error {
			if len(data) == 0 {
				return nil
			}
			value.Set(reflect.New(t.Elem()))
			return inner.decode(data, value.Elem())
		},
	}
}

// emptyCodec is for struct{}, which has no bytes; whoever takes one does not care for a result.
func emptyCodec() *codec {
	return &codec{
		encode: func(reflect.Value) ([]byte, error) { return nil, nil },
		decode: func([]byte, reflect.Value) error { return nil },
	}
}

func rawJSONCodec() *codec {
	check := func(data []byte) error {
		var whole json.RawMessage
		return json.Unmarshal(data, &whole)
	}
	return &codec{
		encode: func(value reflect.Value) ([]byte, error) {
			if err := check(value.Bytes()); err != nil {
				return nil, cannotEncode(rawJSONType.String(), "JSON", err)
			}
			return value.Bytes(), nil
		},
		decode: func(data []byte, value reflect.Value) error {
			if err := check(data); err != nil {
				return cannotDecode(rawJSONType.String(), "JSON", err)
			}
			value.SetBytes(data)
			return nil
		},
	}
}

func jsonCodec(t reflect.Type) *codec {
	return &codec{
		encode: func(value reflect.Value) ([]byte, error) {
			data, err := encodeJSON(value.Interface())
			if err != nil {
				return nil, cannotEncode(t.String(), "JSON", err)
			}
			return data, nil
		},
		decode: func(data []byte, value reflect.Value) error {
			if err := json.Unmarshal(data, value.Addr().Interface()); err != nil {
				return cannotDecode(t.String(), "JSON", err)
			}
			return nil
		},
	}
}

func boolCodec(t reflect.Type) *codec {
	return &codec{
		number: &numberCodec{
			valueType: ValueTypeI32,
			encode: func(value reflect.Value) uint64 {
				if value.Bool() {
					return 1
				}
				return 0
			},
			decode: func(bits uint64, value reflect.Value) { value.SetBool(uint32(bits) != 0) },
		},
		encode: func(value reflect.Value) ([]byte, error) {
			if value.Bool() {
				return []byte{1}, nil
			}
			return []byte{0}, nil
		},
		decode: func(data []byte, value reflect.Value) error {
			err := exactly(1, data)
			if err == nil && data[0] > 1 {
				err = fmt.Errorf("expected the byte 0 or 1, found %d", data[0])
			}
			if err != nil {
				return cannotDecode(t.String(), "bytes", err)
			}
			value.SetBool(data[0] == 1)
			return nil
		},
	}
}

// numberBytesCodec is for numbers: little-endian bytes, as WebAssembly keeps them in memory. An int has 64 bits.
func numberBytesCodec(t reflect.Type) *codec {
	number, length := numbers(t.Kind()), 8
	if number.valueType == ValueTypeI32 || number.valueType == ValueTypeF32 {
		length = 4
	}
	return &codec{
		number: number,
		encode: func(value reflect.Value) ([]byte, error) {
			return binary.LittleEndian.AppendUint64(nil, number.encode(value))[:length], nil
		},
		decode: func(data []byte, value reflect.Value) error {
			if err := exactly(length, data); err != nil {
				return cannotDecode(t.String(), "little-endian bytes", err)
			}
			var all [8]byte
			copy(all[:], data)
			bits := binary.LittleEndian.Uint64(all[:])
			// An int has 32 bits on small machines.
			if length == 8 && (value.CanInt() && value.OverflowInt(int64(bits)) || value.CanUint() && value.OverflowUint(bits)) {
				return cannotDecode(t.String(), "little-endian bytes", errors.New("the number is too large"))
			}
			number.decode(bits, value)
			return nil
		},
	}
}

func numbers(kind reflect.Kind) *numberCodec {
	switch kind {
	case reflect.Int32:
		return &numberCodec{
			valueType: ValueTypeI32,
			encode:    func(value reflect.Value) uint64 { return EncodeI32(int32(value.Int())) },
			decode:    func(bits uint64, value reflect.Value) { value.SetInt(int64(DecodeI32(bits))) },
		}
	case reflect.Uint32:
		return &numberCodec{
			valueType: ValueTypeI32,
			encode:    func(value reflect.Value) uint64 { return EncodeU32(uint32(value.Uint())) },
			decode:    func(bits uint64, value reflect.Value) { value.SetUint(uint64(DecodeU32(bits))) },
		}
	case reflect.Int64, reflect.Int:
		return &numberCodec{
			valueType: ValueTypeI64,
			encode:    func(value reflect.Value) uint64 { return uint64(value.Int()) },
			decode:    func(bits uint64, value reflect.Value) { value.SetInt(int64(bits)) },
		}
	case reflect.Uint64, reflect.Uint:
		return &numberCodec{
			valueType: ValueTypeI64,
			encode:    func(value reflect.Value) uint64 { return value.Uint() },
			decode:    func(bits uint64, value reflect.Value) { value.SetUint(bits) },
		}
	case reflect.Float32:
		return &numberCodec{
			valueType: ValueTypeF32,
			encode:    func(value reflect.Value) uint64 { return EncodeF32(float32(value.Float())) },
			decode:    func(bits uint64, value reflect.Value) { value.SetFloat(float64(DecodeF32(bits))) },
		}
	default:
		return &numberCodec{
			valueType: ValueTypeF64,
			encode:    func(value reflect.Value) uint64 { return math.Float64bits(value.Float()) },
			decode:    func(bits uint64, value reflect.Value) { value.SetFloat(math.Float64frombits(bits)) },
		}
	}
}
