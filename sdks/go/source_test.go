package plugwright

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const emptyModule = "\x00asm\x01\x00\x00\x00"

// foreign is a module of a type that is not of this package.
type foreign struct {
	data WasmData
	err  error
}

func (f foreign) ToWasmData(context.Context) (WasmData, error) { return f.data, f.err }

func TestModulesAreRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shout.wasm")
	if err := os.WriteFile(file, []byte(emptyModule), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(emptyModule))
	manifest := Manifest{Wasm: []Wasm{
		WasmData{Data: []byte(emptyModule), Name: "a"},
		WasmFile{Path: file, Hash: strings.ToUpper(hex.EncodeToString(sum[:]))},
	}}
	modules, err := manifest.readModules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(modules) != 2 || modules[0].isMain || !modules[1].isMain || modules[0].name != "a" ||
		modules[1].origin != file || string(modules[1].wasm) != emptyModule || pluginName(modules) != "shout" {
		t.Errorf("%+v", modules)
	}
	manifest.Wasm[0] = foreign{data: WasmData{Data: []byte(emptyModule), Name: "main"}}
	modules, err = manifest.readModules(t.Context())
	if err != nil || !modules[0].isMain || modules[1].isMain || pluginName(modules) != "" {
		t.Errorf("%+v %v", modules, err)
	}
}

func TestModulesThatCannotBeRead(t *testing.T) {
	folder := t.TempDir()
	cause := errors.New("a\ncause")
	for _, test := range []struct {
		module Wasm
		kind   Kind
		words  string
	}{
		{WasmFile{Path: filepath.Join(folder, "none.wasm")}, KindLoad, "none.wasm`: no such file or directory"},
		{WasmFile{Path: folder}, KindLoad, folder + "`: is a directory"},
		{WasmFile{Path: "p", Hash: "00"}, KindInvalidManifest, "wasm[0].hash"},
		{WasmData{Data: []byte(emptyModule), Hash: strings.Repeat("0", 64)}, KindHashMismatch,
			"the plug-in has the SHA-256 93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476, but the manifest expects 000"},
		{WasmData{Name: "x"}, KindCompile, "module `x` is empty"},
		{WasmData{Data: []byte(" \n(module)")}, KindCompile, "WebAssembly text"},
		{WasmData{Data: []byte(";; text\n(module)")}, KindCompile, "WebAssembly text"},
		{WasmData{Data: []byte("{}")}, KindCompile, "ParseManifest"},
		{WasmData{Data: []byte("hello")}, KindCompile, "not WebAssembly"},
		{foreign{err: cause}, KindLoad, "cannot read a module: a cause"},
		{foreign{data: WasmData{Data: []byte(emptyModule), Hash: "xyz"}}, KindInvalidManifest, "wasm[0].hash"},
	} {
		manifest := Manifest{Wasm: []Wasm{test.module}}
		_, err := manifest.readModules(t.Context())
		failsWith(t, err, test.kind, test.words)
	}
	twice := Manifest{Wasm: []Wasm{
		foreign{data: WasmData{Data: []byte(emptyModule), Name: "x"}}, WasmData{Data: []byte(emptyModule), Name: "x"},
	}}
	_, err := twice.readModules(t.Context())
	failsWith(t, err, KindInvalidManifest, "wasm[1].name: wasm[0] is named \"x\" too")
	_, err = (&Manifest{Wasm: []Wasm{foreign{err: cause}}}).readModules(t.Context())
	if !errors.Is(err, cause) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = (&Manifest{Wasm: []Wasm{WasmFile{Path: "p"}}}).readModules(ctx)
	failsWith(t, err, KindLoad, "`p`")
}
