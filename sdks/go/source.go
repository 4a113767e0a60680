package plugwright

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// maxWasmBytes is how many bytes a module's code may have: 256 MiB.
const maxWasmBytes = 256 << 20

// mainModule is the name of the module whose functions are called.
const mainModule = "main"

// sourceModule is a module of a plug-in, as it was read.
type sourceModule struct {
	// name is what the manifest gives it; empty if it does not.
	name string
	// isMain is set for the one whose functions are called.
	isMain bool
	// origin says for people where it came from; empty for bytes.
	origin string
	// wasm is the binary; nobody has looked beyond its first bytes.
	wasm []byte
}

// ToWasmData returns the module itself.
func (d WasmData) ToWasmData(context.Context) (WasmData, error) { return d, nil }

// ToWasmData reads the file. The hash is not checked yet. The error is an [*Error] of KindLoad.
func (f WasmFile) ToWasmData(ctx context.Context) (WasmData, error) {
	if err := ctx.Err(); err != nil {
		return WasmData{}, stopped(err, f.Path)
	}
	data, err := readFile(f.Path)
	if err != nil {
		return WasmData{}, err
	}
	return WasmData{Data: data, Hash: f.Hash, Name: f.Name}, nil
}

// ToWasmData downloads the module, which may take a minute unless the context has a deadline. The hash is not checked
// yet. The error is an [*Error] of KindLoad.
func (u WasmUrl) ToWasmData(ctx context.Context) (WasmData, error) {
	if err := ctx.Err(); err != nil {
		return WasmData{}, stopped(err, shownURL(u.Url))
	}
	data, err := download(ctx, u)
	if err != nil {
		return WasmData{}, err
	}
	return WasmData{Data: data, Hash: u.Hash, Name: u.Name}, nil
}

// stopped is the error of a source that was not read because the context was done.
func stopped(err error, what string) *Error {
	return newError(KindLoad, "cannot read `%s`: %s", what, err).because(err)
}

func readFile(name string) ([]byte, error) {
	failed := func(err error) error {
		reason := err
		var detail *fs.PathError
		if errors.As(err, &detail) {
			// It would name the path again.
			reason = detail.Err
		}
		return newError(KindLoad, "cannot read `%s`: %s", name, reason).because(err)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, failed(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, failed(err)
	}
	var content bytes.Buffer
	if info.Mode().IsRegular() {
		// One more than there is, so that the end is found without growing.
		content.Grow(int(min(info.Size(), maxWasmBytes)) + bytes.MinRead)
	}
	count, err := content.ReadFrom(io.LimitReader(file, maxWasmBytes+1))
	if err != nil {
		return nil, failed(err)
	}
	if count > maxWasmBytes {
		return nil, newError(KindLoad, "`%s` is larger than %d bytes", name, maxWasmBytes)
	}
	return content.Bytes(), nil
}

// readModules checks the manifest and reads its modules, in their order: hashes are right, names differ, exactly one is
// the main module, and each starts like a WebAssembly binary.
func (m *Manifest) readModules(ctx context.Context) ([]sourceModule, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	modules := make([]sourceModule, 0, len(m.Wasm))
	taken := make(map[string]int, len(m.Wasm))
	main := len(m.Wasm) - 1
	for i, wasm := range m.Wasm {
		data, err := wasm.ToWasmData(ctx)
		if err != nil {
			return nil, loadError(err)
		}
		// Those of foreign types are known only now.
		if first, ok := taken[data.Name]; ok && data.Name != "" {
			return nil, badField(fieldPath{}.key("wasm").index(i).key("name"),
				"wasm[%d] is named %s too; give each module a name of its own", first, quote(data.Name)).err("")
		}
		taken[data.Name] = i
		if data.Name == mainModule {
			main = i
		}
		origin := describeWasm(wasm).origin
		if err := data.verify(fieldPath{}.key("wasm").index(i), shownSource(origin, data.Name)); err != nil {
			return nil, err
		}
		modules = append(modules, sourceModule{name: data.Name, origin: origin, wasm: data.Data})
	}
	modules[main].isMain = true
	return modules, nil
}

// loadError is the error of a source of a foreign type, unless it is one of ours.
func loadError(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	return newError(KindLoad, "cannot read a module: %s", oneLine(err.Error())).because(err)
}

// shownSource is what to call a module's source in a message.
func shownSource(origin, name string) string {
	switch {
	case origin != "":
		return "`" + origin + "`"
	case name != "":
		return "module `" + name + "`"
	default:
		return "the plug-in"
	}
}

// verify compares the code with its hash and with how a binary starts.
func (d WasmData) verify(at fieldPath, what string) error {
	if d.Hash != "" {
		if err := checkHash(at.key("hash"), d.Hash); err != nil {
			return err.err("")
		}
		sum := sha256.Sum256(d.Data)
		if actual := hex.EncodeToString(sum[:]); !strings.EqualFold(actual, d.Hash) {
			return newError(KindHashMismatch,
				"%s has the SHA-256 %s, but the manifest expects %s; get the right file, or correct `hash`",
				what, actual, strings.ToLower(d.Hash))
		}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(d.Data, []byte("\ufeff")), " \t\r\n")
	switch {
	case bytes.HasPrefix(d.Data, []byte("\x00asm")):
		return nil
	case len(d.Data) == 0:
		return newError(KindCompile, "%s is empty", what)
	case bytes.HasPrefix(text, []byte("(")) || bytes.HasPrefix(text, []byte(";;")):
		return newError(KindCompile, "%s is WebAssembly text, which this SDK does not read; make a binary of it", what)
	case bytes.HasPrefix(text, []byte("{")):
		return newError(KindCompile, "%s looks like a manifest and not like code; read it with ParseManifest", what)
	default:
		return newError(KindCompile, "%s is not WebAssembly: it does not start like a binary (`\\0asm`)", what)
	}
}

// pluginName is what to call the plug-in in messages: the main module's file without its ending; empty if it came from
// no file.
func pluginName(modules []sourceModule) string {
	for _, module := range modules {
		if module.isMain && module.origin != "" {
			file := path.Base(filepath.ToSlash(module.origin))
			return strings.TrimSuffix(file, path.Ext(file))
		}
	}
	return ""
}
