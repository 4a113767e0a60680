//go:build !wasip1 && !tinygo.wasm

// Package pdktest runs a plug-in's functions in go test, against a host in the same process.
//
//	func TestGreet(t *testing.T) {
//		host := pdktest.New(t).Config("greeting", "Hi")
//		output, err := host.Call(greet, "Jane")
//		if err != nil || output != "Hi, Jane!" {
//			t.Fatalf("got %q, %v", output, err)
//		}
//	}
//
// The host keeps to the plug-in contract, and is stricter where a plug-in's mistake would do harm on another host: the
// use of a block that the host took ends the call, with a message that names the rule.
//
// Functions of the host that a plug-in imports have no body in a test. Put their declarations into a file for
// WebAssembly alone (//go:build wasip1), and beside it, in a file for all other targets, functions that call
// contract.CallHostFunction; then declare them by [Host.HostFunc].
package pdktest
