package plugwright

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxManifestDepth is how deep values may be nested; a manifest needs four levels.
const maxManifestDepth = 64

// node is a value of JSON. Unlike what encoding/json makes, it keeps keys that occur twice, and knows where it was.
type node struct {
	kind nodeKind
	// at is the index in the text of the first byte.
	at int
	// text is a string's value, or a number as it is written.
	text  string
	items []node
	// entries are in the order of the text.
	entries []entry
}

type entry struct {
	key string
	// at is the index in the text of the key's first byte.
	at    int
	value node
}

// nodeKind is a type, as an error names it.
type nodeKind string

const (
	nodeNull   nodeKind = "null"
	nodeBool   nodeKind = "a boolean"
	nodeNumber nodeKind = "a number"
	nodeString nodeKind = "a string"
	nodeList   nodeKind = "a list"
	nodeTable  nodeKind = "a table"
)

// parseTree reads a text of JSON.
func parseTree(text []byte) (node, *Error) {
	if !utf8.Valid(text) {
		return node{}, badSyntax("", "it is not UTF-8 text")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		place, syntax := "", (*json.SyntaxError)(nil)
		if errors.As(err, &syntax) {
			// The offset counts the bytes that were read, the wrong one included; at the end of the text there is none.
			place = " at " + position(text, max(int(syntax.Offset)-1, 0))
		}
		return node{}, badSyntax(place, oneLine(err.Error()))
	}
	reader := treeReader{text: text, decoder: json.NewDecoder(bytes.NewReader(text))}
	reader.decoder.UseNumber()
	root, err := reader.value(0)
	if err != nil {
		return node{}, badSyntax("", oneLine(err.Error()))
	}
	return root, nil
}

func badSyntax(place, reason string) *Error {
	return newError(KindInvalidManifest, "invalid manifest: it is not valid JSON%s: %s", place, reason)
}

// treeReader makes a tree of a text that is known to be well-formed.
type treeReader struct {
	text    []byte
	decoder *json.Decoder
}

// start is the index of the first byte of the next token.
func (r *treeReader) start() int {
	at := int(r.decoder.InputOffset())
	for at < len(r.text) && bytes.IndexByte([]byte(" \t\r\n,:"), r.text[at]) >= 0 {
		at++
	}
	return at
}

func (r *treeReader) value(depth int) (node, error) {
	if depth > maxManifestDepth {
		return node{}, fmt.Errorf("values are nested deeper than %d levels", maxManifestDepth)
	}
	at := r.start()
	token, err := r.decoder.Token()
	if err != nil {
		return node{}, err
	}
	switch token := token.(type) {
	case nil:
		return node{kind: nodeNull, at: at}, nil
	case bool:
		return node{kind: nodeBool, at: at}, nil
	case json.Number:
		return node{kind: nodeNumber, at: at, text: token.String()}, nil
	case string:
		return node{kind: nodeString, at: at, text: token}, nil
	case json.Delim:
		if token == '[' {
			return r.list(at, depth)
		}
		return r.table(at, depth)
	default:
		return node{}, fmt.Errorf("unexpected token %v", token)
	}
}

func (r *treeReader) list(at, depth int) (node, error) {
	list := node{kind: nodeList, at: at}
	for r.decoder.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return node{}, err
		}
		list.items = append(list.items, item)
	}
	return list, r.end()
}

func (r *treeReader) table(at, depth int) (node, error) {
	table := node{kind: nodeTable, at: at}
	for r.decoder.More() {
		keyAt := r.start()
		token, err := r.decoder.Token()
		if err != nil {
			return node{}, err
		}
		key, ok := token.(string)
		if !ok {
			return node{}, fmt.Errorf("unexpected key %v", token)
		}
		value, err := r.value(depth + 1)
		if err != nil {
			return node{}, err
		}
		table.entries = append(table.entries, entry{key: key, at: keyAt, value: value})
	}
	return table, r.end()
}

// end passes the closing bracket.
func (r *treeReader) end() error {
	_, err := r.decoder.Token()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// locate is the index in the text of the key or list item that an error is about. What is missing has no place, so that
// it is the place of what lacks it.
func (n *node) locate(e *fieldError) int {
	at, value := n.at, n
	for depth, step := range e.at {
		if step.index >= 0 {
			if step.index >= len(value.items) {
				return at
			}
			value = &value.items[step.index]
			at = value.at
			continue
		}
		skip := e.second && depth == len(e.at)-1
		found := false
		for i := range value.entries {
			entry := &value.entries[i]
			if entry.key != step.key {
				continue
			}
			if skip {
				skip = false
				continue
			}
			at, value, found = entry.at, &entry.value, true
			break
		}
		if !found {
			return at
		}
	}
	return at
}

// position is the line and column of the byte at an index; both count from 1, columns in bytes.
func position(text []byte, at int) string {
	before := text[:min(at, len(text))]
	line := bytes.Count(before, []byte{'\n'}) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("line %d, column %d", line, column)
}
