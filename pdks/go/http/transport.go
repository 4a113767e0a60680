// Package http lets a plug-in use the standard library's HTTP client: the host sends its requests.
//
//	client := http.Client{Transport: &pdkhttp.HTTPTransport{}}
//	response, err := client.Get("https://example.com/")
//
// It costs some megabytes, since it brings net/http; package pdk sends requests without.
package http

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	pdk "github.com/plugwright/plugwright/pdks/go"
)

// HTTPTransport is an [http.RoundTripper] whose requests the host sends. Its zero value is ready to use.
//
// The host follows redirects itself, so a client sees none. It ends the call, instead of giving an error, when it
// refuses a request or gets no answer. Response headers are there only if the host shows them; the values of a repeated
// one are joined by ", ".
type HTTPTransport struct{}

// RoundTrip sends a request and waits for the response, whose body is in memory by then. It gives the error of the
// request's context when that has ended before the request is sent; once sent, only the host can stop it.
func (t *HTTPTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := readBody(request)
	if err != nil {
		return nil, err
	}
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	meta := pdk.HTTPRequestMeta{URL: request.URL.String(), Method: request.Method, Headers: map[string]string{}}
	for name, values := range request.Header {
		meta.Headers[name] = strings.Join(values, ", ")
	}
	return response(request, pdk.SendHTTP(meta, body)), nil
}

// readBody reads the body to its end and closes it, which a RoundTripper must do whatever happens.
func readBody(request *http.Request) ([]byte, error) {
	if request.Body == nil {
		return nil, nil
	}
	defer request.Body.Close()
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, fmt.Errorf("cannot read the body of the request for %s: %w", request.URL.Redacted(), err)
	}
	return body, nil
}

func response(request *http.Request, answer pdk.HTTPResponse) *http.Response {
	status := int(answer.Status())
	header := http.Header{}
	for name, value := range answer.Headers() {
		header.Set(name, value)
	}
	body := answer.Body()
	answer.Memory().Free()
	return &http.Response{
		Status:        strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status))),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       request,
	}
}
