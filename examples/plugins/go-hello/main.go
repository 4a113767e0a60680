// A plug-in that does what most plug-ins do: it answers with JSON, logs, gets a page, and keeps a file.
package main

import (
	"errors"
	"fmt"
	"os"

	pdk "github.com/plugwright/plugwright/pdks/go"
)

type greeting struct {
	Message string `json:"message"`
	From    string `json:"from"`
}

// The input is a name.
//
//go:wasmexport hello
func hello() int32 {
	name := pdk.InputString()
	pdk.Log(pdk.LogInfo, "greeting "+name)
	return report(pdk.OutputJSON(greeting{Message: "👋 Hello " + name, From: "🐹 Go"}))
}

// The output is the page at the address that the config has under url.
//
//go:wasmexport fetch
func fetch() int32 {
	url, ok := pdk.GetConfig("url")
	if !ok {
		return report(errors.New("the config has no url"))
	}
	response := pdk.NewHTTPRequest(pdk.MethodGet, url).Send()
	pdk.Log(pdk.LogInfo, fmt.Sprintf("%s answered with status %d", url, response.Status()))
	pdk.Output(response.Body())
	return 0
}

// The input is written to a file, and the output is what reading it gives.
//
//go:wasmexport note
func note() int32 {
	const path = "/mnt/hello.txt"
	if err := os.WriteFile(path, pdk.Input(), 0o644); err != nil {
		return report(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return report(err)
	}
	pdk.Output(content)
	return 0
}

// report turns an error into the code that a plug-in's function returns.
func report(err error) int32 {
	if err != nil {
		pdk.SetError(err)
		return 1
	}
	return 0
}

func main() {}
