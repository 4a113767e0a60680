//go:build !wasip1 && !tinygo.wasm

package pdktest

import (
	"encoding/binary"
	"math"

	pdk "github.com/plugwright/plugwright/pdks/go"
)

// contractHost makes a Host a contract.Host, which is nothing for its public face.
type contractHost struct {
	*Host
}

// Alloc implements contract.Host.
func (h contractHost) Alloc(length uint64) uint64 {
	return h.call.memory.alloc(length)
}

// Free implements contract.Host.
func (h contractHost) Free(offset uint64) {
	h.refuseTaken(offset, "freed")
	found := h.call.memory.find(offset)
	if found == nil {
		return
	}
	h.call.memory.release(found, freed, "")
	if offset == h.call.input.offset {
		h.call.input = span{}
	}
	if offset == h.call.errorMessage {
		h.call.errorMessage = 0
	}
}

// Length implements contract.Host.
func (h contractHost) Length(offset uint64) uint64 {
	h.refuseTaken(offset, "used")
	return uint64(len(h.call.memory.block(offset)))
}

// LoadU8 implements contract.Host.
func (h contractHost) LoadU8(offset uint64) uint32 {
	if bytes := h.access(span{offset, 1}, "read"); bytes != nil {
		return uint32(bytes[0])
	}
	return 0
}

// LoadU64 implements contract.Host.
func (h contractHost) LoadU64(offset uint64) uint64 {
	if bytes := h.access(span{offset, 8}, "read"); bytes != nil {
		return binary.LittleEndian.Uint64(bytes)
	}
	return 0
}

// StoreU8 implements contract.Host.
func (h contractHost) StoreU8(offset uint64, value uint32) {
	if bytes := h.access(span{offset, 1}, "written"); bytes != nil {
		bytes[0] = byte(value)
	}
}

// StoreU64 implements contract.Host.
func (h contractHost) StoreU64(offset uint64, value uint64) {
	if bytes := h.access(span{offset, 8}, "written"); bytes != nil {
		binary.LittleEndian.PutUint64(bytes, value)
	}
}

// InputLength implements contract.Host.
func (h contractHost) InputLength() uint64 {
	return h.call.input.length
}

// InputOffset implements contract.Host.
func (h contractHost) InputOffset() uint64 {
	return h.call.input.offset
}

// OutputSet implements contract.Host.
func (h contractHost) OutputSet(offset, length uint64) {
	output := span{offset, length}
	if !h.call.memory.contains(output) {
		h.end(Contract, "output_set: the %d bytes from %d are not all in kernel memory", length, offset)
	}
	if length > 0 {
		h.refuseTaken(offset, "made the output")
	}
	h.call.output = output
}

// ErrorSet implements contract.Host.
func (h contractHost) ErrorSet(offset uint64) {
	h.refuseTaken(offset, "made the error message")
	h.call.errorMessage = offset
}

// ConfigGet implements contract.Host.
func (h contractHost) ConfigGet(key uint64) uint64 {
	return h.give([]byte(h.config[h.take(key, "config_get")]))
}

// VarGet implements contract.Host.
func (h contractHost) VarGet(key uint64) uint64 {
	return h.give(h.vars[h.take(key, "var_get")])
}

// VarSet implements contract.Host.
func (h contractHost) VarSet(key, value uint64) {
	name := h.take(key, "var_set")
	if value == 0 {
		delete(h.vars, name)
		return
	}
	bytes := h.take(value, "var_set")
	total := len(name) + len(bytes)
	for other, content := range h.vars {
		if other != name {
			total += len(other) + len(content)
		}
	}
	_, exists := h.vars[name]
	switch {
	case h.maxVarBytes == 0:
		h.end(Limit, "var_set %q: variables are turned off", name)
	case total > h.maxVarBytes:
		h.end(Limit, "var_set %q: the variables would have %d bytes, keys included; %d are allowed", name, total, h.maxVarBytes)
	case !exists && len(h.vars) == maxVars:
		h.end(Limit, "var_set %q: there are %d variables, and no more are allowed", name, maxVars)
	}
	h.vars[name] = []byte(bytes)
}

// Log implements contract.Host.
func (h contractHost) Log(level int32, message uint64) {
	text := h.take(message, "log")
	if pdk.LogLevel(level) >= h.logLevel {
		h.logs = append(h.logs, LogEntry{pdk.LogLevel(level), text})
	}
}

// GetLogLevel implements contract.Host.
func (h contractHost) GetLogLevel() int32 {
	if h.logLevel > pdk.LogError {
		return math.MaxInt32
	}
	return int32(h.logLevel)
}

// HostErrorTake implements contract.Host.
func (h contractHost) HostErrorTake() uint64 {
	message := h.call.hostError
	h.call.hostError = ""
	return h.give([]byte(message))
}

// access returns the bytes of a range, nil outside of memory.
func (h contractHost) access(r span, how string) []byte {
	bytes := h.call.memory.slice(r)
	if bytes != nil {
		h.refuseTaken(r.offset, how)
		h.refuseTaken(r.offset+r.length-1, how)
	}
	return bytes
}

// take returns what is in a block that the plug-in gives away, and makes it the host's. No block is an empty value.
func (h contractHost) take(offset uint64, taker string) string {
	h.refuseTaken(offset, "given to "+taker)
	found := h.call.memory.find(offset)
	if found == nil {
		return ""
	}
	bytes := string(h.call.memory.slice(found.span))
	h.call.memory.release(found, taken, taker)
	return bytes
}

// give makes a block for the plug-in, none for no data.
func (h contractHost) give(data []byte) uint64 {
	block := h.call.memory.add(data)
	if len(data) > 0 && block.offset == 0 {
		h.end(Limit, "there is no room in kernel memory for %d bytes from the host", len(data))
	}
	return block.offset
}

// refuseTaken ends the call when the byte at offset belongs to a block that the host took: this host could forgive it,
// others may have put something else there.
func (h contractHost) refuseTaken(offset uint64, how string) {
	if found := h.call.memory.around(offset); found != nil && found.state == taken {
		h.end(Contract, "the block at %d is %s after %s took it: what the host took is not the plug-in's any more",
			found.offset, how, found.taker)
	}
}
