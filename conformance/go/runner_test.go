package conformance

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFormatIsStrict(t *testing.T) {
	for _, text := range []string{
		`{"name": "n", "guest": "g", "steps": [{"function": "f", "expect": "any_output"}], "unknown": 1}`,
		`{"name": "n", "guest": "g", "steps": [{"function": "f", "expect": "any"}]}`,
		`{"name": "n", "guest": "g", "steps": [{"function": "f", "expect": {"output": "a", "output_length": 1}}]}`,
		`{"name": "n", "guest": "g", "steps": [{"function": "f", "expect": {"otput": "a"}}]}`,
		`{"name": "n", "guest": "g", "steps": [{"function": "f"}]}`,
		`{"name": "n", "guest": "g", "steps": [{"function": "f", "expect": {"error": {"kind": "Odd"}}}]}`,
		`{"name": "n", "guest": "g", "steps": [{"function": "f", "input": "a", "input_base64": "YQ==", "expect": "any_output"}]}`,
		`{"name": "n", "guest": "g", "steps": [{"function": "f", "input_base64": "%", "expect": "any_output"}]}`,
		`{"name": "n", "guest": "g", "steps": [{"function": "f", "repeat": 0, "expect": "any_output"}]}`,
		`{"name": "n", "guest": "g", "options": {"wasm": true}, "steps": [{"function": "f", "expect": "any_output"}]}`,
		`{"name": "n", "guest": "g", "options": {"log_level": "loud"}, "steps": [{"function": "f", "expect": "any_output"}]}`,
		`{"name": "n", "guest": "g", "source": "s", "steps": [{"function": "f", "expect": "any_output"}]}`,
		`{"name": "n", "guest": "g"}`,
		`{"guest": "g", "load_error": {"kind": "Load"}}`,
	} {
		if _, err := ParseCase([]byte(text)); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

func TestFilesAreRead(t *testing.T) {
	folder := t.TempDir()
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Load(folder); err == nil {
		t.Error("a folder without cases is read")
	}
	put("a.json", `{"topic": "a", "about": "", "cases": [{"name": "n", "guest": ["wat/x.wat", "build/y.wasm"],
		"steps": [{"function": "f", "input": "{tmp}", "expect": "any_output"}]}]}`)
	cases, err := Load(folder)
	if err != nil || len(cases) != 2 || cases[0].Case.Name != "n (x)" || cases[1].Case.Guest != "build/y.wasm" {
		t.Fatalf("%v: %+v", err, cases)
	}
	if missing := cases[0].Unbuilt(folder); missing != "build/wat/x.wasm" {
		t.Errorf("%q is missing", missing)
	}
	put("b.json", `{"topic": "b", "about": "", "cases": [{"name": "n (x)", "source": "", "load_error": {"kind": "Load"}}]}`)
	if _, err := Load(folder); err == nil || !strings.Contains(err.Error(), "n (x)") {
		t.Errorf("the same name twice: %v", err)
	}
	put("b.json", `{"topic": "a", "about": "", "cases": []}`)
	if _, err := Load(folder); err == nil || !strings.Contains(err.Error(), "b.json") {
		t.Errorf("another topic than the file's name: %v", err)
	}
}

func TestOutcomesAreCompared(t *testing.T) {
	code := int32(7)
	refused := &Failure{Kind: "Guest", Code: &code, Message: "went wrong"}
	for _, check := range []struct {
		expect  string
		outcome Outcome
		good    bool
	}{
		{`"any_output"`, Outcome{Output: []byte("a")}, true},
		{`"any_output"`, Outcome{Failure: refused}, false},
		{`{"output": "a"}`, Outcome{Output: []byte("a")}, true},
		{`{"output": "a"}`, Outcome{Output: []byte("ab")}, false},
		{`{"output": ""}`, Outcome{Output: []byte("a")}, false},
		{`{"output_base64": "YQ=="}`, Outcome{Output: []byte("a")}, true},
		{`{"output_repeat": {"byte": 97, "count": 2}}`, Outcome{Output: []byte("aa")}, true},
		{`{"output_repeat": {"byte": 97, "count": 2}}`, Outcome{Output: []byte("a")}, false},
		{`{"output_length": 0}`, Outcome{Output: []byte("a")}, false},
		{`{"output_contains": ["a", "c"]}`, Outcome{Output: []byte("abc")}, true},
		{`{"output_contains": ["a", "d"]}`, Outcome{Output: []byte("abc")}, false},
		{`{"output_json": {"a": [1, 1.5]}}`, Outcome{Output: []byte(` {"a":[1,1.50]} `)}, true},
		{`{"output_json": 1}`, Outcome{Output: []byte("1.0")}, false},
		{`{"output_json": 1}`, Outcome{Output: []byte("true")}, false},
		{`{"output_json": 1}`, Outcome{Output: []byte("1 2")}, false},
		{`{"error": {"kind": "Guest", "code": 7, "message_contains": ["wrong"]}}`, Outcome{Failure: refused}, true},
		{`{"error": {"kind": "Guest", "code": 8}}`, Outcome{Failure: refused}, false},
		{`{"error": {"kind": "Trap"}}`, Outcome{Failure: refused}, false},
		{`{"error": {"kind": "Guest", "message_contains": ["right"]}}`, Outcome{Failure: refused}, false},
		{`{"error": {"kind": "Guest"}}`, Outcome{}, false},
		{`{"error": {"kind": "Trap"}}`, Outcome{Failure: &Failure{Kind: "Trap", Message: "two\nlines"}}, false},
		// An SDK that tells no kinds can only be asked whether it failed.
		{`{"error": {"kind": "Trap"}}`, Outcome{Failure: &Failure{Message: "two\nlines"}}, true},
	} {
		step := Step{}
		if err := json.Unmarshal([]byte(check.expect), &step.Expect); err != nil {
			t.Fatal(err)
		}
		if err := checkStep(&step, &check.outcome); (err == nil) != check.good {
			t.Errorf("%s with %+v: %v", check.expect, check.outcome, err)
		}
	}
}

func TestLogsMustBeComplete(t *testing.T) {
	wanted := []ExpectLog{{"warn", "odd"}}
	for _, check := range []struct {
		got  []LogLine
		good bool
	}{
		{[]LogLine{{"warn", "an odd thing"}}, true},
		{[]LogLine{{"error", "an odd thing"}}, false},
		{nil, false},
		{[]LogLine{{"warn", "odd"}, {"warn", "odd"}}, false},
	} {
		if err := checkLogs(wanted, check.got); (err == nil) != check.good {
			t.Errorf("%v: %v", check.got, err)
		}
	}
}

func TestServer(t *testing.T) {
	server, err := StartServer()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for path, wanted := range map[string]string{
		"/hello":                     "200 Hello from the conformance server",
		"/status?code=404":           "404 status 404",
		"/big?bytes=5000":            "200 " + strings.Repeat("x", 5000),
		"/redirect?to=http://a/?b=c": "302 http://a/?b=c",
		"/loop":                      "302 /loop",
		"/slow?ms=1":                 "200 slow",
		"/nothing":                   "404 no such path",
	} {
		response, err := client.Get(server.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		got := response.Status[:4] + string(body) + response.Header.Get("location")
		if err != nil || got != wanted || response.Header.Get("x-conformance") != "yes" {
			t.Errorf("%s: %v %.100s", path, err, got)
		}
	}
	if response, err := client.Get(server.URL() + "/close"); err == nil {
		response.Body.Close()
		t.Error("/close answers")
	}
	response, err := client.Get(server.OtherURL() + "/endless")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.CopyN(io.Discard, response.Body, 1<<20); err != nil || response.ContentLength != -1 {
		t.Errorf("/endless: %v, %d bytes", err, response.ContentLength)
	}
}
