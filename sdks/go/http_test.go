package plugwright

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// server answers on this machine, and is gone at the test's end.
func server(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL
}

// exchangeFor sends a guest's request to any host.
func exchangeFor(t *testing.T, request HttpRequest, body []byte) (*httpResponse, error) {
	t.Helper()
	return httpPolicy{hosts: allowedHosts{"*"}, maxResponseBytes: 1000}.send(t.Context(), request, body, time.Time{})
}

// failsWith checks the kind of an error and that all the words are in its text.
func failsWith(t *testing.T, err error, kind Kind, words ...string) {
	t.Helper()
	var own *Error
	if !errors.As(err, &own) || own.Kind != kind || strings.Contains(own.Error(), "\n") {
		t.Fatalf("%v is no %s", err, kind)
	}
	for _, word := range words {
		if !strings.Contains(own.Error(), word) {
			t.Errorf("%q is not in %q", word, own.Error())
		}
	}
}

func TestRequestsOfGuests(t *testing.T) {
	request, err := parseRequest([]byte(`{"url": "http://a", "method": null, "headers": {"A": "b", "C": null}, "more": 1}`))
	if err != nil || request.Url != "http://a" || request.Method != "" || len(request.Headers) != 1 || request.Headers["A"] != "b" {
		t.Errorf("%+v %v", request, err)
	}
	for text, place := range map[string]string{
		`{"url": 7}`: "line 1, column 9", `{}`: "line 1, column 2", "{\n\"s3cret": "line 2", `[]`: "line 1",
		`{"url": "http://s3cret", "headers": {"s3cret": 1}}`: "line 1, column 48",
	} {
		_, err := parseRequest([]byte(text))
		failsWith(t, err, KindHTTP, place)
		if strings.Contains(err.Error(), "s3cret") {
			t.Error(err)
		}
	}
}

func TestBadRequestsOfGuests(t *testing.T) {
	headers := func(name, value string) HttpRequest {
		return HttpRequest{Url: "http://a", Headers: map[string]string{name: value}}
	}
	for word, request := range map[string]HttpRequest{
		"URL is not valid":             {Url: "http://user:s3cret#@a b"},
		"a URL looks like":             {Url: "s3cret"},
		"scheme is `ftp`":              {Url: "ftp://s3cret"},
		"no host":                      {Url: "http:///s3cret"},
		"`TRACE` is not possible":      {Url: "http://a", Method: "trace"},
		"not a valid HTTP method":      {Url: "http://a", Method: "G T"},
		"name among the":               headers("s3cret\n", "x"),
		"the request's header `x-key`": headers("X-Key", "s3cret\r\nb: c"),
	} {
		_, err := exchangeFor(t, request, nil)
		failsWith(t, err, KindHTTP, word)
		if strings.Contains(err.Error(), "s3cret") {
			t.Error(err)
		}
	}
	failsWith(t, checkRequestSize(1<<20+1, 0), KindLimit, "the request has 1048577 bytes")
	failsWith(t, checkRequestSize(0, 64<<20+1), KindLimit, "the body of the request has 67108865 bytes")
	if err := checkRequestSize(1<<20, 64<<20); err != nil {
		t.Error(err)
	}
}

func TestExchange(t *testing.T) {
	at := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Add("X-Many", "one")
		w.Header().Add("X-Many", "two")
		w.Header().Set("X-Bytes", "\xff")
		w.WriteHeader(http.StatusTeapot)
		if user, password, ok := r.BasicAuth(); ok {
			fmt.Fprint(w, user, " ", password, " ")
		}
		fmt.Fprintf(w, "%s %s %s %s %s %s", r.Method, r.URL, body, r.Header.Get("X-Key"), r.Host, r.Header.Get("User-Agent"))
	})
	response, err := exchangeFor(t, HttpRequest{
		Url: at + "/path?query#fragment", Method: "post",
		Headers: map[string]string{"x-key": "value", "Host": "evil", "content-length": "1000", "Transfer-Encoding": "chunked"},
	}, []byte("body"))
	if err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(at, "http://")
	if expected := "POST /path?query body value " + host + " plugwright/" + version; string(response.body) != expected {
		t.Errorf("%q", response.body)
	}
	if response.status != http.StatusTeapot || response.headers["x-many"] != "one, two" || response.headers["x-bytes"] != "\ufffd" {
		t.Errorf("%+v", response)
	}
	response, err = exchangeFor(t, HttpRequest{Url: strings.Replace(at, "://", "://me:pass%20word@", 1)}, nil)
	if err != nil || !strings.HasPrefix(string(response.body), "me pass word GET") {
		t.Errorf("%q %v", response.body, err)
	}
	if response, err := exchangeFor(t, HttpRequest{Url: at, Method: "HEAD"}, nil); err != nil || len(response.body) != 0 {
		t.Error(err)
	}
}

func TestEachHopIsChecked(t *testing.T) {
	var forbidden atomic.Int64
	other := server(t, func(http.ResponseWriter, *http.Request) { forbidden.Add(1) })
	other = strings.Replace(other, "127.0.0.1", "localhost", 1)
	at := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other+"/s3cret", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop?s3cret", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///s3cret", http.StatusFound)
		case "/broken":
			w.Header().Set("Location", "http://[s3cret")
			w.WriteHeader(http.StatusFound)
		case "/nowhere":
			w.WriteHeader(http.StatusFound)
		}
	})
	policy := httpPolicy{hosts: allowedHosts{"127.0.0.1"}, maxResponseBytes: 1000}
	get := func(url string) error {
		_, err := policy.send(t.Context(), HttpRequest{Url: url}, nil, time.Time{})
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Error(err)
		}
		return err
	}
	failsWith(t, get(other+"/s3cret"), KindHTTP, "`localhost` is not an allowed host", "allowed_hosts")
	failsWith(t, get(at+"/away"), KindHTTP, at, "redirects to `localhost`", "not an allowed host")
	failsWith(t, get(at+"/loop"), KindHTTP, "more than 10 redirects", at)
	failsWith(t, get(at+"/file"), KindHTTP, "only `http` and `https`")
	failsWith(t, get(at+"/broken"), KindHTTP, "not a valid URL")
	if err := get(at + "/nowhere"); err != nil {
		t.Error(err)
	}
	if forbidden.Load() != 0 {
		t.Error("the forbidden server was asked")
	}
}

func TestRedirectsKeepSecrets(t *testing.T) {
	var seen string
	other := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		seen = fmt.Sprint(r.Method, " ", r.Header.Get("Authorization"), r.Header.Get("Cookie"), r.Header.Get("X-Key"),
			r.Header.Get("Content-Type"), " ", string(body))
	})
	at := server(t, func(w http.ResponseWriter, r *http.Request) {
		var status int
		if _, err := fmt.Sscan(r.URL.Path[1:], &status); err != nil {
			t.Error(err)
		}
		http.Redirect(w, r, other, status)
	})
	headers := map[string]string{"Authorization": "a", "Cookie": "c", "X-Key": "x", "Content-Type": "t"}
	for status, expected := range map[int]string{301: "GET x ", 302: "GET x ", 303: "GET x ", 307: "POST xt body", 308: "POST xt body"} {
		_, err := exchangeFor(t, HttpRequest{Url: fmt.Sprint(at, "/", status), Method: "POST", Headers: headers}, []byte("body"))
		if err != nil || seen != expected {
			t.Errorf("%d: %q %v", status, seen, err)
		}
	}
	// A download's headers hold a key to one server.
	if _, err := download(t.Context(), WasmUrl{Url: at + "/307", Headers: headers}); err != nil || seen != "GET  " {
		t.Errorf("%q %v", seen, err)
	}
}

func TestEncryptionIsNotDroppedOnTheWay(t *testing.T) {
	hop := func(from, to string) *httpFailure {
		source, err := url.Parse(from)
		if err != nil {
			t.Fatal(err)
		}
		target, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		exchange := exchange{url: source, method: "GET", headers: http.Header{}, hosts: allowedHosts{"*"}}
		return exchange.redirect(target, http.StatusFound)
	}
	failure := hop("https://a.example/", "http://b.example:8080/hush")
	if failure == nil || !strings.Contains(failure.reason, "http://b.example:8080") || strings.Contains(failure.reason, "hush") {
		t.Error(failure)
	}
	for from, to := range map[string]string{
		"https://a.example/": "https://b.example/", "http://a.example/": "https://a.example/", "http://c.example/": "http://b.example/",
	} {
		if failure := hop(from, to); failure != nil {
			t.Error(failure.reason)
		}
	}
	for _, same := range []string{"http://A.example:80/x", "http://a.example/y"} {
		target, err := url.Parse(same)
		if err != nil || origin(target) != "http://a.example" {
			t.Error(same)
		}
	}
}

func TestBodiesHaveALimit(t *testing.T) {
	at := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/announced":
			fmt.Fprint(w, strings.Repeat("x", 1001))
		case "/fits":
			fmt.Fprint(w, strings.Repeat("x", 1000))
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := fmt.Fprint(w, strings.Repeat("x", 10_000)); err != nil {
					return
				}
			}
		}
	})
	for _, path := range []string{"/announced", "/endless"} {
		_, err := exchangeFor(t, HttpRequest{Url: at + path}, nil)
		failsWith(t, err, KindLimit, at, "more than 1000 bytes", "memory.max_http_response_bytes")
	}
	if response, err := exchangeFor(t, HttpRequest{Url: at + "/fits"}, nil); err != nil || len(response.body) != 1000 {
		t.Error(err)
	}
	// A server may say that it sends packed what would burst when unpacked: it stays packed.
	packed := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Error("nobody asked for packed bodies")
		}
		w.Header().Set("Content-Encoding", "gzip")
		fmt.Fprint(w, "not gzip")
	})
	if response, err := exchangeFor(t, HttpRequest{Url: packed}, nil); err != nil || string(response.body) != "not gzip" {
		t.Error(err)
	}
}

func TestRequestsEndWithTheCall(t *testing.T) {
	at := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		}
		<-r.Context().Done()
	})
	policy := httpPolicy{hosts: allowedHosts{"*"}, maxResponseBytes: 1000}
	for _, path := range []string{"/", "/body"} {
		request := HttpRequest{Url: at + path}
		_, err := policy.send(t.Context(), request, nil, time.Now().Add(20*time.Millisecond))
		failsWith(t, err, KindTimeout, "before the call's deadline")
		_, err = policy.send(t.Context(), request, nil, time.Now().Add(-time.Second))
		failsWith(t, err, KindTimeout, "before the call's deadline")
		ctx, cancel := context.WithCancel(t.Context())
		stop := time.AfterFunc(20*time.Millisecond, cancel)
		_, err = policy.send(ctx, request, nil, time.Time{})
		failsWith(t, err, KindCancelled, "cancelled")
		stop.Stop()
		cancel()
	}
}

func TestServersThatDoNotAnswer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = exchangeFor(t, HttpRequest{Url: closed + "/s3cret?s3cret"}, nil)
	failsWith(t, err, KindHTTP, "the request to `"+closed+"` failed", "refused")
	if strings.Contains(err.Error(), "s3cret") {
		t.Error(err)
	}
	hangUp := server(t, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	_, err = exchangeFor(t, HttpRequest{Url: hangUp}, nil)
	failsWith(t, err, KindHTTP, "EOF")
}

func TestDownloads(t *testing.T) {
	at := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/missing":
			http.NotFound(w, r)
		case r.URL.Path == "/wrong" || r.Method != "PUT" || r.Header.Get("X-Key") != "v":
			w.WriteHeader(http.StatusForbidden)
		default:
			fmt.Fprint(w, "code")
		}
	})
	data, err := WasmUrl{
		Url: at + "/code", Method: "PUT", Headers: map[string]string{"X-Key": "v"}, Name: "n", Hash: "h",
	}.ToWasmData(t.Context())
	if err != nil || string(data.Data) != "code" || data.Name != "n" || data.Hash != "h" {
		t.Errorf("%+v %v", data, err)
	}
	_, err = WasmUrl{Url: at + "/missing?s3cret"}.ToWasmData(t.Context())
	failsWith(t, err, KindLoad, "cannot download `"+at+"/missing`: the server answered with status 404")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = WasmUrl{Url: at}.ToWasmData(ctx)
	failsWith(t, err, KindLoad, at)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if shown := shownURL("https://user:s3cret@a:8443/p%20q?s3cret#s3cret"); shown != "https://a:8443/p%20q" {
		t.Error(shown)
	}
}
