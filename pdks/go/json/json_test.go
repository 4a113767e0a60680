package json_test

import (
	stdjson "encoding/json"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/plugwright/plugwright/pdks/go/json"
)

// The types below have everything that the documentation of encoding/json mentions.

type Inner struct {
	Shared, Own string
	Deep        int `json:"deep"`
}

type Other struct{ Shared, Second string }

type Tagged struct {
	Value string `json:"Shared"`
}

type hidden struct{ Visible int }

type Recursive struct {
	Next *Recursive            `json:"next,omitempty"`
	All  []Recursive           `json:",omitempty"`
	By   map[string]*Recursive `json:"by,omitempty"`
}

type upper string

func (u upper) MarshalText() ([]byte, error) {
	return []byte(strings.ToUpper(string(u))), nil
}

func (u *upper) UnmarshalText(text []byte) error {
	if string(text) == "bad" {
		return errors.New("bad text")
	}
	*u = upper(strings.ToLower(string(text)))
	return nil
}

// byPointer has its methods on the pointer alone.
type byPointer struct{ raw string }

func (p *byPointer) MarshalJSON() ([]byte, error) {
	return []byte(` { "raw" : "<` + "\u2028" + `>" } `), nil
}
func (p *byPointer) UnmarshalJSON(data []byte) error {
	p.raw = string(data)
	if p.raw == `"bad"` {
		return errors.New("bad JSON")
	}
	return nil
}

type numbered int

func (n numbered) IsZero() bool { return n == 7 }

type Everything struct {
	B            bool
	I            int
	I8           int8
	U8           uint8 `json:"u8"`
	U64          uint64
	F            float64
	F32          float32
	S            string
	Bytes        []byte
	Array        [3]int
	Slice        []string
	Map          map[string]int
	Numbers      map[int8]string
	Names        map[upper]bool
	Any          any
	Pointer      *int
	Twice        **string
	Skipped      int `json:"-"`
	Dash         int `json:"-,"`
	Odd          int `json:"ö%x"`
	Bad          int `json:"a\"b"`
	unexported   int
	Empty        string         `json:"empty,omitempty"`
	EmptyMap     map[string]int `json:",omitempty"`
	Zero         time.Time      `json:"zero,omitzero"`
	ZeroByMethod numbered       `json:",omitzero"`
	QuotedInt    int            `json:"qi,string"`
	QuotedText   string         `json:"qs,string"`
	QuotedBool   *bool          `json:"qb,string"`
	QuotedFloat  float64        `json:"qf,string"`
	NotQuoted    []int          `json:"nq,string"`
	Upper        upper
	UpperPointer *upper
	ByPointer    byPointer
	Raw          stdjson.RawMessage
	Number       stdjson.Number
	QuotedNumber stdjson.Number `json:"qn,string"`
	Time         time.Time
	Address      netip.Addr
	Big          *big.Int
	Error        error
	Recursive    Recursive
	Inner
	*Other
	Tagged
	hidden
	NamedInner Inner `json:"inner"`
}

func everything() []any {
	text, number, yes := "pointed at", -5, true
	pointer := &text
	up := upper("shout")
	return []any{
		nil, true, -1, uint8(255), "", "å\u2028<&>\x00\x1f\b\f\n\r\t\"\\/\xff", 0.0, -0.0, 1e21, 1e-7, 123456789.125, 1e20, 5e-324,
		math.MaxFloat64, float32(1e-7), float32(3.4e38), float32(1e21), math.Copysign(0, -1), []byte("bytes"), []byte{}, []byte(nil),
		[]int(nil), []int{}, [2]bool{true}, map[string]int(nil), map[int]string{3: "c", -1: "a", 20: "b"}, map[upper]int{"b": 1, "a": 2},
		map[string]any{"z": nil, "a": []any{1, "x", map[string]any{}}, "\xff<": 1}, struct{}{}, &number, pointer, &pointer,
		upper("x"), &up, []upper{"a"}, byPointer{}, &byPointer{}, []byPointer{{}}, map[string]byPointer{"a": {}}, []*byPointer{nil, {}},
		(*upper)(nil), stdjson.RawMessage(`{ "a" : [ 1 , 2 ] }`), stdjson.Number("1e5"), stdjson.Number(""),
		time.Date(2026, 11, 21, 1, 2, 3, 4, time.UTC), netip.MustParseAddr("::1"), big.NewInt(1 << 62),
		Everything{}, &Everything{},
		&Everything{
			B: true, I: -1, I8: -128, U8: 255, U64: math.MaxUint64, F: 0.1, F32: 0.1, S: "s", Bytes: []byte{1, 2, 3},
			Slice: []string{"a"}, Map: map[string]int{"b": 1, "a": 2}, Any: []any{1.5}, Pointer: &number, Twice: &pointer,
			Empty: "x", EmptyMap: map[string]int{"": 0}, ZeroByMethod: 7, QuotedInt: 3, QuotedText: "<q>", QuotedBool: &yes,
			QuotedFloat: 1e30, NotQuoted: []int{1}, Upper: "u", UpperPointer: &up, Raw: []byte("[1, 2]"), Number: "12", QuotedNumber: "3",
			Time: time.Unix(0, 0).UTC(), Big: big.NewInt(3), Error: errors.New("none"), Other: &Other{"lost", "second"},
			Inner: Inner{"lost", "own", 4}, Tagged: Tagged{"wins"}, hidden: hidden{9},
			Recursive: Recursive{Next: &Recursive{All: []Recursive{{}}, By: map[string]*Recursive{"n": nil}}},
		},
		// What has no JSON form.
		math.NaN(), math.Inf(1), make(chan int), func() {}, complex(1, 2), map[bool]int{}, map[string]any{"f": func() {}},
		stdjson.Number("1x"), stdjson.RawMessage(`{`), map[struct{}]int(nil),
	}
}

func TestMarshalDoesWhatTheStandardLibraryDoes(t *testing.T) {
	for i, value := range everything() {
		ours, ourError := json.Marshal(value)
		theirs, theirError := stdjson.Marshal(value)
		if string(ours) != string(theirs) || (ourError == nil) != (theirError == nil) {
			t.Errorf("value %d, %T:\n     ours %s, %v\n   theirs %s, %v", i, value, ours, ourError, theirs, theirError)
		}
	}
}

// compare decodes text both ways into new values of a type that hold the same to begin with.
func compare(t *testing.T, text string, make func() any) {
	t.Helper()
	ours, theirs := make(), make()
	ourError, theirError := json.Unmarshal([]byte(text), ours), stdjson.Unmarshal([]byte(text), theirs)
	if (ourError == nil) != (theirError == nil) {
		t.Errorf("%q into %T:\n     ours %v\n   theirs %v", text, ours, ourError, theirError)
		return
	}
	if ourError == nil && !reflect.DeepEqual(ours, theirs) {
		t.Errorf("%q into %T:\n     ours %+v\n   theirs %+v", text, ours, ours, theirs)
	}
}

// targets are what every text is decoded into.
var targets = []func() any{
	func() any { return new(any) },
	func() any { return new(Everything) },
	func() any {
		inner, any := upper("old"), any(&Inner{Own: "kept"})
		return &Everything{Slice: []string{"old", "older"}, Map: map[string]int{"old": 1}, Array: [3]int{1, 2, 3}, UpperPointer: &inner, Any: any}
	},
	func() any { return new(Recursive) },
	func() any { return &[]Inner{{"a", "b", 1}, {"c", "d", 2}} },
	func() any { return new(map[string]Inner) },
	func() any { return &map[int8][]byte{} },
	func() any { return new(map[upper]*upper) },
	func() any { return new([2]any) },
	func() any { return new(string) },
	func() any { return new(int8) },
	func() any { return new(uint16) },
	func() any { return new(float32) },
	func() any { return new(bool) },
	func() any { return new([]byte) },
	func() any { return new(*byPointer) },
	func() any { return new(upper) },
	func() any { return new(stdjson.Number) },
	func() any { return new(stdjson.RawMessage) },
	func() any { return new(error) },
	func() any { return new(time.Time) },
	func() any { return new(chan int) },
	func() any { return new(map[float64]int) },
	func() any { var self any; self = &self; return &self },
}

var texts = []string{
	``, ` `, `null`, ` true `, `false`, `tru`, `truex`, `0`, `-0`, `01`, `-`, `1.`, `1.5e`, `1e400`, `127`, `128`, `-129`, `65536`, `1.0`,
	`""`, `"text"`, `"bad"`, `"AQID"`, `"AQI"`, `"\u00e5\ud83d\udc4b\ud83d\u0041\ud83d"`, `"\x"`, "\"\x01\"", "\"\xff\xed\xa0\x80\"", `"a`, `"12"`,
	`[]`, `[1,2,3,4]`, `[1,"a",null,{}]`, `[1,]`, `[,1]`, `[1 2]`, `[`, `[[[]]]`, `[{"Own":"x"},{},{"deep":3}]`,
	`{}`, `{"a":1}`, `{"a":1,"a":2}`, `{"a":1,}`, `{a:1}`, `{"a" 1}`, `{"a":}`, `{"1":"AQID","2":null}`, `{"300":""}`, `{"x":""}`,
	`{"BAD":"x","b":null}`, `{"A":"x"}`, `{"bad":"x"}`, `{"a":{"own":"ci","OWN":"CI","Own":"exact"}}`, `{} {}`, `{}]`,
	`{"B":true,"I":-5,"i8":3,"U8":200,"u64":18446744073709551615,"F":1e3,"F32":0.1,"S":"s","Bytes":"AQID","Array":[9],"Slice":["n"]}`,
	`{"Map":{"new":2},"Numbers":{"-1":"a"},"Names":{"AB":true},"Any":{"own":"replaced","x":[1,null]},"Pointer":3,"Twice":"deep"}`,
	`{"Pointer":null,"Twice":null,"Slice":null,"Map":null,"Any":null,"S":null,"I":null,"UpperPointer":null,"Other":null,"Raw":null,"Error":null}`,
	`{"-":4,"Skipped":3,"ö%x":5,"Bad":6,"unexported":7,"empty":"e","zero":"2026-11-21T00:00:00Z","ZeroByMethod":3}`,
	`{"qi":"3","qs":"\"t\"","qb":"true","qf":"1.5","nq":[1],"qn":"4"}`, `{"qi":3}`, `{"qs":"t"}`, `{"qb":null}`, `{"qb":"null"}`,
	`{"qi":""}`, `{"qi":"007"}`, `{"qi":"x"}`, `{"qi":"1x"}`, `{"qi":[1]}`, `{"qi":{}}`, `{"qf":"true"}`, `{"qb":"truth"}`, `{"qs":"null"}`, `{"qn":4}`,
	`{"Upper":"LOUD","UpperPointer":"LOUD","ByPointer":{"a": 1},"Raw":[1, 2],"Number":12.50,"Time":"2026-11-21T01:02:03Z","Big":123456789012345678901234567890}`,
	`{"Upper":1}`, `{"Upper":[1]}`, `{"Upper":"bad","S":"after"}`, `{"ByPointer":"bad","S":"after"}`, `{"Number":"x"}`, `{"Number":"1e5"}`, `{"Number":true}`, `{"Time":"x"}`,
	`{"Error":"x"}`, `{"Error":{}}`, `{"Error":[]}`, `{"Error":1}`, `{"Shared":"s","own":"o","DEEP":2,"Second":"2","Visible":1,"inner":{"Shared":"i"}}`,
	`{"next":{"next":{"All":[{},{"by":{"k":{},"n":null}}]}}}`, `{"I":"x","S":"set all the same"}`, `{"Slice":[1,"two"]}`, `{"Map":{"a":"x","b":2}}`,
}

func TestUnmarshalDoesWhatTheStandardLibraryDoes(t *testing.T) {
	for _, text := range texts {
		for _, target := range targets {
			compare(t, text, target)
		}
	}
}

func TestWhatCannotBeATargetIsRefused(t *testing.T) {
	for _, target := range []any{nil, 1, (*int)(nil), struct{}{}} {
		if err := json.Unmarshal([]byte(`1`), target); err == nil {
			t.Errorf("%T was accepted", target)
		}
	}
	type outer struct{ *hidden }
	if err := json.Unmarshal([]byte(`{"Visible":1}`), new(outer)); err == nil || !strings.Contains(err.Error(), "hidden") {
		t.Errorf("error %v", err)
	}
}

func TestDepthIsLimited(t *testing.T) {
	for depth, fits := range map[int]bool{10000: true, 10001: false} {
		text := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		var value any
		if err := json.Unmarshal([]byte(text), &value); (err == nil) != fits {
			t.Errorf("%d deep: %v", depth, err)
		}
	}
	circle := &Recursive{}
	circle.Next = circle
	if _, err := json.Marshal(circle); err == nil {
		t.Error("a circle has no JSON form")
	}
}

func TestErrorsNameTheField(t *testing.T) {
	for text, message := range map[string]string{
		`{"inner":{"deep":"x"}}`:       "json: field inner.deep is a string, where int is expected",
		`{"I8":128}`:                   "json: field I8 is the number 128, where int8 is expected",
		`{"Any":1e400}`:                "json: field Any is the number 1e400, where float64 is expected",
		`[]`:                           "json: the value is an array, where json_test.Everything is expected",
		`{"Upper":"bad"}`:              "json: field Upper: bad text",
		`{"ByPointer":"bad"}`:          "json: field ByPointer: bad JSON",
		`{"I":1,}`:                     `json: '}' at byte 7, where a name in quotes is expected`,
		`{"I":`:                        "json: the text ends where a value is expected",
		`{"Bytes":"%"}`:                "json: Base64 for field Bytes: illegal base64 data at input byte 0",
		`{"qi":"x"}`:                   `json: "x" is no value for field qi`,
		`{"Slice":[1],"Map":{"a":""}}`: "json: field Slice is the number 1, where string is expected",
	} {
		err := json.Unmarshal([]byte(text), new(Everything))
		if err == nil || err.Error() != message {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, target := range targets {
			compare(t, text, target)
		}
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			return
		}
		ours, _ := json.Marshal(value)
		theirs, _ := stdjson.Marshal(value)
		if string(ours) != string(theirs) {
			t.Errorf("%q\n     ours %s\n   theirs %s", text, ours, theirs)
		}
	})
}
