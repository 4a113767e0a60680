package main

import (
	"bytes"
	"fmt"
	"path/filepath"
)

// empty is a module with a function `run` that returns 0.
const empty = "\x00asm\x01\x00\x00\x00\x01\x05\x01\x60\x00\x01\x7f\x03\x02\x01\x00\x07\x07\x01\x03run\x00\x00\x0a\x06\x01\x04\x00\x41\x00\x0b"

// timeout is long enough for every call, so that what is measured is what a timeout costs that does not pass.
const timeout = 10_000

// row is work that is measured.
type row struct {
	name string
	work work
	// instances says that each call is the first and only one of an instance from compiled code.
	instances bool
}

// work is a call.
type work struct {
	// data is a module, if it is not in the file.
	data, file string
	function   string
	input      []byte
	output     []byte
	// timeoutMs is that of the manifest; 0 is none.
	timeoutMs uint64
}

// store is what the host function looks its answers up in.
var store = map[string]string{"key": string(bytes.Repeat([]byte("v"), 64))}

func rows(guests string) []row {
	guest := func(name string) string { return filepath.Join(guests, "build", name+".wasm") }
	nothing := work{data: empty, function: "run"}
	limited := nothing
	limited.timeoutMs = timeout
	text := bytes.Repeat([]byte("x"), 64<<10)
	vowels := work{
		file: guest("rust_count_vowels"), function: "count_vowels", input: text,
		output: []byte(`{"count":0,"total":0,"vowels":"aeiouAEIOU"}`),
	}
	limitedVowels := vowels
	limitedVowels.timeoutMs = timeout
	all := []row{{name: "Empty call", work: nothing}, {name: "Empty call, with a timeout", work: limited}}
	for _, length := range []int{64, 64 << 10, 1 << 20} {
		data := bytes.Repeat([]byte("x"), length)
		all = append(all, row{
			name: "Echo of " + size(length) + ", which the guest copies",
			work: work{file: guest("rust_echo"), function: "echo", input: data, output: data},
		})
	}
	return append(all,
		row{
			name: "Call with a host function, string in, string out",
			work: work{file: guest("rust_kv"), function: "kv_get", input: []byte("key"), output: []byte(store["key"])},
		},
		row{name: "The guest computes: vowels in 64 KiB", work: vowels},
		row{name: "The same, with a timeout", work: limitedVowels},
		row{
			name:      "Instance from compiled, first call, close",
			work:      work{file: guest("rust_echo"), function: "echo", input: []byte("x"), output: []byte("x")},
			instances: true,
		},
	)
}

// check compares the output of a call, byte by byte.
func (w *work) check(output []byte) error {
	if !bytes.Equal(output, w.output) {
		return fmt.Errorf("the output has %d bytes, which are not the %d expected ones", len(output), len(w.output))
	}
	return nil
}

func size(bytes int) string {
	switch {
	case bytes >= 1<<20:
		return fmt.Sprintf("%d MiB", bytes>>20)
	case bytes >= 1<<10:
		return fmt.Sprintf("%d KiB", bytes>>10)
	default:
		return fmt.Sprintf("%d B", bytes)
	}
}
