package plugwright

import (
	"bytes"
	"encoding/json"
)

// ParseManifest reads a manifest from JSON and checks it as [Manifest.Validate] does. Fields that manifests do not have,
// fields of the wrong type and keys that occur twice are errors of KindInvalidManifest that name the field, its line and
// its column.
func ParseManifest(text []byte) (Manifest, error) {
	// Some editors put a byte order mark in front of UTF-8; it is not part of the text.
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	root, err := parseTree(text)
	if err != nil {
		return Manifest{}, err
	}
	reader := manifestReader{}
	manifest := reader.manifest(&root)
	problem := reader.err
	if problem == nil {
		problem = manifest.check()
	}
	if problem != nil {
		return Manifest{}, problem.err(position(text, root.locate(problem)))
	}
	return manifest, nil
}

// UnmarshalJSON reads a manifest as [ParseManifest] does, in place of what was there. Memory is never nil then: limits
// that the text leaves out are -1, or 0 for pages.
func (m *Manifest) UnmarshalJSON(text []byte) error {
	manifest, err := ParseManifest(text)
	if err != nil {
		return err
	}
	*m = manifest
	return nil
}

// manifestText is the shape of a manifest in JSON.
type manifestText struct {
	Wasm         []Wasm            `json:"wasm"`
	Memory       *memoryText       `json:"memory,omitempty"`
	Config       map[string]string `json:"config,omitempty"`
	AllowedHosts []string          `json:"allowed_hosts,omitempty"`
	AllowedPaths map[string]string `json:"allowed_paths,omitempty"`
	Timeout      uint64            `json:"timeout_ms,omitempty"`
}

type memoryText struct {
	MaxPages             *uint32 `json:"max_pages,omitempty"`
	MaxHTTPResponseBytes *int64  `json:"max_http_response_bytes,omitempty"`
	MaxVarBytes          *int64  `json:"max_var_bytes,omitempty"`
}

// MarshalJSON writes the manifest; fields that have their defaults are left out.
func (m Manifest) MarshalJSON() ([]byte, error) {
	text := manifestText{
		Wasm: m.Wasm, Config: m.Config, AllowedHosts: m.AllowedHosts, AllowedPaths: m.AllowedPaths, Timeout: m.Timeout,
	}
	if text.Wasm == nil {
		text.Wasm = []Wasm{}
	}
	if memory := m.Memory; memory != nil {
		limits := memoryText{}
		if pages, ok := memory.pageLimit(); ok {
			limits.MaxPages = &pages
		}
		if memory.MaxHttpResponseBytes >= 0 {
			limits.MaxHTTPResponseBytes = &memory.MaxHttpResponseBytes
		}
		if memory.MaxVarBytes >= 0 {
			limits.MaxVarBytes = &memory.MaxVarBytes
		}
		if limits != (memoryText{}) {
			text.Memory = &limits
		}
	}
	return json.Marshal(text)
}

// MarshalJSON writes the module as it stands in a manifest.
func (d WasmData) MarshalJSON() ([]byte, error) {
	// Without the method, which would call itself.
	type plain WasmData
	if d.Data == nil {
		// No bytes are bytes; null would stand for a field left out.
		d.Data = []byte{}
	}
	return json.Marshal(plain(d))
}
