package plugwright

import (
	"encoding/base64"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The fields of a manifest.
var (
	manifestFields = []string{"wasm", "memory", "config", "allowed_hosts", "allowed_paths", "timeout_ms"}
	wasmFields     = []string{"path", "data", "url", "method", "headers", "name", "hash"}
	memoryFields   = []string{"max_pages", "max_http_response_bytes", "max_var_bytes"}
)

// maxExactFloat is the largest integer up to which every integer is a float of its own; JSON writers without integers
// produce such.
const maxExactFloat = 1 << 53

// manifestReader makes a manifest of a tree: types, unknown fields, keys that occur twice. Null stands for a field left
// out. It keeps the first error; what it returns after that is of no use.
type manifestReader struct {
	err *fieldError
}

func (r *manifestReader) fail(at fieldPath, format string, args ...any) {
	if r.err == nil {
		r.err = badField(at, format, args...)
	}
}

func (r *manifestReader) wrongType(at fieldPath, expected string, found *node) {
	kind := found.kind
	if kind == nodeNumber && strings.ContainsAny(found.text, ".eE") {
		kind = "a fraction"
	}
	r.fail(at, "expected %s, found %s", expected, kind)
}

func (r *manifestReader) manifest(root *node) Manifest {
	fields := r.table(root, fieldPath{}, "a table with the field `wasm`", manifestFields)
	manifest := Manifest{Memory: &ManifestMemory{MaxHttpResponseBytes: -1, MaxVarBytes: -1}}
	if fields["wasm"] == nil {
		r.fail(fieldPath{}.key("wasm"), "the field is missing; add a list of modules")
		return manifest
	}
	at := func(key string) fieldPath { return fieldPath{}.key(key) }
	const modules = "a list of modules, such as [{\"path\": \"plugin.wasm\"}]"
	for i, item := range r.list(fields["wasm"], at("wasm"), modules) {
		manifest.Wasm = append(manifest.Wasm, r.module(&item, at("wasm").index(i)))
	}
	if fields["memory"] != nil {
		r.memory(fields["memory"], at("memory"), manifest.Memory)
	}
	manifest.Config = r.strings(fields["config"], at("config"))
	for i, item := range r.list(fields["allowed_hosts"], at("allowed_hosts"), "a list of host patterns") {
		manifest.AllowedHosts = append(manifest.AllowedHosts, r.string(&item, at("allowed_hosts").index(i)))
	}
	manifest.AllowedPaths = r.strings(fields["allowed_paths"], at("allowed_paths"))
	if timeout := fields["timeout_ms"]; timeout != nil {
		manifest.Timeout = r.unsigned(timeout, at("timeout_ms"))
		if manifest.Timeout == 0 {
			r.fail(at("timeout_ms"), "0 is out of range; give at least 1 millisecond, or leave the field out for no timeout")
		}
	}
	return manifest
}

func (r *manifestReader) module(module *node, at fieldPath) Wasm {
	fields := r.table(module, at, "a table, such as {\"path\": \"plugin.wasm\"}", wasmFields)
	var sources []string
	for _, source := range []string{"path", "data", "url"} {
		if fields[source] != nil {
			sources = append(sources, source)
		}
	}
	const advice = "give exactly one of `path`, `data` and `url`"
	switch len(sources) {
	case 0:
		r.fail(at, "the module has no source; "+advice)
		return WasmData{}
	case 1:
	default:
		r.fail(at, "the module has several sources (%s); "+advice, strings.Join(sources, ", "))
		return WasmData{}
	}
	text := func(key string) string {
		if fields[key] == nil {
			return ""
		}
		return r.string(fields[key], at.key(key))
	}
	name, hash := text("name"), text("hash")
	// Empty stands for what was left out, in the types; so it is refused where the text gives it.
	if fields["name"] != nil && r.err == nil {
		r.err = checkName(at.key("name"), name)
	}
	if fields["hash"] != nil && r.err == nil {
		r.err = checkHash(at.key("hash"), hash)
	}
	if fields["url"] != nil {
		if fields["method"] != nil && text("method") == "" {
			r.fail(at.key("method"), notMethod)
		}
		return WasmUrl{
			Url: text("url"), Method: text("method"), Headers: r.strings(fields["headers"], at.key("headers")),
			Name: name, Hash: hash,
		}
	}
	for _, key := range []string{"method", "headers"} {
		if fields[key] != nil {
			r.fail(at.key(key), "the field applies to `url` modules only; remove it, or give a `url`")
		}
	}
	if fields["path"] != nil {
		return WasmFile{Path: text("path"), Name: name, Hash: hash}
	}
	return WasmData{Data: r.data(fields["data"], at.key("data")), Name: name, Hash: hash}
}

func (r *manifestReader) data(data *node, at fieldPath) []byte {
	switch data.kind {
	case nodeString:
		bytes, reason := decodeBase64(data.text)
		if reason != "" {
			r.fail(at, "not base64 (%s); encode the module's bytes with the standard alphabet", reason)
		}
		return bytes
	case nodeTable:
		r.fail(at, "a pointer means something only to a caller of the C interface; give the data as base64")
	default:
		r.wrongType(at, "the module's bytes as a base64 string", data)
	}
	return nil
}

// decodeBase64 reads the standard alphabet; final `=` signs may be left out, as some encoders do.
func decodeBase64(text string) (data []byte, reason string) {
	encoding := base64.RawStdEncoding.Strict()
	if strings.Contains(text, "=") {
		encoding = base64.StdEncoding.Strict()
	}
	// The decoder would pass over ends of lines.
	wrong := strings.IndexAny(text, "\r\n")
	if wrong < 0 {
		data, err := encoding.DecodeString(text)
		if err == nil {
			return data, ""
		}
		var corrupt base64.CorruptInputError
		if !errors.As(err, &corrupt) {
			return nil, err.Error()
		}
		wrong = int(corrupt)
	}
	return nil, "wrong at character " + strconv.Itoa(wrong+1)
}

func (r *manifestReader) memory(memory *node, at fieldPath, limits *ManifestMemory) {
	fields := r.table(memory, at, "a table of limits", memoryFields)
	if pages := fields["max_pages"]; pages != nil {
		count := r.unsigned(pages, at.key("max_pages"))
		if count > uint64(MaxPages) {
			r.fail(at.key("max_pages"), "%d is out of range; give 0 to 65536 pages of 64 KiB", count)
			return
		}
		limits.MaxPages, limits.noPages = uint32(count), count == 0
	}
	r.bytes(fields["max_http_response_bytes"], at.key("max_http_response_bytes"), &limits.MaxHttpResponseBytes)
	r.bytes(fields["max_var_bytes"], at.key("max_var_bytes"), &limits.MaxVarBytes)
}

// bytes reads a limit in bytes, unless it was left out. More than the type holds is more than any machine has.
func (r *manifestReader) bytes(value *node, at fieldPath, limit *int64) {
	if value != nil {
		*limit = int64(min(r.unsigned(value, at), math.MaxInt64))
	}
}

func (r *manifestReader) string(value *node, at fieldPath) string {
	if value.kind != nodeString {
		r.wrongType(at, "a string", value)
	}
	return value.text
}

// strings reads a table of strings; nil when there is none.
func (r *manifestReader) strings(value *node, at fieldPath) map[string]string {
	if value == nil {
		return nil
	}
	r.unique(value, at, "a table of strings")
	table := make(map[string]string, len(value.entries))
	for i := range value.entries {
		entry := &value.entries[i]
		table[entry.key] = r.string(&entry.value, at.key(entry.key))
	}
	return table
}

func (r *manifestReader) unsigned(value *node, at fieldPath) uint64 {
	if value.kind != nodeNumber {
		r.wrongType(at, "a whole number", value)
		return 0
	}
	if number, err := strconv.ParseUint(value.text, 10, 64); err == nil {
		return number
	}
	float, err := strconv.ParseFloat(value.text, 64)
	switch {
	case err == nil && float != math.Trunc(float):
		r.wrongType(at, "a whole number", value)
	case float < 0:
		r.fail(at, "%s is out of range; give a whole number from 0 on", quoteNumber(value.text))
	case err != nil || float > maxExactFloat:
		r.fail(at, "%s is out of range; give a whole number from 0 to 18446744073709551615, in digits",
			quoteNumber(value.text))
	default:
		// Exact by the conditions above.
		return uint64(float)
	}
	return 0
}

// quoteNumber cuts a number that is longer than anybody would read.
func quoteNumber(text string) string {
	if len(text) > quotedChars {
		return text[:quotedChars] + "…"
	}
	return text
}

// list is the items of a list; none when it was left out.
func (r *manifestReader) list(value *node, at fieldPath, expected string) []node {
	if value != nil && value.kind != nodeList {
		r.wrongType(at, expected, value)
	}
	if value == nil {
		return nil
	}
	return value.items
}

// table is the fields of a table that knows no others. Those that are null are left out.
func (r *manifestReader) table(value *node, at fieldPath, expected string, known []string) map[string]*node {
	fields := r.unique(value, at, expected)
	for _, entry := range value.entries {
		if slices.Contains(known, entry.key) {
			continue
		}
		if name := nearest(entry.key, known); name != "" {
			r.fail(at.key(entry.key), "unknown field; did you mean `%s`?", name)
		} else {
			r.fail(at.key(entry.key), "unknown field; the fields here are %s", strings.Join(known, ", "))
		}
	}
	for key, value := range fields {
		if value.kind == nodeNull {
			delete(fields, key)
		}
	}
	return fields
}

// unique is the entries of a table, none of which may occur twice.
func (r *manifestReader) unique(value *node, at fieldPath, expected string) map[string]*node {
	if value.kind != nodeTable {
		r.wrongType(at, expected, value)
		return nil
	}
	entries := make(map[string]*node, len(value.entries))
	for i := range value.entries {
		entry := &value.entries[i]
		if entries[entry.key] != nil {
			r.fail(at.key(entry.key), "the key occurs more than once; keep one of them")
			if r.err != nil {
				r.err.second = true
			}
			return nil
		}
		entries[entry.key] = &entry.value
	}
	return entries
}
