// Package capability has what the packages for ready-made host functions have in common: arguments and replies. A reply is a block: a
// status byte, and what belongs to it.
package capability

import (
	"encoding/binary"
	"errors"

	pdk "github.com/plugwright/plugwright/pdks/go"
	"github.com/plugwright/plugwright/pdks/go/json"
)

// The status bytes of replies.
const (
	statusOK = iota
	statusNone
	statusFailed
)

// Code is the kind of an [Error].
type Code string

// The kinds. A host may know more.
const (
	Invalid      Code = "invalid"       // what was asked makes no sense
	Forbidden    Code = "forbidden"     // the plug-in may not do that
	TooLarge     Code = "too_large"     // more than the plug-in may have
	RateLimited  Code = "rate_limited"  // asked too often in a short time
	Conflict     Code = "conflict"      // something else was there first
	Unavailable  Code = "unavailable"   // no connection; whether a change was made may be unknown
	Timeout      Code = "timeout"       // no time left; whether a change was made may be unknown
	NoResponders Code = "no_responders" // nobody answers requests of this subject
	WrongType    Code = "wrong_type"    // what is stored cannot be used so
	Internal     Code = "internal"      // the store failed
)

// Error says why something was not done.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Fail returns an error that is found without asking the host.
func Fail(code Code, message string) error { return &Error{code, message} }

func unreadable(why string) error {
	return Fail(Internal, "the host's reply cannot be read: "+why+"; is the host newer than this PDK?")
}

// Call passes arguments as blocks, which are freed afterwards, and returns what call makes of their offsets.
func Call(call func(offsets []uint64) uint64, arguments ...[]byte) uint64 {
	offsets := make([]uint64, len(arguments))
	for i, argument := range arguments {
		block := pdk.AllocateBytes(argument)
		defer block.Free()
		offsets[i] = block.Offset()
	}
	return call(offsets)
}

// Found reads a reply: its result, and whether there is something of that name.
func Found(reply uint64) ([]byte, bool, error) {
	block := pdk.FindMemory(reply)
	bytes := block.ReadBytes()
	block.Free()
	if len(bytes) == 0 {
		return nil, false, unreadable("it has no status")
	}
	switch status, rest := bytes[0], bytes[1:]; status {
	case statusOK:
		return rest, true, nil
	case statusNone:
		return nil, false, nil
	case statusFailed:
		failed := new(Error)
		if err := json.Unmarshal(rest, failed); err != nil {
			return nil, false, unreadable("it fails without a reason")
		}
		return nil, false, failed
	default:
		return nil, false, unreadable("its first byte is no status")
	}
}

// Result reads the reply of a function that always gives a result.
func Result(reply uint64) ([]byte, error) {
	result, found, err := Found(reply)
	if err == nil && !found {
		err = unreadable("there is no result")
	}
	return result, err
}

// Done reads the reply of a function that gives nothing.
func Done(reply uint64) error {
	_, err := Result(reply)
	return err
}

// Flag reads the reply of a function that says yes or no.
func Flag(reply uint64) (bool, error) {
	result, err := Result(reply)
	if err == nil && len(result) != 1 {
		err = unreadable("it is not yes or no")
	}
	return err == nil && result[0] != 0, err
}

// Number reads the reply of a function that gives a number.
func Number(reply uint64) (int64, error) {
	result, err := Result(reply)
	if err == nil && len(result) != 8 {
		err = unreadable("it is not a number of 64 bits")
	}
	if err != nil {
		return 0, err
	}
	return int64(binary.LittleEndian.Uint64(result)), nil
}

// JSON reads the reply of a function that gives JSON into v, a pointer.
func JSON(reply uint64, v any) error {
	result, err := Result(reply)
	if err == nil {
		if wrong := json.Unmarshal(result, v); wrong != nil {
			err = unreadable(wrong.Error())
		}
	}
	return err
}

// CodeOf returns the code of an error of these packages, "" for another one.
func CodeOf(err error) Code {
	var failed *Error
	if errors.As(err, &failed) {
		return failed.Code
	}
	return ""
}
