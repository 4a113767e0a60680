// Package sql reaches the database that the host granted this plug-in.
//
// Parameters are $1, $2, … in the statement, for every database: never put a value into its text. A plug-in that uses this package is
// loaded only where the host grants it a database: `plugwright call --sql FOLDER`, or `capabilities` in plugwright.toml. Errors are of
// type [*Error], whose code tells what may be tried again.
package sql

import (
	"github.com/plugwright/plugwright/pdks/go/internal/capability"
	"github.com/plugwright/plugwright/pdks/go/json"
)

// Error says why something was not done.
type Error = capability.Error

// Code is the kind of an [Error].
type Code = capability.Code

// The kinds of errors.
const (
	Invalid     = capability.Invalid     // the statement or its parameters make no sense
	Forbidden   = capability.Forbidden   // the plug-in may not do that
	TooLarge    = capability.TooLarge    // more than the plug-in may have
	RateLimited = capability.RateLimited // asked too often in a short time
	Conflict    = capability.Conflict    // a constraint does not hold, or a transaction lost
	Unavailable = capability.Unavailable // no connection; whether a change was made may be unknown
	Timeout     = capability.Timeout     // no time left; the statement was stopped
	WrongType   = capability.WrongType   // a value cannot be read
	Internal    = capability.Internal    // the database failed
)

// CodeOf returns the code of an error of this package, "" for another one.
func CodeOf(err error) Code { return capability.CodeOf(err) }

// Bytes is a parameter of bytes, or the type of a field for them.
type Bytes struct {
	Base64 []byte `json:"base64"`
}

// Query reads the rows of a query into rows, a pointer to a slice of structs or maps: columns go to the fields that have their names in JSON.
func Query(rows any, statement string, params ...any) error {
	reply, err := run(sqlQuery, statement, params)
	if err != nil {
		return err
	}
	result, err := capability.Result(reply)
	if err != nil {
		return err
	}
	objects, err := asObjects(result)
	if err == nil {
		err = json.Unmarshal(objects, rows)
	}
	if err != nil {
		return capability.Fail(WrongType, "a row is not what was expected: "+err.Error())
	}
	return nil
}

// Execute executes a statement, and returns how many rows it has changed.
func Execute(statement string, params ...any) (int64, error) {
	reply, err := run(sqlExecute, statement, params)
	if err != nil {
		return 0, err
	}
	var affected struct {
		Rows int64 `json:"rows_affected"`
	}
	err = capability.JSON(reply, &affected)
	return affected.Rows, err
}

// Transaction does something as one transaction: it is committed if work succeeds, and rolled back if it fails. One that the plug-in's call
// leaves open is rolled back as well.
func Transaction(work func() error) error {
	if err := capability.Done(sqlBegin()); err != nil {
		return err
	}
	if err := work(); err != nil {
		// The error that led here is the one to tell: what is not rolled back now is when the call ends.
		_ = capability.Done(sqlRollback())
		return err
	}
	return capability.Done(sqlCommit())
}

func run(function func(statement, params uint64) uint64, statement string, params []any) (uint64, error) {
	if params == nil {
		params = []any{}
	}
	encoded, err := json.Marshal(params)
	if err != nil {
		return 0, capability.Fail(Invalid, "cannot pass the parameters: "+err.Error())
	}
	return capability.Call(func(at []uint64) uint64 { return function(at[0], at[1]) }, []byte(statement), encoded), nil
}
