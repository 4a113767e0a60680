// Command web lets a plug-in speak to a server: to hosts that are allowed, with headers if they are wanted, and up to a limit.
//
// It is a program as people write them for the public SDK. The argument is the folder of the guests.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	extism "github.com/extism/go-sdk"
)

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, request *http.Request) {
		out.Header().Set("X-Greeting", "hi")
		out.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(out, "%s %s", request.Method, strings.Repeat("x", len(request.URL.Path)))
	}))
	defer server.Close()

	plugin := load([]string{"127.*.*.1"}, true, 20)
	fmt.Println("before:", plugin.AllowedHosts, plugin.LastStatusCode, len(plugin.LastResponseHeaders), plugin.MaxHttpResponseBytes)
	get(plugin, server.URL+"/short")
	fmt.Println("after:", plugin.LastStatusCode, plugin.LastResponseHeaders["x-greeting"])
	get(plugin, server.URL+"/"+strings.Repeat("long", 100))

	get(load([]string{"127.0.0.1"}, false, -1), server.URL+"/without-headers")
	get(load([]string{"example.com", "*.example.com"}, false, -1), server.URL)
	get(load(nil, false, -1), server.URL)
}

func load(hosts []string, headers bool, limit int64) *extism.Plugin {
	manifest := extism.Manifest{
		Wasm:         []extism.Wasm{extism.WasmFile{Path: filepath.Join(os.Args[1], "build", "rust_http.wasm")}},
		AllowedHosts: hosts,
		Memory:       &extism.ManifestMemory{MaxHttpResponseBytes: limit, MaxVarBytes: -1},
	}
	plugin, err := extism.NewPlugin(context.Background(), manifest, extism.PluginConfig{EnableHttpResponseHeaders: headers}, nil)
	if err != nil {
		log.Fatal(err)
	}
	return plugin
}

func get(plugin *extism.Plugin, url string) {
	for _, function := range []string{"http_get", "http_status"} {
		_, output, err := plugin.Call(function, []byte(url))
		text := string(output)
		if function == "http_status" {
			// Other headers are the server's business, and one is the date.
			text = fmt.Sprint(strings.Contains(text, `"status":418`), strings.Contains(text, `"x-greeting":"hi"`))
		}
		fmt.Println(function+":", text, err != nil)
	}
}
