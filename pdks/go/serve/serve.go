// Package serve is for functions that answer HTTP requests: it reads what "plugwright serve" gives to a route with
// view = "request", and writes what it takes.
//
//	//go:wasmexport greet
//	func greet() int32 {
//		return serve.Handle(func(request *serve.Request) (*serve.Response, error) {
//			return serve.Text("Hello, " + request.Param("name") + "!"), nil
//		})
//	}
package serve

import (
	pdk "github.com/plugwright/plugwright/pdks/go"
	"github.com/plugwright/plugwright/pdks/go/json"
)

// Request is a request.
type Request struct {
	Method string `json:"method"`
	// Path is as the client sent it, percent-encoded.
	Path string `json:"path"`
	// Route is the pattern of the route.
	Route string `json:"route"`
	// Params has what stands for the parameters of the route's pattern, decoded.
	Params map[string]string `json:"params"`
	// Queries has the parameters of the query, decoded; each may be there several times.
	Queries map[string][]string `json:"query"`
	// Headers are by lower-case name; each may be there several times.
	Headers map[string][]string `json:"headers"`
	// Text is the body when it is text.
	Text string `json:"body"`
	// Bytes is the body when it is not text.
	Bytes []byte `json:"body_base64"`
}

// Param returns what stands for a parameter of the route's pattern, empty if it has none of this name.
func (r *Request) Param(name string) string {
	return r.Params[name]
}

// Query returns the first value of a parameter of the query, empty if there is none.
func (r *Request) Query(name string) string {
	return first(r.Queries[name])
}

// Header returns the first value of a header, whose name is given in lower case; empty if there is none.
func (r *Request) Header(name string) string {
	return first(r.Headers[name])
}

// Body returns the bytes of the body.
func (r *Request) Body() []byte {
	if r.Bytes != nil {
		return r.Bytes
	}
	return []byte(r.Text)
}

// JSON decodes the body, which is JSON, into v, a pointer.
func (r *Request) JSON(v any) error {
	return json.Unmarshal(r.Body(), v)
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// Response is a response. Its zero value has the status 200 and no body.
type Response struct {
	// Status is from 200 to 599; 0 means 200.
	Status  int                 `json:"status,omitempty"`
	Headers map[string][]string `json:"headers,omitempty"`
	// Text is the body, as text/plain unless a header says otherwise.
	Text string `json:"body,omitempty"`
	// Bytes is the body instead of Text.
	Bytes []byte `json:"body_base64,omitempty"`
}

// Text returns a response with a text.
func Text(text string) *Response {
	return &Response{Text: text}
}

// Bytes returns a response with bytes.
func Bytes(data []byte) *Response {
	return &Response{Bytes: data}
}

// JSON returns a response with the JSON of a value.
func JSON(value any) (*Response, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return Text(string(data)).Header("content-type", "application/json"), nil
}

// WithStatus sets the status, and returns the response.
func (r *Response) WithStatus(status int) *Response {
	r.Status = status
	return r
}

// Header adds a header, and returns the response. Several of one name are sent in their order.
func (r *Response) Header(name string, value string) *Response {
	if r.Headers == nil {
		r.Headers = map[string][]string{}
	}
	r.Headers[name] = append(r.Headers[name], value)
	return r
}

// Handle is an export that answers a request: it reads the request, calls function, writes the response, and gives the
// return code. Errors and panics are those of [pdk.Run]; no response is an empty one.
func Handle(function func(*Request) (*Response, error)) int32 {
	return pdk.Handle(func(request Request) (Response, error) {
		response, err := function(&request)
		if err != nil || response == nil {
			return Response{}, err
		}
		return *response, nil
	})
}
