// Command count_vowels counts vowels. It shows the three things that most plug-ins use: input and output,
// configuration (which letters count) and a variable (the total over all calls).
package main

import (
	"strings"

	pdk "github.com/extism/go-pdk"
)

const defaultVowels = "aeiouAEIOU"

type report struct {
	Count  int    `json:"count"`
	Total  int    `json:"total"`
	Vowels string `json:"vowels"`
}

//go:wasmexport count_vowels
func countVowels() int32 {
	vowels, set := pdk.GetConfig("vowels")
	if !set {
		vowels = defaultVowels
	}
	count := 0
	for _, letter := range pdk.InputString() {
		if strings.ContainsRune(vowels, letter) {
			count++
		}
	}
	total := pdk.GetVarInt("total") + count
	pdk.SetVarInt("total", total)
	if err := pdk.OutputJSON(report{count, total, vowels}); err != nil {
		pdk.SetError(err)
		return 1
	}
	return 0
}

func main() {}
