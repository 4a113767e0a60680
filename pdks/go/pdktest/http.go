//go:build !wasip1 && !tinygo.wasm

package pdktest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
)

// response is what the plug-in can ask for after a request.
type response struct {
	status  int
	headers map[string]string
}

// connectionHeaders are those that a host drops from a request.
var connectionHeaders = []string{"connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization",
	"proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}

// HTTPRequest implements contract.Host.
func (h contractHost) HTTPRequest(request, body uint64) uint64 {
	description := h.take(request, "http_request")
	content := h.take(body, "http_request")
	message, problem := readRequest(description, content)
	if problem != "" {
		h.end(HTTP, "%s", problem)
	}
	if h.responder == nil {
		h.end(HTTP, "the request for %s is refused: let the test answer requests by Host.HTTP", message.URL.Redacted())
	}
	recorder := httptest.NewRecorder()
	h.responder.ServeHTTP(recorder, message)
	result := recorder.Result()
	headers := map[string]string{}
	for name, values := range result.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	h.response = &response{result.StatusCode, headers}
	if message.Method == http.MethodHead {
		return 0
	}
	return h.give(recorder.Body.Bytes())
}

// HTTPStatusCode implements contract.Host.
func (h contractHost) HTTPStatusCode() int32 {
	if h.response == nil {
		return 0
	}
	return int32(h.response.status)
}

// HTTPHeaders implements contract.Host.
func (h contractHost) HTTPHeaders() uint64 {
	if h.response == nil {
		return 0
	}
	// A map of strings always has a JSON form.
	object, _ := json.Marshal(h.response.headers)
	return h.give(object)
}

// readRequest makes a request of its description in JSON, or says what is wrong with it.
func readRequest(description, body string) (request *http.Request, problem string) {
	var meta struct {
		URL     string             `json:"url"`
		Method  string             `json:"method"`
		Headers map[string]*string `json:"headers"`
	}
	if err := json.Unmarshal([]byte(description), &meta); err != nil {
		return nil, "the description of the request is not the JSON that a host expects: " + err.Error()
	}
	method := strings.ToUpper(meta.Method)
	if slices.Contains([]string{http.MethodConnect, http.MethodTrace, "TRACK"}, method) {
		return nil, "the method " + method + " is refused"
	}
	address, err := url.Parse(meta.URL)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return nil, "the URL " + meta.URL + " is not one of http or https"
	}
	request, err = http.NewRequest(method, meta.URL, io.NopCloser(bytes.NewReader([]byte(body))))
	if err != nil {
		return nil, "the request is malformed: " + err.Error()
	}
	request.ContentLength = int64(len(body))
	for name, value := range meta.Headers {
		if value != nil && !slices.Contains(connectionHeaders, strings.ToLower(name)) {
			request.Header.Set(name, *value)
		}
	}
	return request, ""
}
