package plugwright

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// quotedChars is how much of a key or value an error quotes, so that it stays one readable line.
const quotedChars = 60

// fieldPath is the way from the top of a manifest to one of its values; empty for the manifest itself.
type fieldPath []fieldStep

// fieldStep is one step into a manifest: a key of a table, or an index of a list where index is not negative.
type fieldStep struct {
	key   string
	index int
}

// key is the path of the value under key.
func (f fieldPath) key(key string) fieldPath { return f.child(fieldStep{key: key, index: -1}) }

// index is the path of the item at an index.
func (f fieldPath) index(index int) fieldPath { return f.child(fieldStep{index: index}) }

func (f fieldPath) child(step fieldStep) fieldPath {
	return append(f[:len(f):len(f)], step)
}

// String shows the path as in wasm[1].hash, or config."my key".
func (f fieldPath) String() string {
	if len(f) == 0 {
		return "manifest"
	}
	var text strings.Builder
	for depth, step := range f {
		if step.index >= 0 {
			fmt.Fprintf(&text, "[%d]", step.index)
			continue
		}
		if depth > 0 {
			text.WriteByte('.')
		}
		if isBareKey(step.key) {
			text.WriteString(step.key)
		} else {
			text.WriteString(quote(step.key))
		}
	}
	return text.String()
}

func isBareKey(key string) bool {
	for i := range len(key) {
		if c := key[i]; !isAlphanumeric(c) && c != '_' && c != '-' {
			return false
		}
	}
	return len(key) > 0 && len(key) <= quotedChars
}

// quote puts a text in double quotes, escaped so that it stays on one line, and cut when it is long.
func quote(text string) string {
	end, rest := 0, text
	for range quotedChars {
		_, size := utf8.DecodeRuneInString(rest)
		end += size
		rest = text[end:]
	}
	if rest != "" {
		return strconv.Quote(text[:end]) + "…"
	}
	return strconv.Quote(text)
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// fieldError says what is wrong with one field of a manifest. Values are not repeated where they may be secret:
// configuration, headers, URLs.
type fieldError struct {
	at     fieldPath
	reason string
	// second is set when the reason is about the second of two equal keys.
	second bool
}

func badField(at fieldPath, format string, args ...any) *fieldError {
	return &fieldError{at: at, reason: fmt.Sprintf(format, args...)}
}

// err is the error for callers; position tells where in the text the field is, or is empty.
func (e *fieldError) err(position string) *Error {
	if position != "" {
		position = " (" + position + ")"
	}
	return newError(KindInvalidManifest, "invalid manifest: %s%s: %s", e.at, position, e.reason)
}
