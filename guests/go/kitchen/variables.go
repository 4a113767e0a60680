package main

import (
	"strings"

	pdk "github.com/extism/go-pdk"
)

//go:wasmexport var_get
func varGet() int32 {
	pdk.Output(pdk.GetVar(pdk.InputString()))
	return 0
}

//go:wasmexport var_set
func varSet() int32 {
	key, value, found := strings.Cut(pdk.InputString(), "=")
	if !found {
		return fail("expected key=value")
	}
	pdk.SetVar(key, []byte(value))
	return 0
}

//go:wasmexport var_remove
func varRemove() int32 {
	pdk.RemoveVar(pdk.InputString())
	return 0
}
