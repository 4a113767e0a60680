package wasmbin

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// ErrTruncated means that a binary ends too early.
var ErrTruncated = errors.New("it ends too early")

// Reader reads a binary from its start. After the first error every read returns zero values; [Reader.Err] has it.
type Reader struct {
	bytes []byte
	at    int
	err   error
}

// NewReader makes a reader of these bytes, which it never changes.
func NewReader(bytes []byte) *Reader { return &Reader{bytes: bytes} }

// Err is the first error, nil while there was none.
func (r *Reader) Err() error { return r.err }

// Fail notes an error unless there was one.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.at = len(r.bytes)
}

// Offset is how many bytes have been read.
func (r *Reader) Offset() int { return r.at }

// Done reports whether nothing is left, or something failed.
func (r *Reader) Done() bool { return r.at >= len(r.bytes) }

// Since has the bytes from an offset to what was read last.
func (r *Reader) Since(offset int) []byte {
	if r.err != nil {
		return nil
	}
	return r.bytes[offset:r.at]
}

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if r.at >= len(r.bytes) {
		r.Fail(ErrTruncated)
		return 0
	}
	value := r.bytes[r.at]
	r.at++
	return value
}

// Peek is the next byte, which stays; 0 at the end.
func (r *Reader) Peek() byte {
	if r.at >= len(r.bytes) {
		return 0
	}
	return r.bytes[r.at]
}

// Bytes reads so many bytes. They are a part of what is read from.
func (r *Reader) Bytes(count uint32) []byte {
	if uint64(count) > uint64(len(r.bytes)-r.at) {
		r.Fail(ErrTruncated)
		return nil
	}
	start := r.at
	r.at += int(count)
	return r.bytes[start:r.at:r.at]
}

// Uint32 reads an unsigned number of at most 32 bits.
func (r *Reader) Uint32() uint32 {
	value := r.uint(5)
	if value>>32 != 0 {
		r.Fail(errors.New("a number is too large"))
		return 0
	}
	return uint32(value)
}

// Uint64 reads an unsigned number of at most 64 bits.
func (r *Reader) Uint64() uint64 { return r.uint(10) }

func (r *Reader) uint(most int) uint64 {
	var value uint64
	for i := 0; i < most; i++ {
		b := r.Byte()
		if i == 9 && b > 1 {
			break
		}
		value |= uint64(b&0x7f) << (7 * i)
		if b&0x80 == 0 {
			return value
		}
	}
	r.Fail(errors.New("a number is too large"))
	return 0
}

// Int reads a signed number of at most 64 bits.
func (r *Reader) Int() int64 {
	var value int64
	for shift := 0; shift < 70; shift += 7 {
		b := r.Byte()
		value |= int64(b&0x7f) << shift
		if b&0x80 == 0 {
			if shift += 7; shift < 64 && b&0x40 != 0 {
				value |= -1 << shift
			}
			return value
		}
	}
	r.Fail(errors.New("a number is too large"))
	return 0
}

// Count reads the number of entries of something in which each takes at least one byte.
func (r *Reader) Count() uint32 {
	count := r.Uint32()
	if uint64(count) > uint64(len(r.bytes)-r.at) {
		r.Fail(ErrTruncated)
		return 0
	}
	return count
}

// Name reads a name.
func (r *Reader) Name() string {
	bytes := r.Bytes(r.Uint32())
	if !utf8.Valid(bytes) {
		r.Fail(errors.New("a name is not UTF-8"))
		return ""
	}
	return string(bytes)
}

// Sized reads a length and a reader of so many bytes.
func (r *Reader) Sized() *Reader {
	bytes := r.Bytes(r.Uint32())
	return &Reader{bytes: bytes, err: r.err}
}

// End fails unless everything was read.
func (r *Reader) End(what string) error {
	if r.err != nil {
		return fmt.Errorf("%s: %w", what, r.err)
	}
	if r.at != len(r.bytes) {
		return fmt.Errorf("%s: there are %d bytes too many", what, len(r.bytes)-r.at)
	}
	return nil
}
