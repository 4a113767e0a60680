package pdk

import (
	"errors"

	"github.com/plugwright/plugwright/pdks/go/contract"
)

// HostError returns the error of the last fallible host function, nil if it succeeded, and forgets it. Ask after every
// call of a host function that the host declares fallible: such a function gives 0 when it fails, but 0 may also be a
// result.
//
// A plug-in that uses HostError is loaded only by hosts that know the module plugwright:host/env.
func HostError() error {
	message := take(contract.HostErrorTake())
	if len(message) == 0 {
		return nil
	}
	return errors.New(string(message))
}
