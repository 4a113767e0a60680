//go:build !wasip1 && !tinygo.wasm

package pdk_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	pdk "github.com/plugwright/plugwright/pdks/go"
	"github.com/plugwright/plugwright/pdks/go/pdktest"
)

// mirror answers with what it was asked.
func mirror(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("X-Seen", r.Header.Get("X-Sent"))
	w.Header().Add("X-Twice", "one")
	w.Header().Add("X-Twice", "two")
	w.WriteHeader(http.StatusTeapot)
	io.WriteString(w, r.Method+" "+r.URL.String()+" "+string(body))
}

func TestHTTP(t *testing.T) {
	odd := "quote \" backslash \\ tab \t letter å 👋"
	run(t, pdktest.New(t).HTTP(http.HandlerFunc(mirror)), "", func() {
		response := pdk.NewHTTPRequest(pdk.MethodPost, "https://example.com/a?b=c").
			SetHeader("X-Sent", odd).SetHeader("Host", "other.example").SetBody([]byte("body")).Send()
		if response.Status() != http.StatusTeapot {
			t.Errorf("status %d", response.Status())
		}
		if body := string(response.Body()); body != "POST https://example.com/a?b=c body" {
			t.Errorf("body %q", body)
		}
		if int(response.Memory().Length()) != len(response.Body()) {
			t.Errorf("memory %v", response.Memory())
		}
		headers := response.Headers()
		if headers["x-seen"] != odd || headers["x-twice"] != "one, two" {
			t.Errorf("headers %q", headers)
		}
	})
}

func TestAMethodHasItsName(t *testing.T) {
	for method, name := range map[pdk.HTTPMethod]string{
		pdk.MethodGet: "GET", pdk.MethodDelete: "DELETE", pdk.MethodTrace: "TRACE", pdk.MethodTrace + 1: "", -1: "",
	} {
		if method.String() != name {
			t.Errorf("%d is %q", method, method.String())
		}
	}
}

func TestRefusedRequestsEndTheCall(t *testing.T) {
	open := pdktest.New(t).HTTP(http.HandlerFunc(mirror))
	for name, test := range map[string]struct {
		host    *pdktest.Host
		request *pdk.HTTPRequest
	}{
		"is refused: let":  {pdktest.New(t), pdk.NewHTTPRequest(pdk.MethodGet, "https://example.com/")},
		"method TRACE":     {open, pdk.NewHTTPRequest(pdk.MethodTrace, "https://example.com/")},
		"URL ftp://a/":     {open, pdk.NewHTTPRequest(pdk.MethodGet, "ftp://a/")},
		"URL /relative is": {open, pdk.NewHTTPRequest(pdk.MethodGet, "/relative")},
	} {
		failed := failure(t, test.host, func() int32 {
			return pdk.Run(func() error { test.request.Send(); return nil })
		})
		if failed.Kind != pdktest.HTTP || !strings.Contains(failed.Message, name) {
			t.Errorf("%s: %v", name, failed)
		}
	}
}
