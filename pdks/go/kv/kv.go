// Package kv reaches the key-value store that the host granted this plug-in.
//
// Keys are texts of 1 to 512 bytes. A plug-in that uses this package is loaded only where the host grants it a store:
// `plugwright call --kv FILE`, or `capabilities` in plugwright.toml. Errors are of type [*Error], whose code tells what may be tried
// again.
package kv

import (
	"time"

	"github.com/plugwright/plugwright/pdks/go/internal/capability"
)

// Error says why something was not done.
type Error = capability.Error

// Code is the kind of an [Error].
type Code = capability.Code

// The kinds of errors.
const (
	Invalid     = capability.Invalid     // what was asked makes no sense
	Forbidden   = capability.Forbidden   // the plug-in may not do that
	TooLarge    = capability.TooLarge    // more than the plug-in may have
	RateLimited = capability.RateLimited // asked too often in a short time
	Unavailable = capability.Unavailable // no connection; whether a change was made may be unknown
	Timeout     = capability.Timeout     // no time left; whether a change was made may be unknown
	WrongType   = capability.WrongType   // the value is not a number
	Internal    = capability.Internal    // the store failed
)

// CodeOf returns the code of an error of this package, "" for another one.
func CodeOf(err error) Code { return capability.CodeOf(err) }

// Get returns the value of a key, and whether it has one.
func Get(key string) ([]byte, bool, error) {
	return capability.Found(capability.Call(func(at []uint64) uint64 { return kvGet(at[0]) }, []byte(key)))
}

// Set sets the value of a key, until it is set again or deleted.
func Set(key string, value []byte) error { return put(key, value, 0) }

// SetFor sets the value of a key for so long, to the millisecond.
func SetFor(key string, value []byte, timeToLive time.Duration) error {
	if timeToLive < time.Millisecond {
		return tooShort()
	}
	return put(key, value, timeToLive.Milliseconds())
}

func put(key string, value []byte, millis int64) error {
	return capability.Done(capability.Call(func(at []uint64) uint64 {
		return kvSet(at[0], at[1], uint64(millis))
	}, []byte(key), value))
}

// Delete deletes a key, and returns whether it was there.
func Delete(key string) (bool, error) {
	return capability.Flag(capability.Call(func(at []uint64) uint64 { return kvDelete(at[0]) }, []byte(key)))
}

// Increment adds to the number of a key, which is 0 if it has no value, and returns the sum. The value is the number as text.
func Increment(key string, delta int64) (int64, error) {
	return capability.Number(capability.Call(func(at []uint64) uint64 {
		return kvIncrement(at[0], uint64(delta))
	}, []byte(key)))
}

// CompareAndSwap sets the value of a key if it has the expected one, and returns whether it was set. nil stands for no value: expected, it
// means that there must be none; as the new one, it deletes. An empty value can be neither.
func CompareAndSwap(key string, expected, value []byte) (bool, error) {
	return swap(key, expected, value, 0)
}

// CompareAndSwapFor is CompareAndSwap with a new value that lives for so long.
func CompareAndSwapFor(key string, expected, value []byte, timeToLive time.Duration) (bool, error) {
	if timeToLive < time.Millisecond {
		return false, tooShort()
	}
	return swap(key, expected, value, timeToLive.Milliseconds())
}

func swap(key string, expected, value []byte, millis int64) (bool, error) {
	if isEmpty(expected) || isEmpty(value) {
		return false, capability.Fail(Invalid, "an empty value cannot be compared and swapped")
	}
	return capability.Flag(capability.Call(func(at []uint64) uint64 {
		return kvCompareAndSwap(at[0], at[1], at[2], uint64(millis))
	}, []byte(key), expected, value))
}

func isEmpty(value []byte) bool { return value != nil && len(value) == 0 }

func tooShort() error { return capability.Fail(Invalid, "a value lives for 1 ms at least") }

// Page is some keys of those that begin with a prefix.
type Page struct {
	// Keys may be none, and yet more to come.
	Keys []string `json:"keys"`
	// Cursor is to be given for the next page, "" after the last one.
	Cursor string `json:"cursor"`
}

// List returns about limit keys (1 to 1000) that begin with a prefix; cursor is that of the page before, "" for the first. A key that is
// there all the time comes at least once.
func List(prefix, cursor string, limit int) (Page, error) {
	var page Page
	err := capability.JSON(capability.Call(func(at []uint64) uint64 {
		return kvList(at[0], at[1], uint64(limit))
	}, []byte(prefix), []byte(cursor)), &page)
	return page, err
}
