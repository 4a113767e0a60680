package pdk

import (
	"errors"

	"github.com/plugwright/plugwright/pdks/go/contract"
)

// SetError makes the text of err the call's error message. The host shows it only if the export returns another code
// than 0, which [Fail] does. A nil error clears the message.
func SetError(err error) {
	if err == nil {
		contract.ErrorSet(0)
		return
	}
	SetErrorString(err.Error())
}

// SetErrorString makes err the call's error message, as [SetError] does. Where the host has no room for it, the call has
// no message.
func SetErrorString(err string) {
	memory, _ := allocate(len(err))
	if memory.offset != 0 {
		memory.Store([]byte(err))
	}
	contract.ErrorSet(memory.offset)
}

// Fail is what an export returns: it sets the error message to that of err and gives the return code 1, or the code that
// err carries by [WithReturnCode]. For a nil error it does nothing and gives 0.
func Fail(err error) int32 {
	if err == nil {
		return 0
	}
	SetErrorString(err.Error())
	var coded *codedError
	if errors.As(err, &coded) {
		return coded.code
	}
	return 1
}

// WithReturnCode gives err the code that [Fail] and [Run] return for it. It gives nil when err is nil. Since 0 is the
// code of success, it becomes 1.
func WithReturnCode(err error, code int32) error {
	if err == nil {
		return nil
	}
	if code == 0 {
		code = 1
	}
	return &codedError{err, code}
}

type codedError struct {
	error
	code int32
}

func (e *codedError) Unwrap() error {
	return e.error
}
