//go:build !wasip1 && !tinygo.wasm

package pdktest

import (
	"fmt"
	"runtime"

	pdk "github.com/plugwright/plugwright/pdks/go"
	"github.com/plugwright/plugwright/pdks/go/contract"
)

// callState is what begins and ends with a call.
type callState struct {
	memory       memory
	input        span
	output       span
	errorMessage uint64
	// hostError is the message that host_error_take will give.
	hostError string
	// failure is why the host has ended the call, if it has.
	failure *Error
	// panicked is not 0 after a panic, whose description is the error message then.
	panicked int32
	// code is what the function gave when it returned.
	code     int32
	returned bool
}

// span is a range of kernel memory.
type span struct {
	offset, length uint64
}

// Call calls an exported function with input, and returns its output. Failures are of the type [*Error]: another return
// code than 0 with the message that the function set, a panic with file and line, and whatever would end the call in a
// real host.
//
// The function runs in a goroutine of its own, as deferred functions must not keep a call alive that the host has ended.
// It must not call Call.
func (h *Host) Call(function func() int32, input string) (output string, err error) {
	h.t.Helper()
	contract.Run(contractHost{h}, func() {
		call := &callState{}
		h.call = call
		call.input = call.memory.add([]byte(input))
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer pdk.Recover(&call.panicked)
			call.code = function()
			call.returned = true
		}()
		<-done
		output, err = call.finish()
		h.call = nil
	})
	return output, err
}

// finish says how the call has ended.
func (c *callState) finish() (string, error) {
	message := func() string { return string(c.memory.block(c.errorMessage)) }
	switch {
	case c.failure != nil:
		return "", c.failure
	case c.panicked != 0:
		return "", &Error{Kind: Trap, Message: message()}
	case !c.returned:
		return "", &Error{Kind: Trap, Message: "the function ended its goroutine instead of returning"}
	case c.code != 0:
		return "", &Error{Kind: Guest, Code: c.code, Message: message()}
	}
	return string(c.memory.slice(c.output)), nil
}

// end ends the call, as the host would, in the middle of the plug-in's function. Deferred functions still run, unlike in
// a real host.
func (h *Host) end(kind Kind, format string, arguments ...any) {
	if h.call.failure == nil {
		h.call.failure = &Error{Kind: kind, Message: fmt.Sprintf(format, arguments...)}
	}
	runtime.Goexit()
}
