// Package http has the name of the public package github.com/extism/go-pdk/http, and ours behind it.
package http

import pdkhttp "github.com/plugwright/plugwright/pdks/go/http"

// HTTPTransport lets the standard library's HTTP client send requests through the host.
type HTTPTransport = pdkhttp.HTTPTransport
