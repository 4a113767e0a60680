// Command client uses the standard library's HTTP client in a plug-in.
package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	pdk "github.com/plugwright/plugwright/pdks/go"
	pdkhttp "github.com/plugwright/plugwright/pdks/go/http"
)

var client = http.Client{Transport: &pdkhttp.HTTPTransport{}}

// answer is what the plug-in tells about a response.
type answer struct {
	Status      string `json:"status"`
	ContentType string `json:"content_type"`
	Body        string `json:"body"`
}

// question is what the plug-in is told to ask.
type question struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	Body   string `json:"body"`
}

//go:wasmexport fetch
func fetch() int32 {
	return pdk.Handle(func(in question) (answer, error) {
		request, err := http.NewRequest(in.Method, in.URL, strings.NewReader(in.Body))
		if err != nil {
			return answer{}, err
		}
		request.Header.Set("Content-Type", "text/plain")
		response, err := client.Do(request)
		if err != nil {
			return answer{}, err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return answer{response.Status, response.Header.Get("Content-Type"), string(body)}, err
	})
}

//go:wasmexport fetch_cancelled
func fetchCancelled() int32 {
	return pdk.Run(func() error {
		cancelled, cancel := context.WithCancel(context.Background())
		cancel()
		request, err := http.NewRequestWithContext(cancelled, http.MethodGet, pdk.InputString(), nil)
		if err != nil {
			return err
		}
		if _, err = client.Do(request); !errors.Is(err, context.Canceled) {
			return errors.New("the request was sent")
		}
		pdk.OutputString("not sent")
		return nil
	})
}

func main() {}
