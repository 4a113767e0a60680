package plugwright

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// JSON chooses JSON for a type that has other bytes of its own, such as a string or a number:
//
//	total, err := plugwright.Call[string, plugwright.JSON[float64]](ctx, plugin, "total", order)
type JSON[T any] struct {
	// Value is what is written and read.
	Value T
}

// MarshalBinary writes the value as JSON.
func (j JSON[T]) MarshalBinary() ([]byte, error) { return encodeJSON(j.Value) }

// UnmarshalBinary reads the value from JSON.
func (j *JSON[T]) UnmarshalBinary(data []byte) error { return json.Unmarshal(data, &j.Value) }

// Base64 stands for the bytes of a value as base64 text, of the standard alphabet and padded.
type Base64[T any] struct {
	// Value is what is written and read.
	Value T
}

// MarshalBinary writes the value's bytes as base64.
func (b Base64[T]) MarshalBinary() ([]byte, error) {
	data, err := toBytes(b.Value)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.AppendEncode(nil, data), nil
}

// UnmarshalBinary reads the value's bytes from base64.
func (b *Base64[T]) UnmarshalBinary(data []byte) error {
	if end := bytes.IndexAny(data, "\r\n"); end >= 0 {
		// The decoder would pass over ends of lines.
		return base64.CorruptInputError(end)
	}
	decoded, err := base64.StdEncoding.Strict().AppendDecode(nil, data)
	if err != nil {
		return err
	}
	value, err := fromBytes[T](decoded)
	b.Value = value
	return err
}

// encodeJSON writes JSON as other languages do: `<` stays as it is.
func encodeJSON(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte{'\n'}), nil
}

// conversionError is why a value has no bytes, or bytes are no value. Its text is one line.
type conversionError struct {
	// what is "cannot encode T as F" or "cannot decode F as T".
	what string
	err  error
}

func (e *conversionError) Error() string { return e.what + ": " + oneLine(e.err.Error()) }

func (e *conversionError) Unwrap() error { return e.err }

func cannotEncode(typeName, format string, err error) error {
	return &conversionError{fmt.Sprintf("cannot encode %s as %s", typeName, format), err}
}

func cannotDecode(typeName, format string, err error) error {
	return &conversionError{fmt.Sprintf("cannot decode %s as %s", format, typeName), err}
}
