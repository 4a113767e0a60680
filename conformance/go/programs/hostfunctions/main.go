// Command hostfunctions lends functions to plug-ins: numbers of each type, texts and bytes, in the usual namespace and in another, and
// one that fails.
//
// It is a program as people write them for the public SDK. The argument is the folder of the guests.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	extism "github.com/extism/go-sdk"
)

// store is what the plug-ins of this program keep here.
var store = map[string][]byte{"hello": []byte("👋 Hello World 🌍"), "message": []byte("I 💜 Extism 😍")}

func main() {
	read := extism.NewHostFunctionWithStack("kv_read", readValue,
		[]extism.ValueType{extism.ValueTypePTR}, []extism.ValueType{extism.ValueTypePTR})
	write := extism.NewHostFunctionWithStack("kv_write", writeValue,
		[]extism.ValueType{extism.ValueTypePTR, extism.ValueTypePTR}, nil)
	mix := extism.NewHostFunctionWithStack("host_mix", mixNumbers,
		[]extism.ValueType{extism.ValueTypeI32, extism.ValueTypeI64, extism.ValueTypeF32, extism.ValueTypeF64},
		[]extism.ValueType{extism.ValueTypeF64})
	add := extism.NewHostFunctionWithStack("host_add", addNumbers,
		[]extism.ValueType{extism.ValueTypeI64, extism.ValueTypeI64}, []extism.ValueType{extism.ValueTypeI64})
	echo := extism.NewHostFunctionWithStack("host_echo", func(context.Context, *extism.CurrentPlugin, []uint64) {},
		[]extism.ValueType{extism.ValueTypeI64}, []extism.ValueType{extism.ValueTypeI64})
	echo.SetNamespace("env")
	get := extism.NewHostFunctionWithStack("hostMemoryGet", readValue,
		[]extism.ValueType{extism.ValueTypeI64}, []extism.ValueType{extism.ValueTypeI64})
	get.SetNamespace("env")

	call("c_pdk_kv.wasm", []extism.HostFunction{read, write, get}, [][2]string{
		{"kv_get", "hello"}, {"kv_set", "note=written by the plug-in"}, {"kv_get", "note"}, {"kv_get", "nothing"}, {"env_get", "message"},
	})
	fmt.Println("note:", string(store["note"]))
	call("wat/host_functions.wasm", []extism.HostFunction{read, write, add, mix, echo}, [][2]string{{"check_numbers", ""}})

	refuse := read
	refuse = extism.NewHostFunctionWithStack("kv_read", func(context.Context, *extism.CurrentPlugin, []uint64) {
		panic(errors.New("the store is closed"))
	}, refuse.Params, refuse.Returns)
	call("rust_kv.wasm", []extism.HostFunction{refuse, write}, [][2]string{{"kv_get", "hello"}})
	fmt.Println("names:", refuse.Name, refuse.Namespace, get.Namespace)
}

func call(guest string, functions []extism.HostFunction, calls [][2]string) {
	ctx := context.Background()
	manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmFile{Path: filepath.Join(os.Args[1], "build", guest)}}}
	plugin, err := extism.NewPlugin(ctx, manifest, extism.PluginConfig{EnableWasi: true}, functions)
	if err != nil {
		log.Fatal(err)
	}
	defer plugin.Close(ctx)
	for _, call := range calls {
		// What a failure is called differs between SDKs.
		_, output, err := plugin.Call(call[0], []byte(call[1]))
		fmt.Printf("%s(%q): %q, failed: %t\n", call[0], call[1], output, err != nil)
	}
}

func readValue(ctx context.Context, plugin *extism.CurrentPlugin, stack []uint64) {
	key, err := plugin.ReadString(stack[0])
	if err != nil {
		panic(err)
	}
	length, err := plugin.Length(stack[0])
	if err != nil || length != uint64(len(key)) {
		panic(fmt.Sprint("the key's block has ", length, " bytes: ", err))
	}
	value, found := store[key]
	if !found {
		stack[0] = 0
		return
	}
	if stack[0], err = plugin.WriteBytes(value); err != nil {
		panic(err)
	}
}

func writeValue(ctx context.Context, plugin *extism.CurrentPlugin, stack []uint64) {
	key, err := plugin.ReadString(stack[0])
	if err != nil {
		panic(err)
	}
	value, err := plugin.ReadBytes(stack[1])
	if err != nil {
		panic(err)
	}
	store[key] = value

	// A block of the host's own, written by the memory itself.
	block, err := plugin.Alloc(3)
	if err != nil || !plugin.Memory().Write(uint32(block), []byte("abc")) {
		panic(fmt.Sprint("cannot write to a block: ", err))
	}
	text, err := plugin.ReadString(block)
	if err != nil || text != "abc" {
		panic(fmt.Sprintf("the block holds %q: %v", text, err))
	}
	if err := plugin.Free(block); err != nil {
		panic(err)
	}
}

func addNumbers(ctx context.Context, plugin *extism.CurrentPlugin, stack []uint64) {
	stack[0] += stack[1]
}

func mixNumbers(ctx context.Context, plugin *extism.CurrentPlugin, stack []uint64) {
	a, b := extism.DecodeI32(stack[0]), int64(stack[1])
	c, d := extism.DecodeF32(stack[2]), extism.DecodeF64(stack[3])
	fmt.Println("mix:", a, b, c, d, extism.EncodeI32(-1), extism.EncodeU32(7), extism.DecodeU32(extism.EncodeI32(-1)),
		extism.EncodeI64(-1), extism.EncodeF32(0.5))
	stack[0] = extism.EncodeF64(float64(a) + float64(b) + float64(c) + d)
}
