package plugwright

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	// maxRequestBytes is how long the description of a guest's request may be, with its URL and headers: 1 MiB.
	maxRequestBytes = 1 << 20
	// maxRequestBodyBytes is how long the body of a guest's request may be: 64 MiB.
	maxRequestBodyBytes = 64 << 20
)

// HttpRequest is what a plug-in asks of http_request, as JSON.
type HttpRequest struct {
	// Url is an http or https URL.
	Url string
	// Headers are the request's, by name.
	Headers map[string]string
	// Method is the request's; empty means GET.
	Method string
}

// checkRequestSize refuses a guest's request that is too long. It is asked before anything is copied: a guest names
// lengths as it likes.
func checkRequestSize(requestBytes, bodyBytes uint64) error {
	const tooLong = "HTTP: the %s has %d bytes, but at most %d are allowed"
	if requestBytes > maxRequestBytes {
		return newError(KindLimit, tooLong, "request", requestBytes, maxRequestBytes)
	}
	if bodyBytes > maxRequestBodyBytes {
		return newError(KindLimit, tooLong, "body of the request", bodyBytes, maxRequestBodyBytes)
	}
	return nil
}

// parseRequest reads {"url": …, "method"?: …, "headers"?: {…}}. Other fields are ignored, and null stands for an absent
// one, also as a header's value: development kits differ in what they write. The error gives the place but shows nothing
// of the text, which may hold credentials.
func parseRequest(text []byte) (HttpRequest, error) {
	var parsed struct {
		URL     *string            `json:"url"`
		Method  string             `json:"method"`
		Headers map[string]*string `json:"headers"`
	}
	if err := json.Unmarshal(text, &parsed); err != nil || parsed.URL == nil {
		offset, syntax, wrongType := len(text), (*json.SyntaxError)(nil), (*json.UnmarshalTypeError)(nil)
		switch {
		case errors.As(err, &syntax):
			offset = int(syntax.Offset)
		case errors.As(err, &wrongType):
			offset = int(wrongType.Offset)
		}
		return HttpRequest{}, newError(KindHTTP,
			"HTTP: the request is not JSON of the form {\"url\": string, \"method\": string, \"headers\": "+
				"{name: string}}: wrong at %s", position(text, max(offset-1, 0)))
	}
	request := HttpRequest{Url: *parsed.URL, Method: parsed.Method, Headers: make(map[string]string)}
	for name, value := range parsed.Headers {
		if value != nil {
			request.Headers[name] = *value
		}
	}
	return request, nil
}

// exchange makes of a request something that can be sent; what is the same for guests and for downloads is checked.
func (r HttpRequest) exchange() (*exchange, *httpFailure) {
	target, err := url.Parse(r.Url)
	if err != nil || target.Scheme == "" {
		// The parser's own reasons repeat parts of the URL, which may be secrets.
		return nil, failed("the request's URL is not valid; a URL looks like https://host/path")
	}
	if reason := checkURL(target); reason != "" {
		return nil, failed("%s", reason)
	}
	method, failure := parseMethod(r.Method)
	if failure != nil {
		return nil, failure
	}
	headers, failure := parseHeaders(r.Headers)
	if failure != nil {
		return nil, failure
	}
	return &exchange{url: target, method: method, headers: headers}, nil
}

// checkURL looks at the URL of a request or of a redirect.
func checkURL(target *url.URL) (reason string) {
	if target.Scheme != "http" && target.Scheme != "https" {
		// A scheme that the parser accepts is short and holds no secrets.
		return "its scheme is `" + target.Scheme + "`, but only `http` and `https` are possible"
	}
	if target.Hostname() == "" {
		return "the request's URL has no host"
	}
	return ""
}

// parseMethod: methods are in upper case in practice, and guests do not always write them so. CONNECT would make a
// tunnel, whose traffic nothing here checks; TRACE returns what proxies on the way add, credentials included.
func parseMethod(method string) (string, *httpFailure) {
	method = strings.ToUpper(method)
	switch method {
	case "":
		return http.MethodGet, nil
	case "CONNECT", "TRACE", "TRACK":
		return "", failed("the request's method `%s` is not possible for plug-ins", method)
	}
	if !isToken(method) {
		return "", failed("the request's method is not a valid HTTP method")
	}
	return method, nil
}

// droppedHeaders are those that the client computes itself or that concern one connection only. A guest's own are
// dropped: they would frame the message in a way that differs from its bytes, reach another site than the host that was
// checked (Host), or speak to the operator's proxy. Guests set some of them in good faith, so they are no error.
var droppedHeaders = []string{
	"Connection", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Te",
	"Trailer", "Transfer-Encoding", "Upgrade",
}

// credentialHeaders say who asks. They are meant for one origin.
var credentialHeaders = []string{"Authorization", "Cookie"}

// bodyHeaders describe a body.
var bodyHeaders = []string{"Content-Type", "Content-Encoding", "Content-Language", "Content-Location"}

func parseHeaders(headers map[string]string) (http.Header, *httpFailure) {
	parsed := make(http.Header, len(headers))
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if !isToken(name) {
			return nil, failed("a name among the request's headers is not valid")
		}
		key := http.CanonicalHeaderKey(name)
		if slices.Contains(droppedHeaders, key) {
			continue
		}
		if !isHeaderValue(headers[name]) {
			return nil, failed("the value of the request's header `%s` is not valid", strings.ToLower(key))
		}
		parsed.Add(key, headers[name])
	}
	return parsed, nil
}

// joinedHeaders has the headers of an answer, with lower-case names. The values of a repeated one are joined; bytes that
// are not UTF-8 are replaced.
func joinedHeaders(headers http.Header) map[string]string {
	joined := make(map[string]string, len(headers))
	for name, values := range headers {
		joined[strings.ToLower(name)] = strings.ToValidUTF8(strings.Join(values, ", "), "\ufffd")
	}
	return joined
}
