package plugwright

import "math"

// Values of WebAssembly are kept in 64 bits, whatever their type. These functions convert what host functions find on
// their stack, and put there.

// EncodeI32 is the value of an i32.
func EncodeI32(input int32) uint64 { return uint64(uint32(input)) }

// EncodeU32 is the value of an i32 that is taken as unsigned.
func EncodeU32(input uint32) uint64 { return uint64(input) }

// EncodeI64 is the value of an i64.
func EncodeI64(input int64) uint64 { return uint64(input) }

// EncodeF32 is the value of an f32.
func EncodeF32(input float32) uint64 { return uint64(math.Float32bits(input)) }

// EncodeF64 is the value of an f64.
func EncodeF64(input float64) uint64 { return math.Float64bits(input) }

// DecodeI32 is the i32 of a value.
func DecodeI32(input uint64) int32 { return int32(uint32(input)) }

// DecodeU32 is the i32 of a value, taken as unsigned.
func DecodeU32(input uint64) uint32 { return uint32(input) }

// DecodeI64 is the i64 of a value.
func DecodeI64(input uint64) int64 { return int64(input) }

// DecodeF32 is the f32 of a value.
func DecodeF32(input uint64) float32 { return math.Float32frombits(uint32(input)) }

// DecodeF64 is the f64 of a value.
func DecodeF64(input uint64) float64 { return math.Float64frombits(input) }
