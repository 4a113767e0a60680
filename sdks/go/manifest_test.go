package plugwright

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// refusal is the message of the error that a manifest's text gives, without what all of them start with.
func refusal(t *testing.T, text string) string {
	t.Helper()
	_, err := ParseManifest([]byte(text))
	var own *Error
	if !errors.As(err, &own) || own.Kind != KindInvalidManifest {
		t.Fatalf("%s: %v", text, err)
	}
	message, ok := strings.CutPrefix(own.Message, "invalid manifest: ")
	if !ok || strings.Contains(message, "\n") {
		t.Fatalf("%q", own.Message)
	}
	return message
}

// withField is a manifest with one more field.
func withField(field string) string { return `{"wasm":[{"path":"a"}],` + field + `}` }

func parsed(t *testing.T, text string) Manifest {
	t.Helper()
	manifest, err := ParseManifest([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return manifest
}

func TestManifestReadsEveryField(t *testing.T) {
	hash := strings.Repeat("0123456789abcdef", 3) + "0123456789ABCDEF"
	manifest := parsed(t, `{
		"wasm": [
			{"path": "p.wasm", "name": "main", "hash": "`+hash+`"},
			{"data": "AGFzbQ=="},
			{"url": "https://a/p.wasm", "method": "POST", "headers": {"X-Key": "v"}}
		],
		"memory": {"max_pages": 16, "max_http_response_bytes": 4096, "max_var_bytes": 0},
		"config": {"key": "value"},
		"allowed_hosts": ["example.com", "*.example.org"],
		"allowed_paths": {"data": "/mnt", "ro:assets": "/assets"},
		"timeout_ms": 1000
	}`)
	expected := Manifest{
		Wasm: []Wasm{
			WasmFile{Path: "p.wasm", Name: "main", Hash: hash},
			WasmData{Data: []byte("\x00asm")},
			WasmUrl{Url: "https://a/p.wasm", Method: "POST", Headers: map[string]string{"X-Key": "v"}},
		},
		Memory:       &ManifestMemory{MaxPages: 16, MaxHttpResponseBytes: 4096},
		Config:       map[string]string{"key": "value"},
		AllowedHosts: []string{"example.com", "*.example.org"},
		AllowedPaths: map[string]string{"data": "/mnt", "ro:assets": "/assets"},
		Timeout:      1000,
	}
	if !reflect.DeepEqual(manifest, expected) {
		t.Errorf("%+v", manifest)
	}
	text, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	if again := parsed(t, string(text)); !reflect.DeepEqual(again, expected) {
		t.Errorf("%+v from %s", again, text)
	}
}

func TestManifestDefaults(t *testing.T) {
	for _, text := range []string{
		`{"wasm": [{"path": "a"}]}`,
		"\ufeff" + `{"wasm": [{"path": "a"}]}`,
		`{"wasm": [{"path": "a", "data": null, "url": null, "method": null, "headers": null, "name": null, "hash": null}],
		"memory": null, "config": null, "allowed_hosts": null, "allowed_paths": null, "timeout_ms": null}`,
		withField(`"memory": {"max_pages": null, "max_var_bytes": null}`),
	} {
		manifest := parsed(t, text)
		expected := Manifest{
			Wasm: []Wasm{WasmFile{Path: "a"}}, Memory: &ManifestMemory{MaxHttpResponseBytes: -1, MaxVarBytes: -1},
		}
		if !reflect.DeepEqual(manifest, expected) {
			t.Errorf("%+v", manifest)
		}
		limits := manifest.memory()
		if limits.MaxHttpResponseBytes != 52_428_800 || limits.MaxVarBytes != 1_048_576 {
			t.Errorf("%+v", limits)
		}
		if _, ok := manifest.Memory.pageLimit(); ok || manifest.timeout() != 0 {
			t.Error("there is a limit")
		}
	}
	// The public SDK's meaning of a literal: 0 is a limit for bytes, and none for pages.
	manifest := Manifest{Memory: &ManifestMemory{}}
	if limits := manifest.memory(); limits.MaxHttpResponseBytes != 0 || limits.MaxVarBytes != 0 {
		t.Errorf("%+v", limits)
	}
	if _, ok := manifest.Memory.pageLimit(); ok {
		t.Error("no pages")
	}
	manifest = parsed(t, withField(`"memory": {"max_pages": 0}`))
	if pages, ok := manifest.Memory.pageLimit(); pages != 0 || !ok {
		t.Error("a manifest's text can allow no pages")
	}
	if text, err := json.Marshal(manifest); err != nil || !strings.Contains(string(text), `"max_pages":0`) {
		t.Errorf("%s %v", text, err)
	}
}

func TestManifestToJSON(t *testing.T) {
	for expected, manifest := range map[string]Manifest{
		`{"wasm":[]}`: {},
		`{"wasm":[{"data":"AGFzbQ=="},{"data":""}]}`: {
			Wasm: []Wasm{WasmData{Data: []byte("\x00asm")}, WasmData{}},
		},
		`{"wasm":[{"url":"https://a/b","headers":{"X":"y"},"name":"n","method":"POST"}],"timeout_ms":5}`: {
			Wasm:    []Wasm{&WasmUrl{Url: "https://a/b", Method: "POST", Headers: map[string]string{"X": "y"}, Name: "n"}},
			Memory:  &ManifestMemory{MaxHttpResponseBytes: -1, MaxVarBytes: -1},
			Timeout: 5,
		},
		`{"wasm":[],"memory":{"max_http_response_bytes":0,"max_var_bytes":7}}`: {Memory: &ManifestMemory{MaxVarBytes: 7}},
	} {
		// By pointer and by value.
		for _, value := range []any{manifest, &manifest} {
			if text, err := json.Marshal(value); err != nil || string(text) != expected {
				t.Errorf("%s: %s %v", expected, text, err)
			}
		}
	}
}

func TestManifestMistakesAreNamed(t *testing.T) {
	for text, expected := range map[string]string{
		`[]`:                      "manifest (line 1, column 1): expected a table with the field `wasm`, found a list",
		`7`:                       "manifest (line 1, column 1): expected a table with the field `wasm`, found a number",
		`{}`:                      "wasm (line 1, column 1): the field is missing; add a list of modules",
		`{"wasm": null}`:          "wasm (line 1, column 2): the field is missing",
		`{"wasm": []}`:            "wasm (line 1, column 2): the list is empty; add at least one module",
		`{"wasm": "a.wasm"}`:      "wasm (line 1, column 2): expected a list of modules, such as [{\"path\": \"plugin.wasm\"}], found a string",
		`{"wasm": ["a.wasm"]}`:    "wasm[0] (line 1, column 11): expected a table",
		`{"wasm": [{"path": 1}]}`: "wasm[0].path (line 1, column 12): expected a string, found a number",
		`{"wasm": [{"path": "a"}, {"pth": "b"}]}`: "wasm[1].pth (line 1, column 27): unknown field; did you mean `path`?",
		`{"wasm": [{}]}`:                                       "wasm[0] (line 1, column 11): the module has no source; give exactly one of",
		`{"wasm": [{"path": "a", "data": ""}]}`:                "wasm[0] (line 1, column 11): the module has several sources (path, data); give exactly one",
		`{"wasm": [{"path": "a", "method": "GET"}]}`:           "wasm[0].method (line 1, column 25): the field applies to `url` modules only",
		`{"wasm": [{"data": "", "headers": {}}]}`:              "wasm[0].headers (line 1, column 24): the field applies to `url` modules only",
		`{"wasm": [{"data": {"ptr": 1, "len": 1}}]}`:           "wasm[0].data (line 1, column 12): a pointer means something only",
		`{"wasm": [{"data": [0]}]}`:                            "wasm[0].data (line 1, column 12): expected the module's bytes as a base64 string, found a list",
		`{"wasm": [{"url": "http://a", "headers": []}]}`:       "wasm[0].headers (line 1, column 31): expected a table of strings, found a list",
		`{"wasm": [{"url": "http://a", "headers": {"A": 1}}]}`: "wasm[0].headers.A (line 1, column 43): expected a string, found a number",
		`{"wasm": [{"path": "a", "name": ""}]}`:                "wasm[0].name (line 1, column 25): the name is empty",
		`{"wasm": [{"path": "a", "hash": ""}]}`:                "wasm[0].hash (line 1, column 25): the hash has 0 digits",
		`{"wasm": [{"path": "a", "path": "b"}]}`:               "wasm[0].path (line 1, column 25): the key occurs more than once; keep one of them",
		"{\"wasm\": [\n  {\"path\": \"a\"},\n  7]}":            "wasm[1] (line 3, column 3): expected a table",
		"\n {}": "wasm (line 2, column 2): the field is missing",
		"{\"wasm\": [{\"path\": \"}]\\\\\\\"{,\"}],\n\"c\\u006fnfig\": 1}":  "config (line 2, column 1): expected a table of strings, found a number",
		`{"wasm": [{"path": "a", "name": "x"}, {"path": "", "name": "x"}]}`: "wasm[1].name (line 1, column 52): wasm[0] is named \"x\" too; give each module a name of its own",
		`{"wasm": [{"url": "ftp://user:s3cret@host/"}]}`:                    "wasm[0].url (line 1, column 12): the scheme is neither http nor https; a module's URL looks like",
		`{"wasm": [`:                           "it is not valid JSON at line 1, column 10: unexpected end of JSON input",
		``:                                     "it is not valid JSON at line 1, column 1: unexpected end of JSON input",
		"{\n  \"wasm\": ]\n}":                  "it is not valid JSON at line 2, column 11: invalid character ']'",
		`{} x`:                                 "it is not valid JSON at line 1, column 4: invalid character 'x'",
		"\xff":                                 "it is not valid JSON: it is not UTF-8 text",
		`{"wasm": ` + strings.Repeat("[", 100): "it is not valid JSON",
		`{"wasm": ` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}": "it is not valid JSON: values are nested deeper than 64 levels",
		withField(`"wasm": []`):                         "wasm (line 1, column 24): the key occurs more than once",
		withField(`"config": {"k": "1", "k": "2"}`):     "config.k (line 1, column 45): the key occurs more than once",
		withField(`"memory": null, "memory": null`):     "memory (line 1, column 40): the key occurs more than once",
		withField(`"version": 1`):                       "version (line 1, column 24): unknown field; the fields here are wasm, memory, config, allowed_hosts, allowed_paths, timeout_ms",
		withField(`"memory": {"max_page": 1}`):          "memory.max_page (line 1, column 35): unknown field; did you mean `max_pages`?",
		withField(`"memory": 1`):                        "memory (line 1, column 24): expected a table of limits, found a number",
		withField(`"memory": {"max_pages": "1"}`):       "memory.max_pages (line 1, column 35): expected a whole number, found a string",
		withField(`"memory": {"max_pages": 65537}`):     "memory.max_pages (line 1, column 35): 65537 is out of range; give 0 to 65536 pages of 64 KiB",
		withField(`"config": "s3cret"`):                 "config (line 1, column 24): expected a table of strings, found a string",
		withField(`"config": {"k": null}`):              "config.k (line 1, column 35): expected a string, found null",
		withField(`"config": {"a b": true}`):            "config.\"a b\" (line 1, column 35): expected a string, found a boolean",
		withField(`"allowed_hosts": "a"`):               "allowed_hosts (line 1, column 24): expected a list of host patterns, found a string",
		withField(`"allowed_hosts": ["a", {}]`):         "allowed_hosts[1] (line 1, column 47): expected a string, found a table",
		withField(`"allowed_hosts": ["a", "b:1"]`):      "allowed_hosts[1] (line 1, column 47): \"b:1\" is not a host pattern: it has a port",
		withField(`"allowed_paths": ["a"]`):             "allowed_paths (line 1, column 24): expected a table of strings, found a list",
		withField(`"allowed_paths": {"a": ".."}`):       "allowed_paths.a (line 1, column 42): the guest path contains `..`",
		withField(`"timeout_ms": 1.5`):                  "timeout_ms (line 1, column 24): expected a whole number, found a fraction",
		withField(`"timeout_ms": 0`):                    "timeout_ms (line 1, column 24): 0 is out of range; give at least 1 millisecond",
		withField(`"timeout_ms": -5`):                   "timeout_ms (line 1, column 24): -5 is out of range; give a whole number from 0 on",
		withField(`"timeout_ms": 1e300`):                "timeout_ms (line 1, column 24): 1e300 is out of range; give a whole number from 0 to 18446744073709551615",
		withField(`"timeout_ms": 1e999`):                "timeout_ms (line 1, column 24): 1e999 is out of range",
		withField(`"timeout_ms": 18446744073709551616`): "timeout_ms (line 1, column 24): 18446744073709551616 is out of range",
	} {
		if message := refusal(t, text); !strings.HasPrefix(message, expected) || strings.Contains(message, "s3cret") {
			t.Errorf("%s\n  gave %s\n  and not %s", text, message, expected)
		}
	}
}

func TestManifestNumbers(t *testing.T) {
	for number, expected := range map[string]uint64{
		"18446744073709551615": math.MaxUint64, "16.0": 16, "1e3": 1000, "9007199254740992.0": 1 << 53,
	} {
		if manifest := parsed(t, withField(`"timeout_ms": `+number)); manifest.Timeout != expected {
			t.Errorf("%s gave %d", number, manifest.Timeout)
		}
	}
	manifest := parsed(t, withField(`"memory": {"max_var_bytes": 18446744073709551615}`))
	if manifest.Memory.MaxVarBytes != math.MaxInt64 {
		t.Error(manifest.Memory.MaxVarBytes)
	}
	if timeout := (&Manifest{Timeout: math.MaxUint64}).timeout(); timeout < 290*365*24*time.Hour {
		t.Error(timeout)
	}
}

func TestManifestBase64(t *testing.T) {
	for _, data := range []string{"/+8=", "/+8"} {
		manifest := parsed(t, `{"wasm":[{"data":"`+data+`"}]}`)
		if module := manifest.Wasm[0].(WasmData); string(module.Data) != "\xff\xef" {
			t.Errorf("%x", module.Data)
		}
	}
	for data, reason := range map[string]string{
		"/-8=": "wrong at character 2", "a b=": "wrong at character 2", "é": "wrong at character 1",
		"/+8==": "wrong at character 5", `/+\n8`: "wrong at character 3",
	} {
		message := refusal(t, `{"wasm":[{"data":"`+data+`"}]}`)
		if expected := "wasm[0].data (line 1, column 11): not base64 (" + reason + ");"; !strings.HasPrefix(message, expected) {
			t.Errorf("%s: %s", data, message)
		}
	}
	// The last character's bits that stand for nothing must not be set.
	if message := refusal(t, `{"wasm":[{"data":"/+9="}]}`); !strings.Contains(message, "not base64") {
		t.Error(message)
	}
}

func TestManifestOfAnotherDocument(t *testing.T) {
	var document struct{ Plugin Manifest }
	if err := json.Unmarshal([]byte(`{"plugin": {"wasm": [{"path": "a"}]}}`), &document); err != nil {
		t.Fatal(err)
	}
	if len(document.Plugin.Wasm) != 1 || document.Plugin.Memory == nil {
		t.Errorf("%+v", document)
	}
	err := json.Unmarshal([]byte(`{"plugin": {"wasm": [{"pth": "a"}]}}`), &document)
	if !errors.Is(err, KindInvalidManifest) || !strings.Contains(err.Error(), "wasm[0].pth") {
		t.Error(err)
	}
}

func TestManifestValidate(t *testing.T) {
	file := []Wasm{WasmFile{Path: "a"}}
	var nobody *WasmFile
	for expected, manifest := range map[string]Manifest{
		"wasm: the list is empty":               {},
		"wasm[0]: the module has no source":     {Wasm: []Wasm{nil}},
		"wasm[1]: the module has no source":     {Wasm: []Wasm{WasmData{}, nobody}},
		"wasm[0].path: the path is empty":       {Wasm: []Wasm{WasmFile{}}},
		"wasm[0].path: a path cannot contain a": {Wasm: []Wasm{&WasmFile{Path: "a\x00b"}}},
		"wasm[2].name: wasm[0] is named \"a\" too": {
			Wasm: []Wasm{WasmFile{Path: "x", Name: "a"}, WasmData{}, &WasmUrl{Url: "http://a", Name: "a"}},
		},
		"wasm[0].hash: the hash has 63 digits": {
			Wasm: []Wasm{WasmData{Hash: strings.Repeat("a", 63)}},
		},
		"wasm[0].hash: character 11 is not a hexadecimal digit": {
			Wasm: []Wasm{WasmData{Hash: strings.Repeat("a", 10) + "g" + strings.Repeat("a", 53)}},
		},
		"wasm[0].hash: character 1 is": {Wasm: []Wasm{WasmData{Hash: strings.Repeat("é", 32)}}},
		"wasm[0].method: not an HTTP method": {
			Wasm: []Wasm{WasmUrl{Url: "http://a", Method: "GET /"}},
		},
		"wasm[0].headers.\"a b\": not a header name": {
			Wasm: []Wasm{WasmUrl{Url: "http://a", Headers: map[string]string{"a b": "v"}}},
		},
		"wasm[0].headers.a: the header's value has a control": {
			Wasm: []Wasm{WasmUrl{Url: "http://a", Headers: map[string]string{"a": "v\r\nb: s3cret"}}},
		},
		"memory.max_pages: 65537 is out of range": {Wasm: file, Memory: &ManifestMemory{MaxPages: 65537}},
		"allowed_hosts[0]: \"a:1\" is not":        {Wasm: file, AllowedHosts: []string{"a:1"}},
		"allowed_paths.\"ro:b\": \"a\" has the same guest path": {
			Wasm: file, AllowedPaths: map[string]string{"a": "/mnt", "ro:b": "/mnt/"},
		},
		"allowed_paths.\"ro:\": the host path is empty": {Wasm: file, AllowedPaths: map[string]string{"ro:": "/mnt"}},
		"allowed_paths.a: the guest path is empty":      {Wasm: file, AllowedPaths: map[string]string{"a": ""}},
		"allowed_paths.a: a path cannot contain a NUL":  {Wasm: file, AllowedPaths: map[string]string{"a": "/\x00"}},
	} {
		err := manifest.Validate()
		if !errors.Is(err, KindInvalidManifest) || !strings.HasPrefix(err.Error(), "invalid manifest: "+expected) ||
			strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", expected, err)
		}
	}
	good := Manifest{
		Wasm: []Wasm{
			WasmFile{Path: "a", Hash: strings.Repeat("aB", 32)},
			WasmUrl{Url: "HTTPS://user:pass@[::1]:8443/b?c#d", Method: "PATCH", Headers: map[string]string{"X": "a\tb é"}},
		},
		Memory: &ManifestMemory{MaxPages: 65536}, AllowedPaths: map[string]string{"./ro:x": "/x", `C:\data`: "/y"},
	}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
}

func TestManifestURLs(t *testing.T) {
	for url, word := range map[string]string{
		"": "no scheme", "plugin.wasm": "no scheme", "file:///a": "given as `path`", "ftp://a/b": "neither http nor https",
		"https://": "no host", "https:///a": "no host", "https://user@/a": "no host", "https://:80/a": "no host",
		"https://a/b c": "space", "https://a/\r\nX: y": "control",
	} {
		manifest := Manifest{Wasm: []Wasm{WasmUrl{Url: url}}}
		err := manifest.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), "invalid manifest: wasm[0].url: ") || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestAllowedPaths(t *testing.T) {
	paths, bad := parseAllowedPaths(map[string]string{"ro:b": "/b", "a": "/a", "ro:ro:x": "/x", "Ro:y": "/y"})
	expected := []allowedPath{
		{host: "Ro:y", guest: "/y"}, {host: "a", guest: "/a"}, {host: "b", guest: "/b", readOnly: true},
		{host: "ro:x", guest: "/x", readOnly: true},
	}
	if bad != nil || !reflect.DeepEqual(paths, expected) {
		t.Errorf("%+v %v", paths, bad)
	}
}

func TestFieldPaths(t *testing.T) {
	for expected, path := range map[string]fieldPath{
		"manifest":                           nil,
		"wasm[1].pth":                        fieldPath{}.key("wasm").index(1).key("pth"),
		`config."a.b\n"`:                     fieldPath{}.key("config").key("a.b\n"),
		`""`:                                 fieldPath{}.key(""),
		`"` + strings.Repeat("é", 60) + `"…`: fieldPath{}.key(strings.Repeat("é", 500)),
	} {
		if path.String() != expected {
			t.Errorf("%s and not %s", path, expected)
		}
	}
	// Two paths with the same beginning do not share their ends.
	root := fieldPath{}.key("a").key("b").key("c")
	first, second := root.key("x"), root.key("y")
	if first.String() != "a.b.c.x" || second.String() != "a.b.c.y" {
		t.Error(first, second)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"path", "data", "url", "name", "hash", "headers", "timeout_ms", "allowed_hosts"}
	for name, expected := range map[string]string{
		"pth": "path", "Path": "path", "header": "headers", "timeout": "timeout_ms", "allowedHosts": "allowed_hosts",
		"hosts": "allowed_hosts", "uri": "url", "": "", "version": "", "é": "",
	} {
		if found := nearest(name, known); found != expected {
			t.Errorf("%s gave %q", name, found)
		}
	}
	if nearest(strings.Repeat("a", 1_000_000), known) != "" || nearest("path", nil) != "" {
		t.Error("found something")
	}
	if edits("kitten", "sitting") != 3 || edits("", "ab") != 2 || edits("ab", "") != 2 {
		t.Error("wrong number of edits")
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(`{"wasm": [{"path": "a"}, {"data": "AA=="}], "config": {"a": "b"}, "timeout_ms": 1e3}`))
	f.Add([]byte(withField(`"memory": {"max_pages": 0}`)))
	f.Add([]byte(`{"wasm": [{"url": "http://a", "headers": {"b": "c"}}], "allowed_hosts": ["*"]}`))
	f.Add([]byte(`{"wasm":[{"url":"http://0","headers":{}}],"allowed_hosts":["0"]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		manifest, err := ParseManifest(text)
		if err != nil {
			if !errors.Is(err, KindInvalidManifest) || strings.Contains(err.Error(), "\n") {
				t.Fatal(err)
			}
			return
		}
		once, err := json.Marshal(manifest)
		if err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(parsed(t, string(once)))
		if err != nil || !bytes.Equal(again, once) {
			t.Fatalf("%s became %s, %v", once, again, err)
		}
	})
}
