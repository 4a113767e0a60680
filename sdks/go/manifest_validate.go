package plugwright

import (
	"encoding/hex"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const notMethod = "not an HTTP method; give one word, such as GET or POST"

// Validate checks everything that the types leave open: at least one module, names that differ, well-formed hashes,
// URLs, headers, host patterns and paths, numbers within their ranges. The error is an [*Error] of KindInvalidManifest
// for the first problem found; it names the field as the manifest's JSON does.
//
// Modules of types that are not of this package are not looked into.
func (m *Manifest) Validate() error {
	if err := m.check(); err != nil {
		return err.err("")
	}
	return nil
}

func (m *Manifest) check() *fieldError {
	if err := checkModules(m.Wasm, fieldPath{}.key("wasm")); err != nil {
		return err
	}
	if m.Memory != nil && m.Memory.MaxPages > MaxPages {
		at := fieldPath{}.key("memory").key("max_pages")
		return badField(at, "%d is out of range; give 0 to 65536 pages of 64 KiB", m.Memory.MaxPages)
	}
	if _, err := parseAllowedHosts(m.AllowedHosts); err != nil {
		return err
	}
	_, err := parseAllowedPaths(m.AllowedPaths)
	return err
}

func checkModules(modules []Wasm, at fieldPath) *fieldError {
	if len(modules) == 0 {
		return badField(at, "the list is empty; add at least one module, such as {\"path\": \"plugin.wasm\"}")
	}
	names := make(map[string]int)
	for i, module := range modules {
		at := at.index(i)
		source := describeWasm(module)
		if source.missing {
			return badField(at, "the module has no source; give a WasmFile, WasmData or WasmUrl")
		}
		if source.name != "" {
			if first, taken := names[source.name]; taken {
				return badField(at.key("name"), "wasm[%d] is named %s too; give each module a name of its own",
					first, quote(source.name))
			}
			names[source.name] = i
		}
		if source.hash != "" {
			if err := checkHash(at.key("hash"), source.hash); err != nil {
				return err
			}
		}
		if source.check != nil {
			if err := source.check(at); err != nil {
				return err
			}
		}
	}
	return nil
}

// wasmDescription is what can be told of a module before it is read.
type wasmDescription struct {
	name, hash string
	// origin says for people where the code is; empty for bytes and for types that are not of this package.
	origin string
	// check looks for mistakes in what is particular to the source; nil when there is nothing to check.
	check   func(fieldPath) *fieldError
	missing bool
}

func describeWasm(module Wasm) wasmDescription {
	switch module := module.(type) {
	case nil:
		return wasmDescription{missing: true}
	case WasmData:
		return wasmDescription{name: module.Name, hash: module.Hash}
	case WasmFile:
		return wasmDescription{name: module.Name, hash: module.Hash, origin: module.Path, check: module.check}
	case WasmUrl:
		return wasmDescription{name: module.Name, hash: module.Hash, origin: shownURL(module.Url), check: module.check}
	case *WasmData:
		return describePointer(module)
	case *WasmFile:
		return describePointer(module)
	case *WasmUrl:
		return describePointer(module)
	default:
		return wasmDescription{}
	}
}

func describePointer[T Wasm](module *T) wasmDescription {
	if module == nil {
		return wasmDescription{missing: true}
	}
	return describeWasm(*module)
}

func checkName(at fieldPath, name string) *fieldError {
	if name == "" {
		return badField(at, "the name is empty; leave `name` out, or name the module as importers call it")
	}
	return nil
}

func checkHash(at fieldPath, hash string) *fieldError {
	const advice = "; a SHA-256 hash is 64 hexadecimal digits, as `sha256sum` prints them"
	for i, digit := range []rune(hash) {
		if digit > unicode.MaxASCII || !isHexDigit(byte(digit)) {
			return badField(at, "character %d is not a hexadecimal digit"+advice, i+1)
		}
	}
	if len(hash) != hex.EncodedLen(32) {
		return badField(at, "the hash has %d digits"+advice, len(hash))
	}
	return nil
}

func (f WasmFile) check(at fieldPath) *fieldError {
	switch {
	case f.Path == "":
		return badField(at.key("path"), "the path is empty; name a file, such as `plugin.wasm`")
	case strings.Contains(f.Path, "\x00"):
		return badField(at.key("path"), "a path cannot contain a NUL character; remove it")
	}
	return nil
}

func (u WasmUrl) check(at fieldPath) *fieldError {
	if problem := urlProblem(u.Url); problem != "" {
		return badField(at.key("url"), "%s; a module's URL looks like https://host/plugin.wasm", problem)
	}
	if u.Method != "" && !isToken(u.Method) {
		return badField(at.key("method"), notMethod)
	}
	for _, name := range slices.Sorted(maps.Keys(u.Headers)) {
		at := at.key("headers").key(name)
		if !isToken(name) {
			return badField(at, "not a header name; use letters, digits and `-`, as in X-Api-Key")
		}
		if !isHeaderValue(u.Headers[name]) {
			return badField(at, "the header's value has a control character; put it on one line")
		}
	}
	return nil
}

// isToken reports whether a text is what HTTP calls a token: methods and header names.
func isToken(text string) bool {
	for i := range len(text) {
		if !isAlphanumeric(text[i]) && !strings.Contains("!#$%&'*+-.^_`|~", text[i:i+1]) {
			return false
		}
	}
	return text != ""
}

// isHeaderValue reports whether a text can be a header's value: one line of UTF-8.
func isHeaderValue(text string) bool {
	return utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\t' })
}

// urlProblem says what is wrong with a URL, as far as can be told without a URL parser, which whoever fetches has.
func urlProblem(url string) string {
	if strings.ContainsFunc(url, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "the URL has a space or control character"
	}
	scheme, rest, ok := strings.Cut(url, "://")
	switch {
	case !ok:
		return "the URL has no scheme (for a file, use `path`)"
	case strings.EqualFold(scheme, "file"):
		return "a file is given as `path`"
	case !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https"):
		return "the scheme is neither http nor https"
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	host := authority[strings.LastIndex(authority, "@")+1:]
	if host == "" || strings.HasPrefix(host, ":") {
		return "the URL has no host"
	}
	return ""
}

// allowedPath is a folder of the host that a plug-in may use.
type allowedPath struct {
	// host is the folder, guest where the plug-in sees it.
	host, guest string
	readOnly    bool
}

// parseAllowedPaths takes the entries of a manifest apart, in the order of their keys. A folder whose own name starts
// with "ro:" is written with "./" in front.
func parseAllowedPaths(paths map[string]string) ([]allowedPath, *fieldError) {
	parsed := make([]allowedPath, 0, len(paths))
	taken := make(map[string]string, len(paths))
	for _, key := range slices.Sorted(maps.Keys(paths)) {
		at, guest := fieldPath{}.key("allowed_paths").key(key), paths[key]
		host, readOnly := strings.CutPrefix(key, "ro:")
		switch {
		case host == "":
			return nil, badField(at, "the host path is empty; name a folder, such as `data` or `ro:data`")
		case guest == "":
			return nil, badField(at, "the guest path is empty; say where the plug-in sees the folder, such as `/mnt`")
		case strings.Contains(host+guest, "\x00"):
			return nil, badField(at, "a path cannot contain a NUL character; remove it")
		case slices.Contains(strings.Split(guest, "/"), ".."):
			return nil, badField(at, "the guest path contains `..`; write where the plug-in sees the folder")
		}
		// `/mnt` and `/mnt/` are the same place.
		place := path.Clean(guest)
		if other, ok := taken[place]; ok {
			return nil, badField(at, "%s has the same guest path; give each folder a place of its own", quote(other))
		}
		taken[place] = key
		parsed = append(parsed, allowedPath{host: host, guest: guest, readOnly: readOnly})
	}
	return parsed, nil
}
