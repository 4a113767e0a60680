package plugwright

import (
	"context"
	"time"
)

// Limits of a plug-in whose manifest does not say.
const (
	// DefaultMaxVarBytes is how many bytes of variables a plug-in may keep: 1 MiB.
	DefaultMaxVarBytes int64 = 1 << 20
	// DefaultMaxHTTPResponseBytes is how many bytes the body of an HTTP response may have: 50 MiB.
	DefaultMaxHTTPResponseBytes int64 = 50 << 20
	// MaxPages is the most that ManifestMemory.MaxPages can be: 4 GiB, all that a 32-bit memory can address.
	MaxPages uint32 = 1 << 16
)

// Manifest says what a plug-in is made of, what it may use, and its limits.
//
// It is plain data. [NewPlugin] and [NewCompiledPlugin] check it, as [Manifest.Validate] does. In JSON, unknown fields
// are errors that name the field.
type Manifest struct {
	// Wasm has the modules. The main one, whose functions are called, is the one named "main", else the last.
	Wasm []Wasm
	// Memory has limits on memory; nil means the default ones.
	Memory *ManifestMemory
	// Config has values that the plug-in can read by key.
	Config map[string]string
	// AllowedHosts has patterns of the hosts that the plug-in may send HTTP requests to: "*" stands for any characters,
	// "?" for one. None means that it may send none.
	AllowedHosts []string
	// AllowedPaths has folders that the plug-in may use: the host's path, after "ro:" if read-only, to the path that the
	// guest sees.
	AllowedPaths map[string]string
	// Timeout is how many milliseconds one call may take; 0 means without limit.
	Timeout uint64
}

// ManifestMemory has limits on what a plug-in holds in memory.
//
// 0 is a limit for MaxHttpResponseBytes and MaxVarBytes, as it is in the public SDK; what leaves the limit to the
// default is -1. A manifest read from JSON has -1 where the field was left out.
type ManifestMemory struct {
	// MaxPages is how many pages of 64 KiB all memories of the plug-in may have together, kernel memory included; 0
	// means without limit.
	MaxPages uint32
	// MaxHttpResponseBytes is how many bytes the body of one HTTP response may have; negative means
	// [DefaultMaxHTTPResponseBytes].
	MaxHttpResponseBytes int64
	// MaxVarBytes is how many bytes all variables may have together, keys and values; 0 turns variables off, negative
	// means [DefaultMaxVarBytes].
	MaxVarBytes int64

	// noPages is set when a manifest's text says 0 pages: MaxPages 0 is what is left out.
	noPages bool
}

// Wasm is where a module's code comes from: [WasmFile], [WasmData], [WasmUrl] or a type of your own.
type Wasm interface {
	// ToWasmData reads the code.
	ToWasmData(ctx context.Context) (WasmData, error)
}

// WasmData is a module given by its bytes: a WebAssembly binary.
type WasmData struct {
	// Data is the binary. In JSON it is base64.
	Data []byte `json:"data"`
	// Hash is the SHA-256 that the code must have, in hexadecimal of either case; empty means not to check.
	Hash string `json:"hash,omitempty"`
	// Name is the name under which other modules import from it; "main" makes it the main module.
	Name string `json:"name,omitempty"`
}

// WasmFile is a module in a file of the host.
type WasmFile struct {
	// Path is the file; relative paths start at the process's current folder.
	Path string `json:"path"`
	// Hash and Name are as in [WasmData].
	Hash string `json:"hash,omitempty"`
	Name string `json:"name,omitempty"`
}

// WasmUrl is a module that is fetched by HTTP or HTTPS.
type WasmUrl struct {
	// Url is where the code is.
	Url string `json:"url"`
	// Hash is as in [WasmData].
	Hash string `json:"hash,omitempty"`
	// Headers are sent with the request, but not to another origin that it redirects to.
	Headers map[string]string `json:"headers,omitempty"`
	// Name is as in [WasmData].
	Name string `json:"name,omitempty"`
	// Method is the request's method; empty means GET.
	Method string `json:"method,omitempty"`
}

// memory has the limits that apply, with the defaults filled in.
func (m *Manifest) memory() ManifestMemory {
	limits := ManifestMemory{MaxHttpResponseBytes: -1, MaxVarBytes: -1}
	if m.Memory != nil {
		limits = *m.Memory
	}
	if limits.MaxHttpResponseBytes < 0 {
		limits.MaxHttpResponseBytes = DefaultMaxHTTPResponseBytes
	}
	if limits.MaxVarBytes < 0 {
		limits.MaxVarBytes = DefaultMaxVarBytes
	}
	return limits
}

// pageLimit is how many pages all memories may have together; ok is false when there is no limit.
func (m *ManifestMemory) pageLimit() (pages uint32, ok bool) {
	if m == nil || m.MaxPages == 0 && !m.noPages {
		return 0, false
	}
	return m.MaxPages, true
}

// timeout is how long one call may take; 0 means without limit. What a Duration cannot express is cut.
func (m *Manifest) timeout() time.Duration {
	const most = uint64(1<<63-1) / uint64(time.Millisecond)
	return time.Duration(min(m.Timeout, most)) * time.Millisecond
}
