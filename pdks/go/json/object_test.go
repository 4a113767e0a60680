package json_test

import (
	stdjson "encoding/json"
	"maps"
	"testing"

	"github.com/plugwright/plugwright/pdks/go/json"
)

func TestObjectsOfStrings(t *testing.T) {
	for _, text := range append(texts, `{"a":"b","c":"\u00e5\ud83d\udc4b"}`, ` { "a" : "b" , "a" : "c" } `, `{"a":"b"} x`) {
		ours, err := json.UnmarshalStrings([]byte(text))
		var values map[string]*string
		fits := stdjson.Unmarshal([]byte(text), &values) == nil && values != nil
		theirs := map[string]string{}
		for name, value := range values {
			if fits = fits && value != nil; fits {
				theirs[name] = *value
			}
		}
		if fits != (err == nil) || fits && !maps.Equal(ours, theirs) {
			t.Errorf("%q: ours %q, %v, theirs %q", text, ours, err, theirs)
		}
	}
}
