//go:build !wasip1 && !tinygo.wasm

package http_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	pdkhttp "github.com/plugwright/plugwright/pdks/go/http"
	"github.com/plugwright/plugwright/pdks/go/pdktest"
)

var client = http.Client{Transport: &pdkhttp.HTTPTransport{}}

// mirror answers with what it was asked.
func mirror(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("X-Seen", r.Header.Get("X-Sent"))
	w.WriteHeader(http.StatusCreated)
	io.WriteString(w, r.Method+" "+r.URL.Path+" "+string(body))
}

// inPlugIn runs function as an export of a plug-in whose requests mirror answers.
func inPlugIn(t *testing.T, function func()) {
	t.Helper()
	host := pdktest.New(t).HTTP(http.HandlerFunc(mirror))
	if _, err := host.Call(func() int32 { function(); return 0 }, ""); err != nil {
		t.Error(err)
	}
}

func TestAResponseHasStatusHeadersAndBody(t *testing.T) {
	inPlugIn(t, func() {
		request, _ := http.NewRequest(http.MethodPut, "https://example.com/a", strings.NewReader("content"))
		request.Header["X-Sent"] = []string{"one", "two"}
		response, err := client.Do(request)
		if err != nil {
			t.Error(err)
			return
		}
		body, _ := io.ReadAll(response.Body)
		if response.Status != "201 Created" || response.StatusCode != 201 || string(body) != "PUT /a content" ||
			response.ContentLength != int64(len(body)) || response.Header.Get("x-seen") != "one, two" {
			t.Errorf("got %v with body %q", response, body)
		}
	})
}

func TestAResponseWithoutABodyHasAnEmptyOne(t *testing.T) {
	inPlugIn(t, func() {
		response, err := client.Head("https://example.com/")
		if err != nil {
			t.Error(err)
			return
		}
		if body, err := io.ReadAll(response.Body); len(body) != 0 || err != nil {
			t.Errorf("body %q, %v", body, err)
		}
	})
}

// tracked notes whether it was closed, and fails to be read if it shall.
type tracked struct {
	io.Reader
	closed bool
}

func (b *tracked) Close() error { b.closed = true; return nil }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestACancelledRequestIsNotSent(t *testing.T) {
	body := &tracked{Reader: strings.NewReader("content")}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	request, _ := http.NewRequestWithContext(cancelled, http.MethodPost, "https://example.com/", body)
	// There is no host here: a request that was sent would panic.
	_, err := (&pdkhttp.HTTPTransport{}).RoundTrip(request)
	if !errors.Is(err, context.Canceled) || !body.closed {
		t.Errorf("error %v, closed %v", err, body.closed)
	}
}

func TestABodyThatCannotBeReadIsAnError(t *testing.T) {
	body := &tracked{Reader: broken{}}
	request, _ := http.NewRequest(http.MethodPost, "https://user:secret@example.com/", body)
	_, err := (&pdkhttp.HTTPTransport{}).RoundTrip(request)
	if !errors.Is(err, io.ErrUnexpectedEOF) || !body.closed || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v, closed %v", err, body.closed)
	}
}
