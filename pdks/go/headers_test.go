package pdk

import (
	"encoding/json"
	"maps"
	"reflect"
	"testing"
)

func TestARequestIsJSON(t *testing.T) {
	for _, request := range []HTTPRequestMeta{
		{},
		{URL: "https://example.com/?a=b&c=\"<å>\"", Method: "POST", Headers: map[string]string{"A": "\x01\\", "B": "👋"}},
	} {
		var back HTTPRequestMeta
		if err := json.Unmarshal(appendRequest(nil, request), &back); err != nil {
			t.Fatal(err)
		}
		if len(back.Headers) == 0 {
			back.Headers = request.Headers
		}
		if !reflect.DeepEqual(back, request) {
			t.Errorf("%+v became %+v", request, back)
		}
	}
}

func TestWhatIsNotHeadersIsNone(t *testing.T) {
	for text, expected := range map[string]map[string]string{
		``: {}, `{"a":`: {}, `[]`: {}, `{"a":1}`: {}, `{"a":"b"}`: {"a": "b"},
	} {
		if headers := parseHeaders([]byte(text)); !maps.Equal(headers, expected) || headers == nil {
			t.Errorf("%s: %q", text, headers)
		}
	}
}
