package main

import pdk "github.com/extism/go-pdk"

type status struct {
	Status  uint16            `json:"status"`
	Headers map[string]string `json:"headers"`
}

func get(url string) pdk.HTTPResponse {
	return pdk.NewHTTPRequest(pdk.MethodGet, url).Send()
}

//go:wasmexport http_get
func httpGet() int32 {
	pdk.Output(get(pdk.InputString()).Body())
	return 0
}

//go:wasmexport http_status
func httpStatus() int32 {
	response := get(pdk.InputString())
	if err := pdk.OutputJSON(status{response.Status(), response.Headers()}); err != nil {
		return fail(err.Error())
	}
	return 0
}
