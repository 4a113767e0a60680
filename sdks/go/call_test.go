package plugwright

import (
	"context"
	"encoding"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

// echoed sends a value through a plug-in and expects it back, and these bytes on the way.
func echoed[T any](t *testing.T, p *Plugin, value T, bytes string) {
	t.Helper()
	data, err := toBytes(value)
	if err != nil || string(data) != bytes {
		t.Errorf("%T: %q, %v", value, data, err)
	}
	again, err := Call[T, T](t.Context(), p, "echo", value)
	if err != nil || !reflect.DeepEqual(again, value) {
		t.Errorf("%T: %v came back as %v, %v", value, value, again, err)
	}
}

// refused decodes what is no T.
func refused[T any](t *testing.T, p *Plugin, bytes string, words ...string) {
	t.Helper()
	value, err := Call[[]byte, T](t.Context(), p, "echo", []byte(bytes))
	failsWith(t, err, KindDecode, append(words, "function `echo`: the output is not what was expected: cannot decode ")...)
	if value := reflect.ValueOf(&value).Elem(); !value.IsZero() {
		t.Errorf("%v", value)
	}
}

// celsius has bytes of its own.
type celsius struct{ degrees int }

func (c celsius) MarshalBinary() ([]byte, error) {
	if c.degrees < -273 {
		return nil, errors.New("too cold")
	}
	return []byte(strings.Repeat("I", c.degrees)), nil
}

func (c *celsius) UnmarshalBinary(data []byte) error {
	c.degrees = len(data)
	if strings.Trim(string(data), "I") != "" {
		return errors.New("not a temperature")
	}
	return nil
}

// byPointer has the methods on the pointer alone.
type byPointer struct{ text string }

func (b *byPointer) MarshalBinary() ([]byte, error) { return []byte(b.text), nil }

func (b *byPointer) UnmarshalBinary(data []byte) error {
	b.text = string(data)
	return nil
}

// halfway cannot be decoded.
type halfway struct{ A int }

func (halfway) MarshalBinary() ([]byte, error) { return []byte("x"), nil }

func TestValuesAndTheirBytes(t *testing.T) {
	p := newGuest(t, guestManifest("rust_echo"))
	type text string
	type flags [3]byte
	number, name := 7, "Jane"
	echoed(t, p, "é", "é")
	echoed(t, p, text("é"), "é")
	echoed(t, p, []byte("\xff"), "\xff")
	echoed(t, p, flags{1, 2, 3}, "\x01\x02\x03")
	echoed(t, p, int32(-2), "\xfe\xff\xff\xff")
	echoed(t, p, uint32(math.MaxUint32), "\xff\xff\xff\xff")
	echoed(t, p, int64(-2), "\xfe\xff\xff\xff\xff\xff\xff\xff")
	echoed(t, p, uint64(1)<<63, "\x00\x00\x00\x00\x00\x00\x00\x80")
	echoed(t, p, -2, "\xfe\xff\xff\xff\xff\xff\xff\xff")
	echoed(t, p, uint(7), "\x07\x00\x00\x00\x00\x00\x00\x00")
	echoed(t, p, float32(1.5), "\x00\x00\xc0\x3f")
	echoed(t, p, 1.5, "\x00\x00\x00\x00\x00\x00\xf8\x3f")
	echoed(t, p, true, "\x01")
	echoed(t, p, false, "\x00")
	echoed(t, p, struct{}{}, "")
	echoed(t, p, &number, "\x07\x00\x00\x00\x00\x00\x00\x00")
	echoed(t, p, &name, "Jane")
	echoed[*int](t, p, nil, "")
	echoed[*point](t, p, nil, "")
	echoed(t, p, &point{1, "a"}, `{"x":1,"y":"a"}`)
	echoed(t, p, point{1, "<é>"}, `{"x":1,"y":"<é>"}`)
	echoed(t, p, map[string]int{"a": 1}, `{"a":1}`)
	echoed(t, p, []string{"a"}, `["a"]`)
	echoed(t, p, [2]int{1, 2}, `[1,2]`)
	echoed[any](t, p, []any{1.0, "a", nil}, `[1,"a",null]`)
	echoed[any](t, p, nil, `null`)
	echoed(t, p, json.RawMessage(` {"a" : 1} `), ` {"a" : 1} `)
	echoed(t, p, JSON[string]{"a\"b"}, `"a\"b"`)
	echoed(t, p, JSON[int]{7}, "7")
	echoed(t, p, Base64[string]{"ab"}, "YWI=")
	echoed(t, p, Base64[JSON[[]int]]{JSON[[]int]{[]int{1}}}, "WzFd")
	echoed(t, p, &JSON[int]{7}, "7")
	echoed[*JSON[int]](t, p, nil, "")
	echoed(t, p, celsius{3}, "III")
	echoed(t, p, &celsius{3}, "III")
	echoed(t, p, byPointer{"x"}, "x")
	echoed(t, p, &byPointer{"x"}, "x")
	if _, err := Call[string, struct{}](t.Context(), p, "echo", "whatever there is"); err != nil {
		t.Error(err)
	}
}

func TestDecodingIsStrict(t *testing.T) {
	p := newGuest(t, guestManifest("rust_echo"))
	type text string
	refused[string](t, p, "\xff", "text as string: it is not UTF-8; take bytes as []byte")
	refused[text](t, p, "\xff", "text as plugwright.text: it is not UTF-8")
	refused[int32](t, p, "\x00\x00\x00", "little-endian bytes as int32: expected exactly 4 bytes, found 3")
	refused[int64](t, p, "\x00\x00\x00\x00", "as int64: expected exactly 8 bytes, found 4")
	refused[float64](t, p, "123456789", "as float64: expected exactly 8 bytes, found 9")
	refused[int](t, p, "", "expected exactly 8 bytes, found 0")
	refused[bool](t, p, "\x02", "bytes as bool: expected the byte 0 or 1, found 2")
	refused[bool](t, p, "", "expected exactly 1 bytes, found 0")
	refused[[2]byte](t, p, "x", "bytes as [2]uint8: expected exactly 2 bytes, found 1")
	refused[[]int](t, p, "[1] x", "JSON as []int: invalid character 'x' after top-level value")
	refused[[]int](t, p, "", "JSON as []int: unexpected end of JSON input")
	refused[json.RawMessage](t, p, "{", "JSON as json.RawMessage: unexpected end")
	refused[JSON[int]](t, p, `"s"`, "bytes of its own as plugwright.JSON[int]: json: cannot unmarshal string")
	refused[Base64[string]](t, p, "YWI", "illegal base64 data")
	refused[Base64[string]](t, p, "YWI=\n", "illegal base64 data at input byte 4")
	refused[Base64[int32]](t, p, "YWI=", "expected exactly 4 bytes, found 2")
	refused[celsius](t, p, "x", "plugwright.celsius: not a temperature")
	refused[halfway](t, p, "x", "plugwright.halfway: it does not implement encoding.BinaryUnmarshaler")
}

func TestWhatHasNoBytes(t *testing.T) {
	p := newGuest(t, guestManifest("rust_echo"))
	fails := func(err error, words string) {
		t.Helper()
		failsWith(t, err, KindEncode, "plug-in `rust_echo`, function `echo`: the input cannot be passed: ", words)
	}
	_, err := Call[string, string](t.Context(), p, "echo", "\xff")
	fails(err, "cannot encode string as text: it is not UTF-8; pass bytes as []byte")
	_, err = Call[any, string](t.Context(), p, "echo", make(chan int))
	fails(err, "chan int has no bytes to pass")
	_, err = Call[int16, string](t.Context(), p, "echo", 1)
	fails(err, "int16 has no bytes to pass")
	_, err = Call[*int16, string](t.Context(), p, "echo", nil)
	fails(err, "int16 has no bytes to pass")
	_, err = Call[[]float64, string](t.Context(), p, "echo", []float64{math.NaN()})
	fails(err, "cannot encode []float64 as JSON")
	_, err = Call[json.RawMessage, string](t.Context(), p, "echo", json.RawMessage("{"))
	fails(err, "cannot encode json.RawMessage as JSON")
	_, err = Call[celsius, string](t.Context(), p, "echo", celsius{-300})
	fails(err, "cannot encode plugwright.celsius as bytes of its own: too cold")
	_, err = Call[Base64[chan int], string](t.Context(), p, "echo", Base64[chan int]{})
	fails(err, "chan int has no bytes")
	var _ encoding.BinaryUnmarshaler = &celsius{}
	_, err = Call[string, chan int](t.Context(), p, "echo", "")
	failsWith(t, err, KindDecode, "chan int has no bytes")
}

func TestTypedCallsOfGuests(t *testing.T) {
	type terms struct {
		A int `json:"a"`
		B int `json:"b"`
	}
	type sum struct {
		Sum int `json:"sum"`
	}
	p := newGuest(t, guestManifest("rust_typed"))
	for _, caller := range []Caller{p, &PooledPlugin{Plugin: p}} {
		result, err := Call[terms, sum](t.Context(), caller, "add", terms{40, 2})
		if err != nil || result.Sum != 42 {
			t.Error(result, err)
		}
	}
	_, err := Call[string, sum](t.Context(), p, "add", "no JSON")
	failsWith(t, err, KindGuest)
	_, err = Call[terms, sum](t.Context(), p, "no_such", terms{})
	failsWith(t, err, KindFunctionNotFound, "no_such")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Call[terms, sum](ctx, p, "add", terms{})
	failsWith(t, err, KindCancelled)
}

func TestValuesOfWebAssembly(t *testing.T) {
	if EncodeI32(-1) != math.MaxUint32 || DecodeI32(math.MaxUint32) != -1 || DecodeI32(1<<32|7) != 7 {
		t.Error("i32")
	}
	if EncodeU32(math.MaxUint32) != math.MaxUint32 || DecodeU32(1<<32|7) != 7 {
		t.Error("u32")
	}
	if DecodeI64(EncodeI64(-7)) != -7 || DecodeF32(EncodeF32(-1.5)) != -1.5 || DecodeF64(EncodeF64(-1.5)) != -1.5 {
		t.Error("others")
	}
}
