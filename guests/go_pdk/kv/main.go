// Command kv keeps values in the host, and handles the host's errors as values.
package main

import (
	"errors"
	"strings"

	pdk "github.com/plugwright/plugwright/pdks/go"
)

//go:wasmimport extism:host/user kv_read
func kvRead(key uint64) uint64

//go:wasmimport extism:host/user kv_write
func kvWrite(key, value uint64)

//go:wasmexport kv_get
func kvGet() int32 {
	return pdk.Run(func() error {
		value := pdk.ParamString(kvRead(pdk.ResultBytes(pdk.Input())))
		if err := pdk.HostError(); err != nil {
			value = "handled: " + err.Error()
		}
		pdk.OutputString(value)
		return nil
	})
}

//go:wasmexport kv_set
func kvSet() int32 {
	return pdk.Run(func() error {
		key, value, found := strings.Cut(pdk.InputString(), "=")
		if !found {
			return errors.New("expected key=value")
		}
		kvWrite(pdk.ResultString(key), pdk.ResultString(value))
		return pdk.HostError()
	})
}

//go:wasmexport kv_count
func kvCount() int32 {
	return pdk.Run(func() error {
		key := pdk.AllocateBytes(pdk.Input())
		count := pdk.ParamU64(kvRead(key.Offset())) + 1
		if err := pdk.HostError(); err != nil {
			return err
		}
		kvWrite(key.Offset(), pdk.ResultU64(count))
		return pdk.HostError()
	})
}

func main() {}
