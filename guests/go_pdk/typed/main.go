// Command typed has an export whose input and output are JSON.
package main

import pdk "github.com/plugwright/plugwright/pdks/go"

type addends struct {
	A int `json:"a"`
	B int `json:"b"`
}

type sum struct {
	Sum int `json:"sum"`
}

//go:wasmexport add
func add() int32 {
	return pdk.Handle(func(in addends) (sum, error) { return sum{in.A + in.B}, nil })
}

func main() {}
