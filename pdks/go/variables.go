package pdk

import "github.com/plugwright/plugwright/pdks/go/contract"

// GetVar returns a copy of the variable's value, nil if there is none or it is empty.
func GetVar(key string) []byte {
	value := take(contract.VarGet(AllocateString(key).offset))
	if len(value) == 0 {
		return nil
	}
	return value
}

// SetVar sets a variable, which lives as long as the plug-in. An empty value removes it. The host ends the call when the
// variables do not fit into its limit.
func SetVar(key string, value []byte) {
	contract.VarSet(AllocateString(key).offset, AllocateBytes(value).offset)
}

// GetVarInt returns the number in a variable that [SetVarInt] has set, 0 if there is none.
func GetVarInt(key string) int {
	return int(fromLittleEndian(GetVar(key)))
}

// SetVarInt sets a variable to a number, as 8 bytes, little-endian.
func SetVarInt(key string, value int) {
	SetVar(key, toLittleEndian(uint64(value), 8))
}

// RemoveVar removes a variable.
func RemoveVar(key string) {
	contract.VarSet(AllocateString(key).offset, 0)
}
