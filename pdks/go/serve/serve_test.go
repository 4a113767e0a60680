//go:build !wasip1 && !tinygo.wasm

package serve_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/plugwright/plugwright/pdks/go/pdktest"
	"github.com/plugwright/plugwright/pdks/go/serve"
)

// answer gives the output of a function that is called with a request in JSON.
func answer(t *testing.T, request string, function func(*serve.Request) (*serve.Response, error)) string {
	t.Helper()
	output, err := pdktest.New(t).Call(func() int32 { return serve.Handle(function) }, request)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

const greeting = `{"method":"POST","path":"/greet/Jane","route":"/greet/{name}","params":{"name":"Jane"},` +
	`"query":{"x":["1","2"]},"headers":{"accept":["text/plain"]},"body":"{\"n\":7}"}`

func TestARequestIsSeenWhole(t *testing.T) {
	output := answer(t, greeting, func(r *serve.Request) (*serve.Response, error) {
		var body struct{ N int }
		if err := r.JSON(&body); err != nil {
			return nil, err
		}
		seen := []any{r.Method, r.Path, r.Route, r.Param("name"), r.Query("x"), r.Queries["x"], r.Header("accept"), body.N}
		wanted := []any{"POST", "/greet/Jane", "/greet/{name}", "Jane", "1", []string{"1", "2"}, "text/plain", 7}
		if !reflect.DeepEqual(seen, wanted) {
			t.Errorf("saw %v", seen)
		}
		if r.Param("no") != "" || r.Query("no") != "" || r.Header("no") != "" {
			t.Error("what is not there is empty")
		}
		return serve.Text("Hello").WithStatus(201).Header("x-a", "1").Header("x-a", "2"), nil
	})
	if output != `{"status":201,"headers":{"x-a":["1","2"]},"body":"Hello"}` {
		t.Error(output)
	}
}

func TestBodiesOfBytes(t *testing.T) {
	request := `{"method":"PUT","path":"/","route":"/","body_base64":"/wA="}`
	output := answer(t, request, func(r *serve.Request) (*serve.Response, error) {
		return serve.Bytes(r.Body()), nil
	})
	if output != `{"body_base64":"/wA="}` {
		t.Error(output)
	}
}

func TestJSONIsSaidToBeJSON(t *testing.T) {
	output := answer(t, greeting, func(*serve.Request) (*serve.Response, error) {
		return serve.JSON(map[string]int{"n": 7})
	})
	var response struct {
		Headers map[string][]string `json:"headers"`
		Body    string              `json:"body"`
	}
	if err := json.Unmarshal([]byte(output), &response); err != nil {
		t.Fatal(err)
	}
	if response.Body != `{"n":7}` || response.Headers["content-type"][0] != "application/json" {
		t.Error(output)
	}
}

func TestNoResponseIsAnEmptyOneAndAnErrorAFailure(t *testing.T) {
	if output := answer(t, greeting, func(*serve.Request) (*serve.Response, error) { return nil, nil }); output != "{}" {
		t.Error(output)
	}
	failing := func(*serve.Request) (*serve.Response, error) { return nil, errors.New("not today") }
	_, err := pdktest.New(t).Call(func() int32 { return serve.Handle(failing) }, greeting)
	if err == nil || !strings.Contains(err.Error(), "not today") {
		t.Error(err)
	}
}
