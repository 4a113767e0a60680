package plugwright

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
	"unicode/utf8"
)

// Outgoing HTTP: requests of guests, and the download of plug-ins.
//
// Redirects are followed here and not by the HTTP library, so that every hop of a guest's request is checked against the
// hosts that its manifest allows. Bodies are counted while they arrive and are never decompressed, so a limit in bytes
// bounds what is held in memory.
//
// A redirect from https to http is refused, even to an allowed host: it would send on in the clear what the caller asked
// to encrypt. Proxies are those of the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY).
const (
	// httpConnectTimeout is how long connecting to a server may take, and TLS again.
	httpConnectTimeout = 30 * time.Second
	// defaultHTTPTimeout is how long a request may take, redirects and body included, when its call has no deadline.
	defaultHTTPTimeout = 60 * time.Second
	// httpIdleTimeout is how long a connection without use is kept for the next request.
	httpIdleTimeout = 30 * time.Second
	// maxRedirects is how many redirects are followed for one request.
	maxRedirects = 10
	// maxReservedBytes is what is reserved for a body because a server announces it. More is reserved when it comes.
	maxReservedBytes = 1 << 20
)

// httpTransport makes the connections that all requests of the process share. It is used without an [http.Client], which
// would look into redirects.
var httpTransport = sync.OnceValue(func() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: httpConnectTimeout}).DialContext,
		TLSHandshakeTimeout: httpConnectTimeout,
		IdleConnTimeout:     httpIdleTimeout,
		DisableCompression:  true,
		ForceAttemptHTTP2:   true,
	}
})

// httpResponse is what a server answered.
type httpResponse struct {
	status int
	// headers have lower-case names; the values of a repeated header are joined by ", ".
	headers map[string]string
	body    []byte
}

// httpPolicy is what a plug-in may do over HTTP.
type httpPolicy struct {
	// hosts are those of requests and of redirects.
	hosts allowedHosts
	// maxResponseBytes bounds the body of one response.
	maxResponseBytes int64
}

// newHTTPPolicy reads the patterns of the hosts that a plug-in may send requests to.
func newHTTPPolicy(hosts []string, maxResponseBytes int64) (httpPolicy, error) {
	allowed, bad := parseAllowedHosts(hosts)
	if bad != nil {
		return httpPolicy{}, bad.err("")
	}
	return httpPolicy{hosts: allowed, maxResponseBytes: maxResponseBytes}, nil
}

// send performs a guest's request. Without a deadline it may take defaultHTTPTimeout. A nil body is none.
//
// The error is an [*Error]: KindHTTP when the request is invalid, a host is not allowed, or the exchange fails; KindLimit
// when the body is too long; KindTimeout or KindCancelled when the context or the deadline ends.
func (p httpPolicy) send(ctx context.Context, request HttpRequest, body []byte, deadline time.Time) (*httpResponse, error) {
	exchange, failure := request.exchange()
	if failure != nil {
		return nil, failure.forGuest()
	}
	exchange.body, exchange.hosts, exchange.maxBodyBytes = body, p.hosts, p.maxResponseBytes
	if !deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	response, failure := exchange.perform(ctx)
	if failure != nil {
		return nil, failure.forGuest()
	}
	return response, nil
}

// download fetches a plug-in's code. The URL is the operator's, so there is no list of allowed hosts; since headers
// often hold a key to one server, they do not follow a redirect to another. The error is an [*Error] of KindLoad.
func download(ctx context.Context, from WasmUrl) ([]byte, error) {
	exchange, failure := HttpRequest{Url: from.Url, Headers: from.Headers, Method: from.Method}.exchange()
	if failure != nil {
		return nil, failure.forDownload(from.Url)
	}
	exchange.forHost, exchange.maxBodyBytes = true, maxWasmBytes
	response, failure := exchange.perform(ctx)
	if failure != nil {
		return nil, failure.forDownload(from.Url)
	}
	return response.body, nil
}

// exchange is a request with the redirects that follow from it.
type exchange struct {
	url     *url.URL
	method  string
	headers http.Header
	// body is nil if there is none.
	body  []byte
	hosts allowedHosts
	// forHost is set for a request of the host, for a plug-in's code: any server may be asked, only 2xx is an answer, and
	// no header follows a redirect to another origin. To a guest any status is an answer, and headers that say who asks
	// do not follow.
	forHost      bool
	maxBodyBytes int64
}

// perform sends the request, follows redirects, and reads the last answer's body.
func (e *exchange) perform(caller context.Context) (*httpResponse, *httpFailure) {
	ctx, cancel := caller, context.CancelFunc(func() {})
	if _, ok := caller.Deadline(); !ok {
		ctx, cancel = context.WithTimeout(caller, defaultHTTPTimeout)
	}
	defer cancel()
	if !e.allowed(e.url) {
		return nil, failed("`%s` is not an allowed host; add it to the manifest's `allowed_hosts` if the plug-in may use it",
			e.url.Hostname())
	}
	for range maxRedirects + 1 {
		response, err := e.roundTrip(ctx)
		if err != nil {
			return nil, transportFailure(e.url, err, caller, ctx)
		}
		target, failure := e.redirectTarget(response)
		if failure == nil && target == nil {
			return e.read(caller, ctx, response)
		}
		// What is left of the body is of no use, and the connection not worth reading it.
		response.Body.Close()
		if failure == nil {
			failure = e.redirect(target, response.StatusCode)
		}
		if failure != nil {
			return nil, failure
		}
	}
	return nil, failed("more than %d redirects, the last one by `%s`", maxRedirects, origin(e.url))
}

func (e *exchange) allowed(target *url.URL) bool {
	return e.forHost || e.hosts.allow(target.Hostname())
}

func (e *exchange) roundTrip(ctx context.Context) (*http.Response, error) {
	var body io.Reader
	if e.body != nil {
		body = bytes.NewReader(e.body)
	}
	request, err := http.NewRequestWithContext(ctx, e.method, e.url.String(), body)
	if err != nil {
		return nil, err
	}
	request.Header = e.headers.Clone()
	if _, ok := request.Header["User-Agent"]; !ok {
		request.Header.Set("User-Agent", "plugwright/"+version)
	}
	if user := e.url.User; user != nil && request.Header.Get("Authorization") == "" {
		password, _ := user.Password()
		request.SetBasicAuth(user.Username(), password)
	}
	return httpTransport().RoundTrip(request)
}

// redirectTarget is where an answer redirects to; nil when it is the last one.
func (e *exchange) redirectTarget(response *http.Response) (*url.URL, *httpFailure) {
	if !slices.Contains([]int{301, 302, 303, 307, 308}, response.StatusCode) {
		return nil, nil
	}
	location := response.Header.Get("Location")
	if location == "" {
		return nil, nil
	}
	const unusable = "`%s` redirects to an address that cannot be used: %s"
	if !utf8.ValidString(location) {
		return nil, failed(unusable, origin(e.url), "it is not UTF-8")
	}
	target, err := e.url.Parse(location)
	if err != nil {
		return nil, failed(unusable, origin(e.url), "it is not a valid URL")
	}
	if reason := checkURL(target); reason != "" {
		return nil, failed(unusable, origin(e.url), reason)
	}
	return target, nil
}

// redirect prepares the next hop.
func (e *exchange) redirect(target *url.URL, status int) *httpFailure {
	if !e.allowed(target) {
		return failed("`%s` redirects to `%s`, which is not an allowed host; add it to the manifest's `allowed_hosts`",
			origin(e.url), target.Hostname())
	}
	if e.url.Scheme == "https" && target.Scheme == "http" {
		return failed("`%s` redirects to `%s`, which would send the request on without encryption; use the `http` URL in "+
			"the first place if that is meant", origin(e.url), origin(target))
	}
	// As browsers do after 301, 302 and 303; 307 and 308 repeat the request as it was.
	if status <= 303 && e.method != http.MethodGet && e.method != http.MethodHead {
		e.method, e.body = http.MethodGet, nil
		e.removeHeaders(bodyHeaders)
	}
	if origin(e.url) != origin(target) {
		if e.forHost {
			e.headers = http.Header{}
		} else {
			e.removeHeaders(credentialHeaders)
		}
	}
	e.url = target
	return nil
}

func (e *exchange) removeHeaders(names []string) {
	for _, name := range names {
		e.headers.Del(name)
	}
}

// read takes the body of the last answer.
func (e *exchange) read(caller, own context.Context, response *http.Response) (*httpResponse, *httpFailure) {
	defer response.Body.Close()
	if e.forHost && response.StatusCode/100 != 2 {
		return nil, failed("the server answered with status %d", response.StatusCode)
	}
	if e.method != http.MethodHead && response.ContentLength > e.maxBodyBytes {
		return nil, e.tooLong()
	}
	body := bytes.NewBuffer(make([]byte, 0, min(max(response.ContentLength, 0), maxReservedBytes)))
	// One byte more than allowed tells a body that is too long from one that just fits.
	count, err := body.ReadFrom(io.LimitReader(response.Body, min(e.maxBodyBytes, math.MaxInt64-1)+1))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, transportFailure(e.url, err, caller, own)
	}
	if count > e.maxBodyBytes {
		return nil, e.tooLong()
	}
	return &httpResponse{
		status: response.StatusCode, headers: joinedHeaders(response.Header), body: body.Bytes(),
	}, nil
}

func (e *exchange) tooLong() *httpFailure {
	return &httpFailure{
		kind:   KindLimit,
		reason: fmt.Sprintf("the body of the answer from `%s` has more than %d bytes", origin(e.url), e.maxBodyBytes),
		advice: ", the limit set by `memory.max_http_response_bytes`",
	}
}
