package pdk

import "github.com/plugwright/plugwright/pdks/go/contract"

// HTTPMethod is the method of an [HTTPRequest].
type HTTPMethod int32

// The methods. The host refuses CONNECT and TRACE.
const (
	MethodGet HTTPMethod = iota
	MethodHead
	MethodPost
	MethodPut
	MethodPatch
	MethodDelete
	MethodConnect
	MethodOptions
	MethodTrace
)

var methodNames = [...]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"}

// String returns the method's name in HTTP, such as GET; nothing for a number that is no method.
func (m HTTPMethod) String() string {
	if m < 0 || int(m) >= len(methodNames) {
		return ""
	}
	return methodNames[m]
}

// HTTPRequestMeta is what a request says beside its body.
type HTTPRequestMeta struct {
	URL string `json:"url"`
	// Method may be any that the host allows; empty means GET.
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers"`
}

// HTTPRequest is a request that the host will send.
type HTTPRequest struct {
	meta HTTPRequestMeta
	body []byte
}

// NewHTTPRequest returns a request without headers and body. The host must allow the URL's host name.
func NewHTTPRequest(method HTTPMethod, url string) *HTTPRequest {
	return &HTTPRequest{meta: HTTPRequestMeta{URL: url, Method: method.String(), Headers: map[string]string{}}}
}

// SetHeader sets a header, and returns the request.
func (r *HTTPRequest) SetHeader(key string, value string) *HTTPRequest {
	if r.meta.Headers == nil {
		r.meta.Headers = map[string]string{}
	}
	r.meta.Headers[key] = value
	return r
}

// SetBody sets the body, and returns the request.
func (r *HTTPRequest) SetBody(body []byte) *HTTPRequest {
	r.body = body
	return r
}

// Send sends the request and waits for the response, of whatever status. The host ends the call when it refuses the
// request or gets no answer.
func (r *HTTPRequest) Send() HTTPResponse {
	return SendHTTP(r.meta, r.body)
}

// SendHTTP sends a request of any method and waits for the response, as [HTTPRequest.Send] does.
func SendHTTP(meta HTTPRequestMeta, body []byte) HTTPResponse {
	request := AllocateBytes(appendRequest(nil, meta))
	response := FindMemory(contract.HTTPRequest(request.offset, AllocateBytes(body).offset))
	status := uint16(contract.HTTPStatusCode())
	headers := parseHeaders(take(contract.HTTPHeaders()))
	return HTTPResponse{response, status, headers}
}

// HTTPResponse is the answer to an [HTTPRequest].
type HTTPResponse struct {
	memory  Memory
	status  uint16
	headers map[string]string
}

// Memory returns the block with the body, null if that is empty.
func (r HTTPResponse) Memory() Memory {
	return r.memory
}

// Body returns a copy of the body, nil if it is empty.
func (r HTTPResponse) Body() []byte {
	if r.memory.length == 0 {
		return nil
	}
	return r.memory.ReadBytes()
}

// Status returns the status code, such as 200.
func (r HTTPResponse) Status() uint16 {
	return r.status
}

// Headers returns the headers with names in lower case, never nil. It is empty unless the host shows response headers.
// The values of a repeated header are joined by ", ".
func (r HTTPResponse) Headers() map[string]string {
	return r.headers
}
