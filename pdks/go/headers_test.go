package pdk

import (
	"encoding/json"
	"maps"
	"testing"
)

func FuzzStringsAreThoseOfJSON(f *testing.F) {
	for _, seed := range []string{"", "plain", "å 👋 \u2028 <&>", "\"\\/\b\f\n\r\t\x00\x1f\x7f", "\xff\xed\xa0\x80"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ours := appendRequest(nil, HTTPRequestMeta{URL: text, Headers: map[string]string{text: text}})
		var back HTTPRequestMeta
		if err := json.Unmarshal(ours, &back); err != nil {
			t.Fatalf("%s: %v", ours, err)
		}
		theirs, _ := json.Marshal(map[string]string{text: text})
		var expected map[string]string
		_ = json.Unmarshal(theirs, &expected)
		if !maps.Equal(back.Headers, expected) {
			t.Errorf("%q became %q", text, back.Headers)
		}
		if headers := parseHeaders(theirs); !maps.Equal(headers, expected) {
			t.Errorf("%s was read as %q", theirs, headers)
		}
	})
}

func FuzzHeadersAreReadAsJSON(f *testing.F) {
	for _, seed := range []string{`{}`, ` { "a" : "b" , "c":"\u00e5\ud83d\udc4b\ud83d" } `, `{"a":`, `{"a":"b",}`, `{"a":"\`,
		`{"a":"\u12`, `[]`, ``, `{"a":1}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		headers := parseHeaders([]byte(text))
		var expected map[string]*string
		if json.Unmarshal([]byte(text), &expected) != nil {
			return
		}
		for name, value := range expected {
			if value == nil {
				return
			}
			if headers[name] != *value {
				t.Errorf("%s: %q is %q", text, name, headers[name])
			}
		}
	})
}
