package extism

import plugwright "github.com/plugwright/plugwright/sdks/go"

// EncodeI32 is plugwright.EncodeI32.
func EncodeI32(input int32) uint64 { return plugwright.EncodeI32(input) }

// EncodeU32 is plugwright.EncodeU32.
func EncodeU32(input uint32) uint64 { return plugwright.EncodeU32(input) }

// EncodeI64 is plugwright.EncodeI64.
func EncodeI64(input int64) uint64 { return plugwright.EncodeI64(input) }

// EncodeF32 is plugwright.EncodeF32.
func EncodeF32(input float32) uint64 { return plugwright.EncodeF32(input) }

// EncodeF64 is plugwright.EncodeF64.
func EncodeF64(input float64) uint64 { return plugwright.EncodeF64(input) }

// DecodeI32 is plugwright.DecodeI32.
func DecodeI32(input uint64) int32 { return plugwright.DecodeI32(input) }

// DecodeU32 is plugwright.DecodeU32.
func DecodeU32(input uint64) uint32 { return plugwright.DecodeU32(input) }

// DecodeF32 is plugwright.DecodeF32.
func DecodeF32(input uint64) float32 { return plugwright.DecodeF32(input) }

// DecodeF64 is plugwright.DecodeF64.
func DecodeF64(input uint64) float64 { return plugwright.DecodeF64(input) }
