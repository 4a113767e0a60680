//go:build !wasip1 && !tinygo.wasm

package pdktest

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	pdk "github.com/plugwright/plugwright/pdks/go"
)

// The limits of a host that sets none.
const (
	maxVarBytes = 1 << 20
	maxVars     = 65536
)

// Host is one plug-in's host: its config, its variables, its host functions and what it logged. Variables stay from call
// to call. It handles one call at a time; tests that run in parallel need a host each, and their calls take turns.
type Host struct {
	t           testing.TB
	config      map[string]string
	vars        map[string][]byte
	maxVarBytes int
	logLevel    pdk.LogLevel
	logs        []LogEntry
	responder   http.Handler
	response    *response
	functions   map[importName]*hostFunction
	// What one call has.
	call *callState
}

// LogEntry is one logged message.
type LogEntry struct {
	Level   pdk.LogLevel
	Message string
}

// New returns a host without config, variables and host functions, which refuses HTTP requests and listens to logs of
// every level.
func New(t testing.TB) *Host {
	return &Host{
		t:           t,
		config:      map[string]string{},
		vars:        map[string][]byte{},
		maxVarBytes: maxVarBytes,
		functions:   map[importName]*hostFunction{},
	}
}

// Config sets a value of the config, and returns the host.
func (h *Host) Config(key, value string) *Host {
	h.config[key] = value
	return h
}

// Var sets a variable, and returns the host.
func (h *Host) Var(key, value string) *Host {
	h.vars[key] = []byte(value)
	return h
}

// MaxVarBytes sets how many bytes the variables may have, keys and values together, and returns the host. It is 1 MiB
// otherwise; 0 turns variables off.
func (h *Host) MaxVarBytes(bytes int) *Host {
	h.maxVarBytes = bytes
	return h
}

// LogLevel sets the least severe level that somebody listens to, and returns the host. Above [pdk.LogError] nobody does.
func (h *Host) LogLevel(level pdk.LogLevel) *Host {
	h.logLevel = level
	return h
}

// HTTP lets the plug-in send requests, which handler answers whatever their URL, and returns the host.
func (h *Host) HTTP(handler http.Handler) *Host {
	h.responder = handler
	return h
}

// Variable returns the value of a variable, and whether there is one.
func (h *Host) Variable(key string) (value string, found bool) {
	bytes, found := h.vars[key]
	return string(bytes), found
}

// Variables returns the names of all variables, sorted.
func (h *Host) Variables() []string {
	return slices.Sorted(maps.Keys(h.vars))
}

// Logs returns what all calls have logged, oldest first.
func (h *Host) Logs() []LogEntry {
	return slices.Clone(h.logs)
}
