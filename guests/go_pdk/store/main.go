// Command store does to the host's key-value store what it is told: a list of operations in JSON, each a list with its name and arguments.
package main

import (
	"time"

	pdk "github.com/plugwright/plugwright/pdks/go"
	"github.com/plugwright/plugwright/pdks/go/kv"
)

type operation []any

func (o operation) text(index int) string {
	if index < len(o) {
		text, _ := o[index].(string)
		return text
	}
	return ""
}

func (o operation) number(index int) int64 {
	if index < len(o) {
		number, _ := o[index].(float64)
		return int64(number)
	}
	return 0
}

// bytes are nil where there is no text.
func (o operation) bytes(index int) []byte {
	if index < len(o) {
		if text, ok := o[index].(string); ok {
			return []byte(text)
		}
	}
	return nil
}

// timeToLive is 0 if there is none.
func (o operation) timeToLive(index int) time.Duration {
	return time.Duration(o.number(index)) * time.Millisecond
}

func (o operation) perform() (any, error) {
	key := o.text(1)
	switch o.text(0) {
	case "get":
		value, found, err := kv.Get(key)
		if !found {
			return nil, err
		}
		return string(value), nil
	case "set":
		if o.timeToLive(3) > 0 {
			return nil, kv.SetFor(key, []byte(o.text(2)), o.timeToLive(3))
		}
		return nil, kv.Set(key, []byte(o.text(2)))
	case "delete":
		return kv.Delete(key)
	case "increment":
		return kv.Increment(key, o.number(2))
	case "swap":
		if o.timeToLive(4) > 0 {
			return kv.CompareAndSwapFor(key, o.bytes(2), o.bytes(3), o.timeToLive(4))
		}
		return kv.CompareAndSwap(key, o.bytes(2), o.bytes(3))
	default:
		page, err := kv.List(key, o.text(2), int(o.number(3)))
		var cursor any
		if page.Cursor != "" {
			cursor = page.Cursor
		}
		return map[string]any{"keys": page.Keys, "cursor": cursor}, err
	}
}

//go:wasmexport run
func run() int32 {
	return pdk.Handle(func(operations []operation) ([]any, error) {
		results := []any{}
		for _, operation := range operations {
			result, err := operation.perform()
			if err != nil {
				result = map[string]any{"error": string(kv.CodeOf(err)), "message": err.Error()}
			}
			results = append(results, result)
		}
		return results, nil
	})
}

func main() {}
