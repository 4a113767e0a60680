package pdk

import "github.com/plugwright/plugwright/pdks/go/contract"

// Input returns the call's input.
func Input() []byte {
	buffer := make([]byte, contract.InputLength())
	contract.Read(buffer, contract.InputOffset())
	return buffer
}

// InputString returns the call's input as a string. Nothing checks that it is UTF-8.
func InputString() string {
	return string(Input())
}
