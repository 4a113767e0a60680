//go:build !wasip1 && !tinygo.wasm

package pdktest

import "fmt"

// Kind says why a call failed. The names are those of the error kinds of real hosts.
type Kind string

// The kinds.
const (
	// Guest: the function returned another code than 0.
	Guest Kind = "Guest"
	// Trap: the function panicked.
	Trap Kind = "Trap"
	// Contract: the plug-in broke a rule of the contract.
	Contract Kind = "Contract"
	// Limit: the plug-in needs more than it may have.
	Limit Kind = "Limit"
	// HTTP: a request was refused or malformed.
	HTTP Kind = "Http"
	// Link: the plug-in called a host function that the test did not declare.
	Link Kind = "Link"
	// HostFunction: a host function was called with parameters that it does not understand.
	HostFunction Kind = "HostFunction"
)

// Error is why a call failed.
type Error struct {
	Kind Kind
	// Code is what the function returned; 0 unless the kind is Guest.
	Code    int32
	Message string
}

// Error returns the message, with the kind and the code.
func (e *Error) Error() string {
	if e.Kind == Guest {
		return fmt.Sprintf("returned code %d: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("%s: %s", e.Kind, e.Message)
}
