// A plug-in that counts vowels, and keeps the total of all its calls in a store of the host.
package main

import (
	"encoding/binary"
	"fmt"
	"strings"

	pdk "github.com/plugwright/plugwright/pdks/go"
)

const (
	vowels = "aeiouAEIOU"
	key    = "count-vowels"
)

// kvRead returns the value of a key; all parameters and results are offsets of blocks.
//
//go:wasmimport extism:host/user kv_read
func kvRead(key uint64) uint64

// kvWrite sets the value of a key.
//
//go:wasmimport extism:host/user kv_write
func kvWrite(key uint64, value uint64)

type report struct {
	Count  uint32 `json:"count"`
	Total  uint32 `json:"total"`
	Vowels string `json:"vowels"`
}

// The input is the text to count in.
//
//go:wasmexport count_vowels
func countVowels() int32 {
	var count uint32
	for _, letter := range pdk.InputString() {
		if strings.ContainsRune(vowels, letter) {
			count++
		}
	}
	total, err := load()
	if err != nil {
		pdk.SetError(err)
		return 1
	}
	total += count
	store(total)
	if err := pdk.OutputJSON(report{Count: count, Total: total, Vowels: vowels}); err != nil {
		pdk.SetError(err)
		return 1
	}
	return 0
}

// load returns the total so far: four bytes, the least significant first.
func load() (uint32, error) {
	block := pdk.AllocateString(key)
	defer block.Free()
	bytes := pdk.ParamBytes(kvRead(block.Offset()))
	if len(bytes) != 4 {
		return 0, fmt.Errorf("the stored total has %d bytes instead of 4", len(bytes))
	}
	return binary.LittleEndian.Uint32(bytes), nil
}

func store(total uint32) {
	name := pdk.AllocateString(key)
	defer name.Free()
	value := pdk.AllocateBytes(binary.LittleEndian.AppendUint32(nil, total))
	defer value.Free()
	kvWrite(name.Offset(), value.Offset())
}

func main() {}
