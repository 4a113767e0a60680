// Command kv keeps values in the host, and passes numbers to it.
package main

import (
	"errors"
	"strconv"
	"strings"

	pdk "github.com/plugwright/plugwright/pdks/go"
)

//go:wasmexport kv_get
func kvGet() int32 {
	pdk.Output(pdk.ParamBytes(kvRead(pdk.ResultBytes(pdk.Input()))))
	return 0
}

//go:wasmexport kv_set
func kvSet() int32 {
	return pdk.Run(func() error {
		key, value, found := strings.Cut(pdk.InputString(), "=")
		if !found {
			return errors.New("expected key=value")
		}
		kvWrite(pdk.ResultString(key), pdk.ResultString(value))
		return nil
	})
}

// kvCount counts in 8 bytes, little-endian.
//
//go:wasmexport kv_count
func kvCount() int32 {
	key := pdk.AllocateBytes(pdk.Input())
	count := pdk.ParamU64(kvRead(key.Offset())) + 1
	kvWrite(key.Offset(), pdk.ResultU64(count))
	pdk.OutputString(strconv.FormatUint(count, 10))
	return 0
}

//go:wasmexport mix
func mix() int32 {
	sum := hostMix(-1, -2, 0.5, 0.25)
	pdk.OutputString(strconv.FormatFloat(sum, 'f', -1, 64))
	return 0
}

func main() {}
